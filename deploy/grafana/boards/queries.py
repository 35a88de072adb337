"""PromQL of the dashboards: every selector heeds the variables, every rate the resolution of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LATE_S: Final = "1.0"
"""Bound of the latency objective, as the label `le` spells it."""
LATE_SHARE: Final = 0.01
"""Share of the headlines that may be late: 99% are out within the bound."""
DEAD_SHARE: Final = 0.001
"""Share of the records that may be dead letters."""

_CHOSEN: Final = ('job=~"$job"', 'instance=~"$instance"')


def read(metric: str, *matchers: str) -> str:
    """A metric of the chosen workers, with further label matchers."""
    return metric + "{" + ", ".join([*_CHOSEN, *matchers]) + "}"


def rate(metric: str, *matchers: str) -> str:
    """Its growth a second, at the resolution of the screen."""
    return f"rate({read(metric, *matchers)}[$__rate_interval])"


def growth(metric: str, *matchers: str, over: str = "$__range") -> str:
    """Its growth over the time that is shown, or over another time."""
    return f"increase({read(metric, *matchers)}[{over}])"


def total(expression: str, *by: str) -> str:
    """The sum over workers, by labels where some are named."""
    return f"sum by ({', '.join(by)}) ({expression})" if by else f"sum({expression})"


def share(part: str, whole: str) -> str:
    """A part of a whole, from 0 to 1; nothing where the whole is nothing."""
    return f"{part} / ({whole} > 0)"


def part(of: Callable[..., str], metric: str, matcher: str) -> str:
    """The share that series of a counter have in all of it, by `rate` or by `growth`."""
    return share(total(of(metric, matcher)), total(of(metric)))


def quantile(q: float, metric: str, *by: str) -> str:
    """A quantile of a histogram, estimated within its buckets."""
    return f"histogram_quantile({q:g}, {total(rate(f'{metric}_bucket'), 'le', *by)})"


def mean(metric: str, *by: str) -> str:
    """The mean of what a histogram observed."""
    return share(total(rate(f"{metric}_sum"), *by), total(rate(f"{metric}_count"), *by))
