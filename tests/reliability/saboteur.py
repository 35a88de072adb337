"""`newswire`, but for a process that does itself harm: `python saboteur.py worker`.

NEWSWIRE_SABOTAGE says what. `appended:3` kills the process when it passes the seam *appended* for the third time;
`SEAMS` has the others. `stalled:3` lets the third fetch hang for ever, `blocked:3` the whole event loop with it,
`slow-acks:5` lets every confirmation of an output come 5 s later, `unconfirmed:3` never lets that of the third come,
`next-release:0` makes it a release whose matching rule has the next number; `last-acked:0` and `early-commit:0` break
the rule of commits, `all-late:0` and `sees-nothing:0` that of the log, to show that the verifier sees it. Several are
separated by commas. All is put around the worker's methods from outside, so that the worker itself knows nothing of it.
A name that no longer fits ends the process with an error that the tests see.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import structs
from worker import cli, fingerprints, outbox, pipeline
from worker.deduplicate import index, memory
from worker.deduplicate.match import own
from worker.kafka import commits
from worker.transport import fetching, ledger

VARIABLE = "NEWSWIRE_SABOTAGE"

Method = Callable[..., Any]


class Countdown:
    """Kills the process when it is passed for the n-th time."""

    def __init__(self, passes: int) -> None:
        self._left = passes

    def due(self) -> bool:
        self._left -= 1
        return self._left == 0

    def __call__(self) -> None:
        if self.due():
            die()


def die() -> None:
    """End as `kill -9` does: nothing is flushed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: type, name: str) -> Callable[[Countdown], None]:
    """A seam at the beginning of a method."""

    def install(passed: Countdown) -> None:
        method: Method = getattr(owner, name)

        @functools.wraps(method)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            passed()
            return method(*args, **kwargs)

        setattr(owner, name, wrapper)

    return install


def between_sends(passed: Countdown) -> None:
    """Dies when one more record batch is to be sent, and those before it are confirmed."""
    hand_over = outbox.Outbox.hand_over
    sent: list[asyncio.Future[Any]] = []

    async def wrapper(self: Any, topic: str, partition: int, batch: Any) -> Any:
        if not topic.endswith("headlines.fingerprints"):
            sent[:] = [each for each in sent if not each.done()]
            if sent and passed.due():
                await asyncio.wait(sent)
                die()
        future = await hand_over(self, topic, partition, batch)
        if not topic.endswith("headlines.fingerprints"):
            sent.append(future)
        return future

    outbox.Outbox.hand_over = wrapper


def during(owner: type, name: str, turns: int = 3) -> Callable[[Countdown], None]:
    """A seam in the middle of a coroutine method: after so many turns of the event loop."""

    def install(passed: Countdown) -> None:
        method: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            doomed = passed.due()
            task = asyncio.ensure_future(method(*args, **kwargs))
            if doomed:
                for _ in range(turns):
                    await asyncio.sleep(0)
                die()
            return await task

        setattr(owner, name, wrapper)

    return install


def catching_up(passed: Countdown) -> None:
    """Dies while the replica reads the log back."""
    apply_next = fingerprints.FingerprintLog._apply_next

    async def wrapper(self: Any) -> None:
        await apply_next(self)
        if not self.caught_up:
            passed()

    fingerprints.FingerprintLog._apply_next = wrapper


SEAMS: dict[str, Callable[[Countdown], None]] = {
    "fetched": before(pipeline.Pipeline, "normalize"),
    "planned": before(fingerprints.FingerprintLog, "_fill"),
    "appended": before(fingerprints.FingerprintLog, "_note"),
    "judged": before(pipeline.Pipeline, "_encode"),
    "between-sends": between_sends,
    "sent": before(pipeline.Pipeline, "_done"),
    "committing": during(fetching.FetchThread, "_commit"),
    "committed": before(commits.Progress, "write"),
    "catching-up": catching_up,
}
"""Where a worker can die: after the fetch, before the append to the log, after it and before its confirmation, after
the verdicts, between two sends, after all sends, while the commit is under way, after it, and while it starts."""


def stalled(passes: int) -> None:
    """Lets a fetch hang for ever, before it is sent on."""
    passed = Countdown(passes)
    route = pipeline.Pipeline.route

    async def wrapper(self: Any, work: Any) -> None:
        if passed.due():
            await asyncio.Event().wait()
        await route(self, work)

    pipeline.Pipeline.route = wrapper


def blocked(passes: int) -> None:
    """Blocks the event loop for ever in one fetch: nothing that watches from within it runs."""
    route = pipeline.Pipeline.route
    passed = Countdown(passes)

    async def wrapper(self: Any, work: Any) -> None:
        while passed.due():
            time.sleep(3600)  # noqa: ASYNC251 - that is the deed
        await route(self, work)

    pipeline.Pipeline.route = wrapper


def slow_acks(seconds: int) -> None:
    """Lets the confirmations of outputs come so much later; those of the log do not."""
    hand_over = outbox.Outbox.hand_over

    async def wrapper(self: Any, topic: str, partition: int, batch: Any) -> Any:
        future = await hand_over(self, topic, partition, batch)
        return future if topic.endswith("headlines.fingerprints") else asyncio.ensure_future(delayed(future))

    async def delayed(future: asyncio.Future[Any]) -> Any:
        metadata = await future
        await asyncio.sleep(seconds)
        return metadata

    outbox.Outbox.hand_over = wrapper


def unconfirmed(number: int) -> None:
    """Lets one record batch of outputs stay unconfirmed for ever, though Kafka has it not."""
    hand_over = outbox.Outbox.hand_over
    passed = Countdown(number)

    async def wrapper(self: Any, topic: str, partition: int, batch: Any) -> Any:
        if not topic.endswith("headlines.fingerprints") and passed.due():
            return asyncio.get_running_loop().create_future()
        return await hand_over(self, topic, partition, batch)

    outbox.Outbox.hand_over = wrapper


def last_acked(_: int) -> None:
    """Commits up to the batch that was done last, over those before it that are not."""
    finish = ledger.Ledger.finish

    def wrapper(self: Any, delivery: Any) -> bool:
        account = self._accounts.get(delivery.partition)
        counts: bool = finish(self, delivery)
        if counts and account is not None:
            account.prefix = max(account.prefix, delivery.end)
        return counts

    ledger.Ledger.finish = wrapper


def early_commit(_: int) -> None:
    """Commits what was fetched, before it is done."""
    ledger.Ledger.committable = lambda self: {
        partition: account.position
        for partition, account in self._accounts.items()
        if account.position != account.committed
    }


def next_release(_: int) -> None:
    """Makes it a release with another matching rule, that reads this one's too."""
    ours = own.MATCHER
    own.MATCHER = structs.replace(ours, version=ours.version + 1, before=ours)


def all_late(_: int) -> None:
    """Marks every record that the log does not know as late."""
    memory.Past.may_hold = lambda *_: True


def sees_nothing(_: int) -> None:
    """Compares no headline with another."""
    index.Index.flush = lambda _: []


DEEDS: dict[str, Callable[[int], None]] = {
    "stalled": stalled,
    "blocked": blocked,
    "slow-acks": slow_acks,
    "unconfirmed": unconfirmed,
    "next-release": next_release,
    "last-acked": last_acked,
    "early-commit": early_commit,
    "all-late": all_late,
    "sees-nothing": sees_nothing,
}


def main() -> None:
    """Do what the environment says, and be newswire."""
    for each in os.environ[VARIABLE].split(","):
        name, _, number = each.partition(":")
        if name in SEAMS:
            SEAMS[name](Countdown(int(number)))
        else:
            DEEDS[name](int(number))
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
