"""Overview: are we well? What goes in and out, how late, what is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards import frame
from boards.frame import Section, line
from boards.panels import BAD, GOOD, Query, Steps, heat, number, series
from boards.queries import DEAD_SHARE, LATE_S, LATE_SHARE, growth, part, quantile, rate, read, share, total

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

RECORDS = "newswire_records_total"
ROUTED = "newswire_routed_total"
LATENCY = "newswire_end_to_end_seconds"
IN_TIME = f'le="{LATE_S}"'
UNSORTED = 'topic="unsorted"'
DEAD = 'outcome="dead_letter"'


def board() -> Dashboard:
    """The dashboard."""
    return frame.board(
        "Overview",
        "Are we well: objectives, what goes in and out, lag, latency, and what becomes of the headlines.",
        (
            Section("Are we well", (line(*_objectives(), height=5), line(*_quality(), height=5))),
            Section("In, out and how late", (line(*_flow()), line(*_lateness()))),
            Section("What comes out", (line(*_streams(), height=9), line(*_rest()))),
        ),
        with_topic=True,
    )


def _objectives() -> tuple[object, ...]:
    return (
        number(
            "Workers ready",
            "Workers that are in their group, have caught up with the log and get answers from Kafka; and those that"
            " Prometheus knows of.",
            "none",
            Query(total(read("newswire_ready")), "ready"),
            Query(f"count({read('up')})", "known"),
            steps=Steps((BAD, GOOD), (1,)),
            runbooks=("none-ready", "worker-down"),
        ),
        number(
            "Out within a second",
            "Share of the headlines of the time shown whose outcome was confirmed within a second of their Kafka"
            " timestamp. Objective: 99%.",
            "percentunit",
            Query(
                share(
                    total(growth(f"{LATENCY}_bucket", IN_TIME)),
                    total(growth(f"{LATENCY}_count")),
                ),
                "in time",
                instant=True,
            ),
            steps=Steps.below(1 - LATE_SHARE, 1 - LATE_SHARE / 2),
            runbooks=("latency-budget-burns-fast", "latency-budget-burns-slow"),
        ),
        number(
            "Dead letters",
            "Share of the records of the time shown that can never become a headline. Objective: under 0.1%.",
            "percentunit",
            Query.part(RECORDS, DEAD, "dead letters"),
            steps=Steps.above(DEAD_SHARE / 2, DEAD_SHARE),
            runbooks=("dead-letter-budget-burns-fast", "dead-letters-high"),
        ),
        number(
            "Skipped",
            "Records of the time shown that nobody has read: they aged out first, or an offset reset passed over them."
            " Anything but 0 is a loss.",
            "short",
            Query(total(growth(RECORDS, 'outcome="skipped"')), "skipped", instant=True),
            steps=Steps((GOOD, BAD), (0.5,)),
            runbooks=("records-skipped",),
        ),
    )


def _quality() -> tuple[object, ...]:
    return (
        number(
            "Waiting",
            "Raw records that are still to be read, of all partitions.",
            "short",
            Query(total(read("newswire_consumer_lag_records")), "records"),
            steps=Steps.above(10_000, 100_000),
            runbooks=("lag-growing",),
        ),
        number(
            "Age of what is read",
            "How old the raw records are that are read now; 0 where none wait. What a worker reads live is not old,"
            " however much of it there is.",
            "s",
            Query(f"max({read('newswire_consumer_lag_seconds')})", "oldest"),
            steps=Steps.above(60, 300),
            runbooks=("lag-old",),
        ),
        number(
            "Duplicates",
            "Share of the records of the time shown that were held back because an earlier one says the same. Where it"
            " lies is up to the feeds; it should stay there.",
            "percentunit",
            Query.part(RECORDS, 'outcome="duplicate"', "duplicates"),
            runbooks=("duplicates-unusual",),
        ),
        number(
            "Unsorted",
            "Share of the routed headlines of the time shown whose topic the router is not sure of. A rise means that"
            " the news has moved away from what the model learnt.",
            "percentunit",
            Query.part(ROUTED, UNSORTED, "unsorted"),
            steps=Steps.above(0.12, 0.25),
            runbooks=("unsorted-high",),
        ),
    )


def _flow() -> tuple[object, ...]:
    answered = total(read(RECORDS, 'outcome!="skipped"'))
    return (
        series(
            "In and out",
            "Headlines a second that were taken in, and what they ended as. Over a while the one is the sum of the"
            " others.",
            "cps",
            Query(total(rate("newswire_batch_records_sum")), "taken in"),
            Query.by("outcome", rate(RECORDS)),
            runbooks=("no-progress",),
        ),
        series(
            "Taken in and not answered",
            "Records that were taken in and have no outcome yet. It comes back to its floor between fetches; the floor"
            " is what revoked assignments left to the next owner, and must not rise without a rebalance.",
            "short",
            Query(f"{total(read('newswire_batch_records_sum'))} - {answered}", "records"),
            runbooks=("balance-stuck", "balance-broken"),
        ),
        series(
            "Lag",
            "Raw records still to be read, by worker.",
            "short",
            Query.by("instance", read("newswire_consumer_lag_records")),
            stacked=True,
            runbooks=("lag-growing", "no-progress"),
        ),
    )


def _lateness() -> tuple[object, ...]:
    late = share(total(rate(f"{LATENCY}_bucket", IN_TIME)), total(rate(f"{LATENCY}_count")))
    dead = part(rate, RECORDS, DEAD)
    return (
        heat(
            "Latency",
            "From a raw record's Kafka timestamp until its outcome was confirmed: how many headlines took how long.",
            "s",
            total(growth(f"{LATENCY}_bucket", over="$__rate_interval"), "le"),
            runbooks=("latency-budget-burns-fast",),
        ),
        series(
            "Latency by quantile",
            "Half, 95% and 99% of the headlines took no longer. The line is the objective for 99%: a second.",
            "s",
            Query(quantile(0.5, LATENCY), "50%"),
            Query(quantile(0.95, LATENCY), "95%"),
            Query(quantile(0.99, LATENCY), "99%"),
            steps=Steps((GOOD, BAD), (float(LATE_S),)),
            runbooks=("latency-budget-burns-fast",),
        ),
        series(
            "Burn of the error budgets",
            "How many times faster than allowed the objectives' budgets are spent: late headlines (1% allowed) and dead"
            " letters (0.1%). At 1 a month's budget lasts the month, at 14.4 two days.",
            "none",
            Query(f"(1 - {late}) / {LATE_SHARE:g}", "late headlines"),
            Query(f"{dead} / {DEAD_SHARE:g}", "dead letters"),
            steps=Steps.above(1, 14.4),
            runbooks=("latency-budget-burns-slow", "dead-letter-budget-burns-slow"),
        ),
    )


def _streams() -> tuple[object, ...]:
    return (
        series(
            "Topics over time",
            "Headlines a second that were routed to each stream.",
            "cps",
            Query.by("topic", rate(ROUTED, 'topic=~"$topic"')),
            stacked=True,
        ),
        series(
            "Verdicts",
            "Share of the headlines that are new, repeat an earlier one, or bring a new fact to one.",
            "percentunit",
            Query(
                f"{total(rate('newswire_verdicts_total'), 'verdict')}"
                f" / on () group_left () ({total(rate('newswire_verdicts_total'))} > 0)",
                "{{verdict}}",
            ),
            stacked=True,
            most=1,
            runbooks=("duplicates-unusual",),
        ),
    )


def _rest() -> tuple[object, ...]:
    return (
        series(
            "Dead letters by reason",
            "Records that can never become a headline, by what is wrong with them; their bytes and the cause are in the"
            " dead letters' topic.",
            "short",
            Query.by("reason", growth("newswire_dead_letters_total", over="$__rate_interval")),
            stacked=True,
            bars=True,
            runbooks=("dead-letters-high",),
        ),
        series(
            "Redriven by outcome",
            "Records that a redrive of dead letters had sent again, by what became of them this time.",
            "short",
            Query.by("outcome", growth("newswire_redriven_records_total", over="$__rate_interval")),
            stacked=True,
            bars=True,
            runbooks=("redrive",),
        ),
        series(
            "Unsorted over time",
            "Share of the routed headlines whose topic the router is not sure of; the line is where the alert begins to"
            " look.",
            "percentunit",
            Query(part(rate, ROUTED, UNSORTED), "unsorted"),
            steps=Steps((GOOD, BAD), (0.12,)),
            runbooks=("unsorted-high",),
        ),
    )
