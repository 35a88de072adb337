"""Chunks of readings, from files and from pipes that are still being written."""

from __future__ import annotations

import asyncio
import os

import pytest
from worker.errors import UsageError
from worker.replay.document import Document, documents
from worker.replay.feed import Feed
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan

DEADLINE_S = 20


def plan_of(*found: Document) -> Plan:
    return Plan(documents=found, source="wire", fields=FieldMap())


@pytest.fixture
def pipe(tmp_path):
    """A named pipe as a document, and the descriptor to write to it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    yield Document("pipe", path), descriptor
    os.close(descriptor)


async def test_a_file_comes_in_chunks_of_the_size_asked_for(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(f"Storm {number}" for number in range(10)))
    feed = Feed(plan_of(*documents([str(path)])), 4)

    assert [len(chunk) async for chunk in feed.chunks()] == [4, 4, 2]


async def test_what_a_pipe_has_is_handed_on_while_its_writer_pauses(pipe):
    document, descriptor = pipe
    chunks = Feed(plan_of(document), 1000).chunks()
    for text in ("Rain\nSnow\n", "Hail\n"):
        os.write(descriptor, text.encode())
        chunk = await asyncio.wait_for(anext(chunks), DEADLINE_S)
        assert [reading.found.headline for reading in chunk] == text.split()


async def test_a_feed_that_waits_for_a_pipe_can_be_ended(pipe):
    document, descriptor = pipe
    feed = Feed(plan_of(document), 1000)
    chunks = feed.chunks()
    os.write(descriptor, b"Rain\n")
    await asyncio.wait_for(anext(chunks), DEADLINE_S)
    waiting = asyncio.ensure_future(anext(chunks, None))
    await asyncio.sleep(0)
    feed.end()

    assert await asyncio.wait_for(waiting, DEADLINE_S) is None


async def test_a_document_that_cannot_be_read_is_an_error_here_too(tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    os.write(descriptor, b"title,url\n")

    with pytest.raises(UsageError, match="no column 'headline'"):
        await asyncio.wait_for(anext(Feed(plan_of(Document(path.name, path)), 10).chunks()), DEADLINE_S)
    os.close(descriptor)
