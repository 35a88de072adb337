"""A worker of the model: the real replica, writer and ledger, and every step that a batch takes between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.unit.deduplicate.model.evidence import drawn
from tests.unit.deduplicate.model.promises import Broken, Promise
from tests.unit.deduplicate.model.record import TOPIC, Record
from tests.unit.deduplicate.model.situations import Situation
from worker.deduplicate import Batch, Plan, Replica, Writer
from worker.transport.ledger import Delivery, Ledger

if TYPE_CHECKING:
    from tests.unit.deduplicate.model.cluster import Cluster
    from tests.unit.deduplicate.model.reference import Entry
    from worker.deduplicate.evidence import Evidence
    from worker.events import Verdict

IN_FLIGHT = 3


@dataclass(eq=False, slots=True)
class Job:
    """A batch in the hands of a worker."""

    delivery: Delivery[int]
    records: list[Record]
    batch: Batch
    plan: Plan | None = None
    planned: int = 0
    appended: list[int] = field(default_factory=list)
    verdicts: list[Verdict] | None = None
    given_by: list[object] = field(default_factory=list)
    sent: int = 0


class Worker:
    """A worker of one epoch.

    Args:
        cluster: where it works.
        number: no other has it.
        replica: its own.
        writer: its own.
        fresh: the group had no commits when it started, so it may begin the epoch.
        clipped: its history was cut short by retention: of records that are committed it may know less than others.
    """

    def __init__(
        self,
        cluster: Cluster,
        number: int,
        replica: Replica,
        writer: Writer,
        *,
        fresh: bool,
        clipped: bool,
    ) -> None:
        self.cluster = cluster
        self.number = number
        self.seen = cluster.seen
        self.replica = replica
        self.writer = writer
        self.fresh = fresh
        self.clipped = clipped
        self.ready = False
        self.unsure_before = 0
        """Log time; older entries it may leave unanswered, since it can not tell what was before its history."""
        self.epoch = cluster.epoch
        self.reference = cluster.reference
        self.generation = 0
        self.ledger: Ledger[int] = Ledger()
        self.jobs: list[Job] = []

    def apply(self, upto: int) -> None:
        """Its replica applies the log up to before an offset."""
        cluster, replica = self.cluster, self.replica
        if replica.next_offset < cluster.kept_from:
            return  # fell out of the log: it would exit
        for at in range(replica.next_offset, min(upto, cluster.end)):
            timestamp, value = cluster.log[at - cluster.first]
            replica.apply(at, timestamp, value)
        if replica.ready and not self.ready and self.epoch == cluster.epoch:
            self._open()

    def _open(self) -> None:
        self.ready = True
        if self.fresh and not (self.replica.epoch_frames and self.cluster.begun):
            self.cluster.beginners += 1
            self.seen[Situation.EPOCH_TWICE] += self.cluster.beginners > 1
            self.replica.begin_epoch()

    def join(self, generation: int, positions: dict[int, int], *, keep: bool) -> None:
        """It gets partitions, each to be read from a position on."""
        self.generation = generation
        self.ledger.assign(positions)
        if not keep:
            self.jobs.clear()

    @property
    def is_zombie(self) -> bool:
        """Whether the group has gone on without it."""
        return self.generation != self.cluster.generation

    @property
    def is_ahead(self) -> bool:
        """Whether a batch is done, and one before it is not."""
        return any(
            delivery.done for account in self.ledger._accounts.values() for delivery in account.deliveries
        )

    # -- what it does with a batch

    def fetch(self, partition: int, most: int) -> Job | None:
        position = self.ledger.position(partition)
        if position is None or self.ledger.in_flight >= IN_FLIGHT:
            return None
        records = self.cluster.raw[partition][position : position + most]
        if not records:
            return None
        self._look_at(records)
        batch = Batch(
            TOPIC,
            partition,
            [record.offset for record in records],
            [record.raw_ms for record in records],
            [record.headline for record in records],
        )
        delivery = self.ledger.deliver(partition, position, position + len(records))
        job = Job(delivery, records, batch)
        self.jobs.append(job)
        return job

    def plan(self, job: Job) -> None:
        if job.plan is None:
            job.plan = self.writer.plan(job.batch, self._evidence(job))
            job.planned += 1
            job.appended = []
            self.seen[Situation.SPLIT] += len(job.plan.frames) > 1
            self.seen[Situation.REPLANNED] += job.planned > 1

    def _evidence(self, job: Job) -> dict[bytes, Evidence]:
        """What its model says of a batch now: at another time, and at another worker, something else."""
        if not self.writer.takes_evidence:
            return {}
        said = {}
        for record in job.records:
            evidence = drawn(self.number, job.planned, record.headline.match, record.headline.id)
            if evidence is not None:
                said[bytes.fromhex(record.headline.id)] = evidence
        return said

    def append_next(self, job: Job) -> None:
        """The next frame of a plan reaches the log."""
        if job.plan is not None and len(job.appended) < len(job.plan.frames):
            job.appended.append(self._append(job, len(job.appended)))

    def append_again(self, job: Job) -> None:
        """The last frame of a plan reaches the log once more, as when its acknowledgement was lost."""
        if job.plan is not None and job.appended:
            self.seen[Situation.REPEATED] += 1
            job.appended[-1] = self._append(job, len(job.appended) - 1)

    def _append(self, job: Job, frame: int) -> int:
        cluster = self.cluster
        offset = cluster.append(job.plan.frames[frame])
        self.seen[Situation.ZOMBIE_FRAME] += self._is_stale(job)
        if self.epoch == cluster.epoch:
            cluster.note_entries(job.delivery.partition)
            for record in job.records:
                if record.appended_at is None:
                    record.appended_at = cluster.now
        return offset

    def read(self, job: Job) -> None:
        """It reads a batch's verdicts, or has to plan it again."""
        plan = job.plan
        if plan is None or job.verdicts is not None or len(job.appended) < len(plan.frames):
            return
        if self.replica.next_offset <= max(job.appended, default=-1):
            return
        self.writer.verify(plan, job.appended)
        verdicts, entries = self.compare(job.records)
        if None in verdicts:
            job.plan = None
            return
        job.verdicts = verdicts
        job.given_by = entries

    def compare(self, records: list[Record]) -> tuple[list[Verdict | None], list[object]]:
        """What its replica says of records of one partition, and the entries by which the reference says the same."""
        if not records:
            return [], []
        offsets = [record.offset for record in records]
        ids = [record.headline.id for record in records]
        verdicts = self.replica.verdicts(TOPIC, records[0].partition, offsets, ids)
        known, next_offset = self.reference.known, self.replica.next_offset
        entries = [known(record.source, record.headline.id, next_offset) for record in records]
        for record, verdict, entry in zip(records, verdicts, entries, strict=True):
            expected = None if entry is None else entry.verdict
            if verdict is None and entry is not None and self._may_lack(entry):
                continue
            if verdict != expected:
                how = f"{record}: a replica says {verdict}, the reference {expected}"
                self.cluster.broken.append(Broken(Promise.DIFFERENT, how))
        return verdicts, entries

    def _may_lack(self, entry: Entry) -> bool:
        """Whether an entry stood in what retention has deleted, or might have been judged otherwise by it."""
        return entry.time < self.unsure_before or (self.clipped and entry.log_offset < self.replica.start)

    def publish(self, job: Job, most: int) -> None:
        if job.verdicts is None or self.epoch != self.cluster.epoch:
            return
        for i in range(job.sent, min(len(job.records), job.sent + most)):
            job.records[i].verdicts.append((job.verdicts[i], job.given_by[i]))
            job.sent = i + 1
            self.seen[Situation.ZOMBIE_OUTPUT] += self._is_stale(job)

    def finish(self, job: Job) -> None:
        """A batch is done when all of it is out."""
        if job.sent == len(job.records):
            self.jobs.remove(job)
            self.ledger.finish(job.delivery)

    def commit(self) -> None:
        """Commits what the ledger allows; the group refuses one that it has gone on without."""
        offsets = self.ledger.committable()
        if not offsets:
            return
        if self.is_zombie or self.epoch != self.cluster.epoch:
            self.seen[Situation.ZOMBIE_COMMIT] += 1
            return
        for partition, offset in offsets.items():
            self.cluster.committed[partition] = offset
        self.ledger.committed(offsets)

    def advance(self, job: Job, steps: int) -> None:
        """Takes a batch some steps on its way."""
        for step in range(steps):
            if step == 0:
                self.plan(job)
            elif step == 1:
                while job.plan is not None and len(job.appended) < len(job.plan.frames):
                    self.append_next(job)
            elif step == 2:
                self.apply(self.cluster.end)
            elif step == 3:
                self.read(job)
            elif step == 4:
                self.publish(job, len(job.records))
            elif job in self.jobs:
                self.finish(job)
                self.commit()

    def _is_stale(self, job: Job) -> bool:
        return self.is_zombie or job.delivery.generation != self.ledger.generation

    def _look_at(self, records: list[Record]) -> None:
        """Notes how long ago records were appended that are still read, and how far apart they are."""
        window_ms, now = self.cluster.rule.window_ms, self.cluster.now
        stamps = [record.born for record in records]
        self.seen[Situation.BACKLOG_3] += max(stamps) - min(stamps) > 3 * window_ms
        ages = [now - record.appended_at for record in records if record.appended_at is not None]
        if ages:
            age = max(ages) / window_ms
            self.seen[Situation.OUTAGE_1] += age > 1
            self.seen[Situation.OUTAGE_2] += age > 2
            self.seen[Situation.OUTAGE_3] += age > 3
