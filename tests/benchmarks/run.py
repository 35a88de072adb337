"""`make bench`: what a headline costs, from raw to routed, and what the same job costs others.

One local Apache Kafka; each system gets topics of its own. README.md says how to read what comes out.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import burst, latency, start, sustained, throughput
from tests.benchmarks.corpus import DUPLICATES, Corpus
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.peers import environment
from tests.benchmarks.plot import svg
from tests.benchmarks.report import DISTURBED, burst_chart, latency_chart, report
from tests.benchmarks.results import Results
from tests.benchmarks.system import ROOT
from tests.benchmarks.systems import DEEP, FAUST, NEWSWIRE, SYSTEMS, chosen, side_by_side
from worker.broker import LocalBroker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.system import System


PARTS = ("throughput", "latency", "start", "sustained", "burst")
UNASKED = PARTS[:3]
"""Those that run unless others are named."""
FEW_SHARES = (0.1, 0.5)
"""Loads at which the others' latency is measured."""
MOST_A_SECOND = 60_000
"""What a sustained run is composed for when the throughput was not measured before."""
HEADROOM = 1.4
"""How much faster than measured before it may get without running out of headlines."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, run, report."""
    # Brokers, systems and loaders end with the blocks that they were started in.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = _options(arguments)
    corpus = Corpus(options.file, options.duplicates)
    settings = dict(options.set)
    stem = ROOT / ".cache/bench" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    file = options.json or stem.with_suffix(".json")
    began = time.monotonic()
    print(f"{corpus}, {options.headlines:,} a round, {options.rounds} rounds", flush=True)
    corpus.prepare(options.headlines * options.rounds if "throughput" in options.parts else 0)
    with LocalBroker() as broker:
        results = Results(
            began=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=machine(),
            versions=versions(broker) | environment.versions(options.systems),
            settings={"corpus": str(corpus), **{k: str(v) for k, v in vars(options).items()}},
            guarantees={system.name: system.guarantees for system in options.systems},
        )
        try:
            for said in _run(broker, corpus, options, settings, results):
                print(f"  {said}", flush=True)
        finally:
            # What was measured before something went wrong was measured all the same.
            results.took_s = time.monotonic() - began
            results.write(file)
    named = ", ".join(f"{name} {value}" for name, value in results.versions.items())
    print(f"\n{results.machine['processor']}, {results.machine['usable_cores']} cores; {named}\n")
    print(report(results))
    print(f"\n{file} has every round's figures ({results.took_s / 60:.1f} min)")
    if results.latencies:
        file.with_suffix(".svg").write_text(svg(latency_chart(results)))
        print(f"{file.with_suffix('.svg')} shows latency against load")
    if results.bursts:
        plot = file.with_suffix(".burst.svg")
        plot.write_text(svg(burst_chart(results)))
        print(f"{plot} shows latency at one worker beside another one's burst")


def _run(
    broker: LocalBroker,
    corpus: Corpus,
    options: argparse.Namespace,
    settings: dict[str, str],
    results: Results,
) -> Iterator[str]:
    """Measure what was asked for, and say what was found as it comes."""
    if "throughput" in options.parts:
        for number in range(1, options.rounds + 1):
            # Whoever comes first finds another broker than who comes last: they take turns at that too.
            for system in options.systems if number % 2 else reversed(options.systems):
                found = throughput.measure(broker, system, corpus, options.headlines, number, settings)
                results.rounds.append(found)
                others = f"; others kept {found.cost.elsewhere:.2f} cores busy"
                yield (
                    f"round {number}: {system.name} {found.cost.rate:,.0f} headlines/s"
                    f"{others if found.cost.elsewhere > DISTURBED else ''}"
                )
    for system in options.systems:
        rates = [found.cost.rate for found in results.of(system.name)]
        most = options.most or (median(rates) if rates else 0.0)
        if "latency" in options.parts:
            shares = options.loads if system.has_http else [s for s in FEW_SHARES if s in options.loads]
            yield f"latency of {system.name} at {', '.join(f'{s:.0%}' for s in shares)} of {most:,.0f} headlines/s"
            corpus.prepare(_latency_headlines(most, options.seconds, shares))
            results.latencies += latency.measure(
                broker, system, corpus, most, options.seconds, settings, shares
            )
        if "start" in options.parts and system.has_http:
            for headlines in (0, *options.start):
                found = start.measure(broker, system, corpus, headlines, options.starts, settings)
                results.starts += found
                seconds = median(one.seconds for one in found)
                yield f"{system.name} is ready {seconds:.2f} s after its start, {headlines:,} in the log"
        if "sustained" in options.parts:
            count = int((most * HEADROOM or MOST_A_SECOND) * (60 * options.minutes + 2 * sustained.SLICE_S))
            yield f"{system.name} for {options.minutes:g} minutes; up to {count:,} headlines are composed for it"
            corpus.prepare(count)
            found = sustained.measure(
                broker, system, corpus, options.minutes, count, settings, backlog=options.backlog
            )
            results.sustained.append(found)
            yield f"{system.name}: {found.whole.rate:,.0f} headlines/s over {found.whole.seconds:,.0f} s"
        if "burst" in options.parts and system.has_http:
            corpus.prepare(burst.headlines(options.filled, options.burst, options.steady))
            one = burst.measure(
                broker,
                system,
                corpus,
                settings,
                burst=options.burst,
                rate=options.steady,
                filled=options.filled,
            )
            results.bursts.append(one)
            most = one.phases["during"].ms["most"]
            yield f"{system.name}: beside a burst of {one.seconds:.1f} s the other worker took {most:,.0f} ms at most"


def _latency_headlines(most: float, seconds: float, shares: Sequence[float]) -> int:
    loads = sum(shares) * (latency.SETTLE_S + seconds) + latency.WARM_SHARE * latency.WARM_S
    return latency.FIRST + int(most * loads)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    add = parser.add_argument
    add("file", nargs="?", type=Path, help="headlines, one a line (.gz too); composed ones without")
    add("--headlines", type=int, default=200_000, help="newswire's load a round; others get a share of it")
    add("--rounds", type=int, default=5, help="how often each system is measured, in turn (%(default)s)")
    add("--duplicates", type=float, default=DUPLICATES, help="share of repeats in the load (%(default)s)")
    add("--peers", action="store_true", help="measure the throughput of all peers, side by side")
    add("--systems", type=_systems, default=[NEWSWIRE, FAUST], help=", ".join(s.name for s in SYSTEMS))
    add("--deep", action="store_true", help=f"measure {DEEP.name} too")
    add("--only", type=_parts, help=f"parts to run, with commas between: {', '.join(PARTS)}")
    add("--seconds", type=float, default=12, help="length of the latency run at each load (%(default)s)")
    add("--loads", type=_shares, default=latency.SHARES, help="shares of the throughput, such as .1,.5")
    add("--most", type=float, help="headlines/s that loads are shares of, instead of the measured throughput")
    add("--starts", type=int, default=3, help="starts until ready, of each kind (%(default)s)")
    add(
        "--start",
        type=int,
        action="append",
        default=[],
        help="headlines in a log to start with; again for more",
    )
    add("--minutes", type=float, help="a sustained run of so many minutes at full load")
    add("--backlog", action="store_true", help="that run finds all its load there, instead of being fed")
    add("--burst", type=int, default=burst.HEADLINES, help="headlines of a burst (%(default)s)")
    add("--steady", type=float, default=burst.RATE, help="headlines/s at the other worker (%(default)s)")
    add("--filled", type=int, default=0, help="headlines in the window before a burst")
    add("--set", type=setting, action="append", default=[], help="newswire's, as dedup.max_entries=100000")
    add("--json", type=Path, help="where the figures go; the plot goes beside it")
    options = parser.parse_args(arguments)
    if options.peers:
        try:
            options.systems = side_by_side()
        except environment.PeersError as error:
            parser.exit(1, f"{error}\n")
        options.only = options.only or ["throughput"]
    if options.deep and DEEP not in options.systems:
        options.systems = [options.systems[0], DEEP, *options.systems[1:]]
    options.parts = options.only or [*UNASKED, *(["sustained"] if options.minutes else [])]
    if "sustained" in options.parts and not options.minutes:
        parser.error("a sustained run needs --minutes")
    if "latency" in options.parts and "throughput" not in options.parts and not options.most:
        parser.error(
            "loads are shares of a throughput: give it by --most, or measure it (--only throughput,latency)"
        )
    if options.file and not options.file.is_file():
        parser.error(f"{options.file} is not there")
    if not 0 <= options.duplicates < 1:
        parser.error("--duplicates is a share from 0 to below 1")
    return options


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    return parts


def _systems(text: str) -> list[System]:
    try:
        return chosen(text)
    except (ValueError, environment.PeersError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(share) for share in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: give shares with commas between, such as .1,.5") from None


def setting(text: str) -> tuple[str, str]:
    """Name in the environment and value of a setting that the command line gives as SECTION.NAME=VALUE."""
    name, _, value = text.partition("=")
    section, _, key = name.partition(".")
    if not key or not value:
        raise argparse.ArgumentTypeError(f"{text}: give SECTION.NAME=VALUE")
    return f"NEWSWIRE_{section}__{key}".upper(), value


if __name__ == "__main__":
    main()
