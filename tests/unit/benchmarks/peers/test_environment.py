"""The Python of the peers' libraries: which is taken, when it is made anew, what is said where it can not be had."""

from __future__ import annotations

import re
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.benchmarks.peers import environment
from tests.benchmarks.peers.environment import LIBRARIES, LOCK, PeersError
from tests.benchmarks.peers.systems import peers
from tests.benchmarks.system import ROOT
from tests.benchmarks.systems import NEWSWIRE, chosen

PINS = re.compile(r"(?m)^([\w.-]+)==(\S+)")


def test_the_pure_stages_run_on_the_versions_that_the_worker_has():
    ours = dict(PINS.findall((ROOT / "requirements.lock").read_text()))
    theirs = dict(PINS.findall(LOCK.read_text()))
    stages = ("aiokafka", "jsonschema-rs", "msgspec", "numpy", "orjson")
    assert {name: theirs[name] for name in stages} == {name: ours[name] for name in stages}


def test_the_lock_holds_hashes_and_names_no_index():
    text = LOCK.read_text()
    assert len(PINS.findall(text)) <= text.count("--hash=sha256:")
    assert "://" not in text


def test_what_is_installed_is_used_as_long_as_the_lock_is_the_same(tmp_path: Path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("some==1.0\n")
    interpreter = _installed(tmp_path / "peers", lock)
    assert environment.python(tmp_path / "peers", lock) == interpreter


def test_a_changed_lock_is_installed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("some==1.0\n")
    _installed(tmp_path / "peers", lock)
    lock.write_text("some==1.1\n")
    monkeypatch.setattr(environment, "CANDIDATES", ("no-such-python",))
    with pytest.raises(PeersError, match=r"need Python 3\.11 or 3\.12 .* none of no-such-python is one"):
        environment.python(tmp_path / "peers", lock)


def test_a_failed_installation_says_what_failed_and_leaves_nothing_that_looks_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lock = tmp_path / "requirements.lock"
    lock.write_text("some==1.0\n")
    said = "print('no index'); raise SystemExit(1)"
    monkeypatch.setattr(environment, "_fitting", lambda _: sys.executable)
    run = environment._run
    monkeypatch.setattr(environment, "_run", lambda _: run([sys.executable, "-c", said]))
    with pytest.raises(PeersError, match="no index\nSee to it that pip reaches its package index"):
        environment.python(tmp_path / "peers", lock)
    assert not (tmp_path / "peers/installed").exists()


def test_versions_are_told_only_where_a_system_runs_on_them():
    assert environment.versions([NEWSWIRE]) == {}
    told = environment.versions(peers(environment.FOLDER / "bin/python"))
    assert list(told) == [f"peers' {name}" for name in LIBRARIES]


def test_every_peer_has_a_name_of_its_own_a_program_and_a_guarantee():
    systems = peers(Path("python"))
    assert len({system.name for system in systems}) == len(systems)
    for system in systems:
        *_, module = system.command[2].split(".")
        assert (ROOT / "tests/benchmarks/peers" / f"{module}.py").is_file()
        assert system.guarantees.startswith(("none: ", "at least once: "))


def test_an_unknown_system_is_refused_with_the_names_that_there_are():
    with pytest.raises(
        ValueError, match=r"no system is called 'Flink'; there are newswire, .*confluent-kafka loop"
    ):
        chosen("newswire, Flink")


def _installed(folder: Path, lock: Path) -> Path:
    interpreter = folder / "bin/python"
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    (folder / "installed").write_text(sha256(lock.read_bytes()).hexdigest())
    return interpreter
