from hashlib import blake2b

import pytest
from worker.deduplicate.evidence import (
    NO_EVIDENCE,
    NOTHING_BYTES,
    TOPICS,
    Evidence,
    Pair,
    Scores,
    decode,
    encode,
    form_hash,
    of_rows,
    scores_of,
    size,
)

A, B = Pair(form_hash(b"bridge reopens"), Scores(12, -3)), Pair(form_hash(b"bridge closed"), Scores(-50, 40))
TOPICAL = bytes(range(TOPICS))


def test_a_form_is_named_by_the_same_number_on_every_machine() -> None:
    assert form_hash("zürich".encode()) == int.from_bytes(
        blake2b("zürich".encode(), digest_size=8).digest(), "little"
    )
    assert form_hash(b"bridge reopens") == 0xBB819FAF1E993DE9


def test_the_scores_of_a_form_are_found_by_its_hash_and_the_first_count() -> None:
    pairs = (A, B, A._replace(scores=Scores(99, 99)))
    assert scores_of(pairs, b"bridge reopens") == Scores(12, -3)
    assert scores_of(pairs, b"bridge closed") == Scores(-50, 40)
    assert scores_of(pairs, b"bridge") is None


def test_evidence_comes_back_by_the_place_of_its_entry() -> None:
    entries = [NO_EVIDENCE, Evidence((A, B)), Evidence((), TOPICAL), Evidence((B,), TOPICAL[::-1])]
    value = encode(entries)
    assert decode(value, len(entries)) == ({1: (A, B), 3: (B,)}, {2: TOPICAL, 3: TOPICAL[::-1]})


@pytest.mark.parametrize(
    "entries",
    [[NO_EVIDENCE], [Evidence((A, B), TOPICAL)], [Evidence((A,)), NO_EVIDENCE, Evidence((), TOPICAL)]],
)
def test_its_size_is_known_before_it_is_written(entries: list[Evidence]) -> None:
    assert len(encode(entries)) == NOTHING_BYTES + sum(map(size, entries))


def test_of_fewer_rows_what_is_left_moves_up() -> None:
    assert of_rows({0: "a", 2: "c", 3: "d"}, [1, 2, 3]) == {1: "c", 2: "d"}
