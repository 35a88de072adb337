from types import SimpleNamespace

import pytest
from tests.unit.deduplicate.test_plan import batch, newer_writer, replica
from worker.deduplicate.frame import Entry, Flag
from worker.deep.questions import (
    Curiosity,
    PairQuestion,
    Questions,
    TopicsQuestion,
    is_readable,
    new_entries,
)


class Doubts:
    """Doubts that a form and its letters one by one are the same."""

    def of(self, entries, asked, most):
        return [
            [*entry.form.decode()][:most] if is_asked else []
            for entry, is_asked in zip(entries, asked, strict=True)
        ]


class Router:
    """As sure of a headline as it is long."""

    def route(self, matches, *, threshold, also_threshold):
        assert (threshold, also_threshold) == (0.6, 0.55)
        return [SimpleNamespace(confidence=len(match) / 10) for match in matches]


def entry(form: str, flag: Flag = Flag.NONE) -> Entry:
    return Entry(0, 0, form.encode().ljust(16), flag, (), form.encode())


def asked(*forms: str, languages=None, most: int = 3, below: float = 0.5) -> Questions:
    curiosity = Curiosity(
        Doubts(), Router(), threshold=0.6, also_threshold=0.55, most_pairs=most, topics_below=below
    )
    return curiosity.about([entry(form) for form in forms], languages or [None] * len(forms))


def pair(form: str, earlier: str, rank: int) -> PairQuestion:
    return PairQuestion(form.encode().ljust(16), earlier, form, rank)


def test_doubtful_pairs_are_asked_about_in_the_order_of_their_promise():
    found = asked("ab", "cd", "e").by_promise()
    assert found.pairs == [
        pair("ab", "a", 0), pair("cd", "c", 0), pair("e", "e", 0), pair("ab", "b", 1), pair("cd", "d", 1),
    ]  # fmt: skip


def test_at_most_so_many_pairs_of_a_headline():
    assert len(asked("abcde", most=2).pairs) == 2


def test_topics_are_asked_for_where_the_router_is_not_sure_the_least_sure_first():
    found = asked("abcd", "ab", "abcde", "abcdefg").by_promise()
    assert [(question.form, question.confidence) for question in found.topics] == [("ab", 0.2), ("abcd", 0.4)]


def test_what_the_encoder_can_not_read_is_not_asked_about():
    found = asked("ab", "cd", "ef", languages=["en-GB", "de", None])
    assert {question.later for question in found.pairs} == {"ab", "ef"}
    assert found.topics == [
        TopicsQuestion(b"ab".ljust(16), "ab", 0.2),
        TopicsQuestion(b"ef".ljust(16), "ef", 0.2),
    ]


@pytest.mark.parametrize(
    ("language", "readable"),
    [
        (None, True),
        ("und", True),
        ("en", True),
        ("en-US", True),
        ("de", False),
        ("enm", False),
        ("zh-Hant", False),
    ],
)
def test_it_reads_english_and_what_nobody_names(language, readable):
    assert is_readable(language) is readable


def test_what_the_log_knows_is_not_new():
    here = replica()
    writer = newer_writer(here)
    here.apply(0, 100, writer.plan(batch(0, 1)).frames[0])
    found = new_entries(writer, [batch(1, 2), batch(7)])
    assert [each.offset for each in found.entries] == [2, 7]
    assert found.languages == [None, None]
