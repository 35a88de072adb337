"""A client whose brokers are away, or silent, waits at a walking pace and gives up on connections in time."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, RequestTimedOutError
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

    client = SimpleNamespace(_metadata_update=update, _get_conn=None, bootstrap=None)
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


@pytest.fixture
def bootstraps(monkeypatch):
    """The addresses that clients were bootstrapped from, each time; the errors to raise then, in order."""
    made = SimpleNamespace(servers=[], errors=[])

    async def bootstrap(client):
        made.servers.append(client._bootstrap_servers)
        if made.errors:
            raise made.errors.pop(0)

    monkeypatch.setattr(AIOKafkaClient, "bootstrap", bootstrap)
    return made


async def bootstrapped(*brokers):
    """Bootstraps a client of these brokers, which has all their addresses again afterwards; gives them."""
    servers = ",".join(f"127.0.0.1:{broker.port}" for broker in brokers)
    client = AIOKafkaClient(bootstrap_servers=servers)
    calm(client)
    try:
        await client.bootstrap()
    finally:
        assert client._bootstrap_servers == servers
        await client.close()
    return servers


async def test_a_client_begins_with_the_address_that_answers_first(bootstraps):
    async with Broker(deaf=True) as silent, Broker(deaf=False) as well, asyncio.timeout(0.9 * SETUP_S):
        await bootstrapped(silent, well)
        assert bootstraps.servers == [[f"127.0.0.1:{well.port}"]]


async def test_where_that_fails_after_all_every_address_is_tried(bootstraps):
    bootstraps.errors = [KafkaConnectionError()]
    async with Broker(deaf=False) as one, Broker(deaf=False) as other:
        servers = await bootstrapped(one, other)
        assert bootstraps.servers[1:] == [servers]


async def test_where_nobody_answers_that_is_for_aiokafka_to_say(bootstraps):
    bootstraps.errors = [KafkaConnectionError()]
    async with Broker(deaf=True) as one, Broker(deaf=True) as other:
        with pytest.raises(KafkaConnectionError):
            await bootstrapped(one, other)
    assert len(bootstraps.servers) == 1


async def test_of_one_address_nothing_is_asked_beforehand(bootstraps):
    async with Broker(deaf=False) as one:
        servers = await bootstrapped(one)
        assert bootstraps.servers == [servers]
        assert one.connections == 0
