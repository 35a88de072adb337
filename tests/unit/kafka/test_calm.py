"""A client whose brokers are away, or silent, waits at a walking pace and gives up on connections in time."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.metadata import MetadataRequest
from worker.kafka import calm as module
from worker.kafka.calm import calm

SETUP_S = 0.2


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(module, "_SETUP_S", SETUP_S)


def test_metadata_that_cannot_be_had_is_followed_by_a_pause_and_other_metadata_is_not(monkeypatch):
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    answers = [False, True, False]

    async def update(cluster, topics):
        assert (cluster, topics) == ("cluster", {"raw"})
        return answers.pop(0)

    client = SimpleNamespace(_metadata_update=update, _get_conn=None)
    calm(SimpleNamespace(client=client))
    found = [asyncio.run(client._metadata_update("cluster", {"raw"})) for _ in range(3)]

    assert found == [False, True, False]
    assert len(pauses) == 2
    assert min(pauses) > 0.1


VERSIONS = bytes.fromhex("0000 00000001 0003 0000 0001")
"""A broker's answer to what it can do: metadata, in the versions 0 and 1."""


class Broker:
    """Takes connections; answers what it can do where it is not deaf, and nothing else."""

    def __init__(self, *, deaf):
        self._deaf = deaf
        self._writers = []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        self.connections += 1
        request = await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
        if not self._deaf:
            answer = request[4:8] + VERSIONS
            writer.write(len(answer).to_bytes(4) + answer)


@pytest.fixture
async def client():
    """A client of brokers, whose metadata are never asked for; by their ids it knows where they are."""
    client = AIOKafkaClient(request_timeout_ms=1_000)
    client.force_metadata_update = lambda: None
    calm(SimpleNamespace(_client=client))
    yield client
    await client.close()


def knowing(client, *brokers):
    addresses = {
        node: SimpleNamespace(nodeId=node, host="127.0.0.1", port=broker.port)
        for node, broker in enumerate(brokers, 1)
    }
    client.cluster.broker_metadata = addresses.get


async def test_a_connection_is_used_again(client):
    async with Broker(deaf=False) as broker:
        knowing(client, broker)
        assert await client.ready(1)
        assert await client.ready(1)
        assert broker.connections == 1


async def test_a_connection_that_does_not_come_up_is_given_up_before_a_request_would_be(client):
    async with Broker(deaf=True) as broker:
        knowing(client, broker)
        begun = time.monotonic()
        assert not await client.ready(1)
        assert SETUP_S <= time.monotonic() - begun < 0.9


async def test_a_broker_that_does_not_answer_holds_up_no_connection_to_another(client):
    async with Broker(deaf=True) as silent, Broker(deaf=False) as well:
        knowing(client, silent, well)
        attempt = asyncio.create_task(client.ready(1))
        await asyncio.sleep(0)
        assert await client.ready(2)
        assert not attempt.done()
        assert not await attempt


async def test_two_that_want_one_connection_make_one(client):
    async with Broker(deaf=False) as broker:
        knowing(client, broker)
        assert await asyncio.gather(client.ready(1), client.ready(1)) == [True, True]
        assert broker.connections == 1


async def test_a_connection_on_which_a_request_has_timed_out_is_used_no_more(client):
    async with Broker(deaf=False) as broker:
        knowing(client, broker)
        connection = await client._get_conn(1)
        connection._request_timeout = 0.1
        with pytest.raises(TimeoutError):
            await connection.send(MetadataRequest([]))
        assert not connection.connected()
        assert await client._get_conn(1) is not connection
        client._conns[1, module.ConnectionGroup.DEFAULT]._request_timeout = 0.1
        with pytest.raises(RequestTimedOutError):
            await client.send(1, MetadataRequest([]))
        assert broker.connections == 2
