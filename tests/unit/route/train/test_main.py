"""The whole training, on headlines that are made up here."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest
from worker.route.router import Router
from worker.route.train.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {
    "sport": ["striker", "goalkeeper", "derby", "penalty", "champion", "stadium"],
    "weather": ["sunny", "drizzle", "forecast", "breeze", "temperatures", "heatwave"],
    "health": ["vaccine", "clinic", "surgeon", "patients", "influenza", "dosage"],
}
SHARED = ["the", "new", "old", "after", "before", "with", "city", "report", "says", "week"]


def headline(rng: random.Random, topic: str) -> str:
    return " ".join(rng.choices(WORDS[topic], k=3) + rng.choices(SHARED, k=4))


def labels(rng: random.Random, count: int) -> str:
    topics = rng.choices(list(WORDS), k=count)
    lines = (f"{topic}\t{'health' if topic == 'weather' else ''}\t{headline(rng, topic)}" for topic in topics)
    return "\n".join(["topic\tacceptable\theadline", *lines]) + "\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = random.Random(7)
    (tmp_path / "topics_train.tsv").write_text(labels(rng, 150))
    (tmp_path / "topics_dev.tsv").write_text(labels(rng, 30))
    topics = rng.choices(list(WORDS), k=200)
    percents = ["\t".join("90" if column == topic else "5" for column in WORDS) for topic in topics]
    stream = "\n".join(headline(rng, topic) for topic in topics)
    (tmp_path / "stream.txt.gz").write_bytes(gzip.compress(stream.encode()))
    soft = "\n".join(["\t".join(WORDS), *percents])
    (tmp_path / "stream_topics.tsv.gz").write_bytes(gzip.compress(soft.encode()))
    return tmp_path


def train(data: Path, output: Path) -> int:
    return main(["--data", str(data), "--natural", "90", "--output", str(output)])


def test_training_writes_a_model_that_routes_and_says_how_well(
    data: Path, capsys: pytest.CaptureFixture[str]
):
    assert train(data, data / "model") == 0
    router = Router.load(data / "model")
    (route,) = router.route(["striker says penalty"], threshold=0.5, also_threshold=1.0)
    assert route.topic == "sport"
    report = capsys.readouterr().out
    assert "cross-validated: 90 headlines: primary" in report
    assert "dev set: 30 headlines: primary" in report
    assert router.version in report


def test_training_again_gives_the_same_file(data: Path):
    assert train(data, data / "first") == train(data, data / "second") == 0
    assert (data / "first").read_bytes() == (data / "second").read_bytes()


def test_training_without_its_files_says_which_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert train(tmp_path, tmp_path / "model") == 2
    assert "topics_train.tsv" in capsys.readouterr().err
