"""A cluster in one process: raw partitions, one log, workers that crash, pause, lag and come back.

Every method is one thing that can happen. Whatever the order in which they happen, `finish` ends with all
records processed, and `check` says which promise was broken.
"""

from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from tests.unit.deduplicate.model.reference import Reference
from tests.unit.deduplicate.model.toy import AFTER, MATCHER, form
from worker.deduplicate import Batch, Plan, Replica, Rule, Writer, start_time_ms
from worker.deduplicate.frame import Entry, Header, encode
from worker.events import Guard, Headline, Kind, Verdict

TOPIC = "raw"
EPOCH = 1
IN_FLIGHT = 3


@dataclass(eq=False)
class Record:
    partition: int
    offset: int
    raw_ms: int
    born: int
    headline: Headline
    verdicts: list[tuple[Verdict, object]] = field(default_factory=list)
    """Each verdict that it was published by, with the log's entry that gave it."""
    committed: bool = False

    @property
    def published(self) -> bool:
        return any(verdict.kind is not Kind.DUPLICATE for verdict, _ in self.verdicts)


@dataclass(eq=False)
class Job:
    """A batch in the hands of a worker."""

    partition: int
    generation: int
    records: list[Record]
    plan: Plan | None = None
    appended: list[int] = field(default_factory=list)
    verdicts: list[Verdict] | None = None
    given_by: list[object] = field(default_factory=list)
    sent: int = 0

    @property
    def batch(self) -> Batch:
        records = self.records
        return Batch(
            TOPIC,
            self.partition,
            [record.offset for record in records],
            [record.raw_ms for record in records],
            [record.headline for record in records],
        )


@dataclass(eq=False)
class Worker:
    replica: Replica
    writer: Writer
    clipped: bool
    """Its history was cut short by retention: of records that are committed it may know less than others."""
    unsure_before: int = 0
    """Log time; older entries it may leave unanswered, since it can not tell what was before its history."""
    generation: dict[int, int] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)


class Cluster:
    """Everything that a history acts upon.

    Args:
        window_ms: the widest of any worker.
        max_entries: the most of any worker.
        partitions: of the raw topic.
        log_start: the offset of the log's first record, as where older ones aged out.
    """

    def __init__(self, window_ms: int, max_entries: int, partitions: int = 3, log_start: int = 0) -> None:
        self.rule = Rule(AFTER.version, window_ms, max_entries)
        self.window_ms = window_ms
        self.now = 1_000_000
        self.ahead = 0  # of the log's append clock
        self.raw: list[list[Record]] = [[] for _ in range(partitions)]
        self.committed = [0] * partitions
        self.generation = [0] * partitions
        self.log: list[tuple[int, bytes]] = []
        self.first = log_start  # offset of the log's first record ever
        self.kept_from = log_start
        self.workers: list[Worker] = []
        self.begun = False
        self.reference = Reference((MATCHER, AFTER), EPOCH, log_start, widest_ms=window_ms)
        self.broken: list[str] = []
        self._writers = 0

    # -- the world

    def tick(self, ms: int) -> None:
        self.now += ms

    def step_clock(self, ahead: int) -> None:
        """Sets the log's append clock: forward, or back to the true time."""
        self.ahead = ahead

    def produce(
        self, partition: int, family: int, place: int, *, clock_ms: int = 0, guard: bool = False
    ) -> None:
        """A record is appended to the raw topic, by a broker whose clock is off by `clock_ms`."""
        offset = len(self.raw[partition])
        match = form(family, place)
        headline = Headline(
            id=f"{partition:08x}{offset:08x}{0:016x}",
            event_id="",
            source="",
            display=match,
            match=match,
            guard=Guard.CORRECTION if guard else None,
        )
        self.raw[partition].append(Record(partition, offset, max(0, self.now + clock_ms), self.now, headline))

    def noise(self, *, foreign: bool) -> None:
        """A record that is none of this epoch's business is appended to the log."""
        entry = Entry(0, self.now, bytes(16), 0, (), b"0 0")
        header = Header(EPOCH + 1, self.rule, 0, 0, -1, 0, 0, TOPIC, 0, -1, 0)
        self.append(encode(header, [entry]) if foreign else b"no frame")

    def append(self, value: bytes) -> int:
        timestamp = self.now + self.ahead
        self.log.append((timestamp, value))
        self.reference.apply(timestamp, value)
        return self.end - 1

    def age_out(self) -> None:
        """Retention deletes the head of the log: it keeps five windows more than the raw topic."""
        unread = (r.born for records in self.raw for r in records if not r.committed)
        keep_from = min(unread, default=self.now) - 5 * self.window_ms
        while self.kept_from < self.end and self.log[self.kept_from - self.first][0] < keep_from:
            self.kept_from += 1

    @property
    def end(self) -> int:
        return self.first + len(self.log)

    # -- workers come and go

    def start_worker(self, *, caught_up: bool = True, rule: Rule | None = None) -> None:
        """A worker starts. It writes by a rule of its own, or the widest, and reads all of them."""
        start = self.start_of_replica()
        replica = Replica(rule or self.rule, EPOCH, start=start, end=self.end, matcher=AFTER, reach=self.rule)
        self._writers += 1
        writer = Writer(replica, AFTER, max_frame_bytes=260, writer_id=self._writers)
        worker = Worker(replica, writer, clipped=start == self.kept_from > self.first)
        if start == self.kept_from < self.end:
            times = list(accumulate((time for time, _ in self.log[start - self.first :]), max))
            worker.unsure_before = min(times[0] + 3 * self.window_ms // 2, times[-1] - 2 * self.window_ms)
        self.workers.append(worker)
        if not self.begun:
            self.apply(worker, self.end)
            replica.begin_epoch()
            self.begun = True
        elif caught_up:
            self.apply(worker, self.end)

    def start_of_replica(self) -> int:
        """As far back as verdicts need, and further over the log's pauses."""
        start, busy_ms = self.kept_from, 0
        if not self.begun or self.kept_from == self.end:
            return start
        since = start_time_ms(self.log[-1][0], self.rule)
        while True:
            start = next(
                at for at in range(self.kept_from, self.end) if self.log[at - self.first][0] >= since
            )
            times = list(accumulate((time for time, _ in self.log[start - self.first :]), max))
            busy_ms = sum(min(b - a, self.window_ms // 4) for a, b in pairwise(times))
            if start == self.kept_from or busy_ms >= self.rule.needed_ms:
                return start
            since -= self.rule.needed_ms - busy_ms

    def crash(self, worker: Worker) -> None:
        self.workers.remove(worker)

    def assign(self, partition: int, worker: Worker, *, told: bool) -> None:
        """A rebalance gives a partition to a worker. One that is not told of its loss goes on as a zombie."""
        self.generation[partition] += 1
        for other in self.workers if told else ():
            other.generation.pop(partition, None)
            other.jobs = [job for job in other.jobs if job.partition != partition]
        worker.jobs = [job for job in worker.jobs if job.partition != partition]
        worker.generation[partition] = self.generation[partition]
        worker.position[partition] = self.committed[partition]

    # -- what a worker does

    def apply(self, worker: Worker, upto: int) -> None:
        """A worker's replica applies the log up to before an offset."""
        replica = worker.replica
        if replica.next_offset < self.kept_from:
            return  # fell out of the log: it would exit
        while replica.next_offset < min(upto, self.end):
            timestamp, value = self.log[replica.next_offset - self.first]
            replica.apply(replica.next_offset, timestamp, value)

    def fetch(self, worker: Worker, partition: int, most: int) -> None:
        if partition not in worker.generation or len(worker.jobs) >= IN_FLIGHT:
            return
        start = worker.position[partition]
        records = self.raw[partition][start : start + most]
        if records:
            worker.position[partition] += len(records)
            worker.jobs.append(Job(partition, worker.generation[partition], records))

    def plan(self, worker: Worker, job: Job) -> None:
        if worker.replica.ready and job.plan is None:
            job.plan = worker.writer.plan(job.batch)
            job.appended = []

    def append_next(self, job: Job) -> None:
        """The next frame of a plan reaches the log."""
        if job.plan is not None and len(job.appended) < len(job.plan.frames):
            job.appended.append(self.append(job.plan.frames[len(job.appended)]))

    def append_again(self, job: Job) -> None:
        """The last frame of a plan reaches the log once more, as when its acknowledgement was lost."""
        if job.plan is not None and job.appended:
            job.appended[-1] = self.append(job.plan.frames[len(job.appended) - 1])

    def read(self, worker: Worker, job: Job) -> None:
        """A worker reads a batch's verdicts, or has to plan it again."""
        plan = job.plan
        if plan is None or job.verdicts is not None or len(job.appended) < len(plan.frames):
            return
        if worker.replica.next_offset <= max(job.appended, default=-1):
            return
        worker.writer.verify(plan, job.appended)
        batch = job.batch
        ids = [headline.id for headline in batch.headlines]
        verdicts = worker.replica.verdicts(TOPIC, job.partition, batch.offsets, ids)
        self.compare(worker, job.records, verdicts)
        if None in verdicts:
            job.plan = None
            return
        job.verdicts = [verdict for verdict in verdicts if verdict is not None]
        job.given_by = [self.known(worker, record) for record in job.records]

    def publish(self, job: Job, most: int) -> None:
        if job.verdicts is None:
            return
        for i in range(job.sent, min(len(job.records), job.sent + most)):
            job.records[i].verdicts.append((job.verdicts[i], job.given_by[i]))
            job.sent = i + 1

    def commit(self, worker: Worker, job: Job) -> None:
        """Commits a batch that is all out, unless one before it is not, or another worker owns it."""
        first = next(other for other in worker.jobs if other.partition == job.partition)
        if job.sent < len(job.records) or job is not first:
            return
        worker.jobs.remove(job)
        if job.generation == self.generation[job.partition]:
            self.committed[job.partition] = job.records[-1].offset + 1
            for record in job.records:
                record.committed = True

    def advance(self, worker: Worker, job: Job, steps: int) -> None:
        """Takes a batch some steps on its way."""
        for step in range(steps):
            if step == 0:
                self.plan(worker, job)
            elif step == 1:
                while job.plan is not None and len(job.appended) < len(job.plan.frames):
                    self.append_next(job)
            elif step == 2:
                self.apply(worker, self.end)
            elif step == 3:
                self.read(worker, job)
            elif step == 4:
                self.publish(job, len(job.records))
            elif job in worker.jobs:
                self.commit(worker, job)

    # -- the promises

    def finish(self) -> None:
        """Faults end; one new worker takes over and processes what is left."""
        self.start_worker()
        worker = self.workers[-1]
        for partition, records in enumerate(self.raw):
            self.assign(partition, worker, told=True)
            while self.committed[partition] < len(records):
                if not worker.jobs:
                    self.fetch(worker, partition, 4)
                self.advance(worker, worker.jobs[0], 6)

    def check(self) -> None:
        """Collects what was broken; to be called after `finish`."""
        self.broken += self.reference.broken
        for worker in self.workers:
            self.apply(worker, self.end)
            if worker.replica.next_offset == self.end and not worker.clipped:
                for records in self.raw:
                    offsets = [record.offset for record in records]
                    ids = [record.headline.id for record in records]
                    if records:
                        verdicts = worker.replica.verdicts(TOPIC, records[0].partition, offsets, ids)
                        self.compare(worker, records, verdicts)
        for records in self.raw:
            for record in records:
                self._check_record(record)

    def known(self, worker: Worker, record: Record) -> object:
        source = (TOPIC, record.partition, record.offset)
        return self.reference.known(source, record.headline.id, worker.replica.next_offset)

    def compare(self, worker: Worker, records: list[Record], verdicts: list[Verdict | None]) -> None:
        """What a replica says is what the reference says of the log up to there."""
        for record, verdict in zip(records, verdicts, strict=True):
            source = (TOPIC, record.partition, record.offset)
            entry = self.reference.known(source, record.headline.id, worker.replica.next_offset)
            expected = None if entry is None else entry.verdict
            if verdict is None and entry is not None and entry.time < worker.unsure_before:
                continue
            if verdict != expected:
                self.broken.append(f"{source}: a replica says {verdict}, the reference {expected}")

    def _check_record(self, record: Record) -> None:
        where = (record.partition, record.offset)
        if not record.committed or not record.verdicts:
            self.broken.append(f"{where}: no outcome")
        by_entry: dict[object, Verdict] = {}
        for verdict, entry in record.verdicts:
            if by_entry.setdefault(entry, verdict) != verdict:
                self.broken.append(f"{where}: two verdicts of one entry")
            if verdict.kind is Kind.DUPLICATE and not self._ends_published(verdict):
                self.broken.append(f"{where}: its group was suppressed whole")

    def _ends_published(self, verdict: Verdict) -> bool:
        """Whether the chain of records that one was suppressed in favour of ends in one that came out."""
        seen: set[str] = set()
        while verdict.of is not None and verdict.of not in seen:
            seen.add(verdict.of)
            record = self.raw[int(verdict.of[:8], 16)][int(verdict.of[8:16], 16)]
            if record.published:
                return True
            if not record.verdicts:
                return False
            verdict = record.verdicts[0][0]
        return False
