"""Reading letters, states and raw records, over readers that hold topics in memory."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from worker import deadletter
from worker.config import Settings
from worker.deadletters.choice import Choice, Span
from worker.deadletters.desk import Desk
from worker.deadletters.letter import Address, read
from worker.deadletters.status import Hand, State, encode
from worker.errors import UsageError

from .letters import BORN_MS, died, letter, record

SETTINGS = Settings(topics={"raw": "raw", "deadletter": "dead", "deadletter_status": "status"})
HAND = Hand("ops@desk", "9f0c2a44d1e07b36")


class Reader:
    """Records by topic; the offsets of each partition's begin with `begins`."""

    def __init__(self, topics, begins=0):
        self.topics = topics
        self.begins = begins

    async def bounds(self, topic, partitions):
        found = {}
        for partition in range(partitions):
            offsets = [each.offset for each in self.topics.get(topic, ()) if each.partition == partition]
            found[partition] = (min(offsets, default=0), max(offsets, default=-1) + 1)
        return found

    async def ends(self, topic, partitions):
        return {partition: end for partition, (_, end) in (await self.bounds(topic, partitions)).items()}

    async def read(self, topic, spans):
        for each in self.topics.get(topic, ()):
            first, end = spans.get(each.partition, (0, 0))
            if first <= each.offset < end:
                yield [each]


async def opened(*letters, statuses=(), raw=(), partitions=1):
    topics = {"dead": letters, "raw": raw, "status": list(statuses)}
    counts = {"dead": partitions, "status": 1, "raw": 6}
    desk = Desk(SETTINGS, counts, Reader(topics), Reader(topics))
    await desk.open()
    return desk, topics


def mark(of, offset):
    status = HAND.discarded(of, datetime.now(UTC), "old")
    return record(encode(status), address=offset, key=of.status_key)


async def test_letters_are_chosen_by_the_states_that_the_status_topic_says():
    letters = [died(address=n, source=(0, n)) for n in range(3)]
    marked = letter(address=1, source=(0, 1))
    desk, topics = await opened(*letters, statuses=[mark(marked, 0)])

    async def offsets(**asked):
        return [each.address.offset async for each in desk.chosen(Choice(**asked))]

    assert await offsets(states=frozenset({State.OPEN})) == [0, 2]
    assert await offsets(states=frozenset({State.DISCARDED})) == [1]
    assert await offsets(spans=(Span(0, 1, None),)) == [1, 2]
    topics["status"].append(mark(letter(address=2, source=(0, 2)), 1))
    assert await offsets(states=frozenset({State.OPEN})) == [0, 2]
    await desk.refresh()
    assert await offsets(states=frozenset({State.OPEN})) == [0]


async def test_states_of_letters_that_aged_out_are_not_kept():
    desk, _ = await opened(died(address=7), statuses=[mark(letter(address=6, source=(0, 6)), 0)])

    assert len(desk.statuses) == 0


async def test_a_letter_is_found_by_its_address():
    desk, _ = await opened(died(address=7), died(address=3, partition=1), partitions=2)

    assert (await desk.letter(Address(0, 7))).address == Address(0, 7)
    assert (await desk.letter(Address(1, 3))).address == Address(1, 3)
    for address, there in [
        (Address(0, 8), "7 to 7 are there"),
        (Address(0, 6), "7 to 7"),
        (Address(2, 0), "none"),
    ]:
        with pytest.raises(UsageError, match=f"no dead letter {address} in dead: {there}"):
            await desk.letter(address)


def omitted():
    """A letter whose record stands in the raw topic only."""
    whole = died(b"x" * 9)
    key, value, headers = deadletter.letter(whole.headers, key=b"k", value=b"x" * 9, max_bytes=1)
    return read(record(value, key=key, headers=headers))


def raw(offset=41, **kafka):
    given = {"partition": 3, "key": b"k", "died": BORN_MS, "headers": [("trace", b"7")]} | kafka
    return record(b"whole", address=offset, **given)


async def test_a_record_that_fitted_no_letter_is_read_in_the_raw_topic():
    desk, _ = await opened(raw=[raw(40), raw(), raw(42)])
    whole = await desk.whole(omitted())

    assert (whole.key, whole.value, whole.headers) == (b"k", b"whole", (("trace", b"7"),))
    assert whole.status_key == omitted().status_key


@pytest.mark.parametrize(
    "there",
    [
        [],
        [raw(42)],
        [raw(40)],
        [raw(partition=2)],
        [raw(died=BORN_MS + 1)],
    ],
    ids=["nothing", "aged out", "not yet there", "of another partition", "of a topic made anew"],
)
async def test_a_record_that_is_not_there_any_more_is_none(there):
    desk, _ = await opened(raw=there)

    assert await desk.whole(omitted()) is None


async def test_a_source_that_is_not_in_this_raw_topic_is_none():
    desk, _ = await opened(raw=[raw()])
    lost = omitted()

    for source in (
        None,
        replace(lost.source, topic="other"),
        replace(lost.source, partition=6),
    ):
        assert await desk.whole(replace(lost, source=source)) is None


async def test_a_letter_that_has_its_record_is_whole_without_a_look():
    desk, _ = await opened()

    assert await desk.whole(letter()) == letter()
