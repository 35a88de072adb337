"""`newswire preview`: the stages offline, on the seeds and on what is broken."""

from __future__ import annotations

import json

import pytest
from worker.cli import run
from worker.mediatopics import CODES, STREAMS

KEYS = [
    "position",
    "document",
    "line",
    "id",
    "headline",
    "language",
    "verdict",
    "duplicate_of",
    "update_of",
    "of_position",
    "score",
    "reason",
    "message",
    "topic",
    "best_topic",
    "code",
    "confidence",
    "topic_rule",
    "also",
]


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def preview(capfdbinary):
    def preview(*arguments: str) -> list[dict]:
        assert run(["preview", "--json", *arguments]) == 0
        return [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return preview


@pytest.fixture
def file(tmp_path):
    def file(content: bytes, name: str = "a.txt") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return file


def test_of_the_62_seeds_two_are_duplicates_and_60_are_routed(preview):
    rows = preview()
    duplicates = [row for row in rows if row["verdict"] == "duplicate"]

    assert [row["position"] for row in rows] == list(range(1, 63))
    assert [(row["headline"], rows[row["of_position"] - 1]["headline"]) for row in duplicates] == [
        (
            "Russia joins Chinese, Iran warships for drills off S.Africa",
            "Russia joins Chinese, Iran warships for drills off South Africa",
        ),
        ("Man City win race to sign Semenyo", "Man City win race to sign forward Semenyo"),
    ]
    assert [row["duplicate_of"] for row in duplicates] == [
        rows[row["of_position"] - 1]["id"] for row in duplicates
    ]
    assert sum(row["topic"] in STREAMS for row in rows) == 60


def test_every_line_has_the_same_keys(preview, file):
    rows = preview(file(b"Rain ends drought\nRain ends drought\n\xff\n&nbsp;\n"))

    assert [list(row) for row in rows] == [KEYS] * 4
    assert [row["verdict"] for row in rows] == ["original", "duplicate", "rejected", "rejected"]


def test_a_rejected_line_stands_in_its_place_with_its_reason(preview, file):
    content = b'{"headline":"Rain"}\n{"headline":7}\n{"headline":"\\u200b"}\n{"headline":"Snow"}\n'
    rows = preview(file(content, "a.jsonl"))

    assert [(row["line"], row["headline"], row["reason"]) for row in rows[1:3]] == [
        (2, '{"headline":7}', "unreadable"),
        (3, "\u200b", "empty"),
    ]
    assert rows[1]["message"] == "headline is a number, not text"
    assert rows[2]["topic"] is None
    assert rows[3]["headline"] == "Snow"


def test_below_the_threshold_a_headline_is_unsorted_and_still_has_its_best_topic(preview):
    (row,) = preview("--limit", "1", "--set", "route.threshold=1")

    assert row["topic"] == "unsorted"
    assert CODES[row["best_topic"]] == row["code"]


def test_marked_duplicates_have_a_topic_and_without_de_duplication_there_are_none(preview):
    marked = preview("--set", "dedup.mode=mark")[16]
    off = preview("--set", "dedup.mode=off")[16]

    assert (marked["verdict"], marked["topic"]) == ("duplicate", marked["best_topic"])
    assert (off["verdict"], off["topic"]) == ("original", off["best_topic"])


def test_where_batches_are_cut_changes_nothing(preview, monkeypatch):
    whole = preview()
    monkeypatch.setattr("worker.preview.BATCH_RECORDS", 5)

    assert preview() == whole


def test_the_table_ends_in_a_tally(capfd):
    assert run(["preview", "--limit", "17"]) == 0

    *_, last, tally = capfd.readouterr().out.splitlines()
    assert last.split()[:4] == ["17", "duplicate", "of", "1"]
    assert tally.startswith("1 duplicate; ")


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "json"])
def test_an_input_without_any_headline_is_shown_and_ends_with_exit_1(options, file, capfd):
    assert run(["preview", *options, file(b'{"title":"Rain"}\n', "a.jsonl")]) == 1

    out, err = capfd.readouterr()
    assert "rejected" in out
    assert "its fields are title: name the one that holds the headline with --field headline=NAME" in err


def test_an_empty_input_ends_with_exit_0(file, capfd):
    assert run(["preview", file(b"", "a.jsonl")]) == 0
    assert "no headlines" in capfd.readouterr().out


def test_what_an_editor_s_rule_decides_is_shown_with_its_name(preview, file, capfdbinary):
    rules = file(b"rule: all of boats\ntopic: sport\nany: ferry\n", "rules")
    headlines = file(b"Ferry sinks off island\nParliament passes budget\n")
    ruled, other = preview("--set", f"route.rules={rules}", headlines)
    assert (ruled["topic"], ruled["confidence"], ruled["topic_rule"]) == ("sport", 1.0, "all of boats")
    assert (other["topic"], other["topic_rule"]) == ("politics", None)

    assert run(["preview", "--set", f"route.rules={rules}", headlines]) == 0
    table = capfdbinary.readouterr().out.decode()
    assert "sport           1.00  all of boats" in table
    assert run(["preview", headlines]) == 0
    assert b"rule" not in capfdbinary.readouterr().out.splitlines()[0]
