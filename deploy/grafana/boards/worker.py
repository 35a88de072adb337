"""Worker: how one worker does. Stages, fetches, replica and index, deep tier, producer, group, process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards import frame
from boards.frame import Section, line
from boards.panels import BAD, GOOD, Query, Steps, heat, rows, series, states
from boards.queries import growth, mean, quantile, rate, read, share, total

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

STAGE = "newswire_stage_duration_seconds"
BATCH = "newswire_batch_records"
DELAY = "newswire_event_loop_delay_seconds"


def board() -> Dashboard:
    """The dashboard."""
    return frame.board(
        "Worker",
        "How a worker does: stages, fetches, replica and index of the log, producer, group and process.",
        (
            Section("Stages and fetches", (line(*_stages()), line(*_fetches()))),
            Section("The log: replica and index", (line(*_replica()), line(*_index()))),
            Section("Deep tier", (line(*_deep()),)),
            Section("Group and producer", (line(*_group()), line(*_producer()))),
            Section("Process", (line(*_load()), line(*_process()), line(_what_runs(), height=6))),
        ),
        with_topic=False,
    )


def _stages() -> tuple[object, ...]:
    return (
        series(
            "Time in a stage, mean",
            "How long what one fetch brought spent in each stage. agree: from the append to the log until the replica"
            " has applied it; deliver: until Kafka has confirmed all outputs.",
            "s",
            Query(mean(STAGE, "stage"), "{{stage}}"),
            stacked=True,
        ),
        series(
            "Time in a stage, 95%",
            "95% of the fetches spent no longer in the stage.",
            "s",
            Query(quantile(0.95, STAGE, "stage"), "{{stage}}"),
        ),
        series(
            "Fetches in each stage",
            "How many fetches are in a stage at once, on average. normalize, fingerprint and route are work of the"
            " event loop: a worker where their sum comes near 1 is busy all the time. agree and deliver are mostly"
            " waiting.",
            "none",
            Query.by("stage", rate(f"{STAGE}_sum")),
            stacked=True,
            runbooks=("lag-growing",),
        ),
    )


def _fetches() -> tuple[object, ...]:
    return (
        heat(
            "Records a fetch",
            "How many records one fetch brought, of all partitions together.",
            "short",
            total(growth(f"{BATCH}_bucket", over="$__rate_interval"), "le"),
        ),
        series(
            "Fetches and their size",
            "Fetches a second, and the records that one brings on average. Large fetches share their costs; they grow"
            " by themselves under load.",
            "short",
            Query(total(rate(f"{BATCH}_count")), "fetches a second"),
            Query(mean(BATCH), "records a fetch"),
        ),
        series(
            "Batches in flight",
            "Batches, one for each partition of a fetch, that are delivered and not done.",
            "short",
            Query(read("newswire_in_flight_batches"), "{{instance}}"),
            runbooks=("balance-stuck",),
        ),
    )


def _replica() -> tuple[object, ...]:
    return (
        series(
            "Frames to apply",
            "Frames of the fingerprint log that the replica has still to apply. Its verdicts wait for them.",
            "short",
            Query(read("newswire_log_replica_lag_records"), "{{instance}}"),
            runbooks=("replica-behind",),
        ),
        series(
            "Age of the last frame",
            "How long ago the last frame that the replica has applied was appended. It grows while no headlines come.",
            "s",
            Query(read("newswire_log_replica_age_seconds"), "{{instance}}"),
            runbooks=("replica-behind",),
        ),
        series(
            "Frames without effect",
            "Frames a second that could not be parsed (unreadable), and those whose writer was too far behind to count"
            " (void). Both are 0 in health.",
            "cps",
            Query(total(rate("newswire_log_unreadable_frames_total"), "instance"), "unreadable {{instance}}"),
            Query(total(rate("newswire_log_void_frames_total"), "instance"), "void {{instance}}"),
        ),
    )


def _index() -> tuple[object, ...]:
    entries = read("newswire_index_entries")
    return (
        series(
            "Window",
            "Headlines that new ones are compared with, by worker, and the most there may be (dedup.max_entries).",
            "short",
            Query(entries, "{{instance}}"),
            Query(f"max({read('newswire_index_entries_limit')})", "limit"),
            runbooks=("index-full",),
        ),
        series(
            "Window, share of its limit",
            "From 100% on the oldest entries are left out before the window ends, and duplicates of them leak.",
            "percentunit",
            Query(f"{entries} / {read('newswire_index_entries_limit')}", "{{instance}}"),
            steps=Steps.above(0.7, 0.9),
            most=1,
            runbooks=("index-full",),
        ),
        series(
            "Memory of the replica",
            "Bytes that the replica of the log holds: some fixed, and at most 256 for each entry of the window.",
            "bytes",
            Query(read("newswire_index_bytes"), "{{instance}}"),
        ),
    )


def _deep() -> tuple[object, ...]:
    return (
        series(
            "Questions of the deep tier",
            "Pairs and topics a second that the encoder was worth asking about: scored, left out for want of time,"
            " or passed over without a look. The cheap rules decide what is not scored. Nothing with deep.mode=off.",
            "cps",
            Query(total(rate("newswire_deep_pairs_total"), "result"), "pairs {{result}}"),
            Query(total(rate("newswire_deep_headlines_total"), "result"), "topics {{result}}"),
        ),
        series(
            "Time of the deep tier",
            "Seconds of a core a second that the deep tier takes, by worker; deep.max_share bounds it. Where it stays"
            " at the bound, questions are left out.",
            "percentunit",
            Query(rate("newswire_deep_seconds_total"), "{{instance}}"),
        ),
    )


def _group() -> tuple[object, ...]:
    return (
        states(
            "Ready",
            "Whether the worker is in its group, has caught up with the log and gets answers from Kafka. Its /readyz"
            " says what it waits for.",
            Query(read("newswire_ready"), "{{instance}}"),
            {0: ("not ready", BAD), 1: ("ready", GOOD)},
            runbooks=("worker-not-ready", "none-ready"),
        ),
        series(
            "Partitions by worker",
            "Partitions of the raw topic that each worker reads.",
            "short",
            Query(f"count by (instance) ({read('newswire_consumer_lag_records')})", "{{instance}}"),
            stacked=True,
        ),
        series(
            "Lag by partition",
            "Raw records still to be read, by partition. One that stands out has no reader, or a producer that keys all"
            " to it.",
            "short",
            Query.by("partition", read("newswire_consumer_lag_records")),
            runbooks=("lag-growing", "no-progress"),
        ),
    )


def _producer() -> tuple[object, ...]:
    return (
        series(
            "Rebalances",
            "Times that partitions were taken away. Each holds up all workers for a moment; a start or an end of a"
            " worker makes one.",
            "short",
            Query.by("instance", growth("newswire_rebalances_total", over="$__rate_interval")),
            bars=True,
            runbooks=("rebalance-storm",),
        ),
        series(
            "Producer errors",
            "Record batches a second that Kafka did not confirm at once, by error. Empty in health: an error has no"
            " series until it first happens.",
            "cps",
            Query.by("error", rate("newswire_producer_errors_total")),
            bars=True,
            runbooks=("producer-errors",),
        ),
        series(
            "Record batches sent again",
            "Record batches a second that the worker sent again; what the Kafka client retries by itself before that is"
            " not seen.",
            "cps",
            Query.by("instance", rate("newswire_producer_retries_total")),
            bars=True,
            runbooks=("producer-errors",),
        ),
    )


def _load() -> tuple[object, ...]:
    return (
        series(
            "CPU",
            "Processor seconds a second, by worker. Python runs one thread at a time: not much above 1 can be used.",
            "none",
            Query(rate("process_cpu_seconds_total"), "{{instance}}"),
        ),
        series(
            "Delay of the event loop",
            "How late the event loop ran what was due. While it is late nothing moves: no heartbeat, no answer to"
            " /readyz.",
            "s",
            Query(mean(DELAY), "mean"),
            Query(quantile(0.95, DELAY), "95%"),
            Query(quantile(0.99, DELAY), "99%"),
            steps=Steps((GOOD, BAD), (1,)),
        ),
        heat(
            "Delays of the event loop",
            "How often the event loop was how late, asked ten times a second.",
            "s",
            total(growth(f"{DELAY}_bucket", over="$__rate_interval"), "le"),
        ),
    )


def _process() -> tuple[object, ...]:
    return (
        series(
            "Memory",
            "Memory of the process: what is in RAM (resident), and its address space (virtual), which costs nothing.",
            "bytes",
            Query(read("process_resident_memory_bytes"), "resident {{instance}}"),
            Query(read("process_virtual_memory_bytes"), "virtual {{instance}}"),
        ),
        series(
            "Open files",
            "Files and sockets, as a share of what the process may open.",
            "percentunit",
            Query(share(read("process_open_fds"), read("process_max_fds")), "{{instance}}"),
            steps=Steps.above(0.7, 0.9),
        ),
        series(
            "Age of the process",
            "How long the worker has run. A fall is a start; many of them are a worker that starts again and again.",
            "s",
            Query(f"time() - {read('process_start_time_seconds')}", "{{instance}}"),
            runbooks=("worker-restarting",),
        ),
    )


def _what_runs() -> object:
    return rows(
        "What runs",
        "Release, matching rule, topic model, editor's rules and Python of each worker, and since when it runs.",
        [
            Query(read("newswire_build_info")),
            Query(f"1000 * {read('process_start_time_seconds')}"),
        ],
        {
            "instance": ("instance", "string"),
            "version": ("version", "string"),
            "rule": ("rule", "string"),
            "model": ("model", "string"),
            "topic_rules": ("editor's rules", "string"),
            "python": ("Python", "string"),
            "Value #B": ("since", "dateTimeAsIso"),
        },
    )
