"""The worker: everything put together, started in order, watched, and ended cleanly.

    broker reachable → topics as declared → replica of the log caught up → group joined → batches

It ends in one of three ways: a signal (drain, commit, exit 0), a failure (nothing is committed that is not
confirmed, exit by the error's code), or the deadline of either, which ends the process whatever hangs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError, RequestTimedOutError

from worker import agents, collector, deadletter, logs, loop_delay
from worker.config import DeepMode, Mode, Settings
from worker.deduplicate.match.own import Chosen, chosen
from worker.deduplicate.versions import to_write
from worker.errors import BrokerUnavailableError, DrainTimeoutError, NewswireError, StalledError
from worker.fingerprints import FingerprintLog, Off
from worker.health import HealthServer
from worker.kafka.calm import calm
from worker.kafka.presence import Presence
from worker.kafka.records import Packing
from worker.kafka.rights import Access, is_denial
from worker.logs import get_logger
from worker.loop_guard import LoopGuard
from worker.metrics import Metrics, Outcome
from worker.outbox import Outbox
from worker.pipeline import DeadLetters, Pipeline
from worker.rights import of_worker
from worker.stages.here import Loader
from worker.topics import check_at_start, describe, output_topics
from worker.transport import BatchApp
from worker.watch import Pulse, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.deduplicate import Replica, Writer
    from worker.evidence import EvidenceDesk
    from worker.stages.remote import Helper

log = get_logger(__name__)

_RECORD_BATCH_BYTES = 768 * 1024
_SPACING_S = 0.000125
"""Time to the next departure for each record batch: more than twice what one costs, which is some 0.05 ms."""
_FAILED_STOP_S = 5.0
_LEAVE_S = 5.0
_DRAIN_SHARE = 0.8
_PROBE_TIMEOUT_S = 4.0
_SWITCH_INTERVAL_S = 0.001
"""After so long a thread that works gives way to one that waits; by itself Python lets it wait for 5 ms, many times a
fetch: the consumer has a thread of its own, which has little to do and needs to do it soon."""
_METADATA_AGE_MS = 10_000
"""After so long a topic made anew, and partitions added to one, are seen; by itself aiokafka takes 5 minutes."""


def run(settings: Settings, helper: Helper | None) -> int:
    """Run a worker until a signal or a failure ends it; the exit code.

    Args:
        settings: the settings.
        helper: the process that computes the stages; without one this process does.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    collector.keep()
    worker = Worker(settings, helper)
    code = asyncio.run(worker.run())
    worker.last_words()
    return code


class Worker:
    """One worker process."""

    def __init__(self, settings: Settings, helper: Helper | None) -> None:
        self._settings = settings
        self._helper = helper
        self._metrics = Metrics()
        self._finished = 0
        self._signals = 0
        self._phase = "start"
        self._log: FingerprintLog | None = None
        self._app: BatchApp | None = None
        self._access: Access | None = None
        self._failure: BaseException | None = None
        self._watch: Watch | None = None
        self._ending: asyncio.Future[BaseException | None]
        self._metrics.index_entries_limit.set(settings.dedup.max_entries)
        self._metrics.ready.set_function(lambda: float(not self.unready()))

    # -- the life of the process

    async def run(self) -> int:
        """Start, work, end; the exit code."""
        loop = asyncio.get_running_loop()
        self._ending = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)
        stack = AsyncExitStack()
        with LoopGuard(loop, self._settings.worker.watchdog_s, self._loop_is_blocked):
            error = await self._until_end(stack)
        if error is not None and self._access is not None and is_denial(error):
            error = await self._access.named(error)
        self._failure = error
        code = _exit_code(error)
        if error is not None:
            unexpected = None if isinstance(error, NewswireError) else error
            log.error("ending after a failure", error=str(error) or repr(error), exc_info=unexpected)
            if self._app is not None:
                self._app.abandon()
        seconds = self._settings.worker.drain_deadline_s if error is None else _FAILED_STOP_S
        with _Deadline(seconds, code or DrainTimeoutError.exit_code, self.last_words):
            try:
                await stack.aclose()
            except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 - the process ends all the same
                # A consumer thread that has crashed cancels whoever asks it for something.
                log.error("failed while ending", error=repr(failure))  # noqa: TRY400 - its traceback says no more
                self._failure = self._failure or failure
                code = code or NewswireError.exit_code
        # What was delivered but not begun was dropped and is read again; only what was begun had to be finished.
        if code == 0 and self._app is not None and self._app.batches.abandoned:
            log.error(
                "batches are left that could not be finished; they are not committed: the next worker does them again",
                batches=self._app.batches.abandoned,
            )
            code = DrainTimeoutError.exit_code
        if code == 0:
            log.info("drained and committed")
        self._leave(code)
        return code

    def _leave(self, code: int) -> None:
        """Let nothing hold up the process any more: a thread of a library that hangs would, for ever."""

        def leave() -> None:
            self.last_words()
            _exit_now(code)

        timer = threading.Timer(_LEAVE_S, leave)
        timer.daemon = True
        timer.start()

    async def _until_end(self, stack: AsyncExitStack) -> BaseException | None:
        """Start and work until something ends it: None for a signal, else the failure."""
        started = asyncio.Event()
        starting = asyncio.ensure_future(self._start(stack))
        starting.add_done_callback(lambda _: started.set())
        self._ending.add_done_callback(lambda _: started.set())
        await started.wait()
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting}, timeout=_FAILED_STOP_S)
        elif (failure := starting.exception()) is not None:
            return self._told_by_kafka(failure)
        return await self._ending

    def _told_by_kafka(self, failure: BaseException) -> BaseException:
        """A start that failed because Kafka went away meanwhile, in newswire's terms; anything else as it is."""
        if not isinstance(
            failure, KafkaConnectionError | NodeNotReadyError | RequestTimedOutError | TimeoutError
        ):
            return failure
        servers = self._settings.kafka.bootstrap_servers
        return BrokerUnavailableError(
            f"Kafka at {servers} went away while the worker started ({failure!r}):"
            " start the worker again once Kafka is back"
        )

    def _signalled(self, number: int) -> None:
        self._signals += 1
        if self._signals > 1:
            log.error("second signal: ending at once, without waiting for batches in flight")
            _exit_now(128 + number)
        if self._ending.done():
            log.info("ending already, after a failure", signal=signal.Signals(number).name)
            return
        log.info("ending: finishing what is in flight", signal=signal.Signals(number).name)
        self._phase = "drain"
        self._ending.set_result(None)

    def _fail(self, error: BaseException) -> None:
        if not self._ending.done():
            self._ending.set_result(error)
        elif error is not self._ending.result():
            # It ends already, and the exit code is that of the first cause; but why a drain fails must be told.
            log.error("failed while ending", error=str(error) or repr(error))

    def _loop_is_blocked(self) -> None:
        """End at once, from another thread: nothing that the loop would have to do can be waited for."""
        self._failure = StalledError(
            f"the event loop has been blocked for {self._settings.worker.watchdog_s:g} s; nothing is committed that was"
            " not confirmed: start the worker again, and report its log if it recurs"
        )
        self.last_words()
        _exit_now(StalledError.exit_code)

    def last_words(self) -> None:
        """Say what a failure was and what to do, as the last line: all that ends because of it has something to say."""
        logs.flush()
        error, self._failure = self._failure, None
        if isinstance(error, NewswireError):
            log.error(str(error), exit_code=error.exit_code)
        elif error is not None:
            log.error(
                "ended by an unexpected error; nothing is committed that was not confirmed: start the worker again,"
                " and report its log if it recurs",
                error=repr(error),
                exit_code=_exit_code(error),
            )

    # -- starting

    async def _start(self, stack: AsyncExitStack) -> None:
        settings = self._settings
        if self._helper is not None:
            stack.push_async_callback(self._helper.stop)
            self._metrics.with_helper(self._helper.pid)
        http = HealthServer(settings.http.host, settings.http.port, self._metrics.registry, self.unready)
        await http.start()
        stack.push_async_callback(http.stop)
        stack.callback(loop_delay.measure(self._metrics.loop_delay.observe))
        self._phase = "topics"
        for difference in await check_at_start(settings):
            log.warning("topic differs from its declaration", difference=describe(difference))
        matcher = chosen(settings.dedup.model)
        writes = to_write(matcher.matcher, settings.dedup.write_version)
        rule = matcher.name_of(writes)
        if rule != matcher.name:
            log.warning(
                "dedup.model is read and not yet written: when all workers have it, name its version",
                setting=f"dedup.write_version={matcher.matcher.version}",
            )
        loader = Loader(settings) if self._helper is None else self._helper
        # Beside all that follows; what can not be loaded ends the start wherever it is by then.
        loading = asyncio.create_task(self._load(loader, rule))
        loading.add_done_callback(self._task_ended)
        stack.callback(loading.cancel)
        # Before anything is opened that would have to wait for it, or be given up when it can not be loaded.
        open_desk = await self._load_deep(loader, loading)
        outbox = await self._open_outbox(stack, "outputs")
        self._access = access = Access(outbox.client, settings.kafka, of_worker(settings))
        # From here on: aiokafka waits for a broker that goes away while a log is read or a group joined for ever.
        self._keep_watch(stack, outbox, access)
        self._phase = "log"
        agreement = (
            Off() if settings.dedup.mode is Mode.OFF else await self._open_log(stack, matcher, open_desk)
        )
        await loading
        stages = await loader.begin(await self._partitions(outbox))
        pipeline = Pipeline(
            stages=stages,
            agreement=agreement,
            outbox=outbox,
            dead_letters=DeadLetters(
                settings.topics.deadletter,
                settings.topics.deadletter_max_message_bytes,
                await self._open_outbox(stack, "deadletters", deadletter.COMPRESSION),
            ),
            mark_duplicates=settings.dedup.mode is Mode.MARK,
            metrics=self._metrics,
            on_done=self._batch_done,
        )
        self._phase = "group"
        # The partitions of a member that was killed are given on when its session is over.
        log.info(
            "joining the consumer group",
            group=settings.kafka.group,
            up_to_s=settings.kafka.session_timeout_s,
        )
        await self._join(stack, pipeline)
        self._metrics.observe(self)
        collector.sweep()
        self._phase = "work"
        log.info("working", group=settings.kafka.group, http=f"{settings.http.host}:{http.port}")

    async def _open_outbox(self, stack: AsyncExitStack, name: str, compression: str | None = None) -> Outbox:
        kafka = self._settings.kafka
        if compression is None and kafka.compression != "none":
            compression = kafka.compression
        producer = AIOKafkaProducer(
            **kafka.client_kwargs(),
            client_id=f"{kafka.client_id}-{name}",
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=_RECORD_BATCH_BYTES,
            max_request_size=64 * 1024 * 1024,
            request_timeout_ms=round(kafka.request_timeout_s * 1000),
            compression_type=compression,
        )
        calm(producer)
        # Before its start, which a signal may cut short.
        stack.push_async_callback(producer.stop)
        await producer.start()
        outbox = Outbox(
            producer,
            patience_s=kafka.outage_patience_s,
            on_failure=self._fail,
            on_error=self._metrics.producer_error,
            on_retry=self._metrics.producer_retries.inc,
            spacing_s=_SPACING_S,
            packing=Packing(_RECORD_BATCH_BYTES, compression),
        )
        stack.push_async_callback(outbox.stop)
        return outbox

    async def _load(self, loader: Helper | Loader, rule: str) -> None:
        """Have the stages loaded, and say what with."""
        opened = await (loader.load() if isinstance(loader, Loader) else loader.load(self._fail))
        self._metrics.build(rule=rule, model=opened.model, topic_rules=opened.rules)
        self._metrics.expect_topic_rules(opened.rule_names)

    async def _load_deep(
        self, loader: Helper | Loader, loading: asyncio.Task[None]
    ) -> Callable[[Replica, Writer], EvidenceDesk] | None:
        """What makes the desk that asks the deep tier, if the settings ask for it."""
        settings = self._settings
        if settings.deep.mode is DeepMode.OFF:
            return None
        from worker.deep.opening import load_encoder
        from worker.deep.scorer import Scorer
        from worker.evidence import EvidenceDesk
        from worker.stages import opening

        await loading
        router = (
            loader.router if isinstance(loader, Loader) else await asyncio.to_thread(opening.router, settings)
        )
        scorer = Scorer(await asyncio.to_thread(load_encoder, settings))
        return partial(EvidenceDesk.opened, settings, scorer, router.without_rules, self._metrics)

    async def _open_log(
        self,
        stack: AsyncExitStack,
        matcher: Chosen,
        open_desk: Callable[[Replica, Writer], EvidenceDesk] | None,
    ) -> FingerprintLog:
        settings = self._settings
        self._log = FingerprintLog(
            settings,
            matcher=matcher.matcher,
            outbox=await self._open_outbox(stack, "log"),
            metrics=self._metrics,
            on_failure=self._fail,
            open_desk=open_desk,
        )
        stack.push_async_callback(self._log.stop)
        await self._log.start()
        return self._log

    async def _partitions(self, outbox: Outbox) -> dict[str, int]:
        topics = self._settings.topics
        names = (*output_topics(topics), topics.duplicates, topics.deadletter)
        return {name: await outbox.partitions(name) for name in names}

    async def _join(self, stack: AsyncExitStack, pipeline: Pipeline) -> None:
        settings = self._settings
        kafka = settings.kafka
        self._app = app = BatchApp(
            kafka.group,
            consumer_options={
                **kafka.client_kwargs(),
                "client_id": kafka.client_id,
                "isolation_level": kafka.isolation_level,
                "fetch_min_bytes": kafka.fetch_min_bytes,
                "fetch_max_wait_ms": kafka.fetch_max_wait_ms,
                "max_partition_fetch_bytes": kafka.max_partition_fetch_bytes,
                "metadata_max_age_ms": _METADATA_AGE_MS,
            },
            session_timeout_s=kafka.session_timeout_s,
            heartbeat_interval_s=kafka.heartbeat_interval_s,
            request_timeout_s=kafka.request_timeout_s,
            batch_records=settings.worker.batch_records,
            in_flight=settings.worker.in_flight_batches,
            drain_s=settings.worker.drain_deadline_s * _DRAIN_SHARE,
            on_skipped=lambda _, count: self._metrics.outcome(Outcome.SKIPPED, count),
            on_rebalance=self._metrics.rebalances.inc,
        )
        agents.install(
            app,
            pipeline,
            raw_topic=settings.topics.raw,
            in_flight=settings.worker.in_flight_batches,
            fail=self._fail,
        )
        app.finalize()
        stack.push_async_callback(app.stop)
        await app.start()

    def _keep_watch(self, stack: AsyncExitStack, outbox: Outbox, access: Access) -> None:
        async def probe() -> bool:
            try:
                async with asyncio.timeout(_PROBE_TIMEOUT_S):
                    answered = await outbox.probe()
            except TimeoutError:
                return False
            if answered:
                await access.check()
                await presence.check()
            return answered

        settings = self._settings
        presence = Presence(outbox.client, self._needed_topics())
        self._watch = Watch(
            probe=probe,
            pulse=self._pulse,
            crash=self._crash,
            outage_patience_s=settings.kafka.outage_patience_s,
            watchdog_s=settings.worker.watchdog_s,
            fail=self._fail,
        )
        task = asyncio.create_task(self._watch.run())
        task.add_done_callback(self._task_ended)
        stack.callback(task.cancel)

    def _needed_topics(self) -> list[str]:
        topics = self._settings.topics
        used = [topics.raw, *output_topics(topics), topics.duplicates, topics.deadletter]
        return used if self._settings.dedup.mode is Mode.OFF else [*used, topics.fingerprints]

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    # -- what others read off a running worker

    def unready(self) -> dict[str, str]:
        """What is not ready yet, a name and a sentence each; empty when the worker is ready."""
        reasons = {}
        if self._phase != "work":
            reasons["phase"] = _PHASES[self._phase]
        if self._app is None or not self._app.joined:
            reasons["group"] = "not a member of the consumer group yet, or a rebalance is under way"
        if self._settings.dedup.mode is not Mode.OFF and (self._log is None or not self._log.caught_up):
            reasons["log"] = "the replica of the fingerprint log has not caught up yet"
        if self._watch is not None and not self._watch.broker_answers:
            reasons["broker"] = "Kafka does not answer"
        return reasons

    def lag_by_partition(self) -> dict[int, int]:
        """Raw records still to read, by assigned partition."""
        return {} if self._app is None else self._app.batches.lag_by_partition()

    def lag_seconds(self) -> float:
        """How old what is read now is; 0 without lag."""
        return 0.0 if self._app is None else self._app.batches.lag_seconds()

    def log_lag(self) -> int:
        """Frames of the fingerprint log still to apply."""
        return 0 if self._log is None else self._log.lag

    def index_entries(self) -> int:
        """Entries that the replica compares with."""
        return 0 if self._log is None else self._log.replica.entries

    def index_bytes(self) -> int:
        """Bytes that the replica holds."""
        return 0 if self._log is None else self._log.replica.memory_bytes

    def log_age_seconds(self) -> float:
        """How long ago the last frame that the replica has applied was appended."""
        last_ms = None if self._log is None else self._log.replica.log_time
        return 0.0 if last_ms is None else max(0.0, time.time() - last_ms / 1000)

    def in_flight(self) -> int:
        """Batches that are delivered and not done."""
        return 0 if self._app is None else self._app.batches.ledger.in_flight

    def _batch_done(self) -> None:
        self._finished += 1

    def _pulse(self) -> Pulse:
        if self._phase == "log":
            return Pulse(1, None if self._log is None else self._log.read_so_far)
        waiting = sum(self.lag_by_partition().values()) + self.in_flight()
        return Pulse(waiting, (self._finished, None if self._log is None else self._log.awaited))

    def _crash(self) -> BaseException | None:
        if self._app is None or not self._app.crashed:
            return None
        reason: Any = self._app.crash_reason
        return reason if isinstance(reason, BaseException) else NewswireError(f"Faust stopped: {reason!r}")


_PHASES = {
    "start": "starting",
    "topics": "waiting for Kafka, checking its topics",
    "log": "reading the fingerprint log",
    "group": "joining the consumer group",
    "drain": "ending: finishing what is in flight",
}


def _exit_code(error: BaseException | None) -> int:
    if error is None:
        return 0
    return error.exit_code if isinstance(error, NewswireError) else NewswireError.exit_code


def _exit_now(code: int) -> None:
    logs.flush()
    os._exit(code)


class _Deadline:
    """Ends the process with a code when its block takes longer; a thread, since the event loop may be what hangs."""

    def __init__(self, seconds: float, code: int, last_words: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._seconds = seconds
        self._code = code
        self._last_words = last_words

    def _expire(self) -> None:
        log.error("could not end in time; what is in flight is not committed", seconds=self._seconds)
        self._last_words()
        _exit_now(self._code)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
