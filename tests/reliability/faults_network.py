"""Faults of the network between a worker and its broker, made by a proxy; whoever judges goes past it."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

from .acts import AT_ONCE, NOTHING, disturbance, feed_slowly, gone, later, send, start, together, working
from .faults_kafka import GIVE_UP_S, RETURN_S, SMALL, says
from .faults_worker import LARGE
from .scene import IN_FLIGHT, Act, Bars, Fault, Scene, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from .proxy import Proxy

REQUEST_TIMEOUT_S = 10
PER_S = 500
"""The load that is fed beside: LARGE takes half a minute."""
STORM_S = 10


def network(what: str, weather: Callable[[Proxy], None]) -> Act:
    """Change the weather between the worker and every broker."""

    def do(scene: Scene) -> None:
        for proxy in scene.proxies:
            weather(proxy)
        scene.cuts.cut()  # a session may run out meanwhile

    return Act(what, do)


HEAL = network("the network is well again", lambda proxy: proxy.heal())
DROP = network("bytes vanish, and connections stay open", lambda proxy: proxy.drop())


def cut_off(proxy: Proxy) -> None:
    """Nobody gets through, and everybody is told."""
    proxy.refuse()
    proxy.reset()


def reset_in_mid_response(scene: Scene) -> None:
    """From now on each connection ends within an answer, after so many bytes as the seed draws."""
    draw = random.Random(scene.seed)
    for proxy in scene.proxies:
        size = draw.randrange(5_000, 60_000)
        scene.note(f"each connection gets {size} bytes more")
        proxy.reset(after_bytes=size)


def storm_of_resets(scene: Scene) -> None:
    """Reset all connections again and again, at random times."""
    draw = random.Random(scene.seed)
    left = STORM_S
    while left > 0:
        for proxy in scene.proxies:
            proxy.reset()
        pause = draw.random()
        scene.pause(pause)
        left -= pause


def away_for(
    name: str, seconds: float, bad: Act, *, copies: int = 0, seeds: int = 1, short: bool = False
) -> Fault:
    """The network is bad for a while, under load; copies are for where the session runs out meanwhile."""
    return Fault(
        name,
        (
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(LARGE, PER_S)),
            Step(later(3), bad),
            Step(later(seconds), together(HEAL, disturbance(NOTHING))),
        ),
        load=SMALL,
        bars=Bars(copies=copies, recovery_s=RETURN_S),
        seeds=seeds,
        short=short,
        proxied=True,
    )


FAULTS = (
    Fault(
        "network-slow",
        (
            Step(AT_ONCE, network("200 ms more each way", lambda proxy: proxy.delay(200))),
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(LARGE, PER_S)),
        ),
        load=SMALL,
        proxied=True,
    ),
    Fault(
        "network-slow-rebalance",
        (
            Step(AT_ONCE, network("200 ms more each way", lambda proxy: proxy.delay(200))),
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(LARGE, PER_S)),
            Step(later(2), start(1)),
            Step(working(1), NOTHING),
            Step(later(3), send(signal.SIGTERM, 0)),
            Step(gone(0), NOTHING),
        ),
        load=SMALL,
        proxied=True,
    ),
    away_for(
        "network-throttled",
        15,
        network("100 kB a second pass", lambda proxy: proxy.throttle(100_000)),
    ),
    away_for(
        "network-resets", STORM_S, Act("connections are reset again and again", storm_of_resets), seeds=3
    ),
    away_for(
        "network-resets-in-mid-response",
        STORM_S,
        Act("connections are reset within answers", reset_in_mid_response),
        seeds=3,
        short=True,
    ),
    away_for("network-refuses", 20, network("nobody gets through", cut_off), copies=IN_FLIGHT),
    away_for("network-half-open", REQUEST_TIMEOUT_S + 5, DROP, copies=IN_FLIGHT, seeds=3),
    Fault(
        "network-half-open-beyond-patience",
        (
            Step(AT_ONCE, start(NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="15")),
            Step(working(), feed_slowly(LARGE, PER_S)),
            Step(later(3), DROP),
            Step(gone(deadline_s=GIVE_UP_S), says("start the worker again once")),
            Step(AT_ONCE, together(HEAL, disturbance(start(1)))),
        ),
        load=SMALL,
        bars=Bars(copies=IN_FLIGHT, exits=frozenset({4})),
        proxied=True,
    ),
)
