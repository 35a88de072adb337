"""What is wrong with a file that a person wrote: told all at once, each fault with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_SHOWN: Final = 10
"""Faults of one file that are told in full."""


class Fault(NamedTuple):
    """What is wrong with a line, which counts from 1, and what to do about it."""

    line: int
    message: str


def refusal(path: Path, faults: Sequence[Fault]) -> UsageError:
    """The error that tells the faults of a file: file, line, what is wrong, what to do.

    Args:
        path: the file.
        faults: one at least; of many the first are told, by line.
    """
    told = [f"line {fault.line}: {fault.message}" for fault in sorted(faults)]
    if len(told) == 1:
        return UsageError(f"{path}, {told[0]}")
    shown = told[:MOST_SHOWN]
    if len(told) > len(shown):
        shown.append(f"and {len(told) - len(shown):,} more")
    return UsageError("\n  ".join((f"{path}: {len(told):,} faults", *shown)))
