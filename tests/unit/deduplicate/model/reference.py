"""The rule of de-duplication, written as plainly as can be: reads the whole log, keeps all, compares all.

It shares the parsing of frames with the worker and nothing else; its numbers stand here on purpose.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import combinations

from tests.unit.deduplicate.model.promises import Broken, Promise
from tests.unit.deduplicate.model.situations import Situation
from worker.deduplicate import Matcher, Rule
from worker.deduplicate.evidence import Pair, Scores
from worker.deduplicate.frame import Flag, Frame, Header, decode, epoch_of
from worker.events import Kind, Verdict

NEWEST = 16
MET = 48
CANDIDATES, JUDGED = 32, 10
ALIKE, PROMISING = 300, 540
SLOT_BITS = 22
UP_TO_HERE = -1
MOST_SKEW_MS = 60_000


def mix_all(number: int) -> int:
    return number * 0x9E3779B97F4A7C15 % 2**64


def mix(key: int) -> int:
    return mix_all(key) ^ mix_all(key) >> 32


def weight(key: int) -> int:
    return (key >> 25) + 1


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
    rule: Rule
    ahead: bool
    """Its raw timestamp is from a clock that is wrong: it is compared with nothing."""
    pairs: tuple[Pair, ...] = ()
    """What a model said of it and other forms, by their hashes; the first of a hash counts."""
    topics: bytes | None = None
    listed: bool = True
    verdict: Verdict | None = None

    @property
    def wide(self) -> bool:
        """Whether all its candidates are judged: a model was asked, or it is cut or in another script than Latin."""
        return bool(self.pairs) or not self.form.isascii()

    def scores(self, form: str) -> Scores | None:
        """What the log says of it and another form."""
        named = int.from_bytes(blake2b(form.encode(), digest_size=8).digest(), "little")
        return next((scores for each, scores in self.pairs if each == named), None)

    @cached_property
    def slots(self) -> list[int]:
        """The lists that it stands in: of the pairs of its six rarest keys; of single keys if it has few.

        Two may be one: then it stands there twice.
        """
        mixed = [mix(key) for key in self.keys[:6]]
        sums = [one + other for one, other in combinations(mixed, 2)]
        return [mix_all(each) >> 64 - SLOT_BITS for each in (sums + mixed if len(mixed) <= 2 else sums)]


class Reference:
    """The whole log from its first record on.

    Args:
        matchers: of all versions in it.
        epoch: whose frames count.
        start: the offset of its first record.
        widest_ms: the widest window in it.
        most_entries: the most that a frame in it says are compared.
        least_remembered: what such a number counts for at least where it says what is remembered.
        seen: counts situations.
    """

    def __init__(
        self,
        matchers: Sequence[Matcher],
        epoch: int,
        start: int = 0,
        *,
        widest_ms: int,
        most_entries: int = 0,
        least_remembered: int = 1 << 20,
        seen: Counter[Situation] | None = None,
    ) -> None:
        self.matchers = {matcher.version: matcher for matcher in matchers}
        self.widest_ms = widest_ms
        self.least_remembered = least_remembered
        self.remembered = 2 * max(most_entries, least_remembered)
        self.epoch = epoch
        self.start = start
        self.times: list[int] = []
        """By record, log time,"""
        self.busy: list[int] = []
        """and the time since the first one, in which a pause counts for a quarter window at most,"""
        self.told: list[int] = []
        """and how many entries it names, as a frame of the epoch, whatever becomes of them,"""
        self.new_before: list[int] = []
        """and how many new ones came before it."""
        self.new: list[Entry] = []
        self.of_source: dict[tuple[str, int, int], list[Entry]] = {}
        self.broken: list[Broken] = []
        self.seen: Counter[Situation] = Counter() if seen is None else seen
        self.highest: dict[int, int] = {}
        """By partition the highest raw offset of any frame."""
        self.blind_ms: dict[int, int] = {}
        """By partition the first raw timestamp that cannot have been appended unseen by a writer that knew nothing."""
        self.entry_times: set[int] = set()
        self.lists: dict[int, list[int]] = {}
        """By slot the entries that stand in its list."""
        self.origin = 0
        self.starts: list[int] = []
        """Where replicas started that cannot know all of the epoch,"""
        self.empty_starts: set[int] = set()
        """and those of them that found nothing to read."""

    def apply(self, timestamp_ms: int, value: bytes) -> str:
        """Takes in the next record; says what it was."""
        offset = self.start + len(self.times)
        self.pass_time(timestamp_ms)
        self.told.append(0)
        self.new_before.append(len(self.new))
        epoch = epoch_of(value)
        if epoch is None:
            self.seen[Situation.UNREADABLE] += 1
            return "unreadable"
        if epoch != self.epoch:
            self.seen[Situation.FOREIGN] += 1
            return "foreign"
        frame = decode(value)
        if frame is None:
            return "unreadable"
        self.check_late(frame, offset)
        self.told[-1] = len(frame.offsets)
        if not self.in_time(frame.header, offset):
            self.seen[Situation.VOID] += 1
            return "void"
        self.origin = max(self.origin, frame.header.origin)
        for i, raw_offset in enumerate(frame.offsets):
            raw_ms, flag, rule = frame.raw_ms[i], frame.flags[i], frame.header.rule
            ahead = raw_ms > self.times[-1] + min(MOST_SKEW_MS, rule.window_ms)
            entry = Entry(
                number=len(self.new),
                log_offset=offset,
                time=self.times[-1],
                source=(frame.header.topic, frame.header.partition, raw_offset),
                raw_ms=raw_ms,
                id=frame.ids[16 * i : 16 * i + 16].hex(),
                flag=flag or Flag.LATE * ahead,
                keys=tuple(frame.keys[i]),
                form=frame.forms[i].decode(),
                rule=rule,
                ahead=ahead,
                pairs=frame.pairs.get(i, ()),
                topics=frame.topics.get(i),
            )
            self.add(entry, frame.header)
        return "valid"

    def pass_time(self, timestamp_ms: int) -> None:
        if not self.times:
            self.times.append(timestamp_ms)
            self.busy.append(0)
            return
        last = self.times[-1]
        time = max(timestamp_ms, last)
        self.times.append(time)
        self.busy.append(self.busy[-1] + min(time - last, self.widest_ms // 4))

    def in_time(self, header: Header, offset: int) -> bool:
        if header.known == offset - 1:
            return True
        first_missed = header.known + 1 - self.start
        if first_missed < 0:
            return False
        missed_ms, stale_ms = self.times[-1] - self.times[first_missed], header.rule.window_ms // 4
        if missed_ms == stale_ms:
            self.seen[Situation.EDGE_STALE] += 1
        elif missed_ms == stale_ms + 1:
            self.seen[Situation.EDGE_STALE_PAST] += 1
        if missed_ms > stale_ms:
            return False
        missed = sum(self.told[first_missed:-1])
        most_missed = 2 * max(header.rule.max_entries, self.least_remembered)
        self.seen[Situation.EDGE_MISSED] += missed == most_missed
        self.seen[Situation.VOID_MISSED] += missed > most_missed
        return missed <= most_missed

    def started(self, start: int, end: int) -> None:
        """A replica starts, in a log with this end: of what stands before its start it knows what frames tell."""
        if start > self.origin:
            self.starts.append(start)
        if start == end:
            self.empty_starts.add(start)

    def check_late(self, frame: Frame, offset: int) -> None:
        """Whether each late entry may have been appended before, for all that any writer can know."""
        header = frame.header
        partition = header.partition
        highest = self.highest.get(partition, -1)
        skew_ms = min(MOST_SKEW_MS, self.widest_ms)
        after_ms = self.times[-1] + skew_ms + 1
        blind_ms = self.blind_ms.get(partition, 0)
        starts = [start for start in self.starts if start <= header.known]
        if starts:
            start_ms = self.times[max(starts) - self.start]
            blind_ms = max(blind_ms, start_ms + skew_ms + 1 + self.widest_ms // 4)
        knows_nothing = header.suspect_before_ms == UP_TO_HERE and header.known + 1 in self.empty_starts
        if knows_nothing:
            self.blind_ms[partition] = max(self.blind_ms.get(partition, 0), after_ms)
        for raw_offset, raw_ms, flag in zip(frame.offsets, frame.raw_ms, frame.flags, strict=True):
            if flag == Flag.LATE and raw_offset > highest and raw_ms >= blind_ms and not knows_nothing:
                self.broken.append(Broken(Promise.NEEDLESS, f"{partition}/{raw_offset} at {offset}"))
        self.highest[partition] = max(highest, frame.offsets[-1])

    def add(self, entry: Entry, header: Header) -> None:
        earlier = self.of_source.setdefault(entry.source, [])
        last = earlier[-1] if earlier else None
        again = last is not None and last.id == entry.id
        replay = again and last.log_offset > header.known
        known = (
            again
            and entry.time - last.time <= 2 * self.widest_ms
            and self.new_before[-1] - last.number <= self.remembered
        )
        if replay != known:
            self.broken.append(
                Broken(
                    Promise.UNSTABLE, f"{entry.source}: its writer ought to have known it, or did not miss it"
                )
            )
        if replay:
            self.seen[Situation.REPLAY] += 1
            self.seen[Situation.OTHER_EVIDENCE] += (entry.pairs, entry.topics) != (last.pairs, last.topics)
            return
        entry.verdict = self.verdict(entry)
        if entry.pairs:
            self.seen[Situation.DEEP] += self.verdict(replace(entry, pairs=())) != entry.verdict
        self.seen[Situation.TOPICS] += entry.topics is not None
        entry.listed = not entry.ahead and self.is_listed(entry)
        if last is not None:
            self.look_at_return(entry, earlier)
        earlier.append(entry)
        self.entry_times.add(entry.time)
        for slot in entry.slots if entry.listed else ():
            self.lists.setdefault(slot, []).append(entry.number)
        self.new.append(entry)

    def look_at_return(self, entry: Entry, earlier: list[Entry]) -> None:
        before = [c for c in earlier if c.id == entry.id]
        if not before:
            self.seen[Situation.SWAPPED] += 1
            return
        self.seen[Situation.RETURNED] += 1
        if entry.flag == Flag.NONE and not all(c.ahead for c in before):
            self.broken.append(Broken(Promise.FIRST, f"{entry.source}: appended before, and not late"))
        elif self.verdict(replace(entry, flag=Flag.NONE)).kind is Kind.DUPLICATE:
            self.seen[Situation.SAVED] += 1

    def verdict(self, entry: Entry) -> Verdict:
        if entry.flag != Flag.NONE:
            self.seen[Situation.AHEAD if entry.ahead else Situation.LATE] += entry.flag == Flag.LATE
            return Verdict(Kind.ORIGINAL, Flag(entry.flag).name.lower(), topics=entry.topics)
        rule = entry.rule
        window_ms, judge = rule.window_ms, self.matchers[rule.version].judge
        window = [
            c for c in self.new[-rule.max_entries :] if entry.time - c.time <= window_ms and not c.ahead
        ]
        self.seen[Situation.EDGE_WINDOW_PAST] += entry.time - window_ms - 1 in self.entry_times
        same = [c for c in window if c.form == entry.form][-NEWEST:]
        same = [c for c in same if abs(c.raw_ms - entry.raw_ms) <= window_ms]
        if same:
            judgement = judge(entry.form, entry.form, None)
            if judgement.kind is Kind.DUPLICATE:
                return self.found(judgement, same[0], entry)
        named: dict[int, Entry] = {}
        for candidate in self.candidates(entry, window):
            of_form = [c for c in window if c.form == candidate.form and c.number <= candidate.number][
                -NEWEST:
            ]
            in_time = [c for c in of_form if abs(c.raw_ms - entry.raw_ms) <= window_ms]
            if in_time and len(named) < (CANDIDATES if entry.wide else JUDGED):
                named.setdefault(in_time[0].number, in_time[0])
        judged = [(judge(c.form, entry.form, entry.scores(c.form)), c) for c in named.values()]
        duplicates = [(j, c) for j, c in judged if j.kind is Kind.DUPLICATE]
        updates = [(j, c) for j, c in judged if j.kind is Kind.UPDATE]
        if duplicates:
            return self.found(*min(duplicates, key=lambda pair: pair[1].number), entry)
        if updates:
            return self.found(*min(updates, key=lambda pair: (-pair[0].score, pair[1].number)), entry)
        return Verdict(Kind.ORIGINAL, "new", topics=entry.topics)

    def found(self, judgement: object, of: Entry, entry: Entry) -> Verdict:
        """The verdict in the name of an earlier entry."""
        seen, window_ms = self.seen, entry.rule.window_ms
        seen[Situation.TWO_VERSIONS] += of.rule.version != entry.rule.version
        seen[Situation.TWO_WINDOWS] += of.rule.window_ms != window_ms
        seen[Situation.EDGE_WINDOW] += window_ms in (entry.time - of.time, abs(entry.raw_ms - of.raw_ms))
        if judgement.kind is Kind.DUPLICATE and of.verdict.kind is Kind.DUPLICATE:
            seen[Situation.CHAIN] += 1
        return Verdict(judgement.kind, judgement.reason, of.id, judgement.score, entry.topics)

    def candidates(self, entry: Entry, window: list[Entry]) -> list[Entry]:
        """The entries of other forms to compare with, best first."""
        met = {number for slot in entry.slots for number in self.lists.get(slot, [])[-MET:]}
        least = ALIKE if entry.wide else PROMISING
        found = []
        for c in window:
            common = {*entry.keys} & {*c.keys}
            firm = len(common) >= min(3, max(1, min(len(entry.keys), len(c.keys)) - 1))
            alike = (
                2000 * sum(map(weight, common)) // (sum(map(weight, entry.keys)) + sum(map(weight, c.keys)))
            )
            if c.number in met and alike >= least and (firm or entry.wide) and c.form != entry.form:
                found.append((alike, c.number, c))
        return [c for _, _, c in sorted(found, key=lambda ranked: ranked[:2], reverse=True)]

    def is_listed(self, entry: Entry) -> bool:
        """Whether later entries find it by its keys: not if it repeats a form within the same half window."""
        half, most = entry.rule.window_ms // 2, entry.rule.max_entries // 2
        for c in reversed(self.new[-most:] if most else []):
            if c.form == entry.form and not c.ahead:
                return c.time // half != entry.time // half or c.raw_ms // half != entry.raw_ms // half
        return True

    def known(self, source: tuple[str, int, int], entry_id: str, next_offset: int) -> Entry | None:
        """The entry that answers for a record at a replica that stands at an offset of the log."""
        of_source = self.of_source.get(source)
        if not of_source:
            return None
        last = next((c for c in reversed(of_source) if c.log_offset < next_offset), None)
        if last is None or last.id != entry_id:
            return None
        age_ms = self.busy[next_offset - 1 - self.start] - self.busy[last.log_offset - self.start]
        if age_ms == 2 * self.widest_ms:
            self.seen[Situation.EDGE_IDENTITY] += 1
        elif age_ms == 2 * self.widest_ms + 1:
            self.seen[Situation.EDGE_IDENTITY_PAST] += 1
        if age_ms > 2 * self.widest_ms:
            return None
        at_end = next_offset == self.start + len(self.times)
        after = (len(self.new) if at_end else self.new_before[next_offset - self.start]) - last.number
        self.seen[Situation.EDGE_REMEMBERED] += after == self.remembered
        self.seen[Situation.FORGOTTEN] += after > self.remembered
        return last if after <= self.remembered else None
