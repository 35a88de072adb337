"""Samples of call stacks, as py-spy writes them, told apart by what part of the work they belong to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PARTS: Mapping[str, tuple[str, ...]] = {
    "normalize": ("worker/normalize/", "worker/language/"),
    "blocking keys": ("worker/deduplicate/match/keys.py",),
    "judge": ("worker/deduplicate/match/",),
    "plan, frames": ("worker/deduplicate/plan.py", "worker/deduplicate/frame.py"),
    "window": ("worker/deduplicate/",),
    "encode": ("worker/route/envelope.py", "worker/kafka/records.py"),
    "route": ("worker/route/",),
    "stages' frame": ("worker/stages/stages.py",),
    "wire to the helper": ("worker/stages/",),
    "send": ("worker/outbox.py", "aiokafka/producer/"),
    "fetch": ("worker/transport/", "worker/kafka/lenient.py", "aiokafka/consumer/"),
    "Kafka's protocol": ("aiokafka/",),
    "pipeline, log, metrics": ("worker/",),
    "Faust": ("faust/", "mode/"),
}
"""What files a part has, by how their paths begin; of several the first. What stands in no part (NumPy, msgspec's and
orjson's callers, worker/tokens.py) belongs to whoever called it."""
SHARED = ("worker/tokens.py",)
"""Files within a part's folders that several parts call."""
LOOP = "event loop, sockets"
OTHER = "other"
WAITS = (
    ("", "selectors.py"),
    ("", "threading.py"),
    ("", "concurrent/futures/thread.py"),
    ("_answer", "worker/stages/helper.py"),
)
"""Innermost functions, any of a file where none is named, that wait: a thread that was woken and has no core yet is
seen there, and looks as busy as one that works."""
TOLD = 12
"""Functions that are told of each process."""


class _Frame(NamedTuple):
    function: str
    file: str


@dataclass(frozen=True)
class Profile:
    """Microseconds of CPU a headline of one process."""

    parts: dict[str, float]
    functions: dict[str, float]
    """By the function that was running, as `name (file)`."""
    samples: int
    """Those that were not waiting."""

    @classmethod
    def of(cls, lines: Iterable[str], threads: Mapping[int, float]) -> Profile:
        """Share out what each thread took by how often its stacks were seen.

        Args:
            lines: collapsed stacks: thread and frames from the outermost with semicolons between, a space, how often.
            threads: microseconds of CPU a headline by thread, of the whole process.

        Raises:
            ValueError: a line is no stack.
        """
        seen: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
        for thread, frames, count in map(_stack, filter(None, map(str.strip, lines))):
            if not _waits(frames[-1]):
                seen[thread][part_of(frames), "{} ({})".format(*frames[-1])] += count
        parts: defaultdict[str, float] = defaultdict(float)
        functions: defaultdict[str, float] = defaultdict(float)
        for thread, us in threads.items():
            samples = seen[thread]
            if not samples:
                parts[OTHER] += us
            for (part, function), count in samples.items():
                parts[part] += us * count / samples.total()
                functions[function] += us * count / samples.total()
        return cls(dict(parts), dict(functions), sum(samples.total() for samples in seen.values()))

    @property
    def us(self) -> float:
        """Of all threads."""
        return sum(self.parts.values())


def part_of(frames: Sequence[tuple[str, str]]) -> str:
    """The part of a stack, functions and files from the outermost: that of the innermost frame that has one.

    What an event loop runs begins behind its loop; where no part stands there, it is the loop's own.
    """
    begin = 0
    for place, (function, file) in enumerate(frames):
        if file.startswith("asyncio/") and function.endswith(("._run_once", "Handle._run")):
            begin = place + 1
    for _, file in reversed(frames[begin:]):
        if file.startswith(SHARED):
            continue
        for part, prefixes in PARTS.items():
            if file.startswith(prefixes):
                return part
    return LOOP if begin else OTHER


def table(profiles: Mapping[str, Profile]) -> str:
    """Markdown: microseconds of CPU a headline by part and process, and the functions that were running most."""
    return "\n".join(_rows(profiles))


def _rows(profiles: Mapping[str, Profile]) -> Iterator[str]:
    whole = sum(profile.us for profile in profiles.values())
    together = {
        part: sum(profile.parts.get(part, 0.0) for profile in profiles.values())
        for part in (*PARTS, LOOP, OTHER)
    }
    yield f"| us a headline | {' | '.join(profiles)} | together | share |"
    yield "|---|" + "---|" * (len(profiles) + 2)
    for part, us in sorted(together.items(), key=lambda item: -item[1]):
        if us:
            each = " | ".join(f"{profile.parts.get(part, 0.0):.1f}" for profile in profiles.values())
            yield f"| {part} | {each} | {us:.1f} | {us / whole:.0%} |"
    yield f"| all | {' | '.join(f'{each.us:.1f}' for each in profiles.values())} | {whole:.1f} | |"
    for name, profile in profiles.items():
        yield ""
        yield f"| {name}: functions by their own time | us |"
        yield "|---|---|"
        for function, us in sorted(profile.functions.items(), key=lambda item: -item[1])[:TOLD]:
            yield f"| {function} | {us:.1f} |"


def _stack(line: str) -> tuple[int, list[_Frame], int]:
    """Thread, frames from the outermost, and how often they were seen."""
    stack, _, count = line.rpartition(" ")
    thread, *frames = stack.split(";")
    number = _THREAD.match(thread)
    if not number or not frames or not count.isdigit():
        raise ValueError(f"no stack of py-spy with its thread before it and a number behind: {line[:100]!r}")
    return int(number[1]), [_frame(each) for each in frames], int(count)


def _waits(innermost: _Frame) -> bool:
    return any(innermost.file == file and function in ("", innermost.function) for function, file in WAITS)


def _frame(text: str) -> _Frame:
    """Of `name (file:line)`."""
    function, _, place = text.rpartition(" (")
    return _Frame(function, place.rpartition(":")[0])


_THREAD = re.compile(r"thread \(([0-9]+)\)")
