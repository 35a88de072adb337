"""A file of rules: what an editor writes is what is meant, and what is wrong is told with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worker.errors import UsageError
from worker.mediatopics import CODES
from worker.route.rules import Rule, load
from worker.route.rules.reading import MOST_RULES

if TYPE_CHECKING:
    from pathlib import Path

RATES = "rule: rate decisions\ntopic: economy\nany: interest rate\n"


@pytest.fixture
def rules(tmp_path: Path):
    def rules(text: str) -> list[Rule]:
        (tmp_path / "rules").write_text(text)
        return list(load(tmp_path / "rules"))

    return rules


def test_a_rule_is_read_with_everything_that_it_asks_for(rules):
    (rule,) = rules(
        "# money\n\n"
        "Rule:  rate   decisions \n"
        "topic: medtop:04000000\n"
        "also: Politics; 16000000\n"
        "any: Interest Rate; rate-hike;; the Fed\u2019s move\n"
        "any: raise; cut\n"
        "all: S.Africa; bank\n"
        "not: mortgage\n"
        "  ; cooking\n"
        "source: Example Wire; OTHER Wire\n"
        "language: EN; pt\n"
    )
    assert rule == Rule(
        name="rate decisions",
        line=3,
        topic="economy",
        also=("politics", "conflict"),
        needed=(
            ("interest rate", "rate hike", "the fed move"),
            ("raise", "cut"),
            ("south africa",),
            ("bank",),
        ),
        unwanted=("mortgage", "cooking"),
        sources=("example wire", "other wire"),
        languages=("en", "pt"),
    )


@pytest.mark.parametrize(("slug", "code"), CODES.items())
def test_a_topic_is_named_by_slug_or_code(rules, slug: str, code: str):
    for name in (slug, slug.upper(), code, code.removeprefix("medtop:")):
        assert rules(f"rule: one\ntopic: {name}\nany: word\n")[0].topic == slug


def test_rules_keep_their_order(rules):
    assert [rule.name for rule in rules(RATES + "rule: snow\ntopic: weather\nany: snow\n")] == [
        "rate decisions",
        "snow",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: there is no rule in the file"),
        ("topic: sport\n", "line 1: topic: belongs to no rule"),
        ("  goal\n", "line 1: it goes on with the line before, and there is none"),
        ("rule: one\ncolour: red\n", "line 2: a line begins with one of rule:, topic:, .*language:"),
        ("rule: one\ntopic sport\n", "line 2: a line begins with one of"),
        ("rule:\ntopic: sport\nany: goal\n", "line 1: the rule's name is ''; it takes up to 64 letters"),
        (f"rule: {'a' * 65}\ntopic: sport\nany: goal\n", "line 1: the rule's name is 'aaa"),
        ("rule: -\ntopic: sport\nany: goal\n", "line 1: the rule's name is '-'"),
        ("rule: one\nany: goal\n", "line 1: the rule 'one' has no topic: ; one of arts, .*unsorted"),
        ("rule: one\ntopic: sports\nany: goal\n", "line 2: 'sports' is no topic; it is one of arts"),
        ("rule: one\ntopic: 99000000\nany: goal\n", "line 2: '99000000' is no topic"),
        (
            "rule: one\ntopic: sport; arts\nany: goal\n",
            "line 2: a rule has one topic; put further ones after also",
        ),
        (
            "rule: one\ntopic: sport\ntopic: arts\nany: goal\n",
            "line 3: topic: stands in line 2 of the rule already",
        ),
        ("rule: one\ntopic: sport\nalso: unsorted\nany: goal\n", "line 3: 'unsorted' is no topic"),
        ("rule: one\ntopic: sport\nalso: sport\nany: goal\n", "line 3: the topic is sport already"),
        ("rule: one\ntopic: unsorted\nalso: arts\nany: goal\n", "line 3: the topic is unsorted already"),
        (
            "rule: one\ntopic: sport\nalso: arts; crime; health\nany: goal\n",
            "line 3: 3 further topics; an event has 2",
        ),
        ("rule: one\ntopic: sport\n", "line 1: the rule 'one' would take every headline; give it any:"),
        ("rule: one\ntopic: sport\nnot: goal\n", "line 1: the rule 'one' would take every headline"),
        ("rule: one\ntopic: sport\nany: ;\n", "line 3: nothing stands after any"),
        ("rule: one\ntopic: sport\nany: fed, ecb\n", "line 3: 'fed, ecb' has a comma; put ; between words"),
        ("rule: one\ntopic: sport\nany: goal; !!!\n", "line 3: nothing of '!!!' can be compared"),
        (
            "rule: one\ntopic: sport\nany: 地震; 日\n",
            "line 3: '日' is one character of a script without spaces",
        ),
        (
            "rule: one\ntopic: sport\nany: go\0al\n",
            r"line 3: the control character U\+0000 stands in it, at character 8; take it out",
        ),
        ("# \x1bred\nrule: one\ntopic: sport\nany: goal\n", r"line 1: the control character U\+001B"),
        (
            "rule: one\ntopic: sport\nall: goal; own\nnot: Goal\n",
            "line 4: 'goal' is needed by the rule as well",
        ),
        ("rule: one\ntopic: sport\nany: goal\nlanguage: pt-BR\n", "line 4: 'pt-BR' is no language"),
        (
            RATES + RATES.replace("rate decisions", "again"),
            "line 4: the rule 'again' asks for what 'rate decisions'",
        ),
        (
            RATES + "rule: rate decisions\ntopic: arts\nany: film\n",
            "line 4: the name 'rate decisions' is that of the rule",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_remedy(rules, text: str, complaint: str):
    with pytest.raises(UsageError, match=rf"rules, {complaint}"):
        rules(text)


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(rules):
    with pytest.raises(UsageError) as raised:
        rules("rule: one\ntopic: sports\nany: !!!\nlanguage: english\n")
    first, *told = str(raised.value).splitlines()
    assert first.endswith("rules: 3 faults")
    assert [line.split(":")[0].strip() for line in told] == ["line 2", "line 3", "line 4"]


def test_a_tab_and_a_windows_line_end_are_no_control_characters(rules):
    assert rules("rule:\tone\r\ntopic: sport\r\nany: late\tgoal\r\n")[0].needed == (("late goal",),)


def test_a_number_may_have_its_comma(rules):
    assert rules("rule: one\ntopic: sport\nany: 1,500 trees\n")[0].needed == (("1500 trees",),)


def test_there_are_no_more_rules_than_a_metric_may_have_labels(rules):
    text = "".join(f"rule: r{number}\ntopic: arts\nany: word{number}\n" for number in range(MOST_RULES + 1))
    with pytest.raises(UsageError, match=f"line {3 * MOST_RULES + 1}: 1,001 rules; 1,000 are allowed"):
        rules(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere: cannot be read"):
        load(tmp_path / "nowhere")
