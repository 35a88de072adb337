"""A question goes to one broker after the other until one answers, and to all again while patience lasts."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, RequestTimedOutError, UnknownError
from worker.kafka import any_broker

QUESTION = object()


class Client:
    """A cluster of brokers by id, each with what it does at each question, in order; the last for good."""

    def __init__(self, **brokers):
        self._deeds = {int(name.removeprefix("b")): list(deeds) for name, deeds in brokers.items()}
        self.asked = []
        self.cluster = SimpleNamespace(
            brokers=lambda: [SimpleNamespace(nodeId=node) for node in self._deeds],
        )

    async def send(self, node, request):
        assert request is QUESTION
        self.asked.append(node)
        deeds = self._deeds[node]
        deed = deeds.pop(0) if len(deeds) > 1 else deeds[0]
        if isinstance(deed, Exception):
            raise deed
        return deed


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(any_broker, "_PAUSE_S", 0)


GONE = NodeNotReadyError()


@pytest.mark.parametrize("error", [GONE, KafkaConnectionError(), RequestTimedOutError()], ids=repr)
async def test_a_broker_that_does_not_answer_is_passed_over(error):
    for _ in range(10):  # the order is drawn
        client = Client(b1=[error], b2=[error], b3=["yes"])
        assert await any_broker.ask(client, QUESTION, patience_s=0) == "yes"
        assert client.asked[-1] == 3
        assert len(set(client.asked)) == len(client.asked)


async def test_all_are_asked_again_while_patience_lasts():
    client = Client(b1=[GONE, GONE, "late"], b2=[GONE])
    assert await any_broker.ask(client, QUESTION, patience_s=30) == "late"
    assert client.asked.count(1) == 3


async def test_without_patience_the_failure_is_raised_after_each_was_asked_once():
    client = Client(b1=[GONE], b2=[GONE])
    with pytest.raises(NodeNotReadyError):
        await any_broker.ask(client, QUESTION, patience_s=0)
    assert sorted(client.asked) == [1, 2]


async def test_a_cluster_that_names_nobody_is_an_error_that_says_so():
    with pytest.raises(NodeNotReadyError, match="names no broker"):
        await any_broker.ask(Client(), QUESTION, patience_s=0)


async def test_the_first_is_asked_first():
    for _ in range(10):
        client = Client(b1=["one"], b2=["two"], b3=["three"])
        assert await any_broker.ask(client, QUESTION, patience_s=0, first=2) == "two"
        assert client.asked == [2]


async def test_what_a_broker_does_say_is_not_asked_again_elsewhere():
    client = Client(b1=[UnknownError()], b2=["yes"])
    with pytest.raises(UnknownError):
        await any_broker.ask(client, QUESTION, patience_s=30, first=1)
    assert client.asked == [1]
