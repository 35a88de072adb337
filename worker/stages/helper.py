"""The helper: a process beside the worker that computes the stages, so that two processors have work.

It ends when the worker closes the socket, for whatever reason, and at the first error of its own. Signals are the
worker's business: what is sent to the whole process group must not end the helper before the worker has drained.
"""

from __future__ import annotations

import gc
import pickle
import signal
import socket
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from worker.stages import opening, wire
from worker.stages.wire import HEADER, Answer, Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.config import Settings
    from worker.stages.stages import Stages


@dataclass(frozen=True)
class Setup:
    """What the helper is told at first: the settings, the version of the log that is written, and the partitions."""

    settings: Settings
    writes: int
    partitions: Mapping[str, int]


def main() -> None:
    """Serve the worker at the other end of the socket whose number is the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as worker:
        serve(worker)


def serve(worker: socket.socket) -> None:
    """Answer one request after the other, until there are no more.

    The worker is often busy for tens of milliseconds; meanwhile the next request is here already, and the last answer
    waits elsewhere. Two threads see to that.
    """
    requests: SimpleQueue[tuple[int, bytearray] | None] = SimpleQueue()
    answers: SimpleQueue[bytes | None] = SimpleQueue()
    Thread(target=_receive, args=(worker, requests), daemon=True).start()
    sending = Thread(target=_send, args=(worker, answers), daemon=True)
    sending.start()
    code = 0
    try:
        _answer(iter(requests.get, None), answers)
    except Exception:  # noqa: BLE001 - whatever it is, the worker is told, and ends
        answers.put(wire.packed(Answer.FAILED, traceback.format_exc()))
        code = 1
    answers.put(None)
    sending.join()
    if code:
        sys.exit(code)


def _answer(requests: Iterator[tuple[int, bytearray]], answers: SimpleQueue[bytes | None]) -> None:
    for _, body in requests:
        stages = _opened(body)
        answers.put(wire.packed(Answer.DONE, None))
        for kind, asked in requests:
            if kind == Ask.READ:
                answer: object = stages.read(*wire.decode_read(asked))
            else:
                answer = stages.write(*wire.decode_write(asked))
            answers.put(wire.packed(Answer.DONE, answer))


def _receive(worker: socket.socket, requests: SimpleQueue[tuple[int, bytearray] | None]) -> None:
    """Queue requests, and None when the worker has closed the socket or is gone."""
    with suppress(ConnectionError):
        while (request := _received(worker)) is not None:
            requests.put(request)
    requests.put(None)


def _send(worker: socket.socket, answers: SimpleQueue[bytes | None]) -> None:
    """Send answers until None comes; to a worker that is gone nothing is sent."""
    with suppress(ConnectionError):
        for answer in iter(answers.get, None):
            worker.sendall(answer)


def _opened(body: bytearray) -> Stages:
    setup: Setup = pickle.loads(body)
    stages = opening.stages(setup.settings, setup.writes, setup.partitions)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*opening.GC_THRESHOLDS)
    return stages


def _received(worker: socket.socket) -> tuple[int, bytearray] | None:
    """The next request, or None when there will be none."""
    header = _exactly(worker, HEADER.size)
    if header is None:
        return None
    length, kind = HEADER.unpack(header)
    body = _exactly(worker, length)
    return None if body is None else (kind, body)


def _exactly(worker: socket.socket, length: int) -> bytearray | None:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        got = worker.recv_into(view)
        if not got:
            return None
        view = view[got:]
    return buffer


if __name__ == "__main__":
    main()
