"""The rule of de-duplication in numbers: its windows, what follows from them, and what it needs of a matcher.

Every span is counted in milliseconds of *log time*: the running maximum of the append timestamps up to a
frame, so that a broker's clock that steps back is harmless. README.md in this folder says why the numbers are
enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.deduplicate.evidence import Scores
    from worker.events import Kind
    from worker.tokens import Tokens

NEWEST_SAME = 16
"""Of a form only so many of the newest entries are looked at."""

NEWEST_LISTED = 48
"""Of a pair of blocking keys only so many of the newest entries are looked at."""

PAIRED_KEYS = 6
"""Of an entry's blocking keys the rarest so many are paired."""

ALIKE = 300
"""Thousandths of the weight of both entries' keys that a candidate has in common with an entry."""

PROMISING = 540
"""The same of a candidate that is judged though no model was asked about the entry."""

FIRM = 3
"""So many keys it shares, or all but one of the side with fewer keys."""

MOST_CANDIDATES = 32
"""At most so many candidates of one entry are looked at."""

MOST_PROMISING = 10
"""At most so many are judged though no model was asked about the entry."""

MOST_JUDGED = 6
"""At most so many candidates of one entry have a model's scores."""

MOST_KEYS = 6
"""Most blocking keys of an entry."""

WEIGHT_SHIFT = 25
"""The bits of a blocking key above this are its weight, less one: how rare what it stands for is."""

IDENTITY_WINDOWS = 2
"""A verdict is kept for so many windows, so that a record that is read again gets the same one."""

LEAST_REMEMBERED = 1 << 20
"""What is remembered counts a window for so many entries at least: far more than workers have on their way."""

START_WINDOWS = 4
"""A replica starts so many windows before the log's last frame; of busy time, in which pauses count for little."""

STALE_DIVISOR = 4
"""A frame whose writer missed frames for longer than the window divided by this is void."""

MOST_SKEW_MS = 60_000
"""Brokers' clocks are trusted to differ by at most this, or by the window where that is shorter."""


class Rule(Struct, frozen=True, gc=False):
    """What a frame's entries are judged by; every frame carries its writer's.

    `version` is the matching rule's, `window_ms` how far back an earlier entry counts, `max_entries` how many
    entries back at most.
    """

    version: int
    window_ms: int
    max_entries: int

    @property
    def half_ms(self) -> int:
        """Half the window: a form that is repeated within one is listed by its keys only once."""
        return max(1, self.window_ms // 2)

    @property
    def stale_ms(self) -> int:
        """How long a writer may have been behind the log when its frame is appended."""
        return self.window_ms // STALE_DIVISOR

    @property
    def skew_ms(self) -> int:
        """How far the clocks of two brokers may differ."""
        return min(MOST_SKEW_MS, self.window_ms)

    @property
    def most_pause_ms(self) -> int:
        """What a pause in the log counts for, at most, when it is asked what has to be remembered."""
        return self.stale_ms

    @property
    def history_ms(self) -> int:
        """How far back a replica starts."""
        return START_WINDOWS * self.window_ms

    @property
    def settling_ms(self) -> int:
        """So long after its start a replica judges as one that has read everything."""
        return self.window_ms + self.half_ms

    @property
    def needed_ms(self) -> int:
        """How much busy time of the log a replica must have read to answer for all that is known by identity."""
        return self.settling_ms + self.identity_ms

    @property
    def identity_ms(self) -> int:
        """How long a verdict is kept by identity."""
        return IDENTITY_WINDOWS * self.window_ms

    def remembered(self, least: int) -> int:
        """How many of the newest entries are known by identity; and so many entries at most a writer may miss.

        Args:
            least: entries that a window counts for at least (`LEAST_REMEMBERED`).
        """
        return IDENTITY_WINDOWS * max(self.max_entries, least)

    def covers(self, other: Rule) -> bool:
        """Whether a replica that loaded history for this rule can judge by `other` too."""
        return self.window_ms >= other.window_ms and self.max_entries >= other.max_entries

    def widened(self, other: Rule) -> Rule:
        """This rule with the larger of both windows and bounds: what to load when the log holds both."""
        return Rule(
            self.version, max(self.window_ms, other.window_ms), max(self.max_entries, other.max_entries)
        )


def start_time_ms(last_append_ms: int, reach: Rule) -> int:
    """The append timestamp from which a replica has to read, if the log has no long pauses.

    A replica starts at the first frame stamped at or after this. No frame before it is stamped as late, so
    the running maximum that begins there is the whole log's.

    Args:
        last_append_ms: the append timestamp of the log's last frame; never a wall clock.
        reach: the widest rule that the kept log holds (`Rule.widened`).
    """
    return max(0, last_append_ms - reach.history_ms)


class Judgement(Protocol):
    """What a matcher says of a pair of match forms."""

    @property
    def kind(self) -> Kind:
        """DUPLICATE, UPDATE, or ORIGINAL for a pair that has nothing to do with each other."""

    @property
    def score(self) -> float:
        """How alike the two are, 0..1, in steps of a thousandth."""

    @property
    def reason(self) -> str:
        """Why, out of a bounded set."""


class Matcher(Struct, frozen=True):
    """The matching rule as plain functions of match forms; all must give the same on every machine.

    `version` is what frames are marked with. `keys` gives at most `MOST_KEYS` unsigned 32-bit blocking keys,
    rarest first, with the weight of each in its upper bits (`WEIGHT_SHIFT`). `judge` takes the earlier and the later
    form, and what a costly model said of the two, where the log has it. `doubtful` says of an earlier and a later form
    whether it is worth asking that model; only writers ask it. `format` is the format of the frames that its entries
    stand in. `before` is the version before, which the release reads and can write too. `keys_of` gives the keys of at
    least one form, of many at once by their words, where there is a quicker way than one by one.
    """

    version: int
    keys: Callable[[str], Sequence[int]]
    judge: Callable[[str, str, Scores | None], Judgement]
    doubtful: Callable[[str, str], bool]
    format: int = 2
    before: Matcher | None = None
    keys_of: Callable[[Tokens], list[tuple[int, ...]]] | None = None
