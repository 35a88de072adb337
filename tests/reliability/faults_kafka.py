"""Faults of Kafka with one broker: away, killed, refusing; topics lost, made anew, filled with garbage."""

from __future__ import annotations

import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from tests.wait import until
from worker.deduplicate.match import RULE

from .acts import (
    AT_ONCE,
    NOTHING,
    close_chapter,
    disturbance,
    feed,
    feed_slowly,
    gone,
    kill,
    later,
    logged,
    out,
    send,
    start,
    start_sabotaged,
    together,
    working,
)
from .faults_worker import LARGE
from .load import Load
from .scene import CRASH_COPIES, IN_FLIGHT, Act, Bars, Fault, Scene, Step

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = Load(singles=400, groups=150, updates=30, poison=20)
RETURN_S = 15
"""Within so many seconds after a broker's return something has to come out again."""
GIVE_UP_S = 60
"""A worker that can not go on has to be gone by then."""

KILL_BROKER = Act("the broker is killed", lambda scene: scene.broker.kill())
START_BROKER = Act("the broker is started", lambda scene: scene.broker.start())

NEXT_VERSION = RULE + 1
"""The version of the log that the next release would write."""

SHORT_WATCHDOG_S = 2
LARGEST_RECORD_BATCH = "2097152"


def configure(topic: Callable[[Scene], list[str]], name: str, value: str, what: str) -> Act:
    """Set a topic's property, and wait until the broker knows it."""

    def do(scene: Scene) -> None:
        cluster = scene.deployment.cluster
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        asked = [
            ConfigResource(ResourceType.TOPIC, each, incremental_configs=[entry]) for each in topic(scene)
        ]
        for future in cluster.incremental_alter_configs(asked).values():
            future.result(30)

        def known() -> bool:
            plain = [ConfigResource(ResourceType.TOPIC, each) for each in topic(scene)]
            answers = cluster.describe_configs(plain).values()
            return all(answer.result(30)[name].value == value for answer in answers)

        until(known, f"the broker knows {name}={value}")

    return Act(what, do)


def outputs(scene: Scene) -> list[str]:
    """The streams, the duplicates and the dead letters."""
    return list(scene.deployment.output_topics)


def dead_letters(scene: Scene) -> list[str]:
    """The topic of dead letters."""
    return [scene.deployment.environment["NEWSWIRE_TOPICS__DEADLETTER"]]


def log(scene: Scene) -> list[str]:
    """The topic of fingerprints."""
    return [scene.deployment.environment["NEWSWIRE_TOPICS__FINGERPRINTS"]]


def refused(name: str, topic: Callable[[Scene], list[str]]) -> Fault:
    """A topic takes nothing for a while: the worker ends, and what it had not sent is sent by the next."""
    return Fault(
        f"refused-by-{name}",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter()),
            Step(AT_ONCE, start(1)),
            Step(working(1), configure(topic, "max.message.bytes", "50", f"{name} takes no record any more")),
            Step(AT_ONCE, feed(SMALL)),
            Step(gone(1, GIVE_UP_S), says("check the topic's settings", 1)),
            Step(
                AT_ONCE,
                configure(topic, "max.message.bytes", LARGEST_RECORD_BATCH, f"{name} takes records again"),
            ),
            Step(AT_ONCE, disturbance(start(2))),
        ),
        load=SMALL,
        bars=Bars(copies=IN_FLIGHT, exits=frozenset({1})),
        short=name == "deadletter",
    )


def says(text: str, worker: int = 0) -> Act:
    """A worker that has ended must have said what to do, in its last line."""

    def do(scene: Scene) -> None:
        last = scene.workers[worker].log[-1]["event"].replace(scene.deployment.prefix, "")
        assert text in last, f"its last line does not say {text!r}: {last}"

    return Act(f"its last line says {text!r}", do)


def delete(topic: str) -> Act:
    """Delete a topic, and wait until it is gone."""

    def do(scene: Scene) -> None:
        cluster, name = scene.deployment.cluster, scene.deployment.prefix + topic
        for future in cluster.delete_topics([name]).values():
            future.result(30)
        until(lambda: name not in cluster.list_topics(timeout=30).topics, f"{name} is gone")
        scene.forget(name)

    return Act(f"{topic} is deleted", do)


APPLY = Act("the topics are made again", lambda scene: scene.deployment.apply_topics())


def garbage(scene: Scene, value: bytes) -> None:
    """Append to the log what is no frame."""
    scene.produce(log(scene)[0], value)


def catch_up(scene: Scene) -> None:
    """Wait until a backlog is worked off, for which the watchdog must have more patience than for a standstill."""
    begun = time.monotonic()
    scene.wait_for(out(1))
    scene.figures["caught_up_s"] = took = time.monotonic() - begun
    assert took > 2 * SHORT_WATCHDOG_S, f"the backlog was worked off in {took:.1f} s: that shows nothing"


FAULTS = (
    Fault(
        "broker-killed-and-restarted",
        (
            Step(AT_ONCE, start()),
            Step(out(0.2), KILL_BROKER),
            Step(later(5), together(START_BROKER, disturbance(NOTHING))),
        ),
        load=LARGE,
        bars=Bars(recovery_s=RETURN_S),
        seeds=3,
        own_broker=True,
        short=True,
    ),
    Fault(
        "broker-away-30-s",
        (
            Step(AT_ONCE, start()),
            Step(out(0.2), KILL_BROKER),
            Step(later(30), together(START_BROKER, disturbance(NOTHING))),
        ),
        load=LARGE,
        bars=Bars(recovery_s=RETURN_S),
        own_broker=True,
    ),
    Fault(
        "broker-away-beyond-patience",
        (
            Step(AT_ONCE, start(NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="10")),
            Step(out(0.2), KILL_BROKER),
            Step(gone(deadline_s=GIVE_UP_S), says("start the worker again once")),
            Step(AT_ONCE, together(START_BROKER, disturbance(start(1)))),
        ),
        load=LARGE,
        bars=Bars(copies=CRASH_COPIES, recovery_s=RETURN_S, exits=frozenset({4})),
        own_broker=True,
    ),
    Fault(
        "broker-away-while-a-worker-joins",
        (
            # The group waits for the member that was killed, until its session is over.
            Step(AT_ONCE, start()),
            Step(out(0.2), together(kill(), start(1, NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="10"))),
            Step(logged("joining the consumer group", 1), NOTHING),
            Step(later(1.5), KILL_BROKER),
            Step(gone(1, GIVE_UP_S), says("start the worker again once", 1)),
            Step(AT_ONCE, together(START_BROKER, disturbance(start(2)))),
        ),
        load=LARGE,
        bars=Bars(copies=CRASH_COPIES, exits=frozenset({4})),
        own_broker=True,
        short=True,
    ),
    Fault(
        "terminated-while-the-broker-is-away",
        (
            Step(AT_ONCE, start(NEWSWIRE_WORKER__DRAIN_DEADLINE_S="8")),
            Step(out(0.2), KILL_BROKER),
            Step(later(1), send(signal.SIGTERM)),
            Step(gone(deadline_s=8 + 4), together(START_BROKER, disturbance(start(1)))),
        ),
        load=LARGE,
        bars=Bars(copies=CRASH_COPIES, exits=frozenset({5})),
        own_broker=True,
    ),
    Fault(
        "broker-paused",
        (
            Step(AT_ONCE, start()),
            Step(out(0.2), Act("the broker stands still", lambda scene: scene.pause_broker())),
            Step(
                later(15),
                together(
                    Act("the broker goes on", lambda scene: scene.resume_broker()), disturbance(NOTHING)
                ),
            ),
        ),
        load=LARGE,
        # It goes on when the member's session is over by its clock.
        bars=Bars(copies=CRASH_COPIES, recovery_s=RETURN_S),
        own_broker=True,
    ),
    refused("outputs", outputs),
    refused("deadletter", dead_letters),
    refused("fingerprints", log),
    Fault(
        "output-topic-deleted",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter()),
            Step(AT_ONCE, start(1, NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="10")),
            Step(working(1), delete("news.politics")),
            Step(AT_ONCE, feed(SMALL)),
            Step(gone(1, GIVE_UP_S), together(says("news.politics", 1), says("newswire topics", 1))),
            Step(AT_ONCE, together(APPLY, disturbance(start(2)))),
        ),
        load=SMALL,
        bars=Bars(copies=IN_FLIGHT, exits=frozenset({3, 4})),
    ),
    Fault(
        "output-topic-deleted-and-made-again",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter()),
            Step(AT_ONCE, start(1)),
            Step(working(1), together(delete("news.sport"), APPLY)),
            Step(AT_ONCE, feed(SMALL)),
        ),
        load=SMALL,
    ),
    *(
        Fault(
            f"{topic}-deleted",
            (
                Step(AT_ONCE, start()),
                Step(working(), delete(f"headlines.{topic}")),
                Step(gone(0, GIVE_UP_S), says(f"no topic headlines.{topic}")),
                Step(AT_ONCE, together(APPLY, feed(SMALL), start(1, NEWSWIRE_DEDUP__EPOCH="2"))),
                Step(working(1), NOTHING),
            ),
            load=Load(0, 0, 0, 0),
            bars=Bars(exits=frozenset({3})),
        )
        for topic in ("raw", "fingerprints")
    ),
    Fault(
        "raw-made-anew",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter()),
            Step(AT_ONCE, together(delete("headlines.raw"), APPLY, feed(SMALL), start(1))),
            Step(gone(1, GIVE_UP_S), says("dedup.epoch", 1)),
            Step(AT_ONCE, start(2, NEWSWIRE_DEDUP__EPOCH="2")),
            Step(working(2), NOTHING),
        ),
        load=SMALL,
        bars=Bars(exits=frozenset({6})),
    ),
    Fault(
        "garbage-in-the-log",
        (
            Step(AT_ONCE, Act("garbage is put into the log", partial(garbage, value=b"no frame"))),
            Step(AT_ONCE, start()),
            Step(
                out(0.2), Act("garbage is put into the log", partial(garbage, value=b"NWFP" + b"\xff" * 200))
            ),
            Step(logged("is no frame"), feed(SMALL)),
        ),
        load=LARGE,
        short=True,
    ),
    Fault(
        "stalled",
        (
            Step(AT_ONCE, start_sabotaged("stalled:3", NEWSWIRE_WORKER__WATCHDOG_S="5")),
            Step(gone(deadline_s=GIVE_UP_S), says("no progress for")),
            Step(AT_ONCE, disturbance(start(1))),
        ),
        bars=Bars(copies=CRASH_COPIES, exits=frozenset({7})),
    ),
    Fault(
        "loop-blocked",
        (
            Step(AT_ONCE, start_sabotaged("blocked:3", NEWSWIRE_WORKER__WATCHDOG_S="5")),
            Step(gone(deadline_s=GIVE_UP_S), says("event loop has been blocked for")),
            Step(AT_ONCE, disturbance(start(1))),
        ),
        bars=Bars(copies=CRASH_COPIES, exits=frozenset({7})),
    ),
    Fault(
        "idle-under-a-short-watchdog",
        (
            Step(AT_ONCE, start(NEWSWIRE_WORKER__WATCHDOG_S=str(SHORT_WATCHDOG_S))),
            Step(out(1), NOTHING),
            Step(later(8), feed(SMALL)),
        ),
        load=SMALL,
    ),
    Fault(
        "backlog-under-a-short-watchdog",
        (
            Step(AT_ONCE, start(NEWSWIRE_WORKER__WATCHDOG_S=str(SHORT_WATCHDOG_S))),
            Step(working(), Act("a backlog is caught up with", catch_up)),
        ),
        load=Load(singles=5_000, groups=800, updates=100, poison=50),
        # So few that it takes a while.
        settings={"NEWSWIRE_WORKER__BATCH_RECORDS": "10"},
    ),
    Fault(
        "next-release-beside-this",
        (
            Step(AT_ONCE, together(start(0), start_sabotaged("next-release:0", 1))),
            Step(working(1), feed_slowly(LARGE, 800)),
            Step(later(4), send(signal.SIGTERM, 0)),
            Step(
                gone(0), start_sabotaged("next-release:0", 2, NEWSWIRE_DEDUP__WRITE_VERSION=str(NEXT_VERSION))
            ),
            Step(working(2), feed(SMALL, 2)),
        ),
        load=SMALL,
    ),
)
