"""The demo: a local Apache Kafka, the seed headlines through a worker, and what came out.

It runs newswire's own commands as a user would type them, in processes of their own, and shows each.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from rich.table import Table

from worker.broker import LocalBroker
from worker.broker.probe import free_ports
from worker.config import load
from worker.console import open_console
from worker.errors import NewswireError
from worker.mediatopics import STREAMS
from worker.metrics import Outcome
from worker.status import WorkerStatus, observe
from worker.tail import open_tail, stream_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from worker.config import Settings

_DEADLINE_S: Final = 90.0
_POLL_S: Final = 0.2
_WIDTH: Final = 120
_OUTCOMES: Final = {
    Outcome.ROUTED: "routed",
    Outcome.DUPLICATE: "duplicates",
    Outcome.DEAD_LETTER: "dead letters",
    Outcome.SKIPPED: "skipped",
}


def run() -> None:
    """Show the whole way of the seed headlines.

    Raises:
        NewswireError: a step failed; the message holds the last lines of its log.
    """
    console = open_console(piped_width=_WIDTH, highlight=False)
    with tempfile.TemporaryDirectory(prefix="newswire-demo-") as folder:
        console.print("[bold]$ newswire broker --port 0 &[/]")
        with LocalBroker(data_dir=Path(folder) / "kafka") as broker:
            console.print(f"Apache Kafka, made afresh, answers at {broker.bootstrap_servers}")
            _Demo(console, Path(folder), broker.bootstrap_servers).show()


class _Demo:
    def __init__(self, console: Console, folder: Path, bootstrap_servers: str) -> None:
        port = free_ports(1)[0]
        self._console = console
        self._log = folder / "worker.log"
        self._url = f"http://127.0.0.1:{port}/metrics"
        # Settings of the shell are for other deployments; the commands get these and no others.
        for name in [name for name in os.environ if name.startswith("NEWSWIRE_") and "__" in name]:
            del os.environ[name]
        os.environ["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"] = bootstrap_servers
        os.environ["NEWSWIRE_HTTP__PORT"] = str(port)
        self._settings: Settings = load()

    def show(self) -> None:
        self._command("topics", "apply", quiet=True)
        with self._worker() as worker:
            self._wait(worker, "become ready", lambda status: not status.unready)
            # Slow enough that the headlines reach the log in the order of the document, whatever their partitions.
            self._command("replay", "--rate", "40")
            total = self._raw_records()
            status = self._wait(
                worker, "answer for every headline", lambda status: sum(status.outcomes.values()) >= total
            )
            routed, duplicates = asyncio.run(self._outputs())
        self._print_routed(routed)
        self._print_duplicates(duplicates)
        self._print_balance(total, status.outcomes)

    # -- the steps

    def _command(self, *arguments: str, quiet: bool = False) -> None:
        self._console.print(f"\n[bold]$ newswire {' '.join(arguments)}[/]")
        done = subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f":\n{done.stdout}" if quiet else "; it says why above"
            raise NewswireError(f"newswire {' '.join(arguments)} ended with code {done.returncode}{said}")
        if quiet:
            self._console.print(f"{len(STREAMS)} streams, and the topics that stand behind them")

    @contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[bytes]]:
        self._console.print("\n[bold]$ newswire worker &[/]")
        with self._log.open("wb") as log:
            worker = subprocess.Popen([sys.executable, "-m", "worker", "worker"], stdout=log, stderr=log)
        try:
            yield worker
            worker.send_signal(signal.SIGTERM)
            if code := worker.wait(_DEADLINE_S):
                raise NewswireError(f"the worker ended with code {code}:\n{self._log_end()}")
        finally:
            worker.kill()
            worker.wait()

    def _wait(
        self, worker: subprocess.Popen[bytes], what: str, reached: Callable[[WorkerStatus], bool]
    ) -> WorkerStatus:
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            found = asyncio.run(observe(self._settings, [self._url])).workers
            if found and reached(found[0]):
                return found[0]
            if worker.poll() is not None or time.monotonic() > deadline:
                raise NewswireError(f"the worker did not {what} in {_DEADLINE_S:g} s:\n{self._log_end()}")
            time.sleep(_POLL_S)

    # -- what is read

    def _raw_records(self) -> int:
        kafka = asyncio.run(observe(self._settings, [])).kafka
        return 0 if kafka is None else sum(lag.end - lag.begin for lag in kafka.lags)

    async def _outputs(self) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
        """What came out: routed events by stream, and duplicates."""
        names = stream_names(self._settings.topics)
        streams = [names[slug] for slug in STREAMS]
        values: dict[str, list[dict[str, Any]]] = {name: [] for name in (*streams, names["duplicates"])}
        async with open_tail(self._settings, tuple(values), from_beginning=True) as tail:
            while not await tail.up_to_the_end():
                for record in await tail.next():
                    values[record.topic].append(orjson.loads(record.value or b"null"))
        return {name: values[name] for name in streams}, values[names["duplicates"]]

    def _log_end(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    # -- what is shown

    def _print_routed(self, routed: dict[str, list[dict[str, Any]]]) -> None:
        table = Table(
            "stream", "verdict", "headline", "confidence", title="Routed", title_justify="left", box=None
        )
        for stream, events in routed.items():
            for event in sorted(events, key=lambda event: -event["confidence"]):
                update = "[bold]update[/]" if event["verdict"] == "update" else "[dim]original[/]"
                table.add_row(f"[cyan]{stream}[/]", update, _plain(event), f"{event['confidence']:.2f}")
        self._headlines = {event["id"]: _plain(event) for events in routed.values() for event in events}
        self._console.print()
        self._console.print(table)
        self._console.print(
            "update: the story of an earlier headline, with a new fact; it is routed like an original"
        )

    def _print_duplicates(self, duplicates: list[dict[str, Any]]) -> None:
        table = Table(
            "suppressed", "says the same as", "reason", title="Duplicates", title_justify="left", box=None
        )
        for event in duplicates:
            table.add_row(_plain(event), self._headlines.get(event["duplicate_of"], "?"), event["reason"])
        self._console.print()
        self._console.print(table)

    def _print_balance(self, total: int, outcomes: dict[str, int]) -> None:
        parts = " + ".join(f"{outcomes[name]} {words}" for name, words in _OUTCOMES.items())
        closed = sum(outcomes.values()) == total
        self._console.print(
            f"\n[bold]{total} headlines = {parts}[/]" + ("" if closed else "  [red]not closed[/]")
        )
        if not closed:
            raise NewswireError("the balance does not close: a headline is lost, or counted twice")


def _plain(event: dict[str, Any]) -> str:
    return str(event["headline"]).replace("[", r"\[")
