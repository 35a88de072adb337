import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match.spelling import is_mistyped, is_one_edit, one_edit_away

WORDS = ("parliament", "forester", "merchant", "steward", "commandeer", "soldiers", "zrblengas", "rodriguez")


@pytest.mark.parametrize(
    "wrong", ["parliament"[:5] + "parliament"[6:], "parlaiment", "parrliament", "parlioment"]
)
def test_a_letter_dropped_swapped_doubled_or_replaced_in_a_long_common_word_is_mistyped(wrong):
    assert is_mistyped("parliament", wrong)
    assert is_mistyped(wrong, "parliament")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("iran", "iraq"), ("austria", "australia"), ("slovakia", "slovenia"), ("zimbabwe", "zimbabve"),
        ("macron", "marcon"), ("storm", "stomr"), ("accept", "except"), ("hundred7", "hundred8"),
        ("convicts", "convictions"), ("zrblenga", "zrblemga"),
    ],
)  # fmt: skip
def test_names_short_words_other_words_and_unknown_words_are_never_mistyped(one, other):
    assert not is_mistyped(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("carpenter", "carpentier"), ("forester", "forrester"), ("merchant", "marchant"), ("marshall", "marschall"),
        ("steward", "stewart"), ("shepherd", "shephard"), ("anderson", "andersen"), ("stephanie", "stefanie"),
        ("carpenter", "carpenteur"), ("marshall", "marshalla"),
    ],
)  # fmt: skip
def test_words_that_may_be_two_names_are_never_mistyped(one, other):
    assert not is_mistyped(one, other)
    assert not is_mistyped(other, one)


@pytest.mark.parametrize(
    ("right", "wrong"), [("merchant", "merchent"), ("forester", "forestre"), ("stranger", "strnager")]
)
def test_a_word_that_is_a_rare_surname_too_is_forgiven_a_letter_that_makes_it_no_name(right, wrong):
    assert is_mistyped(right, wrong)
    assert is_mistyped(wrong, right)


@given(st.data())
def test_the_order_of_two_words_does_not_matter(data):
    word = data.draw(st.sampled_from(WORDS))
    other = data.draw(st.sampled_from(sorted(one_edit_away(word))))
    assert is_mistyped(word, other) == is_mistyped(other, word)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_what_is_one_edit_away_is_what_one_edit_makes(word, other):
    assert (other in one_edit_away(word)) == is_one_edit(word, other)


def test_one_edit_is_not_two():
    assert is_one_edit("abcdef", "abdcef")
    assert not is_one_edit("abcdef", "badcef")
    assert not is_one_edit("abcdef", "abef")
