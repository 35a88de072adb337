"""Counts that do not depend on the machine: calls, bytes, objects. No clock."""

from __future__ import annotations

import cProfile
import gc
import sys
import tracemalloc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INLINED = {"<listcomp>", "<dictcomp>", "<setcomp>"}
"""Functions of their own up to Python 3.11; from 3.12 on part of the function around them."""


class Calls(NamedTuple):
    """What a step has called, generators once for each time that they go on."""

    python: int
    """Functions written in Python."""
    builtin: int
    """Functions and methods written in C."""
    of: dict[Any, int]
    """Those written in Python, by their code."""


def calls(step: Callable[..., Any], *args: Any) -> tuple[Any, Calls]:
    """What a step answers, and what it calls in this thread."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        answer = step(*args)
    finally:
        profile.disable()
    of: dict[Any, int] = {}
    builtin = 0
    for entry in profile.getstats():
        if isinstance(entry.code, str):
            builtin += entry.callcount
        elif entry.code.co_name not in INLINED:
            of[entry.code] = entry.callcount
    return answer, Calls(sum(of.values()), builtin, of)


def peak_bytes(step: Callable[..., Any], *args: Any) -> tuple[Any, int]:
    """What a step answers, and the most bytes beyond those at its beginning that it had at once, arrays included.

    Only between `tracemalloc.start` and `stop`.
    """
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    answer = step(*args)
    _, peak = tracemalloc.get_traced_memory()
    return answer, peak - before


def blocks() -> int:
    """Blocks of Python's allocator that are in use: objects and their parts of up to 512 bytes."""
    gc.collect()
    return sys.getallocatedblocks()


def collected() -> int:
    """Objects that the garbage collector has to look at."""
    return len(gc.get_objects())


@contextmanager
def no_collector() -> Iterator[None]:
    """Without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
