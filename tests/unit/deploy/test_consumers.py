"""The page about consumers names every program beside it, as it is called. They are run by tests/consumers."""

import importlib.util
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

CONSUMERS = Path(__file__).resolve().parents[3] / "deploy" / "consumers"


def test_the_page_names_every_program():
    page = (CONSUMERS / "README.md").read_text()
    programs = [path for path in CONSUMERS.iterdir() if path.suffix in {".py", ".sh"}]

    assert len(programs) == 6
    for program in programs:
        assert f"[{program.name}]({program.name})" in page
        assert f"    {'python ' if program.suffix == '.py' else ''}deploy/consumers/{program.name}" in page


def test_each_program_can_be_read_in_two_minutes():
    for program in filter(Path.is_file, CONSUMERS.iterdir()):
        assert len(program.read_text().splitlines()) <= 100, program.name


def test_a_kafka_without_streams_ends_the_loader_of_postgresql():
    metadata = SimpleNamespace(topics={"headlines.raw": object(), "weather": object()})
    admin = SimpleNamespace(list_topics=lambda timeout: metadata)

    with pytest.raises(SystemExit, match=r"Kafka has no streams: none of its topics is news\.\*"):
        loaded("postgresql").partitions(admin)


def test_a_commit_that_comes_too_late_for_a_revocation_does_not_end_the_member(monkeypatch):
    place = TopicPartition("news.sport", 0, 7)
    told = []

    class Revoked:
        """A consumer that is given a partition and loses it at once, to others that have it already."""

        def __init__(self, _):
            pass

        def subscribe(self, _, on_assign, on_revoke, on_lost):
            self.on_assign, self.on_revoke = on_assign, on_revoke

        def poll(self, _):
            self.on_assign(self, [place])
            self.on_revoke(self, [place])
            signal.raise_signal(signal.SIGINT)

        def committed(self, partitions, timeout):
            return partitions

        def get_watermark_offsets(self, _, timeout):
            return 0, 9

        def assign(self, partitions):
            told.append("assigned")

        def commit(self, offsets, asynchronous):
            told.append("commit")
            raise KafkaException(KafkaError(KafkaError.ILLEGAL_GENERATION))

        def close(self):
            told.append("closed")

    program = loaded("with_confluent")
    monkeypatch.setattr(program, "Consumer", Revoked)
    before = signal.getsignal(signal.SIGINT)
    try:
        program.main()
    finally:
        signal.signal(signal.SIGINT, before)

    assert told == ["assigned", "commit", "closed"]


def loaded(name):
    """A program as a module."""
    spec = importlib.util.spec_from_file_location(name, CONSUMERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
