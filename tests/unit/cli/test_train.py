"""`newswire train`: a model of one's own, with figures, a confusion table and a picture, that a setting loads."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from worker.cli import run
from worker.deduplicate.match import own
from worker.mediatopics import SLUGS
from worker.route.router import Router
from worker.train import require_writable

REPOSITORY = Path(__file__).parents[3]
WORDS = {
    "sport": ["striker", "goalkeeper", "derby", "penalty", "champion", "stadium"],
    "weather": ["sunny", "drizzle", "forecast", "breeze", "temperatures", "heatwave"],
    "health": ["vaccine", "clinic", "surgeon", "patients", "influenza", "dosage"],
}
SHARED = ["the", "new", "old", "after", "before", "with", "city", "report", "says", "week"]
TOWNS = ["Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel"]
THINGS = [
    "bridge",
    "library",
    "harbour",
    "museum",
    "railway",
    "reservoir",
    "stadium",
    "tunnel",
    "airport",
    "theatre",
]


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def train(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def train(*arguments, code=0):
        assert run(["train", *map(str, arguments)]) == code
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return train


def topics(count: int) -> str:
    rng = random.Random(7)
    rows = ["topic\tacceptable\theadline"]
    for topic in rng.choices(list(WORDS), k=count):
        headline = " ".join(rng.choices(WORDS[topic], k=3) + rng.choices(SHARED, k=4))
        rows.append(f"{topic}\t{'health' if topic == 'weather' else ''}\t{headline}")
    return "\n".join(rows) + "\n"


def pairs() -> str:
    rows = ["label\theadline_a\theadline_b"]
    for at, town in enumerate(TOWNS):
        for thing in THINGS:
            opens = f"Mayor of {town} opens new {thing} after four years of work"
            rows += [
                f"duplicate\t{opens}\t{town} mayor opens new {thing} after four years of work",
                f"duplicate\t{opens}\tMayor of {town} opens a new {thing} after four years' work",
                f"same_story\t{opens}\t{opens} amid protests",
                f"same_story\t{opens}\tMayor of {town} opens new {thing} after nine years of work",
                f"different\t{opens}\tMayor of {TOWNS[at - 1]} opens new {thing} after four years of work",
            ]
    return "\n".join(rows) + "\n"


def test_a_topic_model_is_trained_measured_drawn_and_used(train, tmp_path):
    (tmp_path / "labels.tsv").write_text(topics(150))
    shown = train("topics", "--labels", "labels.tsv", "--output", "mine.model")
    router = Router.load(tmp_path / "mine.model")
    (route,) = router.route(["striker says penalty"], threshold=0.5, also_threshold=1.0)
    assert route.topic == "sport"

    assert "trained, held out" in shown
    assert "used so far" in shown
    assert "topics: primary or acceptable" in shown
    assert "label, and its answers" in shown
    missing = ", ".join(slug for slug in SLUGS if slug not in WORDS)
    assert f"No label has {missing}: the model never gives these topics." in shown
    assert f"mine.model: {router.version}; to use it, set route.model=mine.model" in shown
    assert "calibration" in (tmp_path / "mine.svg").read_text()
    assert "striker" not in (tmp_path / "mine.svg").read_text()


def test_a_matcher_is_trained_measured_drawn_and_used(train, tmp_path):
    (tmp_path / "pairs.tsv").write_text(pairs())
    shown = train(
        "matcher",
        "--pairs",
        "pairs.tsv",
        "--output",
        "mine.json",
        "--picture",
        "drawn.svg",
        "--precision",
        0.9,
    )
    chosen = own.load(tmp_path / "mine.json")
    assert "duplicates: recall, as decided" in shown
    assert f"mine.json: {chosen.name}; to use it, set dedup.model=mine.json for all workers" in shown
    assert f"dedup.write_version={chosen.matcher.version}" in shown
    assert "precision" in (tmp_path / "drawn.svg").read_text()

    (tmp_path / "asked.tsv").write_text(
        "\n".join(row.partition("\t")[2] for row in pairs().splitlines()[1:6])
    )
    compared = subprocess.run(
        [
            sys.executable,
            "-m",
            "worker",
            "compare",
            "--set",
            f"dedup.model={tmp_path / 'mine.json'}",
            tmp_path / "asked.tsv",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    relations = [json.loads(line)["relation"] for line in compared.stdout.splitlines()]
    assert relations[:2] == ["duplicate", "duplicate"]
    assert "duplicate" not in relations[2:]


def test_training_again_gives_the_same_files(train, tmp_path):
    (tmp_path / "pairs.tsv").write_text(pairs())
    for name in ("one", "two"):
        train("matcher", "--pairs", "pairs.tsv", "--output", f"{name}.json", "--precision", 0.9)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "text", "complaint"),
    [
        (
            ("topics", "--labels", "labels"),
            topics(150) + "sports\t\tGoal\n",
            "labels, line 152: topic is 'sports'",
        ),
        (("topics", "--labels", "labels"), topics(40), "40 labels of 3 topics; 100 labels, of two"),
        (("topics", "--labels", "nowhere"), "", "nowhere: cannot be read"),
        (
            ("topics", "--labels", "labels", "--output", "no/where"),
            topics(120),
            "no/where: cannot be written",
        ),
        (("matcher", "--pairs", "labels"), topics(150), "first line must be: label, headline_a, headline_b"),
        (("matcher", "--pairs", "labels"), pairs() + "same\ta\tb\n", "labels, line 302: label is 'same'"),
        (
            ("matcher", "--pairs", "labels"),
            pairs().replace(" amid protests", " of nine"),
            "120 duplicates and 0 others are alike enough",
        ),
        (
            ("matcher", "--pairs", "labels"),
            "\n".join(pairs().splitlines()[:31]),
            "30 pairs; 200 are the least",
        ),
        (
            ("matcher", "--pairs", "labels"),
            pairs().replace("same_story", "different"),
            "no pair in it is labelled same_story",
        ),
    ],
)
def test_labels_that_cannot_be_learned_from_are_told(train, tmp_path, arguments, text, complaint):
    (tmp_path / "labels").write_text(text)
    assert complaint in train(*arguments, code=2)


@pytest.mark.parametrize(
    ("kind", "option", "where"),
    [
        ("topics", "--output", "no/where"),
        ("matcher", "--output", "no/where"),
        ("matcher", "--picture", "."),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_is_learned(
    train, tmp_path, monkeypatch, kind, option, where
):
    monkeypatch.setattr(f"worker.train.{kind}.train", lambda *_, **__: pytest.fail("it was trained"))
    (tmp_path / "labels").write_text(topics(120) if kind == "topics" else pairs())
    arguments = (kind, "--pairs" if kind == "matcher" else "--labels", "labels", option, where)
    told = train(*arguments, code=2)
    assert f"{where}: cannot be written" in told
    assert f"name another {option}" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels"]


def test_what_is_in_the_way_is_left_as_it_is_until_the_model_is_there(tmp_path):
    (tmp_path / "model").write_bytes(b"the one before")
    require_writable(tmp_path / "model", "--output")
    assert (tmp_path / "model").read_bytes() == b"the one before"
    require_writable(tmp_path / "new", "--output")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("kind", "missing"), [("topics", "scipy"), ("matcher", "lightgbm")])
def test_without_the_extra_the_error_names_it(train, monkeypatch, kind, missing):
    monkeypatch.setattr("worker.train.find_spec", lambda name: None if name == missing else find_spec(name))
    option = "--labels" if kind == "topics" else "--pairs"
    told = train(kind, option, "labels", code=2)
    assert f"training needs {missing}, which newswire alone does not: pip install 'newswire[train]'" in told
