"""The options that choose dead letters: the same for every command that is about several."""

from __future__ import annotations

import functools
import getpass
import os
import socket
from typing import TYPE_CHECKING, Final

import click

from worker.cli.moment import Moment
from worker.deadletter import STAGES
from worker.deadletters.choice import Choice, parse_span
from worker.deadletters.status import Hand, State
from worker.events import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from worker.config import KafkaSettings

ALL: Final = "all"


def choice_options(*states: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Give a command the options that choose letters; it gets a `Choice` as the keyword argument `choice`.

    `states` are those that `--state` takes, the first by default; with one alone there is no such option.
    """

    def decorate(command: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(command)
        def with_choice(
            *args: object,
            reasons: tuple[str, ...],
            stages: tuple[str, ...],
            since: datetime | None,
            until: datetime | None,
            partitions: tuple[int, ...],
            spans: tuple[str, ...],
            keys: tuple[str, ...],
            versions: tuple[str, ...],
            state: str = states[0],
            **kwargs: object,
        ) -> object:
            choice = Choice(
                states=frozenset() if state == ALL else frozenset({State(state)}),
                reasons=frozenset(reasons),
                stages=frozenset(stages),
                versions=frozenset(versions),
                partitions=frozenset(partitions),
                keys=frozenset(key.encode() for key in keys),
                spans=tuple(found for text in spans if (found := parse_span(text)) is not None),
                since_ms=_ms(since),
                until_ms=_ms(until),
            )
            return command(*args, choice=choice, **kwargs)

        decorated: Callable[..., object] = with_choice
        if len(states) > 1:
            decorated = _state_option(states)(decorated)
        for option in reversed(_OPTIONS):
            decorated = option(decorated)
        return decorated

    return decorate


def hand_of(kafka: KafkaSettings) -> Hand:
    """Who gives the command: Kafka's user where there is one, else the system's, and the host."""
    try:
        user = kafka.sasl_username or getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        user = str(os.getuid())
    return Hand(f"{user}@{socket.gethostname()}", os.urandom(8).hex())


def dead_letters(count: int) -> str:
    """A number of dead letters in words."""
    return f"{count:,} dead letter{'' if count == 1 else 's'}"


def _checked_spans(_ctx: click.Context, _parameter: click.Parameter, texts: Sequence[str]) -> tuple[str, ...]:
    for text in texts:
        if parse_span(text) is None:
            raise click.BadParameter(
                f"{text}: give an offset or a range, such as 17, 17-40 or 17-; 1:17 in partition 1"
            )
    return tuple(texts)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _state_option(states: Sequence[str]) -> Callable[[Callable[..., object]], Callable[..., object]]:
    return click.option(
        "--state",
        type=click.Choice(list(states)),
        default=states[0],
        show_default=True,
        help="What has become of them.",
    )


_OPTIONS: Final = (
    click.option(
        "--reason",
        "reasons",
        multiple=True,
        type=click.Choice([reason.value for reason in Reason]),
        help="Why they died; may be given several times.",
    ),
    click.option(
        "--stage", "stages", multiple=True, type=click.Choice(STAGES), help="Which stage gave them up."
    ),
    click.option(
        "--since",
        metavar="TIME",
        type=Moment(),
        help="Those that died at this time or later: ISO 8601, or how long ago: 90s, 30m, 2h, 7d.",
    ),
    click.option("--until", metavar="TIME", type=Moment(), help="Those that died before this time."),
    click.option(
        "--partition",
        "partitions",
        multiple=True,
        type=click.IntRange(min=0),
        metavar="N",
        help="Those whose raw record stood in this partition.",
    ),
    click.option(
        "--offsets",
        "spans",
        multiple=True,
        metavar="A[-B]",
        callback=_checked_spans,
        help="Those at these addresses, such as 17, 17-40 or 17-.",
    ),
    click.option("--key", "keys", multiple=True, metavar="TEXT", help="Those of this key."),
    click.option(
        "--worker-version",
        "versions",
        multiple=True,
        metavar="VERSION",
        help="Those that this release gave up.",
    ),
)
