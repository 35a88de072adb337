import gzip
from math import log2

from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match import lexicon
from worker.deduplicate.match.lexicon import BOTH, COMMON, NAME, RAREST, UNSURE, WORDS


def test_a_word_of_the_language_a_name_and_a_word_that_names_use_are_told_apart():
    assert [lexicon.is_common(word) for word in ("parliament", "obama", "congress", "zrblenga")] == [
        True,
        False,
        False,
        False,
    ]
    assert [lexicon.is_word(word) for word in ("parliament", "obama", "congress", "zrblenga")] == [
        True,
        False,
        True,
        False,
    ]
    assert [lexicon.is_known(word) for word in ("parliament", "obama", "congress", "zrblenga")] == [
        True,
        True,
        True,
        False,
    ]


def test_frequent_words_weigh_least_and_unknown_ones_most():
    assert 0 <= lexicon.rarity("the") < lexicon.rarity("police") < lexicon.rarity("volcano") < RAREST
    assert lexicon.rarity("zrblenga") == RAREST


@given(st.integers(1, 10**7), st.data())
def test_rarity_is_the_logarithm_of_the_share_in_quarter_bits_by_integers_alone(total, data):
    seen = data.draw(st.integers(0, total))
    exact = max(0, 4 * log2(total / (seen + 1)))
    found = lexicon._quarter_bits(total, seen)
    assert type(found) is int
    assert exact - 1 < found < exact + 1e-6
    assert found >= lexicon._quarter_bits(total, min(total, seen + 1))


def test_the_file_has_each_word_once_casefolded_in_order_with_a_count_and_a_class():
    first, *lines = gzip.decompress(WORDS.read_bytes()).decode().splitlines()
    rows = [line.split("\t") for line in lines]
    words = [word for word, _, _ in rows]
    assert words == sorted(set(words))
    assert all(word == word.casefold() and word.split() == [word] for word in words)
    assert {kind for _, _, kind in rows} == {COMMON, NAME, BOTH, UNSURE}
    assert max(int(count) for _, count, _ in rows) <= int(first)
