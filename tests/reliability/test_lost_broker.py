"""Right after a broker of three has died, while the others still name it, every command does its work all the same."""

import asyncio
import json

import pytest
from tests.integration.deployment import Deployment
from worker.config import load
from worker.replay.target import find_target, open_producer
from worker.status import observe
from worker.tail import open_tail
from worker.topics import apply, check_at_start, open_cluster, plan

from .scene import SERVERS, THREE_COPIES

DEADLINE_S = 60
TIMES = 5
"""A broker is asked at random, so each question is put several times."""


@pytest.fixture
def deployment(cluster, own_names, tmp_path):
    cluster.mend()
    made = Deployment({SERVERS: cluster.kafka.bootstrap_servers, **own_names, **THREE_COPIES}, tmp_path)
    yield made.apply_topics()
    made.close()


@pytest.fixture
def settings(deployment):
    names = {
        name.removeprefix("NEWSWIRE_").lower().replace("__", "."): value
        for name, value in deployment.environment.items()
    }
    return load(names)


async def replay(settings):
    target = await find_target(settings.kafka, settings.topics.raw)
    async with open_producer(settings.kafka, target) as producer:
        for partition in range(target.partitions):
            batch = producer.create_batch()
            batch.append(timestamp=None, key=None, value=b"{}", headers=[])
            await (await producer.send_batch(batch, settings.topics.raw, partition=partition))


async def topics_check(settings):
    async with open_cluster(settings.kafka) as cluster:
        assert await plan(cluster, settings) == ()


async def topics_apply(settings, number):
    prefix = f"{settings.topics.output_prefix}{number}."
    other = settings.model_copy(
        update={"topics": settings.topics.model_copy(update={"output_prefix": prefix})}
    )
    async with open_cluster(settings.kafka) as cluster:
        assert await apply(cluster, other, await plan(cluster, other)) == ()


async def tail(settings):
    async with open_tail(settings, [settings.topics.raw], from_beginning=True) as opened:
        while not await opened.up_to_the_end():
            await opened.next()


async def status(settings):
    assert (await observe(settings, ())).unreached == {}


async def every_command(settings):
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        for _ in range(TIMES):
            for command in (replay, topics_check, tail, status, check_at_start):
                group.create_task(command(settings))
        group.create_task(topics_apply(settings, 1))


def pytest_generate_tests(metafunc):
    """Each of the brokers; in the short form one."""
    if "lost" in metafunc.fixturenames:
        metafunc.parametrize("lost", [1, 2, 3] if metafunc.config.getoption("chaos") else [1])


async def test_every_command_does_its_work(cluster, settings, lost):
    await replay(settings)
    await status(settings)
    cluster.kafka.nodes[lost - 1].kill()
    await every_command(settings)


def test_a_worker_starts_and_works(cluster, deployment):
    cluster.kafka.nodes[1].kill()
    worker = deployment.start()
    positions = deployment.feed(
        json.dumps({"id": f"{number}", "source": "s", "headline": f"Storm number {number} comes"}).encode()
        for number in range(200)
    )
    deployment.wait_until_committed()
    assert len({output.position for output in deployment.read()}) == len(positions)
    worker.stop()
