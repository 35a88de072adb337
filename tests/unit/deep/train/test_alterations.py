import numpy as np
import pytest
from worker.deduplicate.match.tokens import token
from worker.deep.train.alterations import LENGTHS, OTHER, PART_OTHER, SAME, Alterations
from worker.deep.train.examples import RELATIONS
from worker.labels import Relation

FORMS = [
    "senate approves budget for schools in 2015",
    "police arrest two men over fire in london",
    "google shares fall 5% after results in germany",
    "microsoft wins appeal against the fine in court",
    "the mayor will open a new bridge on monday",
    "obama meets merkel before talks in russia",
    "court rejects plea of former banker on friday",
    "nokia cuts seven thousand jobs in finland",
]


def altered(kind: str, form: str, draws: int = 40) -> set[str]:
    """All that a kind makes of a headline."""
    made = Alterations(FORMS, seed=0)
    found = (made.altered(kind, form.split()) for _ in range(draws))
    return {" ".join(words) for words in found if words is not None}


@pytest.mark.parametrize(
    ("kind", "form", "expected"),
    [
        ("opposite", FORMS[0], "senate rejects budget for schools in 2015"),
        ("number", FORMS[1], "police arrest seven men over fire in london"),
        ("number", "shares fall 5%", "shares fall 7%"),
        ("name", FORMS[2], "nokia shares fall 5% after results in germany"),
        ("closed", FORMS[4], "the mayor will open a new bridge on tuesday"),
        ("negation", FORMS[4], "the mayor will not open a new bridge on monday"),
        ("negation", "no talks in russia", "talks in russia"),
        ("hedge", FORMS[6], "court reportedly rejects plea of former banker on friday"),
        ("scope", FORMS[0], "senate approves budget for half of schools in 2015"),
        ("role", FORMS[5], "rival of obama meets merkel before talks in russia"),
        ("plan", FORMS[6], "court threatens to reject plea of former banker on friday"),
        ("exchange", FORMS[5], "russia meets merkel before talks in obama"),
        ("verb", FORMS[6], "court approves plea of former banker on friday"),
        ("digits", FORMS[1], "police arrest 2 men over fire in london"),
        ("digits", "court frees 2 men", "court frees two men"),
        ("filler", FORMS[4], "mayor will open a new bridge on monday"),
        ("source", FORMS[7], "nokia cuts seven thousand jobs in finland police say"),
    ],
)
def test_each_kind_alters_what_it_says(kind: str, form: str, expected: str) -> None:
    assert expected in altered(kind, form, draws=400)


def test_a_place_becomes_another_and_a_demonym_a_demonym() -> None:
    for text in altered("place", FORMS[2], draws=2000):
        assert text.startswith("google shares fall 5% after results in ")
        assert "german" not in text
    assert "french shares fall" in altered("place", "german shares fall", draws=2000)


def test_a_modifier_is_a_common_word_put_before_another() -> None:
    for text in altered("modifier", FORMS[0]):
        words = text.split()
        further = [word for at, word in enumerate(words) if words[:at] + words[at + 1 :] == FORMS[0].split()]
        assert further
        assert token(further[0]).key == further[0]


def test_a_synonym_stands_for_the_same() -> None:
    found = altered("synonym", "lawyer of banker asks for a probe")
    assert {"attorney of banker asks for a probe", "lawyer of banker asks for a inquiry"} <= found
    assert "lawyer of banker step down" in altered("synonym", "lawyer of banker resign")


def test_a_typing_mistake_is_one_letter_left_out_doubled_or_swapped() -> None:
    found = {text.split()[-1] for text in altered("typo", "fire in schools building", draws=300)}
    assert {"buidling", "buildin", "builing", "builldin"} & found
    assert all(abs(len(word) - len("building")) <= 1 for word in found)


@pytest.mark.parametrize("kind", [*OTHER, *SAME])
def test_every_kind_finds_something_and_never_the_same_words(kind: str) -> None:
    found = {form: altered(kind, form) for form in FORMS}
    assert any(found.values())
    assert all(form not in texts for form, texts in found.items())


@pytest.mark.parametrize(
    "kind", ["opposite", "number", "place", "closed", "negation", "role", "exchange", "digits"]
)
def test_where_there_is_nothing_to_alter_there_is_no_pair(kind: str) -> None:
    assert altered(kind, "rain and wind") == set()


def test_pairs_that_say_something_else_are_of_one_story_and_the_others_duplicates() -> None:
    pairs = Alterations(FORMS, seed=1).draw(400)
    assert len(pairs) == 400
    relations = [RELATIONS[np.argmax(pair.shares)] for pair in pairs]
    assert set(relations) == {Relation.DUPLICATE, Relation.SAME_STORY}
    assert abs(relations.count(Relation.SAME_STORY) / 400 - PART_OTHER) < 0.12
    assert all(pair.one in FORMS and pair.other != pair.one for pair in pairs)


def test_a_seed_gives_the_same_pairs_again() -> None:
    assert Alterations(FORMS, seed=3).draw(20) == Alterations(FORMS, seed=3).draw(20)
    assert Alterations(FORMS, seed=3).draw(20) != Alterations(FORMS, seed=4).draw(20)


def test_headlines_that_are_too_short_or_too_long_are_left_alone() -> None:
    forms = ["two words", "fire " * LENGTHS.stop]
    assert Alterations(forms, seed=0).draw(5) == []
