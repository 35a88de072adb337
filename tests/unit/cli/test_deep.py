"""The offline commands with deep.mode=on: the encoder that the package ships, whatever it says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from worker.cli import run
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match import doubtful
from worker.deep.encoder import Encoder
from worker.normalize import match_form

ON = ("--set", "deep.mode=on")
PAIR = ("Row over bridge budget: minister quits", "Minister leaves office after row over bridge budget")
OTHERS = [
    ("Ferry sinks off Greek island", "Ferry sinks off Greek island"),
    ("Central bank leaves interest rates unchanged", "Central bank leaves interest rates unchagned"),
    ("Mayor resigns", "Volcano erupts near capital"),
]
"""Of which the cheap rule is sure."""


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def asked(monkeypatch):
    """How many pairs the encoder was asked about; to each it says that they are the same."""
    rows = []

    def pairs(_, found):
        rows.extend(found)
        return [Scores(127, -127)] * len(found)

    monkeypatch.setattr(Encoder, "pairs", pairs)
    return rows


@pytest.fixture
def answers(tmp_path, capfdbinary):
    def answers(command, lines, *options):
        path = tmp_path / "input.txt"
        path.write_text("".join(f"{line}\n" for line in lines))
        assert run([command, str(path), *options]) == 0
        return [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return answers


def test_compare_asks_about_doubtful_pairs_and_no_others(answers, asked):
    assert doubtful(*map(match_form, PAIR))
    lines = ["\t".join(pair) for pair in (PAIR, *OTHERS)]
    cheap = answers("compare", lines)
    deep = answers("compare", lines, *ON)
    assert len(asked) == 1
    assert (deep[0]["relation"], deep[0]["reason"]) == ("duplicate", "deep")
    assert cheap[0]["relation"] != "duplicate"
    assert deep[1:] == cheap[1:]


def test_preview_asks_about_the_pairs_within_its_input(answers, asked):
    cheap = answers("preview", PAIR, "--json")
    assert not asked
    deep = answers("preview", PAIR, "--json", *ON)
    assert len(asked) == 1
    assert [line["verdict"] for line in cheap][1] != "duplicate"
    assert [line["verdict"] for line in deep] == ["original", "duplicate"]


def test_preview_routes_by_the_encoder_where_the_router_is_not_sure(answers, monkeypatch):
    monkeypatch.setattr(Encoder, "topics", lambda _, rows: [bytes([0] * 16 + [255])] * len(rows))
    unsure = ["Committee postpones decision on old mill"]
    topics = [
        answers("preview", unsure, "--json", *options)[0]["best_topic"]
        for options in ((), (*ON, "--set", "deep.topics_below=1"), (*ON, "--set", "deep.topics_below=0"))
    ]
    assert topics[1] == "weather"
    assert topics[0] == topics[2] != "weather"


def test_with_the_deep_tier_off_nothing_of_it_is_imported(tmp_path):
    path = tmp_path / "input.txt"
    path.write_text("\n".join(PAIR))
    program = (
        f"import sys; from worker.cli import run; import worker.app; assert run(['preview', {str(path)!r}]) == 0;"
        " print(sorted(each for each in sys.modules if each.startswith(('worker.deep.', 'onnxruntime'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["preview", "compare"])
def test_without_the_extra_the_command_says_what_to_install(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    path = tmp_path / "input.txt"
    path.write_text("Mayor resigns\tMayor quits\n")
    assert run([command, str(path), *ON]) == 2
    assert "pip install 'newswire[deep]'" in capsys.readouterr().err
