"""The tables that `make bench` prints, and the plot of latency against load."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.plot import Axis, Chart, Line
from tests.benchmarks.reading import STAGES
from tests.benchmarks.stats import Median, median_of, ratio_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.benchmarks.burst import Burst
    from tests.benchmarks.results import Results
    from tests.benchmarks.sustained import Sustained
    from tests.benchmarks.throughput import Round

DISTURBED = 0.2
"""Cores that others kept busy, from which a round was not alone on the machine."""
BAR_BESIDE_BURST = (("1 s", 1_000.0),)
BARS_MS = (("50 ms", 50.0), ("100 ms", 100.0))
NAME = 24


def report(results: Results) -> str:
    """All tables for which there are figures, as text."""
    parts: list[Iterable[str]] = []
    if results.rounds:
        parts += [_throughput(results), _costs(results), _stages(results), _appended(results)]
    if results.latencies:
        parts.append(_latencies(results))
    if results.starts:
        parts.append(_starts(results))
    parts += [_sustained(found) for found in results.sustained]
    parts += [_burst(found) for found in results.bursts]
    parts.append(_guarantees(results))
    return "\n\n".join("\n".join(part) for part in parts if part)


def latency_chart(results: Results) -> Chart:
    """p50 and p99 against the load, by system."""
    lines = []
    for system in results.guarantees:
        found = [latency for latency in results.latencies if latency.system == system]
        for name, dashed in (("p50", True), ("p99", False)) if found else ():
            # An output within the millisecond counts as one: the axis is logarithmic.
            points = [(latency.offered, max(latency.ms[name], 1.0)) for latency in found]
            lines.append(Line(f"{system} {name}", points, dashed=dashed, group=system))
    return Chart(
        "Latency from raw record to output, open loop",
        Axis("headlines/s offered"),
        Axis("ms", logarithmic=True),
        lines,
        BARS_MS,
    )


def burst_chart(results: Results) -> Chart:
    """p50 and the most of each step of time at one worker, from the beginning of another one's burst on."""
    lines = []
    for found in results.bursts:
        for place, name, dashed in ((1, "p50", True), (2, "most", False)):
            points = [(point[0], max(point[place], 1.0)) for point in found.points]
            lines.append(Line(f"{found.system} {name}", points, dashed=dashed, group=found.system))
    return Chart(
        "Latency at one worker beside another one's burst",
        Axis("seconds from the burst's first append"),
        Axis("ms", logarithmic=True),
        lines,
        BAR_BESIDE_BURST,
    )


def _throughput(results: Results) -> Iterator[str]:
    ours = _rates(results, next(iter(results.guarantees)))
    first, *_ = results.guarantees
    yield f"Throughput: median of {len(ours)} rounds [interval of {median_of(ours).coverage:.0%}]"
    yield f"{'':{NAME}}{'headlines/s':>12}{'interval':>20}{f'{first} is so many times it':>32}"
    for system in results.guarantees:
        rates = _rates(results, system)
        if not rates:
            continue
        rate = median_of(rates)
        times = ""
        if system != first:
            ratio = ratio_of(ours[: len(rates)], rates)
            times = f"{ratio.value:.2f} {_interval(ratio, '.2f')}"
        yield f"{system:{NAME}}{rate.value:>12,.0f}{_interval(rate):>20}{times:>32}"
    if disturbed := sum(found.cost.elsewhere > DISTURBED for found in results.rounds):
        yield (
            f"{disturbed} of {len(results.rounds)} rounds were not alone: others kept more than {DISTURBED} cores busy"
        )


def _costs(results: Results) -> Iterator[str]:
    yield "CPU and memory (medians; CPU with all threads, user and system)"
    yield (
        f"{'':{NAME}}{'us/headline':>12}{'broker us':>11}{'cores':>7}{'broker':>8}{'peak MB':>9}"
        f"{'grown B/headline':>18}{'cores elsewhere':>17}"
    )
    for system, found in _measured(results):

        def of(figure: Callable[[Round], float], found: Sequence[Round] = found) -> float:
            return median(map(figure, found))

        yield (
            f"{system:{NAME}}{of(lambda r: r.cost.cpu_us['system']):>12.1f}"
            f"{of(lambda r: r.cost.cpu_us['broker']):>11.1f}{of(lambda r: r.cost.cores['system']):>7.2f}"
            f"{of(lambda r: r.cost.cores['broker']):>8.2f}{of(lambda r: r.peak_rss_mb):>9.0f}"
            f"{of(lambda r: r.cost.rss_bytes):>18.0f}{of(lambda r: r.cost.elsewhere):>17.2f}"
        )


def _stages(results: Results) -> Iterator[str]:
    yield "Stages, us/headline of time passed (medians; agree and deliver are mostly waits, which overlap)"
    yield f"{'':{NAME}}" + "".join(f"{stage:>13}" for stage in STAGES)
    for system, found in _measured(results):
        if found[0].stages_us:
            yield f"{system:{NAME}}" + "".join(
                f"{median(one.stages_us[stage] for one in found):>13.1f}" for stage in STAGES
            )


def _appended(results: Results) -> Iterator[str]:
    yield "Appended a headline (medians)"
    yield (
        f"{'':{NAME}}{'raw B':>9}{'log B':>9}{'frames':>10}{'output B':>10}{'routed':>9}{'duplicates':>12}{'dead':>7}"
    )
    for system, found in _measured(results):

        def of(group: str, what: str, found: Sequence[Round] = found) -> float:
            return median(one.appended[group][what] for one in found)

        output = sum(of(group, "bytes") for group in ("routed", "duplicates", "deadletter"))
        yield (
            f"{system:{NAME}}{of('raw', 'bytes'):>9.0f}{of('log', 'bytes'):>9.0f}{of('log', 'records'):>10.5f}"
            f"{output:>10.0f}{of('routed', 'records'):>9.1%}{of('duplicates', 'records'):>12.1%}"
            f"{of('deadletter', 'records'):>7.1%}"
        )


def _latencies(results: Results) -> Iterator[str]:
    yield "Latency, open loop, ms from the raw record's append to its output's"
    quantiles = list(results.latencies[0].ms)
    yield (
        f"{'':{NAME}}{'load':>6}{'offered/s':>11}"
        + "".join(f"{q:>8}" for q in quantiles)
        + f"{'most':>8}{'us':>7}{'broker us':>11}"
    )
    for found in results.latencies:
        remark = "" if found.kept else f"  schedule not kept: up to {found.late_s:.1f} s behind"
        if found.cost.elsewhere > DISTURBED:
            remark += f"  others kept {found.cost.elsewhere:.1f} cores busy"
        figures = "".join(f"{found.ms[quantile]:>8.0f}" for quantile in quantiles)
        yield (
            f"{found.system:{NAME}}{found.share:>6.0%}{found.offered:>11,.0f}{figures}{found.most_ms:>8.0f}"
            f"{found.cost.cpu_us['system']:>7.0f}{found.cost.cpu_us['broker']:>11.0f}{remark}"
        )


def _starts(results: Results) -> Iterator[str]:
    yield "Start to ready (no group delay at this broker)"
    yield f"{'':{NAME}}{'in the log':>12}{'in the window':>15}{'s':>8}{'range':>16}{'starts':>8}"
    kinds = dict.fromkeys((start.system, start.headlines) for start in results.starts)
    for system, headlines in kinds:
        found = [start for start in results.starts if (start.system, start.headlines) == (system, headlines)]
        seconds = [start.seconds for start in found]
        entries = found[0].entries
        yield (
            f"{system:{NAME}}{headlines:>12,}{entries:>15,}{median(seconds):>8.2f}"
            f"{f'{min(seconds):.2f} - {max(seconds):.2f}':>16}{len(found):>8}"
        )


def _sustained(found: Sustained) -> Iterator[str]:
    whole = found.whole
    others = [name for name in whole.cpu_us if name != "system"]
    yield f"Sustained: {found.system}, {whole.seconds / 60:.1f} minutes after a warm-up of one slice"
    yield (
        f"{'slice':>6}{'headlines/s':>13}{'us/headline':>13}"
        + "".join(f"{name + ' us':>11}" for name in others)
        + f"{'RSS MB':>8}{'entries':>12}{'index B/entry':>15}{'cores elsewhere':>17}"
    )
    for number, one in enumerate(found.slices):
        cost = one.cost
        each = one.index_bytes / one.entries if one.entries else 0
        yield (
            f"{number:>6}{cost.rate:>13,.0f}{cost.cpu_us['system']:>13.1f}"
            + "".join(f"{cost.cpu_us[name]:>11.1f}" for name in others)
            + f"{cost.rss_mb:>8.0f}{one.entries:>12,}{each:>15.0f}{cost.elsewhere:>17.2f}"
        )
    yield (
        f"{'whole':>6}{whole.rate:>13,.0f}{whole.cpu_us['system']:>13.1f}"
        + "".join(f"{whole.cpu_us[name]:>11.1f}" for name in others)
        + f"{found.peak_rss_mb:>8.0f} at its peak"
    )
    rates = [one.cost.rate for one in found.slices[1:]]
    third = max(1, len(rates) // 3)
    early, late = median(rates[:third]), median(rates[-third:])
    yield f"last third against first: {late / early - 1:+.1%} headlines/s"
    if found.restart:
        start = found.restart
        yield (
            f"start to ready on the log of {start.headlines:,} headlines: {start.seconds:.1f} s,"
            f" {start.entries:,} entries in the window"
        )


def _burst(found: Burst) -> Iterator[str]:
    yield (
        f"Burst: {found.system}, {found.headlines:,} headlines at one of two workers, {found.entries:,} entries in the"
        f" window; {found.rate:,.0f} headlines/s at the other"
    )
    yield f"{'':{NAME}}{'headlines':>12}" + "".join(f"{name + ' ms':>10}" for name in ("p50", "p99", "most"))
    for name, phase in found.phases.items():
        yield f"{name:{NAME}}{phase.headlines:>12,}" + "".join(f"{ms:>10,.0f}" for ms in phase.ms.values())
    yield (
        f"the burst took {found.seconds:.1f} s, {found.headlines / found.seconds:,.0f} headlines/s;"
        f" its raw records were appended within {found.appended_s:.1f} s"
    )
    for name, waits in found.waits_ms.items():
        each = ", ".join(f"{stage} {ms:.1f}" for stage, ms in waits.items())
        yield f"ms a fetch at the other worker, {name}: {each}"
    cores = ", ".join(f"{name} {busy:.2f}" for name, busy in found.cost.cores.items())
    yield f"cores during the burst: {cores}, elsewhere {found.cost.elsewhere:.2f}"
    if not found.kept:
        yield f"schedule not kept: up to {found.late_s:.1f} s behind"


def _guarantees(results: Results) -> Iterator[str]:
    yield "What each promises"
    for system, promise in results.guarantees.items():
        yield f"{system:{NAME}}{promise}"


def _measured(results: Results) -> Iterator[tuple[str, list[Round]]]:
    for system in results.guarantees:
        if found := results.of(system):
            yield system, found


def _rates(results: Results, system: str) -> list[float]:
    return [found.cost.rate for found in results.of(system)]


def _interval(found: Median, form: str = ",.0f") -> str:
    return f"[{found.low:{form}} - {found.high:{form}}]"
