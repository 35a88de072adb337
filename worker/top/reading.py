"""What the workers said at one moment, each by itself: a counter's difference only makes sense within one process."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from worker.errors import WorkerUnreachableError
from worker.scrape import Answer, ask

if TYPE_CHECKING:
    from collections.abc import Iterable

Labels = tuple[tuple[str, str], ...]
"""Label names and values, by name."""

Values = dict[tuple[str, Labels], float]
"""A worker's samples by name and labels."""


class Worker(Struct, frozen=True):
    """One worker's samples; `unready` says what it waits for, and is empty when it is ready."""

    url: str
    unready: dict[str, str]
    values: Values

    def label(self, metric: str, name: str) -> str | None:
        """The value of a label of a metric that has one series, such as newswire_build_info."""
        for found, labels in self.values:
            if found == metric:
                return dict(labels).get(name)
        return None


class Reading(Struct, frozen=True):
    """All workers at one moment; `at` is in seconds of a clock that only goes forward.

    `unreached` says of each worker that gave no answer why.
    """

    at: float
    workers: tuple[Worker, ...]
    unreached: dict[str, str]


async def read(urls: Iterable[str]) -> Reading:
    """Ask all workers at once; whoever gives no answer is named."""
    urls = tuple(dict.fromkeys(urls))
    at = time.monotonic()
    answers = await asyncio.gather(*map(ask, urls), return_exceptions=True)
    workers, unreached = [], {}
    for url, answer in zip(urls, answers, strict=True):
        if isinstance(answer, WorkerUnreachableError):
            unreached[url] = answer.why
        elif isinstance(answer, BaseException):
            raise answer
        else:
            workers.append(_worker(answer))
    return Reading(at, tuple(workers), unreached)


def _worker(answer: Answer) -> Worker:
    return Worker(
        answer.url,
        answer.unready,
        {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in answer.samples},
    )
