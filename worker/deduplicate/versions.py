"""Versions of the log: which ones a release reads, which one it writes, and what it says of any other.

A version is a matching rule and the format of the frames that its entries stand in. A release reads its own
and the one before, and writes the older until it is told that all workers are new. README.md in this folder
says how a deployment is upgraded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.deduplicate.rule import START_WINDOWS
from worker.errors import LogVersionError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection

    from worker.deduplicate.evidence import Scores
    from worker.deduplicate.rule import Judgement, Matcher


OWN: Final = 1 << 15
"""Versions from here on are matchers with a model of a user's own (`worker.deduplicate.match.own`)."""


def readable(matcher: Matcher) -> dict[int, Matcher]:
    """The versions that a release reads, and can write, by number; the older first.

    Args:
        matcher: the release's own.
    """
    known = (matcher,) if matcher.before is None else (matcher.before, matcher)
    return {each.version: each for each in known}


def to_write(matcher: Matcher, told: int) -> int:
    """The version that a worker writes.

    Args:
        matcher: the release's own.
        told: the version that all workers read, or 0 where nobody said: then the older.

    Raises:
        SettingsError: the release can not write that version.
    """
    versions = readable(matcher)
    if not told:
        return min(versions)
    if told not in versions:
        raise SettingsError(
            f"dedup.write_version={told}: this release writes version {_either(versions)} of the log;"
            " leave it at 0, for the older, until all workers run a release that reads the newer"
        )
    return told


def refusal(version: int, offset: int, versions: Collection[int]) -> LogVersionError:
    """Why a release stops at a frame, and what to do.

    Args:
        version: the frame's.
        offset: the frame's, in the log.
        versions: those that the release reads.
    """
    if version >= OWN:
        remedy = (
            "a worker with another matcher's model wrote it (dedup.model). Give this worker that model; to change"
            " models, let all workers write the release's own version"
            f" (dedup.write_version={min(versions)}) for {START_WINDOWS} windows in between"
        )
    elif version > max(versions):
        remedy = (
            "a newer release wrote it. Upgrade this worker, and every other one, before any is told to write"
            " what the older do not read (dedup.write_version)"
        )
    else:
        remedy = (
            "an older release wrote it. Upgrade in steps: let the release before this one write version"
            f" {min(versions)} (dedup.write_version={min(versions)}) for {START_WINDOWS} windows, then start"
            " this one"
        )
    return LogVersionError(
        f"the frame at log offset {offset} is of version {version} and this release reads version"
        f" {_either(versions)}: {remedy}; or begin a new epoch (dedup.epoch)"
    )


class Judges:
    """The judges of the versions that a release reads, one of which judges at a time.

    Args:
        matcher: the release's own.
    """

    def __init__(self, matcher: Matcher) -> None:
        self._matchers = readable(matcher)
        self.turn_to(matcher.version)

    def turn_to(self, version: int) -> None:
        """Lets the judge of a version judge what follows."""
        self.version = version
        self._judge = self._matchers[version].judge

    def judge(self, earlier: str, later: str, scores: Scores | None) -> Judgement:
        """What the judge whose turn it is says of a pair."""
        return self._judge(earlier, later, scores)


def _either(versions: Collection[int]) -> str:
    return " or ".join(map(str, sorted(versions)))
