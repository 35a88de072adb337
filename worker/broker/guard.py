"""Stands between a parent that may be killed at any moment and a command that must not outlive it.

Run as a script, with nothing but the standard library:  guard.py FOLDER COMMAND...

    standard input   a pipe from the parent. Each byte is the number of a signal for the command. Its end
                     means that the parent is gone: the command is ended, then FOLDER is removed (unless "")
    standard output  one line with the command's process id
    standard error   where all output of the command goes
    exit code        the command's; 128 + n if signal n ended it
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

GRACE_S = 10
PR_SET_PDEATHSIG = 1


def main(folder: str, command: list[str]) -> int:
    """Runs the command to its end; returns the exit code."""
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=_die_with_parent()
    )
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    orphaned = threading.Event()
    threading.Thread(target=_obey, args=(child, orphaned), daemon=True).start()
    code = child.wait()
    if orphaned.is_set() and folder:
        shutil.rmtree(folder, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _obey(child: subprocess.Popen[bytes], orphaned: threading.Event) -> None:
    while order := os.read(sys.stdin.fileno(), 1):
        child.send_signal(order[0])
    orphaned.set()
    child.terminate()
    # A stopped process takes no other signal.
    child.send_signal(signal.SIGCONT)
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux, what makes the kernel kill the command when this guard is itself killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
