import hashlib
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from worker.broker.fetch import TRIES, fetch
from worker.broker.jars import Jar
from worker.errors import LocalBrokerError

CONTENTS = {"kafka_2.13": b"broker" * 9000, "kafka-clients": b"clients" * 5000}
JARS = tuple(
    Jar("org.example", artifact, "4.0.0", hashlib.sha256(content).hexdigest(), len(content))
    for artifact, content in CONTENTS.items()
)


def path_of(jar):
    return f"/org/example/{jar.artifact}/4.0.0/{jar.filename}"


class Repository(ThreadingHTTPServer):
    """A Maven repository on this machine that serves `files`, each after `failures` failures."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {path_of(jar): CONTENTS[jar.artifact] for jar in JARS}
        self.failures = 0
        self.asked = Counter()


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked[self.path] += 1
        content = self.server.files.get(self.path)
        if content is None or self.server.asked[self.path] <= self.server.failures:
            self.send_error(404 if content is None else 503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that jgo is pointed at by its own configuration file."""
    with Repository() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        config = tmp_path / "jgo.conf"
        config.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server
        server.shutdown()


def files(folder):
    return {path.name for path in folder.iterdir()} - {"fetch.lock"}


def test_missing_jars_are_downloaded_and_the_rest_is_left_alone(repository, tmp_path, capsys):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / JARS[0].filename).write_bytes(CONTENTS["kafka_2.13"])
    fetch(JARS, cache)
    assert files(cache) == {jar.filename for jar in JARS}
    assert (cache / JARS[1].filename).read_bytes() == CONTENTS["kafka-clients"]
    assert not any("kafka_2.13" in path for path in repository.asked)
    told = capsys.readouterr().err
    assert told.startswith("Fetching Apache Kafka 4.0.0, 35.0 kB, this once\n")
    assert "100%" in told


def test_nothing_is_asked_or_said_when_all_jars_are_there(repository, tmp_path, capsys):
    cache = tmp_path / "cache"
    fetch(JARS, cache)
    asked, _ = repository.asked.copy(), capsys.readouterr()
    fetch(JARS, cache)
    assert repository.asked == asked
    assert capsys.readouterr().err == ""


def test_a_download_that_is_not_the_locked_file_is_named_and_thrown_away(repository, tmp_path):
    repository.files[path_of(JARS[1])] = b"something else"
    with pytest.raises(
        LocalBrokerError, match=r"org\.example:kafka-clients:4\.0\.0 as downloaded is not the jar"
    ):
        fetch(JARS, tmp_path / "cache")
    assert JARS[1].filename not in files(tmp_path / "cache")
    assert "staging" not in files(tmp_path / "cache")


def test_a_repository_that_fails_now_and_then_is_asked_again(repository, tmp_path):
    repository.failures = TRIES - 1
    fetch(JARS, tmp_path / "cache")
    assert files(tmp_path / "cache") == {jar.filename for jar in JARS}


def test_a_repository_that_goes_on_failing_is_told_with_what_to_do(repository, tmp_path):
    repository.failures = TRIES
    with pytest.raises(LocalBrokerError, match=r"could not be fetched, tried 3 times: .* Check the network"):
        fetch(JARS, tmp_path / "cache")
    assert "staging" not in files(tmp_path / "cache")


def test_an_unreachable_repository_is_told_with_what_to_do(repository, tmp_path):
    repository.shutdown()
    repository.server_close()
    with pytest.raises(LocalBrokerError, match="could not be fetched, tried 3 times"):
        fetch(JARS, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_told_with_the_way_to_another(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LocalBrokerError, match=r"cannot be written .* NEWSWIRE_CACHE_DIR"):
        fetch(JARS, tmp_path / "file" / "cache")


def test_without_jgo_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(LocalBrokerError, match=r"needs the package jgo: pip install 'newswire\[local\]'"):
        fetch(JARS, tmp_path / "cache")
