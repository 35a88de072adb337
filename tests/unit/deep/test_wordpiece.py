import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deep.wordpiece import (
    BEGIN,
    END,
    MOST_OF_ONE,
    MOST_OF_TWO,
    SPECIAL,
    UNKNOWN,
    Vocabulary,
)
from worker.errors import UsageError

PIECES = [
    *SPECIAL,
    "bridge",
    "re",
    "##open",
    "##opens",
    "##s",
    "zurich",
    "'",
    "5",
    "%",
    "a",
    "##a",
    "cafe",
    "x" * 24,
]
VOCABULARY = Vocabulary(PIECES)


def pieces(form: str) -> list[str]:
    row = VOCABULARY.single(form)
    assert (row.ids[0], row.ids[-1], row.first) == (BEGIN, END, len(row.ids))
    return [PIECES[number] for number in row.ids[1:-1]]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("bridge reopens", ["bridge", "re", "##opens"]),
        ("bridges", ["bridge", "##s"]),
        ("aaa", ["a", "##a", "##a"]),
        ("zürich café", ["zurich", "cafe"]),
        ("bridge's 5%", ["bridge", "'", "[UNK]", "5", "%"]),
        ("reopened", ["[UNK]"]),
        ("opens", ["[UNK]"]),
        ("選挙", ["[UNK]"]),
        ("x" * 24, ["x" * 24]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_pieces_without_accents(form: str, expected: list[str]) -> None:
    assert pieces(form) == expected
    assert pieces(form) == expected, "the same from memory"


def test_a_pair_is_the_same_in_either_order() -> None:
    row = VOCABULARY.pair("zurich", "bridge")
    assert row == VOCABULARY.pair("bridge", "zurich")
    assert row.ids == [BEGIN, PIECES.index("bridge"), END, PIECES.index("zurich"), END]
    assert row.first == 3


def test_what_is_too_long_counts_by_its_beginning() -> None:
    assert VOCABULARY.single("a " * 100).ids == [BEGIN, *[PIECES.index("a")] * MOST_OF_ONE, END]
    row = VOCABULARY.pair("a" * 100, "a " * 100)
    assert (len(row.ids), row.first) == (2 * MOST_OF_TWO + 3, MOST_OF_TWO + 2)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_numbers_that_the_vocabulary_has(one: str, other: str) -> None:
    for row in (VOCABULARY.single(one), VOCABULARY.pair(one, other)):
        assert all(UNKNOWN <= number < len(PIECES) for number in row.ids)
        assert row.first <= len(row.ids)


def test_a_vocabulary_is_read_from_a_file(tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(PIECES) + "\n")
    assert Vocabulary.load(path) == VOCABULARY


@pytest.mark.parametrize(
    "content", [b"", b"[PAD]\n[UNK]\n[SEP]\n[CLS]\na\n", b"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n", b"\xff"]
)
def test_a_damaged_vocabulary_is_an_error_that_names_it(tmp_path, content: bytes) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"vocab\.txt: .*install newswire anew"):
        Vocabulary.load(path)
