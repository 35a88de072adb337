"""A process that never outlives us, run behind `guard.py`."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Sequence

GUARD = Path(__file__).with_name("guard.py")


class GuardedProcess:
    """A running command with a guard above it, in a session of its own: no terminal's Ctrl-C comes there.

    When our process ends in any way, SIGKILL included, the guard ends the command.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        output: BinaryIO,
        descriptors: Sequence[int],
        remove: Path | None,
    ) -> None:
        """Starts the command.

        Args:
            command: Program and arguments.
            folder: Its working folder.
            output: Where its output goes.
            descriptors: Open file descriptors that are held for as long as it runs.
            remove: The folder that the guard removes should it be left alone with the command.

        Raises:
            LocalBrokerError: The command could not be started.
        """
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), str(remove or ""), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=folder,
            pass_fds=descriptors,
            start_new_session=True,
            bufsize=0,
        )
        self._orders = cast("IO[bytes]", self._guard.stdin)
        with cast("IO[bytes]", self._guard.stdout) as told:
            line = told.readline()
        if not line:
            self.wait()
            raise LocalBrokerError(f"{command[0]} could not be started; {output.name} says why")
        self.pid = int(line)

    def signal(self, number: int) -> None:
        """Sends a signal to the command; nothing happens if it has ended."""
        with suppress(BrokenPipeError, ValueError):
            self._orders.write(bytes([number]))

    def wait(self, timeout: float | None = None) -> int | None:
        """Waits for the command to end.

        Args:
            timeout: Seconds; None waits for ever.

        Returns:
            Its exit code, 128 + n if signal n ended it; None if it still runs.
        """
        try:
            code = self._guard.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._orders.close()
        return code
