"""The wheel: what it brings along, and that it works on its own, away from the source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = (
    "worker/broker/kafka.lock",
    "worker/broker/tools.lock",
    "worker/broker/tools-log4j2.properties",
    "worker/broker/log4j2.properties",
    "worker/deduplicate/match/labels.tsv.gz",
    "worker/deduplicate/match/model.json",
    "worker/deduplicate/match/senses.txt",
    "worker/deduplicate/match/surnames.txt",
    "worker/deduplicate/match/words.tsv.gz",
    "worker/deep/NOTICE",
    "worker/deep/encoder.onnx",
    "worker/deep/vocab.txt",
    "worker/language/languages.table",
    "worker/normalize/sources.txt",
    "worker/py.typed",
    "worker/replay/seeds.txt",
    "worker/route/topics.model",
)
NEWEST = (
    "headline.raw:v1",
    "headline.routed:v1.1",
    "headline.duplicate:v1.1",
    "deadletter.headers:v1",
    "deadletter.status:v1",
)
EVENTS = tuple(name.partition(":")[0] for name in NEWEST)
CONTRACTS = (
    "asyncapi.yaml",
    "fingerprint.frame/v1.ksy",
    "fingerprint.frame/v2.ksy",
    "headline.routed/v1.1.json",
    "headline.duplicate/v1.1.json",
)


def done(*command: str | Path, cwd: Path = REPOSITORY) -> str:
    """What a command prints; it sees neither the source tree nor the settings of this process."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NEWSWIRE_"))
    }
    ended = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def sources() -> set[str]:
    files = (path for path in (REPOSITORY / "worker").rglob("*.py") if "__pycache__" not in path.parts)
    return {path.relative_to(REPOSITORY).as_posix() for path in files}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("newswire-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The commands of a new environment with the wheel alone; the packages that it needs are found in this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    done(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        wheel,
    )
    (packages,) = home.glob("lib/python*/site-packages")
    # A folder that is named here is only looked through: an installation of newswire for work on it stays out.
    here = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    (packages / "needed.pth").write_text("\n".join(here))
    return home / "bin"


def test_code_data_and_schemas_are_shipped_and_nothing_else(wheel):
    expected = sources()
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = {f"worker/schemas/{name}" for name in (*CONTRACTS, *(f"{event}/v1.json" for event in EVENTS))}
    assert not {*expected, *DATA, *schemas} - names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"worker", "newswire"}
    assert not [name for name in names if "__pycache__" in name]


def test_a_headline_is_previewed_by_the_installed_command(installed, tmp_path):
    (tmp_path / "one.txt").write_text("Parliament passes budget after all-night debate\n")
    found = json.loads(done(installed / "newswire", "preview", "--json", "one.txt", cwd=tmp_path))
    assert (found["verdict"], found["topic"]) == ("original", "politics")


def test_the_installed_package_has_its_schemas_and_its_seed_headlines(installed, tmp_path):
    script = (
        "import worker; from worker.normalize.schema import load\n"
        f"print(worker.__file__, *(load(event)['$id'] for event in {EVENTS}))"
    )
    where, *ids = done(installed / "python", "-c", script, cwd=tmp_path).split()
    assert Path(where).is_relative_to(installed.parent)
    assert ids == [f"urn:newswire:{name}" for name in NEWEST]
    assert len(done(installed / "newswire", "preview", "--json", cwd=tmp_path).splitlines()) == 62
