"""The helper computes what the worker would, and neither outlives the other unsaid."""

import asyncio
import os
import signal

import pytest
from worker.config import Settings
from worker.deduplicate.match import RULE
from worker.errors import NewswireError
from worker.events import Kind, Verdict
from worker.mediatopics import STREAMS
from worker.stages import Raw, opening
from worker.stages.helper import Setup
from worker.stages.here import Here
from worker.stages.messages import Decided
from worker.stages.remote import Helper

PARTITIONS = {f"news.{slug}": 3 for slug in STREAMS} | {"headlines.duplicates": 2, "headlines.deadletter": 1}
SETTINGS = Settings()
VALUES = [
    b'{"id": "1", "source": "Wire", "headline": "Striker scores twice in the cup final"}',
    b"not json",
    None,
    '{"id": "2", "source": "Wire", "headline": "Caf\u00e9 schlie\u00dft \u2026", "language": "de"}'.encode(),
    b'{"id": "3", "source": "Agency", "headline": "CORRECTED-Bank raises rates", "extra": {"a": [1]}}',
    b'{"id": "4", "source": "Agency", "headline": "Bank raises rates", "supersedes": "3"}',
]
PARTS = [
    Raw("raw", 4, list(range(6)), [1_700_000_000_000] * 6, VALUES),
    Raw("raw", 1, [7, 9], [-1, 1_700_000_000_000], VALUES[:1] * 2),
    Raw("raw", 2, [], [], []),
]
NEW = Verdict(Kind.ORIGINAL, "new")
VERDICTS = [
    [NEW, NEW, Verdict(Kind.UPDATE, "detail", "ab" * 16, 0.7), NEW],
    [Verdict(Kind.DUPLICATE, "exact", "cd" * 16, 1.0)],
    [],
]


@pytest.fixture
async def helper():
    """A helper that is ready, and the errors that it has reported."""
    failures = []
    running = Helper(failures.append)
    running.failures = failures
    await running.start(Setup(SETTINGS, RULE, PARTITIONS))
    yield running
    await running.stop()


async def ended(helper):
    """Wait until its process has ended."""
    await asyncio.to_thread(helper._process.wait, 20)


async def test_the_helper_says_what_the_stages_say_in_this_process(helper):
    here = Here(opening.stages(SETTINGS, RULE, PARTITIONS))
    decided = [Decided.of(verdicts) for verdicts in VERDICTS]
    for fetch in (0, 1):
        read = await helper.read(fetch, PARTS)
        assert read == await here.read(fetch, PARTS)
        assert [len(of_part.prints) for of_part in read] == [4, 1, 0]
        written = await helper.write(fetch, decided)
        assert written == await here.write(fetch, decided)
        assert sum(len(records) for *_, records in written.records) == 5

    assert helper.failures == []


async def test_requests_are_answered_in_their_order(helper):
    answers = await asyncio.gather(*(helper.read(fetch, [PARTS[0]]) for fetch in range(20)))

    assert all(answer == answers[0] for answer in answers)


async def test_a_helper_that_is_killed_fails_what_waits_and_what_comes(helper):
    asked = asyncio.ensure_future(helper.read(0, PARTS))
    os.kill(helper.pid, signal.SIGKILL)
    with pytest.raises(NewswireError, match="computes the stages failed"):
        await asked

    await ended(helper)
    with pytest.raises(NewswireError, match="computes the stages failed"):
        await helper.read(2, PARTS)
    assert len(helper.failures) == 1


async def test_an_error_in_the_helper_is_told_with_its_traceback(helper):
    with pytest.raises(NewswireError, match=r"(?s)Traceback.*KeyError: 99"):
        await helper.write(99, [])

    await ended(helper)
    assert "KeyError" in str(helper.failures[0])


async def test_settings_that_can_not_be_used_fail_the_start():
    helper = Helper(lambda _: None)
    settings = SETTINGS.model_copy(deep=True)
    settings.route.__dict__["rules"] = "/nowhere/rules.toml"
    try:
        with pytest.raises(NewswireError, match=r"/nowhere/rules\.toml"):
            await helper.start(Setup(settings, RULE, PARTITIONS))
    finally:
        await helper.stop()


async def test_signals_to_the_group_leave_the_helper_to_the_worker(helper):
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(helper.pid, number)

    assert len(await helper.read(0, PARTS)) == 3


async def test_a_helper_ends_with_its_worker(helper):
    helper._stopping = True
    helper._writer.transport.abort()

    await ended(helper)


async def test_a_helper_that_was_never_started_is_stopped():
    helper = Helper(lambda _: None)
    await helper.stop()

    await ended(helper)
    assert helper._process.returncode == 0
