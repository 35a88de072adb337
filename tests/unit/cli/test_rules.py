"""`newswire rules`: what was understood, what is hit, and what is wrong."""

from __future__ import annotations

import json

import pytest
from worker.cli import run

RULES = """\
rule: rate decisions
topic: economy
also: politics
any: interest rate; interest rates
not: mortgage

rule: results wire
topic: sport
source: Results Wire
language: en
"""
HEADLINES = "Bank holds interest rates\nMortgage interest rates climb\nSnow on hills\n"


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.fixture
def rules(tmp_path, capsys):
    (tmp_path / "rules").write_text(RULES)
    (tmp_path / "headlines.txt").write_text(HEADLINES)

    def rules(*arguments, code=0):
        assert (
            run(["rules", *(str(tmp_path / a) if a in {"rules", "headlines.txt"} else a for a in arguments)])
            == code
        )
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return rules


def test_rules_are_listed_as_they_were_understood(rules, tmp_path):
    listed = rules("--rules", "rules").splitlines()
    assert listed[1].split("  ")[-1].strip() == "interest rate or interest rates; and not mortgage"
    assert "rate decisions            economy, politics" in listed[1]
    assert "source results wire; and language en" in listed[2]
    assert listed[3].startswith(f"2 rules in {tmp_path / 'rules'}, version rules-1.")


def test_hits_are_shown_and_counted_by_rule(rules):
    shown = rules("--rules", "rules", "headlines.txt")
    assert "rate decisions            economy         Bank holds interest rates" in shown
    assert "Snow" not in shown
    assert "Mortgage" not in shown
    counts = [line.split(maxsplit=1) for line in shown.splitlines()[-3:]]
    assert counts == [["1", "rate decisions"], ["0", "results wire"], ["1", "of 3 headlines"]]


def test_a_feed_s_name_is_what_it_is_told_to_be(rules):
    (hit,) = rules("--rules", "rules", "headlines.txt", "--source", "Example", "--json").splitlines()
    assert json.loads(hit) == {
        "rule": "rate decisions",
        "topic": "economy",
        "source": "Example",
        "headline": "Bank holds interest rates",
    }


def test_the_setting_names_the_file_and_rules_come_as_json(rules, tmp_path):
    listed = [
        json.loads(line)
        for line in rules("--set", f"route.rules={tmp_path / 'rules'}", "--json").splitlines()
    ]
    assert [(rule["name"], rule["line"], rule["topic"]) for rule in listed] == [
        ("rate decisions", 1, "economy"),
        ("results wire", 7, "sport"),
    ]


def test_what_is_wrong_is_told_and_so_is_a_file_that_nobody_named(rules, tmp_path):
    (tmp_path / "rules").write_text("rule: one\ntopic: sports\nany: goal\n")
    assert "rules, line 2: 'sports' is no topic" in rules("--rules", "rules", code=2)
    assert "give --rules FILE, or set route.rules" in rules(code=2)
