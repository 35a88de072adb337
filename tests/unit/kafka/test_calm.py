"""A client whose brokers are away asks for their metadata at a walking pace."""

import asyncio
from types import SimpleNamespace

from worker.kafka import calm as module
from worker.kafka.calm import calm


def test_metadata_that_cannot_be_had_is_followed_by_a_pause_and_other_metadata_is_not(monkeypatch):
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    answers = [False, True, False]

    async def update(cluster, topics):
        assert (cluster, topics) == ("cluster", {"raw"})
        return answers.pop(0)

    client = SimpleNamespace(_metadata_update=update)
    calm(client)
    found = [asyncio.run(client._metadata_update("cluster", {"raw"})) for _ in range(3)]

    assert found == [False, True, False]
    assert len(pauses) == 2
    assert min(pauses) > 0.1
