"""The rules of the log, each broken once: a patch of the real code, and the promise that it then breaks."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from msgspec import structs
from tests.unit.deduplicate.model.promises import Promise
from tests.unit.deduplicate.model.worker import Worker
from worker.deduplicate import index, plan, replica
from worker.deduplicate import rule as rules
from worker.deduplicate.evidence import scores_of
from worker.deduplicate.frame import GUARD_FLAGS, Flag, epoch_of
from worker.deduplicate.index import Index
from worker.deduplicate.memory import Memory, Past
from worker.deduplicate.plan import Writer
from worker.deduplicate.replica import Replica
from worker.deduplicate.rule import Rule
from worker.deduplicate.timeline import Timeline
from worker.deduplicate.versions import Judges
from worker.events import Kind, Verdict
from worker.transport.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Mutation(NamedTuple):
    """A rule that is broken, and the promise that no longer holds."""

    name: str
    breaks: Promise
    patches: tuple[AbstractContextManager[object], ...]

    @contextmanager
    def made(self) -> Iterator[None]:
        """The code with the rule broken."""
        with ExitStack() as stack:
            for each in self.patches:
                stack.enter_context(each)
            yield


def put(target: object, name: str, new: object) -> AbstractContextManager[object]:
    """Puts something in the place of an attribute."""
    return patch.object(target, name, new)


def around(target: object, name: str, new: Callable[..., object]) -> AbstractContextManager[object]:
    """Puts a function in the place of a method, which it gets as its first argument."""
    real = getattr(target, name)

    def instead(*arguments: object, **named: object) -> object:
        return new(real, *arguments, **named)

    return patch.object(target, name, instead)


# -- late


def _unsaid(unknown, self, batch):
    """Late is known to the writer, and its frame does not say it."""
    entries = unknown(self, batch)
    self._replica.__dict__.setdefault("late", set()).update(
        e.id.hex() for e in entries if e.flag == Flag.LATE
    )
    return [structs.replace(e, flag=Flag.NONE) if e.flag == Flag.LATE else e for e in entries]


def _late_here(verdicts, self, topic, partition, offsets, ids):
    late = self.__dict__.get("late", ())
    found = verdicts(self, topic, partition, offsets, ids)
    return [
        Verdict(Kind.ORIGINAL, "late") if verdict is not None and id_ in late else verdict
        for verdict, id_ in zip(found, ids, strict=True)
    ]


def _without(**changes):
    """A header that leaves a part of the partition's memory out."""
    return lambda header, self, batch: structs.replace(header(self, batch), **changes)


# -- what counts


def _known_or_seen(in_time, self, header, offset, time):
    return header.known == offset - 1 or self._timeline.time(header.known + 1) is not None


def _since_known(in_time, self, header, offset, time):
    known = self._timeline.time(header.known)
    return header.known == offset - 1 or known is None or time - known <= header.rule.stale_ms


def _however_many(in_time, self, header, offset, time):
    """It is not counted how many entries the writer had missed."""
    return in_time(
        self, structs.replace(header, rule=structs.replace(header.rule, max_entries=10**9)), offset, time
    )


def _half(init, self, *arguments, **named):
    """Half as many entries are remembered as a writer may miss."""
    init(self, *arguments, **named)
    self._remembered //= 2


def _any_epoch(apply, self, offset, timestamp_ms, value):
    own, self.epoch = self.epoch, epoch_of(value) or self.epoch
    try:
        return apply(self, offset, timestamp_ms, value)
    finally:
        self.epoch = own


# -- the window


def _ever(put_in, self, *columns, oldest, rule, time):
    rule = structs.replace(rule, max_entries=10**9)
    put_in(self, *columns, oldest=self._window._first, rule=rule, time=time)


def _of_the_partition(add, self, frame, offset, time):
    """`max_entries` is counted over the entries of one partition."""
    counts = self.__dict__.setdefault("counts", {})
    own = counts.setdefault(frame.header.partition, [])
    before, rule = self._verdicts.following, frame.header.rule
    reach = before - own[-rule.max_entries] if len(own) >= rule.max_entries else 10**9
    widened = structs.replace(frame.header, rule=structs.replace(rule, max_entries=reach))
    new = add(self, structs.replace(frame, header=widened), offset, time)
    own.extend(range(before, before + new))
    return new


def _by_own_rule(add, self, frame, offset, time):
    own = structs.replace(self.rule, version=frame.header.rule.version)
    return add(self, structs.replace(frame, header=structs.replace(frame.header, rule=own)), offset, time)


def _by_the_readers_clock(apply, self, upto):
    """The log's timestamps are those of the moment in which a worker reads it."""
    log = self.cluster.log
    self.cluster.log = [(self.cluster.now, value) for _, value in log]
    try:
        apply(self, upto)
    finally:
        self.cluster.log = log


def _stepping(append, self, timestamp_ms, *columns):
    self.log_time = None
    return append(self, timestamp_ms, *columns)


def _published_only(flush, self):
    suppressed = self.__dict__.setdefault("suppressed", set())
    found = []
    for number, match in sorted(flush(self), key=lambda pair: pair[0]):
        if match.of not in suppressed:
            found.append((number, match))
            if match.kind is Kind.DUPLICATE:
                suppressed.add(number)
    return found


# -- evidence


def _by_old_place(by_row, rows):
    return {row: said for row, said in by_row.items() if row < len(rows)}


def _last_said(pairs, form):
    return scores_of(pairs[::-1], form)


def _by_own_model(put_in, self, forms, keys, raw_ms, flags, pairs, **named):
    """A replica does not believe the log, and has no model."""
    put_in(self, forms, keys, raw_ms, flags, {}, **named)


# -- identity


def _by_position(find, self, topic, partition, offsets, ids):
    numbers = self._identities.get(topic, partition, offsets)
    return [number if number >= self._alive else replica.NONE for number in numbers]


def _once(turn_to, self, version):
    """The judge is chosen once, when the worker starts."""
    if not hasattr(self, "version"):
        turn_to(self, version)


# -- commits


def _last_done(finish, self, delivery):
    counted = finish(self, delivery)
    if counted:
        self._accounts[delivery.partition].prefix = delivery.end
    return counted


def _of_any_generation(finish, self, delivery):
    account = self._accounts.get(delivery.partition)
    if account is not None:
        account.prefix = max(account.prefix, delivery.end)
    return finish(self, delivery)


MUTATIONS = (
    Mutation("identities are kept for one window", Promise.UNSTABLE, (put(rules, "IDENTITY_WINDOWS", 1),)),
    Mutation(
        "identities are remembered however many there are",
        Promise.DIFFERENT,
        (put(Rule, "remembered", lambda *_: 10**9),),
    ),
    Mutation(
        "less is remembered than a writer may miss", Promise.UNSTABLE, (around(Replica, "__init__", _half),)
    ),
    Mutation(
        "a frame counts however many entries its writer missed",
        Promise.UNSTABLE,
        (around(Replica, "_in_time", _however_many),),
    ),
    Mutation("no entry is late", Promise.SUPPRESSED, (put(Past, "may_hold", lambda *_: False),)),
    Mutation("candidates go back to the first ever", Promise.DISAGREE, (around(Index, "put", _ever),)),
    # The start alone breaks nothing: a replica that has read less than `needed_ms` reads further back. So this one
    # thinks that it needs no more than its own window and a half.
    Mutation(
        "a replica starts two windows back",
        Promise.DISAGREE,
        (
            put(rules, "START_WINDOWS", 2),
            put(Rule, "needed_ms", property(lambda rule: rule.settling_ms)),
        ),
    ),
    Mutation(
        "a replica does not read further back over pauses", Promise.DISAGREE, (put(Rule, "needed_ms", 0),)
    ),
    Mutation("a pause counts in full", Promise.DIFFERENT, (put(Rule, "most_pause_ms", 10**9),)),
    Mutation(
        "the last batch that is done is committed", Promise.LOST, (around(Ledger, "finish", _last_done),)
    ),
    Mutation(
        "late is not recorded in the entry",
        Promise.DISAGREE,
        (around(Writer, "unknown", _unsaid), around(Replica, "verdicts", _late_here)),
    ),
    Mutation("every unknown record is late", Promise.NEEDLESS, (put(Past, "may_hold", lambda *_: True),)),
    Mutation(
        "the highest offset is not carried forward",
        Promise.FIRST,
        (around(Writer, "_header", _without(high=-1)),),
    ),
    Mutation(
        "what is suspect is not carried forward",
        Promise.FIRST,
        (around(Writer, "_header", _without(suspect_before_ms=0)),),
    ),
    Mutation(
        "every replica thinks that it has read all", Promise.SUPPRESSED, (put(Memory, "complete", True),)
    ),
    Mutation(
        "a void frame is believed",
        Promise.FIRST,
        (
            around(
                Memory,
                "see",
                lambda see, self, frame, *, valid, here_ms: see(self, frame, valid=True, here_ms=here_ms),
            ),
        ),
    ),
    Mutation(
        "clocks are taken to agree",
        Promise.FIRST,
        (put(Replica, "_after_raw_ms", lambda self, time: time + 1),),
    ),
    Mutation(
        "an entry from a clock that is ahead is compared",
        Promise.SUPPRESSED,
        (put(replica, "_set_aside", lambda frame, _: frame),),
    ),
    Mutation(
        "a correction may be suppressed",
        Promise.GUARDED,
        (put(plan, "GUARD_FLAGS", dict.fromkeys(GUARD_FLAGS, Flag.NONE)),),
    ),
    Mutation("a stale frame counts", Promise.UNSTABLE, (around(Replica, "_in_time", _known_or_seen),)),
    Mutation("a frame is stale after a whole window", Promise.DIFFERENT, (put(rules, "STALE_DIVISOR", 1),)),
    Mutation("idle time makes a frame stale", Promise.DISAGREE, (around(Replica, "_in_time", _since_known),)),
    Mutation("frames of other epochs count", Promise.DIFFERENT, (around(Replica, "apply", _any_epoch),)),
    Mutation(
        "a replay is judged anew",
        Promise.DIFFERENT,
        (put(Replica, "_without_replays", lambda self, frame, *_: frame),),
    ),
    Mutation(
        "a verdict is read by position alone", Promise.DIFFERENT, (around(Replica, "_find", _by_position),)
    ),
    Mutation("a worker decides before it has caught up", Promise.NEEDLESS, (put(Replica, "ready", True),)),
    Mutation(
        "windows go by the reader's clock",
        Promise.DISAGREE,
        (around(Worker, "apply", _by_the_readers_clock),),
    ),
    Mutation(
        "log time steps back with the clock", Promise.DISAGREE, (around(Timeline, "append", _stepping),)
    ),
    Mutation(
        "the window ends a millisecond early",
        Promise.DIFFERENT,
        (
            around(
                Timeline,
                "first_entry_since",
                lambda since, self, time: since(self, min(time + 1, self.log_time)),
            ),
        ),
    ),
    Mutation(
        "only what came out is compared with", Promise.DISAGREE, (around(Index, "flush", _published_only),)
    ),
    Mutation(
        "max_entries counts a partition's entries",
        Promise.DISAGREE,
        (around(Replica, "_add", _of_the_partition),),
    ),
    Mutation(
        "a pair is judged by the reader's windows",
        Promise.DISAGREE,
        (around(Replica, "_add", _by_own_rule),),
    ),
    Mutation(
        "a pair is judged by the reader's version", Promise.DIFFERENT, (around(Judges, "turn_to", _once),)
    ),
    Mutation(
        "evidence keeps its place when the replays before it are left out",
        Promise.DIFFERENT,
        (put(replica, "of_rows", _by_old_place),),
    ),
    Mutation(
        "what was said last of a form counts", Promise.DIFFERENT, (put(index, "scores_of", _last_said),)
    ),
    Mutation(
        "a replica goes by its own model, not by the log",
        Promise.DIFFERENT,
        (around(Index, "put", _by_own_model),),
    ),
    Mutation(
        "a batch of an earlier assignment is committed",
        Promise.LOST,
        (around(Ledger, "finish", _of_any_generation),),
    ),
)
