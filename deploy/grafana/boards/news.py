"""News: what the stream says. Topics, repeats and updates, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards import frame
from boards.frame import Placed, Section, line
from boards.panels import Query, bars, number, rows, series
from boards.queries import growth, part, rate, share, total

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

ROUTED = "newswire_routed_total"
VERDICTS = "newswire_verdicts_total"
SOURCES = "newswire_source_headlines_total"
WORDS, UNKNOWN_WORDS = "newswire_route_words_total", "newswire_route_unknown_words_total"
RULE_HITS = "newswire_route_rule_hits_total"
ORIGINAL, DUPLICATE, UPDATE = (f'verdict="{verdict}"' for verdict in ("original", "duplicate", "update"))
CHOSEN = 'topic=~"$topic"'
MOST_SOURCES = 15


def board() -> Dashboard:
    """The dashboard."""
    return frame.board(
        "News",
        "What the stream says: topics and their trend, drift, repeats and updates by reason, sources.",
        (
            Section("The stream", (line(*_numbers(), height=4),)),
            Section("Topics", (_topics(), line(_trend(), height=14))),
            Section("What decides on topics", (line(*_drift(), height=10),)),
            Section("Repeats and updates", (line(*_reasons(), height=10), line(*_verdicts()))),
            Section("Where it comes from", (line(*_sources(), height=12),)),
        ),
        with_topic=True,
    )


def _numbers() -> tuple[object, ...]:
    headlines = total(growth(SOURCES))
    return (
        number(
            "Headlines",
            "Headlines of the time shown, whatever became of them; dead letters are none.",
            "short",
            Query(headlines, "headlines", instant=True),
        ),
        number(
            "Told once",
            "Share of the headlines of the time shown that no earlier one says: original news.",
            "percentunit",
            Query.part(VERDICTS, ORIGINAL, "original"),
        ),
        number(
            "Stories that move",
            "Share of the headlines of the time shown that bring a new fact to an earlier one: updates.",
            "percentunit",
            Query(
                share(f"({total(growth(VERDICTS, UPDATE))} or vector(0))", total(growth(VERDICTS))),
                "updates",
                instant=True,
            ),
        ),
        number(
            "Sources",
            "Sources that a headline of the time shown came from; those without a label of their own count as one.",
            "short",
            Query(f"count({total(growth(SOURCES), 'source')} > 0)", "sources", instant=True),
        ),
    )


def _topics() -> tuple[Placed, ...]:
    of_all = bars(
        "Share of the topics",
        "Share of each stream in the routed headlines of the time shown.",
        "percentunit",
        "topic",
        f"{total(growth(ROUTED, CHOSEN), 'topic')} / on () group_left () ({total(growth(ROUTED))} > 0)",
    )
    over_time = series(
        "Share of the topics over time",
        "Share of each stream in the routed headlines.",
        "percentunit",
        Query(
            f"{total(rate(ROUTED, CHOSEN), 'topic')} / on () group_left () ({total(rate(ROUTED))} > 0)",
            "{{topic}}",
        ),
        stacked=True,
        most=1,
    )
    return (Placed(of_all, 8, 14), Placed(over_time, 16, 14))


def _trend() -> object:
    now = total(rate(ROUTED, CHOSEN), "topic")
    shown = total(growth(ROUTED, CHOSEN), "topic")
    return rows(
        "Trend of the topics",
        "Headlines of each stream in the time shown, headlines a second now, and that against the mean of the time"
        " shown: above 100% a topic is on the rise.",
        [
            Query(shown),
            Query(now),
            Query(f"{now} * $__range_s / ({shown} > 0)"),
        ],
        {
            "topic": ("topic", "string"),
            "Value #A": ("headlines", "short"),
            "Value #B": ("now", "cps"),
            "Value #C": ("against the mean", "percentunit"),
        },
    )


def _drift() -> tuple[object, ...]:
    return (
        series(
            "Drift",
            "Share of the routed headlines that the router is not sure of, and share of their words that the topic"
            " model does not know. Both rise when the news moves away from what the model has learned.",
            "percentunit",
            Query(part(rate, ROUTED, 'topic="unsorted"'), "unsorted headlines"),
            Query(share(total(rate(UNKNOWN_WORDS)), total(rate(WORDS))), "unknown words"),
            runbooks=("unsorted-high",),
        ),
        bars(
            "Editor's rules",
            "Headlines of the time shown whose topic an editor's rule gave, by rule. One that stays at nought can go.",
            "short",
            "rule",
            total(growth(RULE_HITS), "rule"),
        ),
    )


def _reasons() -> tuple[object, ...]:
    return (
        bars(
            "Duplicates by reason",
            "Headlines of the time shown that were held back, by how they match the earlier one.",
            "short",
            "reason",
            total(growth(VERDICTS, DUPLICATE), "reason"),
        ),
        bars(
            "Updates by reason",
            "Headlines of the time shown that bring a new fact, by what differs from the earlier one.",
            "short",
            "reason",
            total(growth(VERDICTS, UPDATE), "reason"),
        ),
    )


def _verdicts() -> tuple[object, ...]:
    return (
        series(
            "Duplicates over time",
            "Headlines a second that were held back, by how they match the earlier one.",
            "cps",
            Query.by("reason", rate(VERDICTS, DUPLICATE)),
            stacked=True,
            runbooks=("duplicates-unusual",),
        ),
        series(
            "Updates over time",
            "Headlines a second that bring a new fact, by what differs from the earlier one.",
            "cps",
            Query.by("reason", rate(VERDICTS, UPDATE)),
            stacked=True,
        ),
        series(
            "Originals over time",
            "Headlines a second that no earlier one says, by why: new ones, and what is never held back.",
            "cps",
            Query.by("reason", rate(VERDICTS, ORIGINAL)),
            stacked=True,
        ),
    )


def _sources() -> tuple[object, ...]:
    return (
        bars(
            "Largest sources",
            f"The {MOST_SOURCES} sources with the most headlines in the time shown. `other` are those after the first"
            " 50 that a worker has met since its start.",
            "short",
            "source",
            f"topk({MOST_SOURCES}, {total(growth(SOURCES), 'source')})",
        ),
        series(
            "Sources over time",
            f"Headlines a second of the {MOST_SOURCES} largest sources of each moment. One that breaks off is a feed"
            " that has stopped.",
            "cps",
            Query(f"topk({MOST_SOURCES}, {total(rate(SOURCES), 'source')})", "{{source}}"),
            stacked=True,
        ),
    )
