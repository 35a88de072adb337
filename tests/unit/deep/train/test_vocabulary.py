from worker.deep.train.vocabulary import pruned
from worker.deep.wordpiece import SPECIAL, Vocabulary

PIECES = [
    "5",
    "[PAD]",
    "[unused0]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "!",
    "a",
    "é",
    "bridge",
    "##s",
    "##z",
    "##ly",
    "fire",
]


def test_pieces_that_are_seen_often_enough_stay_in_their_order() -> None:
    forms = ["bridge fires", "fire fire", "bridge"]
    assert pruned(PIECES, forms, fewest=2)[len(SPECIAL) :] == ["5", "a", "bridge", "##s", "##z", "fire"]
    assert "bridge" not in pruned(PIECES, forms, fewest=3)


def test_single_letters_and_digits_stay_unseen_and_other_signs_do_not() -> None:
    assert pruned(PIECES, [], fewest=1) == [*SPECIAL, "5", "a", "##s", "##z"]


def test_special_pieces_come_first_with_the_numbers_that_the_deep_tier_gives_them(tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(pruned(PIECES, ["bridge"], fewest=1)) + "\n")
    assert Vocabulary.load(path).single("bridge").ids == [2, Vocabulary.load(path)["bridge"], 3]


def test_pieces_are_counted_as_the_deep_tier_cuts_words() -> None:
    assert "##ly" in pruned(PIECES, ["firely"], fewest=1)
    assert "##ly" not in pruned(PIECES, ["ly"], fewest=1)
