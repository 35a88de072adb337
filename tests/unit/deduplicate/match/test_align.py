from worker.deduplicate.match.align import align, near_pairs, overlap
from worker.deduplicate.match.tokens import read, token


def left_over(one, other):
    a, b = read(one), read(other)
    found = align(a, b)
    return [a.words[at] for at in found.left_a], [b.words[at] for at in found.left_b]


def test_inflections_and_synonyms_match():
    assert left_over("investigations shaking ministries", "probe shakes ministry") == ([], [])


def test_what_only_one_side_has_is_left_over():
    assert left_over("mayor resigns", "furious mayor resigns today") == ([], ["furious", "today"])


def test_a_word_matches_once():
    assert left_over("dog bites dog", "dog bites") == (["dog"], [])


def test_a_compound_matches_the_words_it_is_written_apart_as():
    assert left_over("lighthousekeeper rescued", "lighthouse keeper rescued") == ([], [])


def test_an_acronym_matches_the_names_whose_initials_it_has():
    assert left_over("kzf strikes", "kampala zambezi federation strikes") == ([], [])


def test_an_acronym_of_two_common_words_is_no_match():
    assert left_over("gm strikes", "green melon strikes") != ([], [])


def test_a_mistyped_long_word_matches():
    found = align(read("parliament votes today"), read("budget parliment votes"))
    assert found.typos == 1


def test_overlap_is_all_of_the_weight_for_the_same_words_and_none_for_others():
    assert overlap(read("museum returns painting"), read("painting returns museum")) == 1000
    assert overlap(read("museum returns painting"), read("volcano erupts")) == 0
    assert overlap(read(""), read("")) == 0


def test_a_near_synonym_is_used_once():
    assert near_pairs([token("arrest"), token("detain")], [token("nab")]) == 1
