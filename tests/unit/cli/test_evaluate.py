"""`newswire evaluate`: one table of label files, and what it says of files that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from worker.cli import run

PAIRS = """\
label\theadline_a\theadline_b
duplicate\tMayor resigns\tMAYOR RESIGNS - Reuters
duplicate\tVolcano on Java erupts, villagers flee\tThousands leave homes under ash cloud
same_story\tFerry sinks off Greek island, 38 dead\tFerry sinks off Greek island, 41 dead
same_story\tSnow closes airport\tSNOW CLOSES AIRPORT
different\tSnow closes airport\tStriker signs for three years
"""
TOPICS = """\
topic\tacceptable\theadline
sport\t\tStriker scores twice as United win the cup final
arts\t\tCentral bank raises interest rates to curb inflation
politics\tsociety\tParliament votes on election law after long debate
"""
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pairs_dev.tsv").write_text(PAIRS)
    (tmp_path / "topics_dev.tsv").write_text(TOPICS)
    (tmp_path / "topics_train.tsv").write_text(TOPICS)
    (tmp_path / "scores.tsv").write_text("score\tone\tother\n")
    return tmp_path


@pytest.fixture
def evaluate(capsys):
    def evaluate(*arguments, code=0):
        assert run(["evaluate", "--resamples", "20", *map(str, arguments)]) == code
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return evaluate


def cheap(report, name):
    (part,) = [part for part in report["files"] if part["file"].endswith(name)]
    return part["figures"]["cheap"]


def test_all_figures_of_a_folder_stand_in_one_table_and_what_was_learned_from_is_left_out(evaluate, folder):
    shown = evaluate(folder)
    for line in (
        "pairs_dev.tsv: 5 rows, 2 duplicate, 2 same_story, 1 different",
        "duplicates: precision, as decided",
        "candidates: duplicates that the index finds",
        "topics_dev.tsv: 3 rows",
        "topics: expected calibration error",
        "20 bootstrap samples",
        "Left out, since the names say that they were learned from: topics_train.tsv",
    ):
        assert line in shown
    assert "scores.tsv" not in shown
    assert "Mayor" not in shown


def test_figures_come_as_json_with_their_intervals(evaluate, folder):
    report = json.loads(evaluate(folder, "--json"))
    pairs, topics = cheap(report, "pairs_dev.tsv"), cheap(report, "topics_dev.tsv")
    assert pairs["duplicate_precision"]["value"] == 0.5
    assert pairs["duplicate_recall"]["value"] == 0.5
    assert pairs["same_story_suppressed"]["value"] == 0.5
    assert pairs["index_recall"]["value"] == 0.5
    assert pairs["duplicate_recall"]["of"] == 2
    assert 0 <= pairs["duplicate_recall"]["low"] <= 0.5 <= pairs["duplicate_recall"]["high"] <= 1
    assert topics["topic_right"]["value"] == pytest.approx(2 / 3)
    assert "errors" not in report["files"][0]


def test_a_file_that_is_named_is_measured_whatever_it_is_called(evaluate, folder):
    report = json.loads(evaluate(folder / "topics_train.tsv", "--json"))
    assert [Path(part["file"]).name for part in report["files"]] == ["topics_train.tsv"]


def test_the_worst_errors_are_shown_with_their_lines_when_they_are_asked_for(evaluate, folder):
    shown = evaluate(folder, "--errors", 1)
    errors = shown.partition("pairs_dev.tsv, cheap: wrongly a duplicate\n")[2]
    assert errors.splitlines()[0].strip() == "line 5: duplicate (exact, 1.000), labelled same_story"
    assert "pairs_dev.tsv, cheap: a duplicate that comes out\n  line 3" in shown
    assert "pairs_dev.tsv, cheap: the index does not find it\n  line 3" in shown
    assert "topics_dev.tsv, cheap: wrong topic\n  line 3: economy (" in shown


def test_errors_go_to_a_file_and_then_nowhere_else(evaluate, folder, tmp_path):
    shown = evaluate(folder, "--errors", 5, "--errors-to", tmp_path / "errors", "--json")
    assert "Snow" not in shown
    assert "SNOW CLOSES AIRPORT" in (tmp_path / "errors").read_text()


def test_a_stream_gives_the_candidates_judged(evaluate, folder):
    stream = folder / "stream.txt"
    stream.write_text("Volcano on Java erupts, villagers flee\nVillagers flee as volcano erupts on Java\n")
    report = json.loads(evaluate(folder, "--stream", stream, "--between", 3, "--json"))
    assert cheap(report, "stream.txt")["judged_per_headline"]["value"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere.tsv",), "nowhere.tsv: cannot be read"),
        (("scores.tsv",), "scores.tsv: no label file; its first line has to name the columns"),
        (("empty",), "empty: no label file is in it"),
        (("learned",), "learned: only labels that were learned from are in it"),
        (("pairs_dev.tsv", "--between", "5"), "--between N takes the headlines of --stream FILE"),
        (("pairs_dev.tsv", "--errors-to", "x"), "--errors N"),
        (("pairs_dev.tsv", "--stream", "blank"), "there is no headline in it"),
    ],
)
def test_what_cannot_be_used_is_told(evaluate, folder, monkeypatch, arguments, complaint):
    monkeypatch.chdir(folder)
    (folder / "empty").mkdir()
    (folder / "learned").mkdir()
    (folder / "learned" / "topics_train.tsv").write_text(TOPICS)
    (folder / "blank").write_text("\n\n")
    assert complaint in evaluate(*arguments, code=2)


def test_it_needs_nothing_that_only_training_needs(folder):
    script = (
        "import sys\nfrom worker.cli import run\n"
        f"run(['evaluate', {str(folder)!r}, '--resamples', '0'])\n"
        "print(sorted({'scipy', 'sklearn', 'lightgbm'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"
