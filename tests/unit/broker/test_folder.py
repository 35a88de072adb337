import os
import sys

import pytest
from worker.broker.folder import DataFolder
from worker.errors import LocalBrokerError


@pytest.fixture
def folder(tmp_path):
    return DataFolder(tmp_path / "data")


def tool(tmp_path, code):
    """Something in Kafka's storage tool's place, which gets its arguments."""
    script = tmp_path / "tool.py"
    script.write_text(code)
    return [sys.executable, str(script)]


def test_a_folder_is_for_one_broker_at_a_time(folder):
    claim = folder.claim()
    with pytest.raises(LocalBrokerError, match=r"data is in use by another broker"):
        folder.claim()
    os.close(claim)
    os.close(folder.claim())


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalBrokerError, match=r"data folder .*file/data cannot be written"):
        DataFolder(tmp_path / "file" / "data").claim()


def test_a_fresh_start_removes_a_brokers_files_and_nothing_else(folder):
    os.close(folder.claim())
    folder.partitions.mkdir()
    folder.formatted.write_text("id")
    folder.log.write_text("log")
    (folder.root / "thesis.doc").write_text("mine")
    folder.empty()
    assert {path.name for path in folder.root.iterdir()} == {"thesis.doc", "lock"}


def test_a_folder_is_formatted_once(folder, tmp_path):
    os.close(folder.claim())
    counting = tool(
        tmp_path, "import pathlib, sys; pathlib.Path(__file__).with_suffix('.ran').open('a').write('x')"
    )
    folder.format(counting)
    folder.format(counting)
    assert (tmp_path / "tool.ran").read_text() == "x"


def test_a_formatting_that_was_broken_off_is_done_anew(folder, tmp_path):
    os.close(folder.claim())
    folder.partitions.mkdir()
    (folder.partitions / "half").write_text("")
    folder.format(tool(tmp_path, ""))
    assert not folder.partitions.exists()
    assert folder.formatted.read_text().strip()


def test_what_the_tool_says_is_in_the_error(folder, tmp_path):
    os.close(folder.claim())
    with pytest.raises(LocalBrokerError, match=r"could not be formatted; Kafka said:\nno such setting"):
        folder.format(tool(tmp_path, "import sys; sys.exit('no such setting')"))
    assert not folder.formatted.exists()
