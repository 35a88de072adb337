"""A cluster in one process: raw partitions, one log, a consumer group, workers that crash, pause, lag and come back.

Every method is one thing that can happen. Whatever the order in which they happen, `finish` ends with all records
processed, and `check` says which promise was broken.
"""

from collections import Counter
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs
from tests.unit.deduplicate.model.promises import Broken, Promise, broken_by_outcomes
from tests.unit.deduplicate.model.record import TOPIC, Record, record
from tests.unit.deduplicate.model.reference import Reference
from tests.unit.deduplicate.model.situations import Situation
from tests.unit.deduplicate.model.toy import AFTER, MATCHER, form
from tests.unit.deduplicate.model.worker import Worker
from worker.deduplicate import Replica, Rule, Writer, start_time_ms
from worker.deduplicate.frame import Entry, Header, encode

if TYPE_CHECKING:
    from worker.events import Verdict

MOST_FRAME_BYTES = 260
BATCH_AT_THE_END = 50
ALL_REMEMBERED = 1000
"""More entries than a history has."""
YEAR_2100_MS = 4_102_444_800_000


class Settings(NamedTuple):
    """What a history begins with.

    `log_start` is the offset of the log's first record, as where older ones aged out. `rules` says what workers write
    by: 0 for one rule for all, 1 for two versions of it, 2 for two versions and several windows.
    """

    window_ms: int
    max_entries: int
    partitions: int
    log_start: int
    rules: int
    least_remembered: int = ALL_REMEMBERED


class Cluster:
    """Everything that a history acts upon."""

    def __init__(self, settings: Settings) -> None:
        self.seen: Counter[Situation] = Counter()
        self.broken: list[Broken] = []
        self.rule = Rule(AFTER.version, settings.window_ms, settings.max_entries)
        self.rules = _rules(self.rule)[settings.rules]
        self.least_remembered = settings.least_remembered
        self.now = 1_000_000
        self.ahead = 0  # of the log's append clock
        self.raw: list[list[Record]] = [[] for _ in range(settings.partitions)]
        self.made = [0] * settings.partitions
        self.records: dict[str, Record] = {}
        self.log: list[tuple[int, bytes]] = []
        self.first = self.kept_from = settings.log_start
        self.workers: list[Worker] = []
        self.generation = 0
        self.beginners = 0
        self.committed: list[int | None] = [None] * settings.partitions
        self.epoch = 0
        self.references: list[Reference] = []
        self.begin_epoch()
        self._writers = 0
        self._last_in_log: dict[int, int] = {}

    # -- the world

    def tick(self, ms: int) -> None:
        self.now += ms

    def busy(self, ms: int) -> None:
        """Time passes with so much in the log that it counts in full for what has to be remembered."""
        quarter = self.rule.most_pause_ms
        for _ in range(ms // quarter):
            self.tick(quarter)
            self.noise(foreign=True)
        self.tick(ms % quarter)

    def step_clock(self, ahead_ms: int) -> None:
        """Sets the log's append clock: forward, or back to the true time."""
        self.seen[Situation.CLOCK_AHEAD] += ahead_ms > self.ahead
        self.ahead = ahead_ms

    def produce(
        self, partition: int, family: int, place: int, *, clock_ms: int = 0, guard: bool = False
    ) -> None:
        """A record is appended to the raw topic, by a broker whose clock is off by `clock_ms`."""
        offset, made, raw_ms = len(self.raw[partition]), self.made[partition], max(0, self.now + clock_ms)
        made_now = record(partition, offset, made, raw_ms, self.now, form(family, place), guard=guard)
        self.seen[Situation.RAW_1970] += raw_ms == 0
        self.seen[Situation.RAW_2100] += raw_ms > YEAR_2100_MS
        self.raw[partition].append(made_now)
        self.records[made_now.headline.id] = made_now

    def remake(self, partition: int) -> None:
        """A raw partition is deleted and made anew, with other contents; what was in hand of the old is given up."""
        if not self.raw[partition]:
            return
        self.seen[Situation.REMADE] += 1
        for each in self.raw[partition]:
            each.gone = True
        self.raw[partition] = []
        self.made[partition] += 1
        if self.committed[partition] is not None:
            self.committed[partition] = 0
        for worker in self.workers:
            worker.jobs = [job for job in worker.jobs if job.delivery.partition != partition]
            if partition in worker.ledger.positions():
                worker.ledger.restart(partition, 0)

    def noise(self, *, foreign: bool) -> None:
        """A record that is none of this epoch's business is appended to the log."""
        entry = Entry(0, self.now, bytes(16), 0, (), b"0 0")
        header = Header(0, self.rule, 0, 0, -1, 0, 0, TOPIC, 0, -1, 0)
        self.append(encode(header, [entry]) if foreign else b"no frame")

    def append(self, value: bytes) -> int:
        timestamp = self.now + self.ahead
        if self.log:
            self.seen[Situation.CLOCK_BACK] += timestamp < self.log[-1][0]
        self.log.append((timestamp, value))
        for reference in self.references:
            reference.apply(timestamp, value)
        return self.end - 1

    def note_entries(self, partition: int) -> None:
        """Notes that a partition's entries were appended at the log's end."""
        times = self.reference.times
        since = self._last_in_log.get(partition, len(times) - 1)
        if len(times) - 1 - since > 1 and times[-1] - times[since] > 3 * self.rule.window_ms:
            self.seen[Situation.IDLE_3] += 1
        self._last_in_log[partition] = len(times) - 1

    def age_out(self) -> None:
        """Retention deletes the head of the log: it keeps five windows more than the raw topic."""
        unread = (r.born for p, records in enumerate(self.raw) for r in records[self.committed[p] or 0 :])
        keep_from = min(unread, default=self.now) - 5 * self.rule.window_ms
        before = self.kept_from
        while self.kept_from < self.end and self.log[self.kept_from - self.first][0] < keep_from:
            self.kept_from += 1
        self.seen[Situation.AGED_OUT] += self.kept_from > before

    @property
    def end(self) -> int:
        return self.first + len(self.log)

    @property
    def reference(self) -> Reference:
        """The rule's reading of this epoch."""
        return self.references[-1]

    # -- workers come and go

    def start_worker(self, rule: Rule | None = None, *, caught_up: bool = True) -> Worker:
        """A worker starts. It writes by a rule of its own, or the widest, and reads all of them."""
        fresh = not self.begun
        start = self.kept_from if fresh else self._start_of_replica()
        if start > self.first:
            warm = any(worker.replica.start < start for worker in self.workers)
            self.seen[Situation.COLD if warm else Situation.COLD_ONLY] += 1
        self.seen[Situation.LAGGING] += not caught_up and start < self.end
        self.seen[Situation.EMPTY] += start == self.end > self.first
        if not fresh:
            self.reference.started(start, self.end)
        replica = Replica(
            rule or self.rule,
            self.epoch,
            start=start,
            end=self.end,
            matcher=AFTER,
            reach=self.rule,
            least_remembered=self.least_remembered,
        )
        self._writers += 1
        writer = Writer(replica, AFTER, max_frame_bytes=MOST_FRAME_BYTES, writer_id=self._writers)
        clipped = start == self.kept_from > self.first
        worker = Worker(self, self._writers, replica, writer, fresh=fresh, clipped=clipped)
        if start == self.kept_from < self.end:
            times = self._times_from(start)
            worker.unsure_before = min(
                times[0] + 3 * self.rule.window_ms // 2, times[-1] - 2 * self.rule.window_ms
            )
        self.workers.append(worker)
        worker.apply(self.end if caught_up else start)
        return worker

    def _start_of_replica(self) -> int:
        """As far back as verdicts need, and further over the log's pauses."""
        if self.kept_from == self.end:
            return self.end
        further_ms = 0
        while True:
            since = max(0, start_time_ms(self.log[-1][0], self.rule) - further_ms)
            start = next(
                at for at in range(self.kept_from, self.end) if self.log[at - self.first][0] >= since
            )
            times = self._times_from(start)
            busy_ms = sum(min(b - a, self.rule.most_pause_ms) for a, b in pairwise(times))
            if start == self.kept_from or busy_ms >= self.rule.needed_ms:
                self.seen[Situation.EDGE_START] += self.log[start - self.first][0] == since > 0
                return start
            self.seen[Situation.FURTHER_BACK] += not further_ms
            further_ms = 2 * further_ms + self.rule.needed_ms - busy_ms

    def _times_from(self, start: int) -> list[int]:
        """The log times from a record on."""
        return list(accumulate((time for time, _ in self.log[start - self.first :]), max))

    @property
    def begun(self) -> bool:
        """Whether the consumer group has commits."""
        return any(offset is not None for offset in self.committed)

    def crash(self, worker: Worker) -> None:
        self.seen[Situation.CRASH] += bool(worker.jobs)
        self.seen[Situation.CRASH_AHEAD] += worker.is_ahead
        self.workers.remove(worker)

    def rebalance(self, owners: dict[int, Worker], members: list[Worker], *, drain: bool, keep: bool) -> None:
        """The group gives partitions to its members. Others, who are not told of it, go on as zombies.

        Args:
            owners: by partition.
            members: at least the owners; all have caught up.
            drain: members commit first.
            keep: what they have in hand goes on, although it does not count any more.
        """
        for worker in members if drain else ():
            worker.commit()
        self.generation += 1
        self.committed = [offset or 0 for offset in self.committed]
        for worker in members:
            mine = [partition for partition, owner in owners.items() if owner is worker]
            worker.join(self.generation, {p: self.committed[p] or 0 for p in mine}, keep=keep)

    def rewind(self, partition: int, back: int) -> None:
        """The group's members are all gone for a moment, and somebody sets its offsets back."""
        committed = self.committed[partition]
        if committed:
            self.generation += 1
            self.committed[partition] = max(0, committed - back)
            self.seen[Situation.REWIND] += 1

    def begin_epoch(self) -> None:
        """All is processed again, from the raw topic's beginning. One worker of the last epoch may go on."""
        self.epoch += 1
        self.beginners = 0
        self.generation += 1
        self.seen[Situation.EPOCH] += self.epoch > 1
        self.committed = [None] * len(self.committed)
        for worker in self.workers[1:]:
            self.crash(worker)
        for each in self.records.values():
            each.verdicts = []
            each.appended_at = None
        reference = Reference(
            (MATCHER, AFTER),
            self.epoch,
            self.first,
            widest_ms=self.rule.window_ms,
            most_entries=self.rule.max_entries,
            least_remembered=self.least_remembered,
        )
        for timestamp, value in self.log:
            reference.apply(timestamp, value)
        reference.seen = self.seen
        self.references.append(reference)

    # -- the promises

    def finish(self) -> None:
        """Faults end; one new worker takes over and processes what is left."""
        worker = self.start_worker()
        partitions = range(len(self.raw))
        self.rebalance(dict.fromkeys(partitions, worker), [worker], drain=False, keep=False)
        # Its batches must fit into what is remembered, all partitions' together.
        most = min(BATCH_AT_THE_END, self.least_remembered // 2)
        for _ in range(len(self.records) + 5):
            for partition in partitions:
                worker.fetch(partition, most)
            if not worker.jobs:
                break
            for steps in (2, 6):
                for job in list(worker.jobs):
                    worker.advance(job, steps)
        if self.committed != [len(records) for records in self.raw]:
            self.broken.append(Broken(Promise.LOST, f"done up to {self.committed}, and no further"))

    def check(self) -> None:
        """Collects what was broken; to be called after `finish`."""
        for reference in self.references:
            self.broken += reference.broken
        by_partition: dict[int, list[Record]] = {}
        for each in self.records.values():
            by_partition.setdefault(each.partition, []).append(each)
        for worker in self.workers:
            worker.apply(self.end)
        able = [worker for worker in self.workers if worker.ready and worker.replica.next_offset == self.end]
        for records in by_partition.values():
            said: dict[tuple[int, int], Verdict] = {}
            for worker in able:
                for number, verdict in enumerate(worker.compare(records)[0]):
                    if verdict is not None and said.setdefault((worker.epoch, number), verdict) != verdict:
                        self.broken.append(Broken(Promise.DISAGREE, f"about {records[number]}"))
        left = [each for records in self.raw for each in records]
        self.broken += broken_by_outcomes(left, self.records)


def _rules(widest: Rule) -> tuple[tuple[Rule, ...], ...]:
    """One rule for all workers; two versions of it; two versions and several windows."""
    older = structs.replace(widest, version=MATCHER.version)
    narrow = structs.replace(older, window_ms=widest.window_ms * 2 // 5)
    short = structs.replace(widest, window_ms=widest.window_ms // 2, max_entries=3)
    return (older,), (older, widest), (older, widest, narrow, short)
