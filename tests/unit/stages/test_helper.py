"""The helper computes what the worker would, and neither outlives the other unsaid."""

import asyncio
import os
import select
import signal

import pytest
from worker.config import Settings
from worker.errors import NewswireError, SettingsError, UsageError
from worker.events import Kind, Verdict
from worker.mediatopics import STREAMS
from worker.stages import Raw
from worker.stages.here import Loader
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
    running = Helper(SETTINGS)
    running.failures = []
    await running.load(running.failures.append)
    assert await running.begin(PARTITIONS) is running
    yield running
    await running.stop()


def changed(section, **values):
    """Settings that name what can not be loaded, which no check of theirs has met."""
    settings = SETTINGS.model_copy(deep=True)
    getattr(settings, section).__dict__.update(values)
    return settings


async def ended(helper):
    """Wait until its process has ended."""
    await asyncio.to_thread(helper._process.wait, 20)


async def test_the_helper_says_what_the_stages_say_in_this_process(helper):
    loader = Loader(SETTINGS)
    await loader.load()
    here = await loader.begin(PARTITIONS)
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


UNUSABLE = [
    (UsageError, r"/nowhere/rules\.toml", changed("route", rules="/nowhere/rules.toml")),
    (UsageError, r"/nowhere/topics\.model", changed("route", model="/nowhere/topics.model")),
    (SettingsError, r"dedup\.write_version=77", changed("dedup", write_version=77)),
]


@pytest.mark.parametrize(("kind", "text", "settings"), UNUSABLE)
async def test_settings_that_can_not_be_used_fail_the_start_as_they_would_in_this_process(
    kind, text, settings
):
    failures = []
    helper = Helper(settings)
    try:
        with pytest.raises(NewswireError, match=text) as raised:
            await helper.load(failures.append)
        await ended(helper)
    finally:
        await helper.stop()
    with pytest.raises(NewswireError, match=text) as here:
        await Loader(settings).load()

    assert type(raised.value) is type(here.value) is kind
    assert str(raised.value) == str(here.value)
    assert failures == [raised.value], "it is told once, to whoever ends the worker"


async def test_it_loads_before_anybody_waits_for_it_and_says_what():
    """The worker does something else meanwhile."""
    helper = Helper(SETTINGS)
    try:
        loaded, _, _ = await asyncio.to_thread(select.select, [helper._socket], [], [], 30)
        assert loaded, "it answers without being asked anything more"
        opened = await helper.load(lambda _: None)
    finally:
        await helper.stop()

    assert opened == await Loader(SETTINGS).load()


async def test_a_helper_that_ends_while_it_loads_fails_the_start():
    failures = []
    helper = Helper(SETTINGS)
    os.kill(helper.pid, signal.SIGKILL)
    with pytest.raises(NewswireError, match="computes the stages failed: it ended by itself") as raised:
        await helper.load(failures.append)
    await helper.stop()

    assert failures == [raised.value]


async def test_signals_to_the_group_leave_the_helper_to_the_worker(helper):
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(helper.pid, number)

    assert len(await helper.read(0, PARTS)) == 3


async def test_a_helper_ends_with_its_worker(helper):
    helper._stopping = True
    helper._writer.transport.abort()

    await ended(helper)


@pytest.mark.parametrize("how_far", ["not asked", "loaded"])
async def test_a_helper_that_has_not_begun_is_ended_at_once(how_far):
    helper = Helper(SETTINGS)
    if how_far == "loaded":
        await helper.load(lambda _: None)
    await helper.stop()

    assert helper._process.returncode == -signal.SIGKILL


async def test_a_helper_ends_by_itself_when_its_worker_goes_while_it_loads():
    helper = Helper(SETTINGS)
    helper._socket.close()

    await ended(helper)
    assert helper._process.returncode == 0
