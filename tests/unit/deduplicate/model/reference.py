"""The rule of de-duplication, written as plainly as can be: reads the whole log, keeps all, compares all.

It shares the parsing of frames with the worker and nothing else; its numbers stand here on purpose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

from worker.deduplicate import Matcher, Rule
from worker.deduplicate.frame import Flag, Header, decode, epoch_of
from worker.events import Kind, Verdict

NEWEST = 16
JUDGED = 6


def mix_all(number: int) -> int:
    return number * 0x9E3779B97F4A7C15 % 2**64


def mix(key: int) -> int:
    return mix_all(key) ^ mix_all(key) >> 32


@dataclass(eq=False)
class Entry:
    """A new entry of the log, and what the rule says of it."""

    number: int
    log_offset: int
    time: int
    source: tuple[str, int, int]
    raw_ms: int
    id: str
    flag: int
    keys: tuple[int, ...]
    form: str
    listed: bool = True
    verdict: Verdict | None = None

    @cached_property
    def slots(self) -> list[int]:
        """The lists that it stands in: of the pairs of its five rarest keys; of single keys if it has few."""
        mixed = [mix(key) for key in self.keys[:5]]
        sums = [one + other for one, other in combinations(mixed, 2)]
        return [mix_all(each) >> 42 for each in (sums + mixed if len(mixed) <= 2 else sums)]


class Reference:
    """The whole log from its first record on.

    Args:
        matchers: of all versions in it.
        epoch: whose frames count.
        start: the offset of its first record.
        widest_ms: the widest window in it.
    """

    def __init__(self, matchers: Sequence[Matcher], epoch: int, start: int = 0, *, widest_ms: int) -> None:
        self.matchers = {matcher.version: matcher for matcher in matchers}
        self.widest_ms = widest_ms
        self.epoch = epoch
        self.start = start
        self.times: list[int] = []
        self.new: list[Entry] = []
        self.of_source: dict[tuple[str, int, int], list[Entry]] = {}
        self.broken: list[str] = []

    def apply(self, timestamp_ms: int, value: bytes) -> str:
        """Takes in the next record; says what it was."""
        offset = self.start + len(self.times)
        self.times.append(max([timestamp_ms, *self.times[-1:]]))
        epoch = epoch_of(value)
        if epoch is None:
            return "unreadable"
        if epoch != self.epoch:
            return "foreign"
        frame = decode(value)
        if frame is None:
            return "unreadable"
        if not self.in_time(frame.header, offset):
            return "void"
        for i, raw_offset in enumerate(frame.offsets):
            entry = Entry(
                number=len(self.new),
                log_offset=offset,
                time=self.times[-1],
                source=(frame.header.topic, frame.header.partition, raw_offset),
                raw_ms=frame.raw_ms[i],
                id=frame.ids[16 * i : 16 * i + 16].hex(),
                flag=frame.flags[i],
                keys=tuple(frame.keys[i]),
                form=frame.forms[i].decode(),
            )
            self.add(entry, frame.header)
        return "valid"

    def in_time(self, header: Header, offset: int) -> bool:
        if header.known == offset - 1:
            return True
        first_missed = header.known + 1 - self.start
        return first_missed >= 0 and self.times[-1] - self.times[first_missed] <= header.rule.window_ms // 4

    def add(self, entry: Entry, header: Header) -> None:
        rule = header.rule
        earlier = self.of_source.setdefault(entry.source, [])
        replay = bool(earlier) and earlier[-1].id == entry.id and earlier[-1].log_offset > header.known
        known = any(c.id == entry.id and entry.time - c.time <= 2 * self.widest_ms for c in earlier)
        if replay != known:
            self.broken.append(f"{entry.source}: its writer ought to have known it, or did not miss it")
        if not replay and entry.flag == Flag.NONE and any(c.id == entry.id for c in earlier):
            self.broken.append(f"{entry.source}: appended before, and not late")
        if replay:
            return
        entry.verdict = self.verdict(entry, rule)
        entry.listed = self.is_listed(entry, rule.window_ms, rule.max_entries)
        earlier.append(entry)
        self.new.append(entry)

    def verdict(self, entry: Entry, rule: Rule) -> Verdict:
        if entry.flag != Flag.NONE:
            return Verdict(Kind.ORIGINAL, Flag(entry.flag).name.lower())
        window_ms, judge = rule.window_ms, self.matchers[rule.version].judge
        window = [c for c in self.new[-rule.max_entries :] if entry.time - c.time <= window_ms]
        same = [c for c in window if c.form == entry.form][-NEWEST:]
        same = [c for c in same if abs(c.raw_ms - entry.raw_ms) <= window_ms]
        if same:
            judgement = judge(entry.form, entry.form)
            if judgement.kind is Kind.DUPLICATE:
                return Verdict(Kind.DUPLICATE, judgement.reason, same[0].id, judgement.score)
        named: dict[int, Entry] = {}
        for candidate in self.candidates(entry, window):
            of_form = [c for c in window if c.form == candidate.form and c.number <= candidate.number][
                -NEWEST:
            ]
            in_time = [c for c in of_form if abs(c.raw_ms - entry.raw_ms) <= window_ms]
            if in_time and len(named) < JUDGED:
                named.setdefault(in_time[0].number, in_time[0])
        found = [(judge(c.form, entry.form), c) for c in named.values()]
        duplicates = [(j, c) for j, c in found if j.kind is Kind.DUPLICATE]
        updates = [(j, c) for j, c in found if j.kind is Kind.UPDATE]
        if duplicates:
            judgement, of = min(duplicates, key=lambda pair: pair[1].number)
        elif updates:
            judgement, of = min(updates, key=lambda pair: (-pair[0].score, pair[1].number))
        else:
            return Verdict(Kind.ORIGINAL, "new")
        return Verdict(judgement.kind, judgement.reason, of.id, judgement.score)

    def candidates(self, entry: Entry, window: list[Entry]) -> list[Entry]:
        """The entries of other forms to compare with, best first."""
        slots = entry.slots
        lists = [[c.number for c in self.new if c.listed and slot in c.slots][-NEWEST:] for slot in slots]
        found = []
        for c in window:
            shared = sum(c.number in listed for listed in lists)
            fewer = min(len(entry.keys), len(c.keys))
            if shared >= (1 if fewer <= 3 else 3) and c.form != entry.form:
                found.append((shared, c.number, c))
        return [c for _, _, c in sorted(found, key=lambda ranked: ranked[:2], reverse=True)]

    def is_listed(self, entry: Entry, window_ms: int, max_entries: int) -> bool:
        """Whether later entries find it by its keys: not if it repeats a form within the same half window."""
        half = window_ms // 2
        for c in reversed(self.new[-(max_entries // 2) :] if max_entries > 1 else []):
            if c.form == entry.form:
                return c.time // half != entry.time // half or c.raw_ms // half != entry.raw_ms // half
        return True

    def known(self, source: tuple[str, int, int], entry_id: str, next_offset: int) -> Entry | None:
        """The entry that answers for a record at a replica that stands at an offset of the log."""
        applied = next_offset - self.start
        earlier = [c for c in self.of_source.get(source, ()) if c.log_offset < next_offset]
        if not earlier or earlier[-1].id != entry_id:
            return None
        return (
            earlier[-1] if self.busy_ms(earlier[-1].log_offset, applied - 1) <= 2 * self.widest_ms else None
        )

    def busy_ms(self, log_offset: int, last: int) -> int:
        """The time from a record to the `last` one, in which a pause counts for a quarter window at most."""
        times = self.times[log_offset - self.start : last + 1]
        return sum(min(b - a, self.widest_ms // 4) for a, b in pairwise(times))
