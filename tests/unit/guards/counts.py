"""What a headline takes with 20,000 entries in the window, counted."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any

from worker.deduplicate import frame as frames
from worker.deduplicate.alike import KeptKeys
from worker.deduplicate.match import MATCHER
from worker.stages import wire
from worker.stages.messages import Decided
from worker.stages.wire import Answer

from .counting import blocks, calls, collected, no_collector, peak_bytes
from .passage import Handing, Passage
from .workload import FETCH, fetches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WINDOW = 10
"""Full fetches that fill the window before anything is counted; words are remembered by then."""


def counts() -> dict[str, float]:
    """Each count by its name in `bounds.BOUNDS`."""
    *window, called, weighed, traced, kept, alone = fetches(WINDOW + 5)
    passage = Passage()
    for values in window:
        passage.whole(values)
    return {
        **_calls(passage, called),
        **_candidates_and_bytes(passage, weighed),
        **_allocations(passage, traced),
        **_kept(passage, kept),
        **_alone(passage, alone),
    }


def _calls(passage: Passage, values: Sequence[bytes]) -> dict[str, float]:
    parts = passage.parts(values)
    reads, read = calls(passage.read, parts)
    batches = passage.batches(parts, reads)
    plans, plan = calls(passage.plan, batches)
    verdicts, agree = calls(passage.agree, batches, plans)
    written, write = calls(passage.write, verdicts)
    handing = Handing(parts, reads, verdicts, written)
    _, hand = calls(handing.run)
    steps = {"read": read, "plan": plan, "agree": agree, "write": write, "hand on": hand}
    return {
        **{f"calls: Python, {name}": step.python / FETCH for name, step in steps.items()},
        **{f"calls: builtin, {name}": step.builtin / FETCH for name, step in steps.items()},
        "candidates: judged": agree.of.get(MATCHER.judge.__code__, 0) / FETCH,
        "a fetch: record batches": handing.record_batches,
        "a fetch: frames": sum(len(each.frames) for each in plans),
        "a fetch: frames decoded": agree.of.get(frames.decode.__code__, 0),
    }


def _candidates_and_bytes(passage: Passage, values: Sequence[bytes]) -> dict[str, float]:
    parts = passage.parts(values)
    reads = passage.read(parts)
    batches = passage.batches(parts, reads)
    plans = passage.plan(batches)
    with _seen_alike() as seen:
        verdicts = passage.agree(batches, plans)
    written = passage.write(verdicts)
    decided = list(map(Decided.of, verdicts))
    return {
        "candidates: met": seen["met"] / FETCH,
        "candidates: alike": seen["alike"] / FETCH,
        "bytes: frames": sum(len(frame) for each in plans for frame in each.frames) / FETCH,
        "bytes: outputs": sum(map(len, (one for *_, records in written.records for one in records))) / FETCH,
        "bytes: to the helper": sum(
            map(len, (wire.read_request(passage.fetch, parts), wire.write_request(passage.fetch, decided)))
        )
        / FETCH,
        "bytes: from the helper": sum(len(wire.packed(Answer.DONE, answer)) for answer in (reads, written))
        / FETCH,
    }


@contextmanager
def _seen_alike() -> Iterator[dict[str, int]]:
    """Count the pairs that `KeptKeys.alike` is given, and those that it finds alike."""
    seen = {"met": 0, "alike": 0}
    alike = KeptKeys.alike
    parameters = signature(alike)

    def counting(*args: Any, **kwargs: Any) -> Any:
        answer = alike(*args, **kwargs)
        seen["met"] += len(parameters.bind(*args, **kwargs).arguments["rows"])
        seen["alike"] += len(answer[0])
        return answer

    KeptKeys.alike = counting
    try:
        yield seen
    finally:
        KeptKeys.alike = alike


def _allocations(passage: Passage, values: Sequence[bytes]) -> dict[str, float]:
    parts = passage.parts(values)
    with no_collector():
        before = collected()
        tracemalloc.start(1)
        try:
            reads, read = peak_bytes(passage.read, parts)
            batches = passage.batches(parts, reads)
            plans, plan = peak_bytes(passage.plan, batches)
            verdicts, agree = peak_bytes(passage.agree, batches, plans)
            under_way = collected() - before
            written, write = peak_bytes(passage.write, verdicts)
        finally:
            tracemalloc.stop()
        del parts, reads, batches, plans, verdicts, written
        unreachable = gc.collect()
    return {
        "bytes at once: read": read / FETCH,
        "bytes at once: plan": plan / FETCH,
        "bytes at once: agree": agree / FETCH,
        "bytes at once: write": write / FETCH,
        "objects: for the collector to look at": under_way / FETCH,
        "a fetch: objects that only the collector lets go": unreachable,
    }


def _kept(passage: Passage, values: Sequence[bytes]) -> dict[str, float]:
    before, counted = blocks(), passage.replica.memory_bytes
    passage.whole(values)
    return {
        "kept: blocks": (blocks() - before) / FETCH,
        "kept: bytes of the replica": (passage.replica.memory_bytes - counted) / FETCH,
    }


def _alone(passage: Passage, values: Sequence[bytes]) -> dict[str, float]:
    """A headline that comes alone pays for a whole fetch. The median of some, since few of them meet others."""
    each = sorted(calls(passage.whole, [value])[1][:2] for value in values[:99])
    python, builtin = each[len(each) // 2]
    return {"a headline alone: Python calls": python, "a headline alone: builtin calls": builtin}
