"""The page about consumers names every program beside it, as it is called. They are run by tests/consumers."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

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
    spec = importlib.util.spec_from_file_location("postgresql", CONSUMERS / "postgresql.py")
    postgresql = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(postgresql)
    metadata = SimpleNamespace(topics={"headlines.raw": object(), "weather": object()})
    admin = SimpleNamespace(list_topics=lambda timeout: metadata)

    with pytest.raises(SystemExit, match=r"Kafka has no streams: none of its topics is news\.\*"):
        postgresql.partitions(admin)
