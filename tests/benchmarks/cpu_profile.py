"""Where the CPU of a worker and its helper goes at full load, as a table by part.

    python -m tests.benchmarks.cpu_profile [--headlines 600000] [--seconds 8] [--set worker.helper=off]

py-spy looks at both processes a few hundred times a second, from outside, while they work off a full topic. Its samples
are shares of the CPU that each thread took a headline meanwhile. It shows frames of Python only: what C code takes
(NumPy, the codecs, system calls, garbage collection) is in the function that called it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import psutil
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.deployment import LOGS, Deployment
from tests.benchmarks.load import send
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.profile_parts import Profile, table
from tests.benchmarks.reading import Cost, Meter, cost
from tests.benchmarks.run import setting
from tests.benchmarks.system import ROOT
from tests.benchmarks.systems import NEWSWIRE
from worker.broker import LocalBroker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WARM, PLAIN = 0.2, 0.4
"""Shares of the headlines: after the first caches are full, and from the second on py-spy looks."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Profiled:
    """What was found."""

    profiles: Mapping[str, Profile]
    """By process."""
    watched: Cost
    """What a headline took while py-spy looked."""
    plain: Cost
    """The same before."""

    def report(self) -> str:
        """The table, and what the watching did."""
        samples = sum(profile.samples for profile in self.profiles.values())
        return "\n".join(
            (
                table(self.profiles),
                "",
                f"{samples:,} samples",
                f"while py-spy looked: {_said(self.watched)}",
                f"before: {_said(self.plain)}",
            )
        )


def _said(found: Cost) -> str:
    return (
        f"{found.cpu_us['system']:.1f} us a headline at {found.rate:,.0f} headlines/s, {found.elsewhere:.2f} cores"
        " elsewhere"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Profile, print the table, write figures."""
    options = _options(arguments)
    spy = found_spy(options.py_spy)
    corpus = Corpus(options.file)
    corpus.prepare(options.headlines)
    with LocalBroker() as broker:
        found = measure(broker, corpus, options, spy)
        about = {"machine": machine(), "versions": versions(broker), "corpus": str(corpus)}
    print(found.report())
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_bytes(
        orjson.dumps(about | asdict(found), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    print(f"\n{options.json} has these figures, the folder the stacks")


def measure(broker: LocalBroker, corpus: Corpus, options: argparse.Namespace, spy: str) -> Profiled:
    """Work off a full topic, and look at the processes in the middle of it.

    Raises:
        SystemExit: py-spy can not look, or all was done before it had finished.
    """
    deployment = Deployment(broker, NEWSWIRE, dict(options.set))
    send(broker.bootstrap_servers, deployment.raw, corpus.events(options.headlines))
    with deployment.running() as processes:
        meter = Meter(deployment, processes)
        for _ in deployment.progress(processes, int(WARM * options.headlines)):
            pass
        begin = meter.whole()
        for _ in deployment.progress(processes, int(PLAIN * options.headlines)):
            pass
        middle = meter.whole()
        watched = _watched(processes[0].pid)
        before = {name: _threads_s(process) for name, process in watched.items()}
        files = _looked_at(spy, watched, options.seconds, options.rate)
        after = {name: _threads_s(process) for name, process in watched.items()}
        end = meter.whole()
    deployment.remove()
    if not begin.out < middle.out < end.out < options.headlines:
        raise SystemExit(f"all was done in less than {options.seconds} s: give it more by --headlines")
    count = end.out - middle.out
    profiles = {}
    for name, file in files.items():
        us = {
            thread: (spent - before[name].get(thread, 0.0)) / count * 1e6
            for thread, spent in after[name].items()
        }
        profiles[name] = Profile.of(file.read_text().splitlines(), us)
    return Profiled(profiles, cost(middle, end), cost(begin, middle))


def found_spy(named: str | None) -> str:
    """The program.

    Raises:
        SystemExit: it is not there.
    """
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join((beside, os.environ.get("PATH", "")))
    found = shutil.which(named or "py-spy", path=path)
    if found is None:
        raise SystemExit(
            f"{named or 'py-spy'} is not there; it looks at the processes: pip install py-spy, or name it by --py-spy"
        )
    return found


def _watched(worker: int) -> dict[str, psutil.Process]:
    """The worker's process and its helper's, if it has one."""
    found = {"worker": psutil.Process(worker)}
    for child in found["worker"].children():
        if "worker.stages.helper" in child.cmdline():
            found["helper"] = child
    return found


def _threads_s(process: psutil.Process) -> dict[int, float]:
    """Seconds of CPU by thread, user and system."""
    return {thread.id: thread.user_time + thread.system_time for thread in process.threads()}


def _looked_at(spy: str, watched: Mapping[str, psutil.Process], seconds: int, rate: int) -> dict[str, Path]:
    """Look at processes at once for so long; where their stacks are.

    Raises:
        SystemExit: py-spy says why it can not.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    command = [spy, "record", "--format", "raw", "--threads", "--duration", str(seconds), "--rate", str(rate)]
    files = {name: LOGS / f"profile-{name}.txt" for name in watched}
    with ExitStack() as stack:
        looking = []
        for name, file in files.items():
            process = subprocess.Popen(
                [*command, "--pid", str(watched[name].pid), "--output", str(file)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            looking.append(process)
        for process in looking:
            _, said = process.communicate(timeout=seconds + PATIENCE_S)
            if process.returncode:
                raise SystemExit(
                    f"py-spy failed: {said.decode(errors='replace').strip()}\nit has to be allowed to look at other"
                    " processes: run this as root, or with kernel.yama.ptrace_scope=0"
                )
    return files


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("file", nargs="?", type=Path, help="headlines, one a line (.gz too); composed ones without")
    add("--headlines", type=int, default=600_000, help="in the topic (%(default)s)")
    add("--seconds", type=int, default=8, help="how long py-spy looks (%(default)s)")
    add("--rate", type=int, default=250, help="how often a second (%(default)s)")
    add("--set", action="append", default=[], type=setting, help="newswire's, as worker.helper=off")
    add("--py-spy", metavar="PROGRAM", help="where it is, if it is not beside Python or on the path")
    add("--json", type=Path, default=ROOT / ".cache/bench/profile.json", help="where the figures go")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
