"""Faults of records: poison alone, in every position of a batch and as whole batches, garbage, giants."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.integration.newsroom import Newsroom
from tests.integration.poison import LARGEST, ODD_HEADERS, ODD_KEYS, POISON

from .acts import AT_ONCE, NOTHING, start, working
from .faults_kafka import APPLY, delete
from .load import PARTITIONS, Item, Load
from .scene import Act, Bars, Fault, Scene, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 10
"""Records of a fetch, where the position within one is the point."""
GARBAGE = 400
NOW = 0
LONG_AGO_MS, FAR_AHEAD_MS = (
    round(datetime(year, 12, 1, tzinfo=UTC).timestamp() * 1000) for year in (1970, 2099)
)
TRUTHS = {NOW: "group {}", LONG_AGO_MS: "group {} of 1970", FAR_AHEAD_MS: "single {}"}
BLOCKS, SENTENCES = 3, 40
TRUTH_BYTES = 23
"""What the header with the truth `poison too_large` takes of the largest record that Kafka lets through."""


def good(number: int, *, partition: int = 0) -> Item:
    """A headline that says what nothing else says."""
    event = {"id": f"good-{number}", "source": "reliability", "headline": Newsroom().headline(number)}
    return Item(partition, "single", json.dumps(event).encode(), b"%d" % number)


def alone(scene: Scene) -> None:
    """Each kind of poison by itself, with each odd key and odd headers, a good headline behind it."""
    for number, (value, reason) in enumerate(POISON.values()):
        key = ODD_KEYS[number % len(ODD_KEYS)]
        more = ODD_HEADERS[number % len(ODD_HEADERS)]
        partition = number % PARTITIONS
        scene.feed([Item(partition, f"poison {reason}", value, key, more), good(number, partition=partition)])
    scene.feed([Item(0, "poison too_large", LARGEST[:-TRUTH_BYTES], None)])


def in_every_position(scene: Scene) -> None:
    """For each kind of poison blocks of a batch's size, one for each position, with poison there."""
    numbers = itertools.count(10_000)
    for value, reason in POISON.values():
        poison = Item(0, f"poison {reason}", value, None)
        scene.feed(
            [
                poison if place == position else good(next(numbers))
                for position in range(BATCH)
                for place in range(BATCH)
            ]
        )


def whole_batches(scene: Scene) -> None:
    """Nothing but poison for several batches, then a good headline."""
    poison = [Item(1, f"poison {reason}", value, None) for value, reason in POISON.values()]
    scene.feed([*poison, good(20_000, partition=1)])


def mutilated(draw: random.Random) -> Iterator[bytes]:
    """Events with bytes changed, cut, doubled or moved."""
    for number in range(GARBAGE):
        value = bytearray(good(30_000 + number).value or b"")
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(value))
            deed = draw.randrange(4)
            if deed == 0:
                value[at] = draw.randrange(256)
            elif deed == 1:
                del value[at : at + draw.randint(1, 20)]
            elif deed == 2:
                value[at:at] = value[at : at + draw.randint(1, 20)]
            else:
                value[at:at] = draw.choice(
                    (b"\xff", b"\\ud800", b'"', b"\x00", b"{", b"1e999", b"\xed\xa0\x80")
                )
            if not value:
                break
        yield bytes(value)


def fuzzed(first: int) -> list[bytes]:
    """What hypothesis makes of the raw schema: objects with the right names and any values."""
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50)
    anything = st.recursive(
        scalar,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )
    names = (
        "id",
        "source",
        "headline",
        "published_at",
        "url",
        "language",
        "body",
        "supersedes",
        "schema_version",
    )
    events = st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything) | {"more": anything})
    found: list[bytes] = []

    @seed(first)
    @settings(
        max_examples=GARBAGE, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(events | anything | st.binary(max_size=60))
    def collect(value: object) -> None:
        found.append(value if isinstance(value, bytes) else json.dumps(value).encode(errors="replace"))

    collect()
    return found


def garbage(scene: Scene) -> None:
    """Records of which nobody knows what they are, between good ones."""
    draw = random.Random(scene.seed)
    values = [*mutilated(draw), *fuzzed(scene.seed)]
    items = [Item(draw.randrange(PARTITIONS), "any", value, draw.choice(ODD_KEYS)) for value in values]
    items += [good(40_000 + number, partition=draw.randrange(PARTITIONS)) for number in range(GARBAGE)]
    draw.shuffle(items)
    scene.feed(items)


def of_any_time(scene: Scene) -> None:
    """Sentences that each come two times now, two times from long ago and two times from far ahead, in random order.

    Of those of now one has to come out, and one only, and so of those from long ago: they are not within one window.
    What is ahead of its time is compared with nothing, so that all of it has to come out.
    """
    draw = random.Random(scene.seed)
    delete("headlines.raw").do(scene)
    scene.deployment.make_raw_topic_of_any_timestamp()
    # The newest timestamp of a segment says when retention deletes it.
    scene.feed([good(50_000 + number, partition=number) for number in range(PARTITIONS)], FAR_AHEAD_MS)
    numbers = itertools.count(60_000)
    for _ in range(BLOCKS):
        sentences = [next(numbers) for _ in range(SENTENCES)]
        for time_ms in draw.sample([NOW, NOW, LONG_AGO_MS, LONG_AGO_MS, FAR_AHEAD_MS, FAR_AHEAD_MS], 6):
            truth = TRUTHS[time_ms]
            scene.feed([again(number, truth.format(number), draw) for number in sentences], time_ms)
    APPLY.do(scene)


def again(number: int, truth: str, draw: random.Random) -> Item:
    """A headline of which there are others that say the same."""
    event = {
        "id": f"again-{draw.getrandbits(64):016x}",
        "source": "reliability",
        "headline": Newsroom().headline(number),
    }
    return Item(draw.randrange(PARTITIONS), truth, json.dumps(event).encode(), None)


def _fed(name: str, what: str, feed: object, *, late: int = 0, short: bool = False) -> Fault:
    return Fault(
        name,
        (
            Step(AT_ONCE, Act(what, partial(feed))),
            Step(AT_ONCE, start()),
            Step(working(), NOTHING),
        ),
        load=Load(0, 0, 0, 0),
        bars=Bars(late=late),
        settings={"NEWSWIRE_WORKER__BATCH_RECORDS": str(BATCH)},
        short=short,
        fed_by_steps=True,
    )


FAULTS = (
    _fed("poison-alone", "each kind of poison is fed by itself", alone, short=True),
    _fed("poison-in-every-position", "poison stands in every position of a batch", in_every_position),
    _fed("poison-in-whole-batches", "whole batches are poison", whole_batches),
    _fed(
        "timestamps-of-1970-and-2099",
        "headlines come with Kafka timestamps of other times",
        of_any_time,
        late=PARTITIONS + 2 * BLOCKS * SENTENCES,
    ),
    _fed("garbage", "garbage is fed between headlines", garbage, short=True),
)
