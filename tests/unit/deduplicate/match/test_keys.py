import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match import keys, lexicon
from worker.deduplicate.match.keys import MOST
from worker.deduplicate.rule import WEIGHT_SHIFT


def test_keys_are_at_most_six_numbers_of_32_bits():
    found = keys("divers recover ancient bronze anchor from flooded harbor near crumbling lighthouse")
    assert len(found) == MOST == 6
    assert all(0 <= key < 1 << 32 for key in found)


def test_the_rarest_word_comes_first():
    assert keys("us police find zorbing kangaroo")[0] == keys("zorbing")[0]


def test_inflections_synonyms_and_peoples_give_the_same_key():
    assert keys("probes") == keys("probe") == keys("investigation")
    assert keys("syrian") == keys("syria")


def test_common_words_are_no_keys_while_there_are_others():
    assert set(keys("the zorbing is in a kangaroo festival")) == set(keys("zorbing kangaroo festival"))
    assert len(keys("the us is in zorbing")) == 3


@pytest.mark.parametrize(
    ("words", "rarity"),
    [
        ("zorbing", lexicon.RAREST),
        ("kangaroo", lexicon.rarity("kangaroo")),
        ("police", lexicon.rarity("police")),
        ("soro soros", lexicon.rarity("soros")),
        ("eliminate wipe_out", lexicon.rarity("eliminate")),
        ("seven 7", lexicon.rarity("7")),
    ],
)
def test_the_upper_bits_say_how_rare_what_a_word_stands_for_is(words: str, rarity: int):
    found = keys(words)
    assert [key >> WEIGHT_SHIFT for key in found] == [rarity]


def test_common_words_are_keys_when_there_is_nothing_else():
    assert keys("the us is in") != ()


def test_a_mistyped_word_leaves_the_other_keys_alone():
    right = keys("volunteers search flooded villages for shepherds")
    assert len(set(right) & set(keys("volunteers search flooded vilages for shepherds"))) >= len(right) - 1


def test_an_empty_form_has_no_keys():
    assert keys("") == ()


@given(
    st.lists(
        st.sampled_from(
            ["ferry", "sinks", "iran", "zorbing", "kangaroo", "12", "the", "us", "7%", "protesters"]
        ),
        max_size=9,
    )
)
def test_the_order_of_words_does_not_matter_and_no_key_is_given_twice(words):
    found = keys(" ".join(words))
    assert found == keys(" ".join(reversed(words)))
    assert len(set(found)) == len(found)


def test_keys_are_the_same_in_every_process():
    form = "divers recover bronze anchor"
    script = f"from worker.deduplicate.match import keys; print(*keys({form!r}))"
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert tuple(map(int, run.stdout.split())) == keys(form)


def test_korean_is_filed_by_pairs_of_syllables_however_it_is_spaced():
    together, apart = keys("대통령선거결과 발표예정"), keys("대통령 선거 결과 발표 예정")
    assert len(set(together) & set(apart)) >= 3
    assert set(keys("정부가")) & set(keys("정부는"))
