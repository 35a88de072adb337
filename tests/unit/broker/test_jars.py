import hashlib
from pathlib import Path

import pytest
from worker.broker import jars
from worker.broker.jars import TOOLS_LOCK, Jar, kafka_version, locked_jars, missing, verify
from worker.errors import LocalBrokerError


def jar_of(content: bytes, artifact: str = "kafka_2.13") -> Jar:
    return Jar("org.example", artifact, "4.0.0", hashlib.sha256(content).hexdigest(), len(content))


def test_the_lock_of_the_repository_names_one_kafka_4_and_each_jar_once():
    locked = locked_jars()
    assert kafka_version(locked).startswith("4.")
    assert len({jar.filename for jar in locked}) == len(locked) > 40
    assert {"kafka-clients", "kafka-server", "log4j-slf4j-impl"} <= {jar.artifact for jar in locked}


def test_the_tools_are_of_the_same_kafka_and_no_jar_is_named_twice():
    tools, broker = locked_jars(TOOLS_LOCK), locked_jars()
    assert {jar.version for jar in tools if jar.artifact == "kafka-tools"} == {kafka_version(broker)}
    assert {jar.coordinate for jar in tools}.isdisjoint(jar.coordinate for jar in broker)


def test_a_line_of_the_lock_is_read_into_its_parts(tmp_path):
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"# a comment\n\n{'a' * 64} 12 org.example:some-jar_2.13:4.0.1\n")
    (jar,) = locked_jars(lock)
    assert jar == Jar("org.example", "some-jar_2.13", "4.0.1", "a" * 64, 12)
    assert jar.filename == "some-jar_2.13-4.0.1.jar"
    assert jar.coordinate == "org.example:some-jar_2.13:4.0.1"


@pytest.mark.parametrize(
    "line",
    [
        f"{'a' * 63} 12 org.example:jar:1",
        f"{'a' * 64} org.example:jar:1",
        f"{'a' * 64} 12 org.example:jar",
        f"{'a' * 64} 12 org.example:../jar:1",
        f"{'a' * 64} 0 org.example:jar:1",
    ],
)
def test_a_broken_line_is_named_with_its_place(tmp_path, line):
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"# a comment\n{line}\n")
    with pytest.raises(LocalBrokerError, match=r"kafka\.lock:2: .*make lock"):
        locked_jars(lock)


def test_jars_that_are_what_the_lock_says_pass(tmp_path):
    one, two = jar_of(b"one"), jar_of(b"two", "kafka-clients")
    (tmp_path / one.filename).write_bytes(b"one")
    (tmp_path / two.filename).write_bytes(b"two")
    assert missing((one, two), tmp_path) == ()
    verify((one, two), tmp_path)


def test_a_jar_with_another_checksum_is_named_and_refused(tmp_path):
    one, two = jar_of(b"one"), jar_of(b"two", "kafka-clients")
    (tmp_path / one.filename).write_bytes(b"one")
    (tmp_path / two.filename).write_bytes(b"twO")
    with pytest.raises(
        LocalBrokerError, match=r"kafka-clients-4\.0\.0\.jar is not the jar .* It was not run; delete it"
    ):
        verify((one, two), tmp_path)


def test_a_jar_that_is_not_there_is_missing(tmp_path):
    one, two = jar_of(b"one"), jar_of(b"two", "kafka-clients")
    (tmp_path / one.filename).write_bytes(b"one")
    assert missing((one, two), tmp_path) == (two,)


def test_the_cache_is_the_users_and_the_environment_moves_it(monkeypatch):
    monkeypatch.delenv(jars.CACHE_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert jars.default_cache() == Path.home() / ".cache/newswire"
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert jars.default_cache() == Path("/elsewhere/newswire")
    monkeypatch.setenv(jars.CACHE_VARIABLE, "/chosen")
    assert jars.default_cache() == Path("/chosen")
