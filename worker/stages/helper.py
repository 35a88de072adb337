"""The helper: a process beside the worker that computes the stages, so that two processors have work.

It ends when the worker closes the socket, for whatever reason, and at the first error of its own. Signals are the
worker's business: what is sent to the whole process group must not end the helper before the worker has drained.
"""

from __future__ import annotations

import pickle
import signal
import socket
import sys
import traceback
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from worker import collector
from worker.errors import UsageError
from worker.stages import wire
from worker.stages.wire import HEADER, Answer, Ask

if TYPE_CHECKING:
    from worker.stages.opening import Loaded
    from worker.stages.stages import Stages


def main() -> None:
    """Serve the worker at the other end of the socket whose number is the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    collector.run_seldom()
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
    desk, code = _Desk(), 0
    try:
        for kind, body in iter(requests.get, None):
            answers.put(wire.packed(Answer.DONE, desk.answer(kind, body)))
    except UsageError as error:
        answers.put(wire.refused(error))
        code = error.exit_code
    except Exception:  # noqa: BLE001 - whatever it is, the worker is told, and ends
        answers.put(wire.packed(Answer.FAILED, traceback.format_exc()))
        code = 1
    answers.put(None)
    sending.join()
    if code:
        sys.exit(code)


class _Desk:
    """Answers requests in their order: what to load, then how to begin, then all the others."""

    _loaded: Loaded
    _stages: Stages

    def answer(self, kind: int, body: bytearray) -> object:
        """What the worker has asked for."""
        if kind == Ask.READ:
            return self._stages.read(*wire.decode_read(body))
        if kind == Ask.WRITE:
            return self._stages.write(*wire.decode_write(body))
        if kind == Ask.LOAD:
            self._loaded = _loaded(body)
            collector.keep()
            return self._loaded.opened
        self._stages = self._loaded.stages(wire.decode_partitions(body))
        collector.sweep()
        return None


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


def _loaded(settings: bytearray) -> Loaded:
    # Here, so that by now signals are left to the worker, and that it is noticed when the worker ends meanwhile.
    from worker.stages.opening import Loaded

    return Loaded.by(pickle.loads(settings))


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
