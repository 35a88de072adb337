"""Evidence for what one fetch brought, gathered beside the event loop and within a budget.

What is worth asking is looked up on the loop, in short turns; the encoder computes in a thread of its own, which leaves
the interpreter to others. Nothing ever queues: what there is no time for is left out, and so is a whole fetch while the
encoder is still busy with the last one.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from worker.deep.budget import Budget
from worker.deep.opening import curiosity
from worker.deep.questions import Answers, Curiosity, Entries, Questions, new_entries
from worker.logs import get_logger
from worker.metrics import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.config import Settings
    from worker.deduplicate import Batch, Replica, Writer
    from worker.deduplicate.evidence import Evidence
    from worker.deep.scorer import Scorer
    from worker.metrics import Metrics
    from worker.route.router import Router

log = get_logger(__name__)

_TURN_ENTRIES: Final = 100
"""Entries that are looked up in one turn of the event loop."""
_LOOK_SHARE: Final = 0.5
"""Of the time that a fetch may wait: after it no further entries are looked at, so that there is time for answers."""
_LEAST_S: Final = 0.002
"""With less time than this nothing is asked: a single pair takes it."""


class EvidenceDesk:
    """Asks the encoder about what this worker is about to append to the log.

    Args:
        writer: plans the worker's frames.
        curiosity: what is worth asking.
        scorer: answers.
        budget: seconds of a core.
        max_delay_s: how long a fetch may wait, at most.
        metrics: are told what was asked and what was left out.
        clock: seconds, as the budget counts them.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        curiosity: Curiosity,
        scorer: Scorer,
        budget: Budget,
        max_delay_s: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._writer = writer
        self._curiosity = curiosity
        self._scorer = scorer
        self._budget = budget
        self._max_delay_s = max_delay_s
        self._metrics = metrics
        self._clock = clock
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deep")
        self._busy = False

    @classmethod
    def opened(
        cls,
        settings: Settings,
        scorer: Scorer,
        router: Router,
        metrics: Metrics,
        replica: Replica,
        writer: Writer,
    ) -> EvidenceDesk:
        """A desk for a worker that has caught up."""
        if not writer.takes_evidence:
            log.warning(
                "deep.mode=on has no effect: the version of the log that is written holds no evidence; once all workers"
                " run this release, let them write its own (dedup.write_version)",
                writes=replica.rule.version,
            )
        return cls(
            writer,
            curiosity=curiosity(settings, router, replica, writer),
            scorer=scorer,
            budget=Budget(settings.deep.max_share, time.perf_counter()),
            max_delay_s=settings.deep.max_delay_ms / 1000,
            metrics=metrics,
        )

    def close(self) -> None:
        """Let the thread end with what it is at."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def gather(self, batches: Sequence[Batch]) -> Mapping[bytes, Evidence]:
        """The evidence for a fetch's batches, by the id of the headline; waits for as long as may be waited at most."""
        if not self._writer.takes_evidence:
            return {}
        began = self._clock()
        new = new_entries(self._writer, batches)
        allowed = min(self._budget.left(began), self._max_delay_s)
        if self._busy or allowed < _LEAST_S:
            self._metrics.deep_headlines(Asked.PASSED_OVER, len(new.entries))
            return {}
        questions = await self._questions(new, until=began + allowed * _LOOK_SHARE)
        looked_s = self._clock() - began
        self._spend(looked_s)
        answers = Answers(questions)
        if questions.pairs or questions.topics:
            await self._answer(answers, max(_LEAST_S, allowed - looked_s))
        self._count(answers)
        return answers.evidence()

    async def _questions(self, new: Entries, until: float) -> Questions:
        """What is worth asking; about the entries that there is time to look at."""
        found = Questions([], [])
        for at in range(0, len(new.entries), _TURN_ENTRIES):
            if self._clock() >= until:
                self._metrics.deep_headlines(Asked.PASSED_OVER, len(new.entries) - at)
                break
            turn = slice(at, at + _TURN_ENTRIES)
            pairs, topics = self._curiosity.about(new.entries[turn], new.languages[turn])
            found.pairs.extend(pairs)
            found.topics.extend(topics)
            await asyncio.sleep(0)
        return found.by_promise()

    async def _answer(self, answers: Answers, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._busy = True
        done = loop.run_in_executor(self._pool, partial(self._scorer.answer, answers, seconds))
        done.add_done_callback(partial(self._answered, answers))
        # Not longer than that, though the thread should hang: what it has found by then is taken.
        await asyncio.wait((done,), timeout=seconds)

    def _answered(self, answers: Answers, done: asyncio.Future[None]) -> None:
        self._busy = False
        self._spend(answers.seconds)
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("the encoder failed; headlines go on without its word", error=repr(error))

    def _spend(self, seconds: float) -> None:
        self._budget.spend(seconds)
        self._metrics.deep_seconds.inc(seconds)

    def _count(self, answers: Answers) -> None:
        pairs = len(answers.pairs) - answers.pairs.count(None)
        topics = len(answers.topics) - answers.topics.count(None)
        self._metrics.deep_pairs(Asked.SCORED, pairs)
        self._metrics.deep_pairs(Asked.LEFT_OUT, len(answers.pairs) - pairs)
        self._metrics.deep_headlines(Asked.SCORED, topics)
        self._metrics.deep_headlines(Asked.LEFT_OUT, len(answers.topics) - topics)
