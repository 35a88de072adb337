import pytest
from worker.deduplicate.match.spelling import is_mistyped, is_one_edit


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


def test_one_edit_is_not_two():
    assert is_one_edit("abcdef", "abdcef")
    assert not is_one_edit("abcdef", "badcef")
    assert not is_one_edit("abcdef", "abef")
