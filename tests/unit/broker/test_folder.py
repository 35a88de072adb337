import os
import sys

import pytest
from worker.broker.folder import ClusterFolder, DataFolder, new_cluster_id
from worker.errors import LocalBrokerError

ID = new_cluster_id()


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
    folder.format(counting, ID)
    folder.format(counting, ID)
    assert (tmp_path / "tool.ran").read_text() == "x"


def test_a_formatting_that_was_broken_off_is_done_anew(folder, tmp_path):
    os.close(folder.claim())
    folder.partitions.mkdir()
    (folder.partitions / "half").write_text("")
    folder.format(tool(tmp_path, ""), ID)
    assert not folder.partitions.exists()
    assert folder.formatted.read_text().strip() == ID


def test_what_the_tool_says_is_in_the_error(folder, tmp_path):
    os.close(folder.claim())
    with pytest.raises(LocalBrokerError, match=r"could not be formatted; Kafka said:\nno such setting"):
        folder.format(tool(tmp_path, "import sys; sys.exit('no such setting')"), ID)
    assert not folder.formatted.exists()


def formatted(folder, cluster_id):
    """A node's folder as a start leaves it."""
    os.close(folder.claim())
    folder.partitions.mkdir()
    folder.formatted.write_text(cluster_id)


def formatted_cluster(root, count):
    cluster = ClusterFolder(root, count)
    root.mkdir(exist_ok=True)
    for folder in cluster.nodes:
        formatted(folder, cluster.cluster_id())
    return cluster


def test_one_node_has_the_folder_itself_and_several_have_folders_in_it(tmp_path):
    assert [folder.root for folder in ClusterFolder(tmp_path, 1).nodes] == [tmp_path]
    assert [folder.root.name for folder in ClusterFolder(tmp_path, 3).nodes] == ["node-1", "node-2", "node-3"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_cluster_keeps_its_id(tmp_path, count):
    first = formatted_cluster(tmp_path / "data", count).nodes[0].formatted.read_text()
    assert ClusterFolder(tmp_path / "data", count).cluster_id() == first
    assert ClusterFolder(tmp_path, count).cluster_id() != first


@pytest.mark.parametrize(("held", "wanted"), [(1, 3), (3, 1), (3, 2)])
def test_a_folder_of_another_size_of_cluster_is_refused_with_what_to_do(tmp_path, held, wanted):
    formatted_cluster(tmp_path / "data", held)
    ClusterFolder(tmp_path / "data", held).refuse_another()
    with pytest.raises(LocalBrokerError, match=rf"holds a cluster of {held} .* --nodes {held}, .* --fresh"):
        ClusterFolder(tmp_path / "data", wanted).refuse_another()


@pytest.mark.parametrize(("held", "wanted"), [(1, 3), (3, 1), (3, 2), (3, 3)])
def test_a_fresh_start_removes_a_cluster_of_any_size_and_nothing_else(tmp_path, held, wanted):
    root = tmp_path / "data"
    formatted_cluster(root, held)
    (root / "thesis.doc").write_text("mine")
    cluster = ClusterFolder(root, wanted)
    cluster.empty()
    cluster.refuse_another()
    left = {path.name for path in root.rglob("*") if path.is_file()}
    assert left == {"thesis.doc", "lock"}
    assert not list(root.rglob("partitions"))


def test_a_fresh_start_does_not_empty_the_folder_of_another_size_that_is_in_use(tmp_path):
    held = formatted_cluster(tmp_path / "data", 3)
    claim = held.nodes[1].claim()
    with pytest.raises(LocalBrokerError, match=r"node-2 is in use by another broker"):
        ClusterFolder(tmp_path / "data", 1).empty()
    os.close(claim)
    assert held.nodes[1].partitions.exists()
