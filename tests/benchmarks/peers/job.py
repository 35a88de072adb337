"""The job that every peer does, in pure functions: read a raw headline, find an exact duplicate, route, encode.

The stages are the worker's own, with its default thresholds, so that peers differ in how they move records and in what
they keep, and in nothing else. A headline that corrects another is never suppressed, as with the worker.
"""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from tests.benchmarks.system import ROOT
from worker import deadletter
from worker.events import Headline, Kind, Rejection, Verdict
from worker.mediatopics import STREAMS
from worker.normalize import normalize
from worker.route.envelope import Labels, Origin, duplicate_value, rfc3339, routed_value
from worker.route.router import Router

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence
    from pathlib import Path

THRESHOLD: Final = 0.6
ALSO_THRESHOLD: Final = 0.55
"""The defaults of the settings route.threshold and route.also_threshold."""

PREFIX: Final = os.environ.get("BENCH_PREFIX", "")
BROKER: Final = os.environ.get("BENCH_BROKER", "127.0.0.1:9092")
GROUP: Final = f"{PREFIX}peer"
RAW: Final = f"{PREFIX}headlines.raw"
DUPLICATES: Final = f"{PREFIX}headlines.duplicates"
DEADLETTER: Final = f"{PREFIX}headlines.deadletter"
NEWS: Final = f"{PREFIX}news."
OUTPUTS: Final = (*(NEWS + slug for slug in STREAMS), DUPLICATES, DEADLETTER)
"""The topics that a headline may end in."""

IN_MEMORY: Final = os.environ.get("BENCH_STATE") == "memory"
"""Whether a library that has state of its own is to use a dict instead: faster, and gone with the process."""

STATE: Final = ROOT / ".cache/peers-state"

_router = Router.load()
_labels = Labels("exact", _router.version, _router.deep_version)
_ORIGINAL: Final = Verdict(Kind.ORIGINAL, "new")


def state_folder(within: Path = STATE, deployment: str = PREFIX) -> Path:
    """A library's folder for its own state, which a restart on the same topics finds again; those of others go."""
    folder = within / (deployment or "state")
    if within.is_dir():
        for other in set(within.iterdir()) - {folder}:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Record(NamedTuple):
    """A raw record: its key, its value, and where it stands."""

    key: bytes | None
    value: bytes | None
    origin: Origin


class Output(NamedTuple):
    """A record to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def outputs(records: Iterable[Record], seen: MutableMapping[str, str]) -> list[Output]:
    """One output for each record of a batch, in its order.

    `seen` holds the id of the first headline of each match form, and gets those of this batch.
    """
    found: list[Output | None] = []
    first: list[tuple[Headline, Origin]] = []
    for record in records:
        headline = normalize(record.value)
        if isinstance(headline, Rejection):
            found.append(refused(record, headline))
            continue
        earlier = seen.get(headline.match)
        if not earlier:
            earlier = seen[headline.match] = headline.id
        if earlier != headline.id and may_be_suppressed(headline):
            found.append(suppressed(headline, record.origin, earlier))
        else:
            found.append(None)
            first.append((headline, record.origin))
    originals = iter(originals_of(first))
    return [output or next(originals) for output in found]


def may_be_suppressed(headline: Headline) -> bool:
    """Whether a headline may be a duplicate at all."""
    return headline.guard is None


def originals_of(headlines: Sequence[tuple[Headline, Origin]]) -> list[Output]:
    """What goes out for headlines that are no duplicates, routed all at once."""
    routes = _router.route(
        [headline.match for headline, _ in headlines],
        threshold=THRESHOLD,
        also_threshold=ALSO_THRESHOLD,
        foreign=[headline.foreign for headline, _ in headlines],
    )
    return [
        Output(
            NEWS + route.topic,
            headline.id.encode(),
            routed_value(headline, _ORIGINAL, route, origin, _labels),
            headers_of(headline, origin, "routed"),
        )
        for (headline, origin), route in zip(headlines, routes, strict=True)
    ]


def suppressed(headline: Headline, origin: Origin, earlier: str) -> Output:
    """What goes out for an exact duplicate of the headline with the id `earlier`."""
    verdict = Verdict(Kind.DUPLICATE, "exact", earlier, 1.0)
    value = duplicate_value(headline, verdict, origin, _labels)
    return Output(DUPLICATES, headline.id.encode(), value, headers_of(headline, origin, "duplicate"))


def headers_of(headline: Headline, origin: Origin, kind: str) -> list[tuple[str, bytes]]:
    """The headers of an event, which CloudEvents asks for, as the worker's have them."""
    source, of_kind = _about(headline.source, kind)
    return [
        _SPECVERSION,
        ("ce_id", headline.id.encode()),
        source,
        *of_kind,
        ("ce_time", rfc3339(origin.timestamp).encode()),
        _CONTENT_TYPE,
    ]


@lru_cache(maxsize=4096)
def _about(source: str, kind: str) -> tuple[tuple[str, bytes], list[tuple[str, bytes]]]:
    path = f"/newswire/{quote(source, safe='')}{'/duplicates' if kind == 'duplicate' else ''}"
    return ("ce_source", path.encode()), [
        ("ce_type", f"newswire.headline.{kind}.v1".encode()),
        ("ce_dataschema", f"urn:newswire:headline.{kind}:v1.1".encode()),
    ]


_SPECVERSION: Final = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Final = ("content-type", b"application/json")


def refused(record: Record, rejection: Rejection) -> Output:
    """What goes out for a record that can never become a headline."""
    origin = record.origin
    headers = deadletter.headers(
        rejection,
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        timestamp=origin.timestamp,
        original=(),
    )
    return Output(DEADLETTER, record.key, record.value, headers)
