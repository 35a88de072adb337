"""`newswire`, and a count of what it asks Kafka and the kernel for: `python counted.py worker`.

When it ends it writes the counts, by name, as JSON to the file that NEWSWIRE_COUNTS names. All is put around Python's
sockets and selectors, aiokafka's connection and the helper's frames from outside; the worker knows nothing of it. What
its helper does is not counted.
"""

from __future__ import annotations

import functools
import json
import os
import selectors
import socket
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiokafka.conn import AIOKafkaConnection
from worker import cli
from worker.stages import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE = "NEWSWIRE_COUNTS"
READS = ("recv", "recv_into")
WRITES = ("send", "sendall", "sendmsg")

counters: defaultdict[str, Iterator[int]] = defaultdict(count)
"""The worker has two threads with an event loop each; `next` of a counter is one step for both."""


def counting(owner: object, function: str, name: Callable[..., str]) -> None:
    """Count the calls of a function of a class or module, by the name that a function of its arguments gives."""
    counted: Callable[..., Any] = getattr(owner, function)

    @functools.wraps(counted)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        next(counters[name(*args)])
        return counted(*args, **kwargs)

    setattr(owner, function, wrapper)


def of_socket(kind: str) -> Callable[..., str]:
    """Names that tell the connection to the helper, and an event loop's to itself, from those to Kafka."""
    return lambda one, *_: f"system calls: {kind}, {'local' if one.family == socket.AF_UNIX else 'network'}"


def main() -> None:
    for methods, kind in ((READS, "read"), (WRITES, "write")):
        for method in methods:
            if hasattr(socket.socket, method):
                counting(socket.socket, method, of_socket(kind))
    counting(selectors.DefaultSelector, "select", lambda *_: "system calls: wait")
    counting(AIOKafkaConnection, "send", lambda _, request, *__: f"requests: {type(request).__name__}")
    counting(wire, "frame", lambda *_: "messages to the helper")
    try:
        cli.main()
    finally:
        counts = {name: next(counter) for name, counter in counters.items()}
        Path(os.environ[VARIABLE]).write_text(json.dumps(counts), encoding="utf-8")


if __name__ == "__main__":
    main()
