import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from worker.broker.process import GUARD, GuardedProcess
from worker.errors import LocalBrokerError

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


@pytest.fixture
def start(tmp_path):
    """Starts commands whose output goes to the file `output`."""
    started = []

    def run(*command, descriptors=()):
        with (tmp_path / "output").open("ab") as output:
            process = GuardedProcess(
                command, folder=tmp_path, output=output, descriptors=descriptors, remove=None
            )
        started.append(process)
        return process

    yield run
    for process in started:
        process.signal(signal.SIGKILL)
        process.wait()


def guard(folder, *command):
    """A guard whose parent's end of the pipe is in the test's hands; its command writes to stderr."""
    arguments = [sys.executable, "-I", "-S", str(GUARD), str(folder), *command]
    process = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    process.stdout.readline()
    assert process.stderr.readline() == b"up\n"
    return process


def test_output_goes_to_the_file_and_the_exit_code_comes_back(start, tmp_path):
    process = start(sys.executable, "-c", "import sys; print('hello'); sys.exit(3)")
    assert process.wait() == 3
    assert (tmp_path / "output").read_text() == "hello\n"


def test_a_signal_reaches_the_command_and_shows_in_the_exit_code(start):
    process = start(*SLEEP)
    assert process.wait(0) is None
    process.signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    process.signal(signal.SIGTERM)


def test_the_pid_is_the_commands_own(start, tmp_path):
    process = start(sys.executable, "-c", "import os; print(os.getpid())")
    process.wait()
    assert int((tmp_path / "output").read_text()) == process.pid


def test_a_terminals_interrupt_does_not_reach_the_command(start):
    process = start(*SLEEP)
    assert os.getpgid(process.pid) != os.getpgid(0)


def test_a_command_that_cannot_be_started_is_an_error_that_names_it(start):
    with pytest.raises(LocalBrokerError, match=r"^/no/such/program could not be started; .*output says why"):
        start("/no/such/program")


def test_when_the_parent_is_gone_the_command_ends_and_its_folder_with_it(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with guard(folder, *SLEEP) as process:
        process.stdin.close()
        assert process.wait() == 128 + signal.SIGTERM
    assert not folder.exists()


def test_when_the_parent_is_gone_a_stopped_command_ends_too(tmp_path):
    with guard("", *SLEEP) as process:
        process.stdin.write(bytes([signal.SIGSTOP]))
        process.stdin.close()
        assert process.wait() == 128 + signal.SIGTERM


def test_the_folder_stays_when_the_parent_ended_the_command(tmp_path):
    with guard(tmp_path, *SLEEP) as process:
        process.stdin.write(bytes([signal.SIGTERM]))
        assert process.wait() == 128 + signal.SIGTERM
    assert Path(tmp_path).exists()


def test_when_the_guard_is_killed_the_command_dies_with_it_on_linux_and_runs_on_elsewhere():
    with guard("", *SLEEP) as process:
        (command,) = psutil.Process(process.pid).children()
        process.kill()
        if sys.platform != "linux":
            command.kill()  # fails if there is no such process any more
        # The command holds the other end: end of file comes when it is gone.
        assert process.stderr.read() == b""
