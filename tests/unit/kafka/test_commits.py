"""What a group has committed is asked until there is an answer; how far it has come never holds the work up."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupLoadInProgressError,
    KafkaConnectionError,
    NotCoordinatorForGroupError,
)
from faust.types import TP
from worker.kafka import commits
from worker.kafka.commits import OURS, Commit, GroupOffsets, Progress

ONE, TWO = TP("raw", 1), TP("raw", 2)
FOUND = ([("raw", [(1, 70, OURS, 0), (2, -1, "", 0)])], 0)
LOADING = ([], GroupLoadInProgressError.errno)
"""How Kafka answers for a group as a whole: no partitions, one error."""


class Client:
    """A cluster that answers with what a test hands it, in order: topics and an error of the group, or an exception."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.lookups = []
        self._client = self

    async def coordinator_lookup(self, _kind, group):
        self.lookups.append(group)
        return len(self.lookups)

    async def send(self, node, request, *, group):
        assert group is ConnectionGroup.COORDINATION
        self.requests.append((node, request))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        topics, code = answer
        return SimpleNamespace(topics=topics, error_code=code)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(commits, "_PAUSE_S", 0)


def test_commits_are_read_with_what_was_said_of_them_and_without_those_never_made():
    client = Client(FOUND)

    assert asyncio.run(GroupOffsets(client, "newswire").read([ONE, TWO])) == {ONE: Commit(70, OURS)}
    assert client.lookups == ["newswire"]


@pytest.mark.parametrize(
    "trouble",
    [
        LOADING,
        ([], NotCoordinatorForGroupError.errno),
        ([("raw", [(1, -1, "", NotCoordinatorForGroupError.errno)])], 0),
        KafkaConnectionError(),
    ],
    ids=["the group is loading", "the coordinator moved", "a partition's error", "no connection"],
)
def test_an_error_is_never_taken_for_a_group_that_has_no_commits(trouble):
    client = Client(trouble, trouble, FOUND)

    assert asyncio.run(GroupOffsets(client, "newswire").read([ONE])) == {ONE: Commit(70, OURS)}
    assert [node for node, _ in client.requests] == [1, 2, 3]


def test_a_refusal_is_an_error_at_once():
    client = Client(([], GroupAuthorizationFailedError.errno))

    with pytest.raises(GroupAuthorizationFailedError):
        asyncio.run(GroupOffsets(client, "newswire").read([ONE]))


def test_patience_ends():
    client = Client(*[LOADING] * 3)

    with pytest.raises(GroupLoadInProgressError):
        asyncio.run(GroupOffsets(client, "newswire", patience_s=-1).read([ONE]))


def test_how_far_a_group_has_come_stands_in_a_second_group_named_after_it():
    client = Client(FOUND)

    assert asyncio.run(Progress(client, "newswire").read([ONE, TWO])) == {ONE: 70}
    assert client.lookups == ["newswire.progress"]


def test_a_commit_says_whose_it_is_and_belongs_to_no_member():
    client = Client(([("raw", [(1, 0), (2, 0)])], 0))

    asyncio.run(Progress(client, "newswire").write({ONE: 7, TWO: 9}))

    [(_, request)] = client.requests
    assert request._topics == [("raw", [(1, 7, OURS), (2, 9, OURS)])]
    assert (request._consumer_group_generation_id, request._consumer_id) == (-1, "")


def test_what_cannot_be_had_of_the_second_group_holds_nothing_up():
    refused = ([], GroupAuthorizationFailedError.errno)
    progress = Progress(Client(refused, refused), "newswire")

    assert asyncio.run(progress.read([ONE])) == {}
    asyncio.run(progress.write({ONE: 7}))
