"""How far a group has come is asked and told without ever holding the work up."""

import asyncio
from types import SimpleNamespace

from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaConnectionError, NotCoordinatorForGroupError
from faust.types import TP
from worker.transport.progress import OURS, Progress

ONE, TWO = TP("raw", 1), TP("raw", 2)


class Client:
    """A cluster that answers with what a test hands it, in order; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.lookups = []

    async def coordinator_lookup(self, _kind, group):
        self.lookups.append(group)
        return len(self.lookups)

    async def send(self, node, request, *, group):
        assert group is ConnectionGroup.COORDINATION
        self.requests.append((node, request))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(topics=answer)


def test_the_second_group_is_named_after_the_first():
    client = Client([("raw", [(1, 70, OURS, 0), (2, -1, "", 0)])])

    assert asyncio.run(Progress(client, "newswire").read([ONE, TWO])) == {ONE: 70}
    assert client.lookups == ["newswire.progress"]


def test_a_commit_says_whose_it_is_and_belongs_to_no_member():
    client = Client([("raw", [(1, 0), (2, 0)])])

    asyncio.run(Progress(client, "newswire").write({ONE: 7, TWO: 9}))

    [(_, request)] = client.requests
    assert request._topics == [("raw", [(1, 7, OURS), (2, 9, OURS)])]
    assert (request._consumer_group_generation_id, request._consumer_id) == (-1, "")


def test_a_coordinator_that_moved_is_looked_up_again():
    moved = [("raw", [(1, -1, "", NotCoordinatorForGroupError.errno)])]
    client = Client(moved, KafkaConnectionError(), [("raw", [(1, 70, OURS, 0)])])

    assert asyncio.run(Progress(client, "newswire").read([ONE])) == {ONE: 70}
    assert [node for node, _ in client.requests] == [1, 2, 3]


def test_what_cannot_be_had_holds_nothing_up():
    client = Client(*[KafkaConnectionError()] * 6)
    progress = Progress(client, "newswire")

    assert asyncio.run(progress.read([ONE])) == {}
    asyncio.run(progress.write({ONE: 7}))
    assert client.answers == []
