import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match.lexicon import RAREST, rarity
from worker.deduplicate.match.senses import read as read_senses
from worker.deduplicate.match.tokens import NAME, NUMBER, PLACE, key, read, scaled, token


@pytest.mark.parametrize(
    ("words", "stands_for"),
    [
        ("kills killed killing", "kill"), ("cities city", "city"),
        ("stopped stops", "halt"), ("won winning wins", "win"),
        ("syrian syrians syria", "syria"), ("adviser advisor advisers", "adviser"), ("glass", "glass"), ("us", "us"),
    ],
)  # fmt: skip
def test_words_that_mean_the_same_have_one_key(words, stands_for):
    assert {key(word) for word in words.split()} == {stands_for}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("$1.5bn", "1500000000"), ("1.5 billion", "1500000000"),
        ("150k", "150000"), ("7%", "7%"), ("€5", "€5"), ("3rd", "th3"),
        ("fifteen", "15"), ("fifeen", "15"), ("20 milion", "20000000"), ("5 percnt", "5%"), ("2.50", "2.5"),
    ],
)  # fmt: skip
def test_a_number_is_read_for_its_value(form, value):
    (only,) = read(form).tokens
    assert (only.key, only.flags & NUMBER) == (value, NUMBER)


def test_a_phrase_is_one_token():
    assert read("top court rules").keys == read("supreme court rules").keys


def test_places_are_names_and_unknown_words_count_as_names():
    assert token("syrian").flags & PLACE
    assert token("zrblenga").flags & NAME
    assert not token("parliament").flags & NAME


def test_the_rarer_a_word_the_heavier():
    assert rarity("the") < rarity("police") < rarity("volcano") < rarity("zrblenga") == RAREST


@given(st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from([0, 3, 6, 9, 12]))
def test_scaling_moves_the_point_exactly(number, power):
    assert float(scaled(f"{number:f}", power)) == pytest.approx(float(number) * 10**power)


@given(st.text(max_size=60))
def test_reading_keeps_every_word(form):
    reading = read(form)
    assert list(reading.words) == form.split()
    assert " ".join(token.text for token in reading.tokens) == " ".join(form.split())


def test_a_line_of_the_senses_that_is_not_understood_is_an_error_with_its_place(tmp_path):
    senses = tmp_path / "senses.txt"
    senses.write_text("same: big large\nsmae: fast quick\n")
    with pytest.raises(ValueError, match=r"senses\.txt:2: unknown kind 'smae'"):
        read_senses(senses)


def test_no_word_is_in_two_groups_of_synonyms():
    from worker.deduplicate.match.senses import SENSES

    words = [
        word
        for line in SENSES.read_text("utf-8").splitlines()
        if line.startswith(("same:", "place:"))
        for word in line.partition(":")[2].split()
    ]
    assert sorted(words) == sorted(set(words))
