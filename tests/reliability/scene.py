"""One run of a fault: a deployment under load, what is done to it, and what comes of it.

A fault is told as steps: *when* (a `Moment`) and *what* (an `Act`). Everything that happens is noted with its time; a
run that fails leaves the topics' contents, the logs and this timeline behind.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from confluent_kafka import KafkaException, Producer
from tests.integration.deployment import Deployment, Raw

from . import verifier
from .cuts import Cuts
from .kept import keep
from .load import Load, headers
from .recovery import OutAgain
from .saboteur import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.integration.worker_process import Worker
    from worker.broker import LocalBroker, LocalCluster

    from .load import Item
    from .proxy import Proxy
    from .recovery import AllGoOn
    from .report import Report
    from .verifier import Position, Record

SABOTEUR = Path(__file__).with_name("saboteur.py")
SERVERS = "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"
KILLED = frozenset({-signal.SIGKILL})
PATIENCE_S = 90
POLL_S = 0.1
IN_FLIGHT = 4 * 200
"""What a worker may have begun: `in_flight_batches` fetches of `batch_records`."""
CRASH_COPIES = IN_FLIGHT + 2_500
"""What may come out again after a crash under a large load: what the worker had begun, and what it had done since its
last commit, a quarter of a second before, at ten thousand headlines a second. Whatever the number, each copy must have
been uncommitted when somebody died or was cut off (`cuts.py`)."""

SETTINGS = {
    "NEWSWIRE_WORKER__BATCH_RECORDS": "200",
    # What a fault holds up must not hold up the test for longer than it takes to show.
    "NEWSWIRE_KAFKA__REQUEST_TIMEOUT_S": "10",
}

THREE_COPIES = {"NEWSWIRE_TOPICS__REPLICATION_FACTOR": "3", "NEWSWIRE_TOPICS__MIN_INSYNC_REPLICAS": "2"}


@dataclass(frozen=True)
class Moment:
    """When: a sentence, and whether it has come."""

    what: str
    come: Callable[[Scene], bool]
    deadline_s: float = PATIENCE_S


@dataclass(frozen=True)
class Act:
    """What is done: a sentence, and the deed."""

    what: str
    do: Callable[[Scene], None]


class Step(NamedTuple):
    """Something that is done at a moment."""

    when: Moment
    act: Act


@dataclass(frozen=True)
class Bars:
    """What a run may show. Nothing may be lost and no group dropped: that is not for a fault to say.

    Attributes:
        copies: so many records may come out again.
        again: every record has to come out once more, and none twice.
        leaked: so many duplicates may come out as originals, beside those that are late.
        late: so many headlines may be marked as late in the log.
        unlogged: so many may have come out of which the log holds nothing. Only where it has lost its end.
        unstable: so many records may say two things, or come late to a stream since they got another verdict before the
            first one came out. Only where the log has lost what it had confirmed.
        recovery_s: so many seconds after each disturbance it must be over. Held in the long form only, which has the
            machine for itself.
        exits: a worker that ends under way must end with one of these exit codes.
    """

    copies: int = 0
    again: bool = False
    leaked: int = 0
    late: int = 0
    unlogged: int = 0
    unstable: int = 0
    recovery_s: float | None = None
    exits: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Fault:
    """A fault as it is declared.

    Attributes:
        name: by which it is called in the table and on the command line.
        steps: what is done, when, to whom. The load is there beforehand, the workers are started by steps.
        load: what is fed before the first step.
        settings: of all workers, over `SETTINGS`.
        bars: what it may show.
        seeds: how many seeds `--chaos` tries.
        short: whether it belongs to the short form too.
        own_broker: whether it needs a broker that no other test uses.
        cluster: whether it needs three brokers, with three copies of every topic, two of them in sync.
        proxied: whether its workers reach the broker, or each of the three, through a proxy.
        window_s: the window of de-duplication, where it is short.
        fed_by_steps: whether the load waits for a step that feeds it.
        timeout_s: how long a run may take.
    """

    name: str
    steps: tuple[Step, ...]
    load: Load = field(default_factory=Load)
    settings: Mapping[str, str] = field(default_factory=dict)
    bars: Bars = field(default_factory=Bars)
    seeds: int = 1
    short: bool = False
    own_broker: bool = False
    cluster: bool = False
    proxied: bool = False
    window_s: float | None = None
    fed_by_steps: bool = False
    timeout_s: float = 300


class Feeder(threading.Thread):
    """Feeds items at a steady rate, beside whatever happens."""

    def __init__(
        self, feed: Callable[[Sequence[Item]], None], items: Sequence[Item], per_second: int
    ) -> None:
        super().__init__(daemon=True)
        self._feed = feed
        self._items = items
        self._chunk = max(1, per_second // 10)
        self.error: BaseException | None = None

    def run(self) -> None:
        due = time.monotonic()
        try:
            for first in range(0, len(self._items), self._chunk):
                time.sleep(max(0.0, due - time.monotonic()))
                due += 0.1
                self._feed(self._items[first : first + self._chunk])
        except BaseException as error:  # noqa: BLE001 - told by whoever waits for the feeder
            self.error = error


class Scene:
    """A deployment, its workers by number, the load, and the clock."""

    def __init__(
        self,
        fault: Fault,
        seed: int,
        deployment: Deployment,
        *,
        broker: LocalBroker | LocalCluster | None = None,
        proxies: Sequence[Proxy] = (),
        folder: Path,
        timed: bool = True,
    ) -> None:
        self.fault = fault
        self.seed = seed
        self.deployment = deployment
        self.broker = broker
        self.proxies = proxies
        self.workers: dict[int, Worker] = {}
        self.due: dict[int, frozenset[int]] = {}
        """The exit codes of which a worker must end with one; who is not here is not to end."""
        self.items = fault.load.make(seed)
        self.positions: list[Position] = []
        self.skipped: set[Position] = set()
        self.recovered_s: list[float] = []
        self.raw: list[Record] = []
        self.out: list[Record] = []
        self._told: dict[tuple[str, int], int] = {}
        self._done: dict[int, int] = {}
        self.figures: dict[str, float] = {}
        self.cuts = Cuts(deployment)
        self.ended_under_way = False
        self._folder = folder
        self._timed = timed
        self._begun = time.monotonic()
        self._timeline: list[str] = []
        self._disturbed: tuple[float, OutAgain | AllGoOn] | None = None
        self._ends: dict[tuple[str, int], int] = {}
        self.feeders: list[Feeder] = []
        self._feeding = threading.Lock()

    # -- what steps are made of

    def note(self, what: str) -> None:
        """Put something on the timeline."""
        self._timeline.append(f"{time.monotonic() - self._begun:8.2f} s  {what}")

    def start(self, number: int = 0, *, sabotage: str = "", **settings: str) -> Worker:
        """Start worker `number`; `sabotage` is what it does to itself, as the saboteur takes it."""
        if sabotage:
            settings = {**settings, VARIABLE: sabotage}
        if self.fault.proxied:
            settings = {SERVERS: ",".join(f"127.0.0.1:{proxy.port}" for proxy in self.proxies), **settings}
        command = (str(SABOTEUR),) if sabotage else ("-m", "worker")
        self.due.pop(number, None)
        self.workers[number] = self.deployment.start(working=False, command=command, **settings)
        return self.workers[number]

    def kill(self, number: int = 0) -> None:
        """SIGKILL, and wait until it is gone."""
        self.workers[number].kill().wait()
        self.due[number] = KILLED
        self.cuts.bury()
        self.ended_under_way = True

    def send(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a worker."""
        if what == signal.SIGSTOP:
            # What it has in hand comes out by whoever takes over, and by itself when it goes on.
            self.cuts.cut(2)
        self.workers[number].process.send_signal(what)
        if what != signal.SIGSTOP:
            self.ended_under_way = True

    def feed(self, items: Sequence[Item], time_ms: int = 0) -> None:
        """Append to the raw topic, and note the positions; `time_ms` is their time if the topic takes one, 0 is now."""
        records = [Raw(item.value, item.key, headers(item), time_ms) for item in items]
        positions = self.deployment.feed(records, partition=lambda index: items[index].partition)
        with self._feeding:
            self.positions += positions

    def feed_slowly(self, items: Sequence[Item], per_second: int) -> None:
        """Append to the raw topic at a steady rate, beside what else is done."""
        self.feeders.append(Feeder(self.feed, items, per_second))
        self.feeders[-1].start()

    def disturbed(self, measure: type[OutAgain | AllGoOn] = OutAgain) -> None:
        """From now on it counts how long it takes until the disturbance is over."""
        self._disturbed = time.monotonic(), measure(self.deployment)
        self._look()

    @property
    def is_disturbed(self) -> bool:
        """Whether the last disturbance is not over, as far as it was looked."""
        return self._disturbed is not None

    def produce(self, topic: str, value: bytes) -> None:
        """Append one record to a topic, and wait until Kafka has it."""
        producer = Producer({"bootstrap.servers": self.deployment.environment[SERVERS]})
        producer.produce(topic, value)
        assert producer.flush(30) == 0, f"{topic} took no record"

    def pause_broker(self) -> None:
        """SIGSTOP the broker's process."""
        self.cuts.cut()
        os.kill(self.broker.pid, signal.SIGSTOP)

    def resume_broker(self) -> None:
        """SIGCONT the broker's process."""
        os.kill(self.broker.pid, signal.SIGCONT)

    def wrong_end(self, number: int) -> list[str]:
        """What is wrong with how a worker has ended."""
        worker, due = self.workers[number], self.due.get(number, frozenset())
        code = worker.process.returncode
        if code in due:
            return []
        expected = f"not with {' or '.join(map(str, due))}" if due else "which it was not to do"
        return [f"worker {number} ended with exit code {code}, {expected}: {worker.log[-1:]}"]

    def forget(self, topic: str) -> None:
        """A topic is gone: what it held, and how far it was judged, counts no more."""
        self._told = {tp: offset for tp, offset in self._told.items() if tp[0] != topic}
        self._ends = {tp: offset for tp, offset in self._ends.items() if tp[0] != topic}
        if topic == self.deployment.raw:
            self._done = {}

    def pause(self, seconds: float) -> None:
        """Let time pass, and see meanwhile whether a disturbance is over."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._look()
            time.sleep(min(POLL_S, left))

    def count(self) -> int:
        """How many records have come out, as far as the partitions' leaders have told by now."""
        with suppress(KafkaException):
            self._ends |= self.deployment.ends_now(self.deployment.output_topics)
        return sum(self._ends.values())

    # -- a run

    def run(self) -> Report:
        """Feed, do all steps, wait until nothing is left to do, and judge.

        Raises:
            AssertionError: a bar was not kept; what came out is left in the folder.
        """
        try:
            self.note(f"{self.fault.name}, seed {self.seed}: {len(self.items)} records")
            if not self.fault.fed_by_steps:
                self.feed(self.items)
            for step in self.fault.steps:
                self.wait_for(step.when)
                self.note(f"{step.when.what}: {step.act.what}")
                step.act.do(self)
            self._settle()
            report = self._judge()
            self._hold(report)
        except BaseException as error:
            self.note(f"failed: {error}")
            kept = keep(self._folder, self._timeline, self.deployment, self.broker)
            raise AssertionError(
                f"{error}\n\nTimeline:\n" + "\n".join(self._timeline) + f"\n\nKept in {kept}. "
                f"Again: make chaos ARGS=\"-k '{self.fault.name}-{self.seed}' --seed {self.seed}\""
            ) from error
        return report

    def wait_for(self, moment: Moment) -> None:
        """Wait for a moment, and see meanwhile whether a disturbance is over."""
        deadline = time.monotonic() + moment.deadline_s
        while not moment.come(self):
            self.cuts.bury()
            self._look()
            assert time.monotonic() < deadline, f"not within {moment.deadline_s:g} s: {moment.what}"
            time.sleep(POLL_S)
        self.cuts.bury()
        self._look()

    def _look(self) -> None:
        """See whether a disturbance is over."""
        if self._disturbed is None:
            return
        since, measure = self._disturbed
        if measure.over():
            self.recovered_s.append(time.monotonic() - since)
            self.note(f"{measure.what} again, {self.recovered_s[-1]:.1f} s after the disturbance")
            self._disturbed = None

    def _settle(self) -> None:
        fed = Moment("all is fed", lambda scene: not any(feeder.is_alive() for feeder in scene.feeders))
        self.wait_for(fed)
        for feeder in self.feeders:
            assert feeder.error is None, feeder.error
        self.wait_for(Moment("all is committed", Scene.all_committed))
        assert self._disturbed is None, "it was not seen that the last disturbance was over"
        self.note("all is committed")

    def all_committed(self) -> bool:
        """Whether the group has committed all that is in the raw topic."""
        with suppress(KafkaException):
            ends = {partition: end for partition, end in self.deployment.raw_ends().items() if end}
            return ends.items() <= self.deployment.committed().items()
        return False

    def _judge(self) -> Report:
        names = self.deployment.environment
        topics = verifier.Topics(
            names["NEWSWIRE_TOPICS__RAW"],
            names["NEWSWIRE_TOPICS__FINGERPRINTS"],
            names["NEWSWIRE_TOPICS__DUPLICATES"],
            names["NEWSWIRE_TOPICS__DEADLETTER"],
            names["NEWSWIRE_TOPICS__OUTPUT_PREFIX"],
        )
        alive = {number: each for number, each in self.workers.items() if each.process.poll() is None}
        counted = None
        if not self.ended_under_way and len(alive) == len(self.workers):
            counted = self._counted(list(alive.values()))
        for number, worker in alive.items():
            worker.terminate().wait()
            self.due[number] = frozenset({0})
        servers = names[SERVERS]
        raw = verifier.read(servers, [topics.raw])
        self.raw = [each for each in raw if each.offset >= self._done.get(each.partition, 0)]
        out = verifier.read(servers, self.deployment.output_topics)
        self.out = [each for each in out if each.offset >= self._told.get((each.topic, each.partition), 0)]
        log = verifier.read(servers, [topics.fingerprints])
        window_ms = None if self.fault.window_s is None else round(self.fault.window_s * 1000)
        report = verifier.verify(
            *(self.raw, self.out, log, topics),
            skipped=self.skipped,
            counted=counted,
            window_ms=window_ms,
            cuts=self.cuts.made,
        )
        missing = set(self.positions) - {(record.partition, record.offset) for record in self.raw}
        assert missing <= self.skipped, (
            f"raw records that Kafka confirmed and no longer has: {sorted(missing)[:5]}"
        )
        self.note(f"judged: {report.outcomes}, {report.figures()}")
        return report

    def close_chapter(self, *, again: bool) -> None:
        """Wait until nothing is left to do, judge, and look from now on at what comes out from now on only.

        `again` says that it comes of the same raw records, else of those that are still to be fed.
        """
        self._settle()
        self._hold(self._judge())
        self._told = self.deployment.ends(self.deployment.output_topics)
        if not again:
            self._done = self.deployment.raw_ends()
            self.positions.clear()
        self.skipped.clear()
        self.workers.clear()
        self.due.clear()
        self.ended_under_way = False

    def _counted(self, workers: Sequence[Worker]) -> Mapping[str, int]:
        counted: dict[str, int] = {}
        for worker in workers:
            for outcome, count in worker.outcomes().items():
                counted[outcome] = counted.get(outcome, 0) + count
        return counted

    def _hold(self, report: Report) -> None:
        bars = self.fault.bars
        objections = report.objections(
            leaked=bars.leaked,
            late=bars.late,
            copies=report.positions if bars.again else bars.copies,
            unstable=bars.unstable,
            unlogged=bars.unlogged,
        )
        if bars.again and len(report.copies) != report.positions:
            objections.append(f"{len(report.copies)} of {report.positions} records came out once more")
        if self._timed and bars.recovery_s is not None:
            objections += [
                f"it took {each:.1f} s until something came out again, at most {bars.recovery_s:g} s allowed"
                for each in self.recovered_s
                if each > bars.recovery_s
            ]
        for number in self.workers:
            objections += self.wrong_end(number)
        assert not objections, "\n".join(objections)
