"""The audit without a network: which locked versions an advisory holds for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from packaging.version import Version

FILE = Path(__file__).parents[3] / "deploy" / "audit.py"
SPEC = importlib.util.spec_from_file_location("audit", FILE)
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)

LOCK = (
    "aiohttp==3.8.4 \\\n    --hash=sha256:aa\n    # via newswire\nPy_YAML[x]==6.0 ; python_version < '4' \\\n"
)
ADVISORY = """\
id: PYSEC-1
aliases: [CVE-1]
affected:
- package: {name: aiohttp, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: "0"}, {fixed: abc}]
  - type: ECOSYSTEM
    events: [{introduced: "3.0"}, {fixed: 3.8.5}]
"""


@pytest.fixture
def database(tmp_path):
    (tmp_path / "vulns" / "aiohttp").mkdir(parents=True)
    (tmp_path / "vulns" / "aiohttp" / "PYSEC-1.yaml").write_text(ADVISORY)
    return tmp_path


@pytest.fixture
def audited(tmp_path, database, capsys):
    def audited(lock):
        (tmp_path / "requirements.lock").write_text(lock)
        return audit.main(database, [tmp_path / "requirements.lock"]), capsys.readouterr().out

    return audited


def test_every_pin_of_a_lock_is_read_whatever_stands_around_it():
    assert list(audit.pinned(LOCK)) == [("aiohttp", "3.8.4"), ("py-yaml", "6.0")]


def test_a_version_with_an_advisory_is_named_with_it(audited):
    code, said = audited(LOCK)
    assert code == 1
    assert "aiohttp 3.8.4: PYSEC-1, CVE-1; see " in said
    assert "2 packages, 1 advisories" in said


def test_a_version_without_one_is_well(audited):
    code, said = audited(LOCK.replace("3.8.4", "3.8.5"))
    assert (code, said) == (0, "2 packages, 0 advisories that hold for them\n")


def test_what_was_withdrawn_does_not_hold(audited, database):
    file = database / "vulns" / "aiohttp" / "PYSEC-1.yaml"
    file.write_text(ADVISORY + "withdrawn: 2023-08-01T00:00:00Z\n")
    assert audited(LOCK)[0] == 0


def test_a_folder_without_advisories_is_an_error_and_no_all_clear(tmp_path):
    (tmp_path / "vulns").mkdir()
    assert audit.main(tmp_path, []) == 2


@pytest.mark.parametrize(
    ("events", "version", "holds"),
    [
        ([{"introduced": "0"}], "1.0", True),
        ([{"introduced": "0"}, {"fixed": "1.0"}], "1.0", False),
        ([{"introduced": "0"}, {"fixed": "1.0"}], "1.0rc1", True),
        ([{"introduced": "0"}, {"last_affected": "1.0"}], "1.0", True),
        ([{"introduced": "0"}, {"last_affected": "1.0"}], "1.0.1", False),
        ([{"fixed": "1.0"}, {"introduced": "0"}, {"introduced": "2.0"}, {"fixed": "2.1"}], "2.0.5", True),
        ([{"fixed": "1.0"}, {"introduced": "0"}, {"introduced": "2.0"}, {"fixed": "2.1"}], "1.5", False),
        ([{"introduced": "1.0"}], "0.9", False),
    ],
)
def test_a_range_ends_where_it_was_fixed_and_may_begin_again(events, version, holds):
    assert audit.within(events, Version(version)) is holds
