"""Looking for a broker; who is turned away by one is tested on a live Kafka."""

from __future__ import annotations

import asyncio
import ssl
import struct
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs
from worker.broker.probe import free_ports
from worker.config import KafkaSettings
from worker.errors import BrokerUnavailableError
from worker.kafka import greeting
from worker.kafka.greeting import wait_for_broker

API_VERSIONS, METADATA = 18, 3


async def answer(reader, writer):
    """Says to each request what a Kafka without topics says of its versions and its metadata."""
    while size := await reader.read(4):
        request = await reader.readexactly(*struct.unpack(">i", size))
        key, _, correlation = struct.unpack_from(">hhi", request)
        versions = struct.pack(">hihhhhhh", 0, 2, API_VERSIONS, 0, 0, METADATA, 0, 0)
        body = versions if key == API_VERSIONS else struct.pack(">ii", 0, 0)
        writer.write(struct.pack(">ii", 4 + len(body), correlation) + body)
        await writer.drain()
    writer.close()


async def served(talk, port=0):
    return await asyncio.start_server(talk, "127.0.0.1", port)


@pytest.fixture
async def listening():
    """The port of something that answers as Kafka does."""
    server = await served(answer)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def hanging_up():
    """The port of something that takes connections and closes them: a proxy without its broker."""
    server = await served(lambda _, writer: writer.close())
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def silent() -> int:
    """A port that nobody listens on."""
    (port,) = free_ports(1)
    return port


async def test_one_broker_that_answers_is_enough(listening, silent):
    servers = f"127.0.0.1:{silent},127.0.0.1:{listening}"
    with capture_logs() as lines:
        await wait_for_broker(KafkaSettings(bootstrap_servers=servers, connect_patience_s=0))
    assert not lines


@pytest.fixture
async def saying_nothing():
    """The port of something that takes connections, and is silent."""
    server = await served(lambda reader, _: reader.read())
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_broker_that_says_nothing_holds_up_no_greeting_of_another(listening, saying_nothing):
    servers = f"127.0.0.1:{saying_nothing},127.0.0.1:{listening}"
    async with asyncio.timeout(2):
        await wait_for_broker(KafkaSettings(bootstrap_servers=servers, connect_patience_s=0))


async def test_without_patience_a_broker_that_is_not_there_is_told_at_once_with_address_and_cause(silent):
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{silent}", connect_patience_s=0)
    with pytest.raises(BrokerUnavailableError) as told:
        await wait_for_broker(kafka)
    assert f"127.0.0.1:{silent} (waited 0 s: Connection refused)" in str(told.value)


async def test_a_broker_that_comes_late_is_waited_for_and_that_is_told_once(silent, monkeypatch):
    greet = greeting._greet
    looks = []

    async def greet_and_come_after_the_second(*args):
        try:
            await greet(*args)
        except OSError as error:
            looks.append(type(error))
            if len(looks) == 2:
                await servers.enter_async_context(await served(answer, silent))
            raise

    monkeypatch.setattr(greeting, "_greet", greet_and_come_after_the_second)
    async with AsyncExitStack() as servers:
        with capture_logs() as lines:
            await wait_for_broker(
                KafkaSettings(bootstrap_servers=f"127.0.0.1:{silent}", connect_patience_s=30)
            )
    assert looks == [ConnectionRefusedError] * 2
    assert [line["event"] for line in lines] == ["waiting for Kafka"]


async def test_a_name_that_nobody_knows_is_told_in_the_resolvers_words():
    with pytest.raises(BrokerUnavailableError, match=r"no-such-host\.invalid:9092 \(waited 0 s: \w+"):
        await wait_for_broker(
            KafkaSettings(bootstrap_servers="no-such-host.invalid:9092", connect_patience_s=0)
        )


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
async def test_who_hangs_up_on_everybody_is_waited_for_and_no_reason_is_made_up(hanging_up, protocol):
    kafka = KafkaSettings(
        bootstrap_servers=f"127.0.0.1:{hanging_up}", security_protocol=protocol, connect_patience_s=1
    )
    with pytest.raises(BrokerUnavailableError, match=r"no Kafka .* \(waited 1 s: .*; what is there gave no"):
        await wait_for_broker(kafka)


def test_an_alert_is_read_from_openssls_words():
    alert = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert greeting._alert(alert) == "certificate required"
    alert.reason = "WRONG_VERSION_NUMBER"
    assert greeting._alert(alert) is None
    assert greeting._alert(OSError()) is None
