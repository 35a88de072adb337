from unittest.mock import patch

import pytest
from worker.deduplicate import postings as module
from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import ALIKE, NEWEST_LISTED, WEIGHT_SHIFT

KEYS = (11, 22, 33, 44, 55)
RARE = 1 << WEIGHT_SHIFT | 7
"""A key that weighs as much as two others."""


def found(postings: Postings, keys: tuple[int, ...], oldest: int = 0, least: int = ALIKE) -> dict[int, int]:
    """Which entries an entry with these keys is compared with, and how alike they are."""
    sharing = postings.extend([keys], [False], [oldest], [least], [False])
    assert set(sharing.rows) <= {0}
    return dict(zip(sharing.entries, sharing.alike, strict=True))


def holding(*entries: tuple[int, ...], listed: bool = True) -> Postings:
    postings = Postings()
    number = len(entries)
    postings.extend(entries, [listed] * number, [1 << 40] * number, [ALIKE] * number, [False] * number)
    return postings


@pytest.mark.parametrize(
    ("keys", "others", "alike"),
    [
        (KEYS, KEYS, 1000),
        (KEYS, (55, 44, 33, 22, 11), 1000),
        (KEYS, (11, 22, 33, 1, 2), 600),
        (KEYS, (11, 22, 1, 2, 3), 400),
        (KEYS, (11, 22, 1), 500),
        (KEYS, (11, 22), 571),
        ((RARE, 11, 1, 2), (RARE, 11, 3, 4), 600),
        ((RARE, 11, 1, 2), (11, 1, 3, 4), 444),
        ((11, 22), (11, 1), 500),
        ((11,), (11, 1), 666),
        ((11,), (11,), 1000),
    ],
)
def test_entries_that_share_two_keys_are_alike_by_their_weight(
    keys: tuple[int, ...], others: tuple[int, ...], alike: int
) -> None:
    assert found(holding(keys), others) == {0: alike}
    assert found(holding(others), keys) == {0: alike}
    assert found(holding(others), keys, least=alike) == {0: alike}
    assert found(holding(others), keys, least=alike + 1) == {}


@pytest.mark.parametrize("others", [(11, 1, 2), (11,), ()])
def test_one_key_is_not_enough_but_for_entries_of_few(others: tuple[int, ...]) -> None:
    assert found(holding(KEYS), others) == {}
    assert found(holding(others), KEYS) == {}


def test_many_entries_are_compared_at_once_each_by_its_own_bound() -> None:
    postings = holding(KEYS, (11, 22, 1, 2), (11, 22, 33))
    sharing = postings.extend([KEYS, (11, 22, 44)], [False] * 2, [0, 0], [700, 0], [False] * 2)
    pairs = list(zip(sharing.rows, sharing.entries, sharing.alike, strict=True))
    assert pairs == [(0, 0, 1000), (0, 2, 750), (1, 0, 750), (1, 1, 571), (1, 2, 666)]


def test_only_the_rarest_keys_are_paired() -> None:
    assert found(holding((1, 2, 3, 4, 5, 6, 11, 22)), (11, 22, 7, 8), least=0) == {}


def test_an_entry_that_is_not_listed_is_not_found() -> None:
    assert found(holding(KEYS, listed=False), KEYS) == {}


def test_entries_before_the_oldest_do_not_count() -> None:
    assert found(holding(KEYS, KEYS, KEYS), KEYS, oldest=1) == {1: 1000, 2: 1000}


def test_of_a_pair_the_newest_are_found() -> None:
    entries = [KEYS] * (NEWEST_LISTED + 5)
    assert set(found(holding(*entries), KEYS)) == set(range(5, NEWEST_LISTED + 5))


def test_entries_of_one_batch_find_those_before_them() -> None:
    sharing = Postings().extend([KEYS, (1, 2, 3), KEYS], [True] * 3, [0] * 3, [ALIKE] * 3, [False] * 3)
    assert (sharing.rows, sharing.entries) == ([2], [0])


def test_many_others_in_between_hide_nothing() -> None:
    postings = holding(KEYS)
    for start in range(0, 30_000, 1000):
        others = [(11, 1000 + n, 100_000 + n, 200_000 + n, 300_000 + n) for n in range(start, start + 1000)]
        postings.extend(others, [True] * 1000, [1 << 40] * 1000, [ALIKE] * 1000, [False] * 1000)
    assert found(postings, (11, 22, 33, 8, 9)) == {0: 600}


@pytest.mark.parametrize("others", [(11, 22, 33, 1, 2), (11, 22), (11,), (1, 2, 3), ()])
def test_a_look_finds_what_an_entry_would_find_and_adds_nothing(others: tuple[int, ...]) -> None:
    postings = holding(KEYS, (11, 22, 33), (11, 1), (4, 5), KEYS)
    postings.extend([KEYS], [False], [1 << 40], [ALIKE], [False])
    looks = [postings.look([(7, 8), others], [0, oldest], [ALIKE] * 2) for oldest in (0, 0, 2)]
    assert looks[0] == looks[1]
    assert postings.extend([(7, 8), others], [False] * 2, [0, 2], [ALIKE] * 2, [False] * 2) == looks[2]
    assert postings.extend([(7, 8), others], [False] * 2, [0, 0], [ALIKE] * 2, [False] * 2) == looks[0]


def test_a_look_does_not_find_what_was_dropped() -> None:
    postings = holding(*[KEYS] * 100)
    postings.forget_before(100)
    assert postings.look([KEYS], [0], [0]).rows == []


def test_what_was_dropped_is_not_found_and_the_rest_is() -> None:
    postings = holding(*[KEYS] * 100)
    before = postings.memory_bytes
    postings.forget_before(90)
    assert postings.memory_bytes < before
    assert set(found(postings, KEYS, oldest=90)) == set(range(90, 100))


def test_after_billions_of_nodes_the_table_is_counted_from_a_new_base() -> None:
    postings = holding(*[KEYS] * 100, (1, 2, 3))
    with patch.object(module, "_REBASE", 500):
        postings.forget_before(90)
    postings.extend([KEYS], [True], [1 << 40], [ALIKE], [False])
    assert set(found(postings, KEYS, oldest=90)) == {*range(90, 100), 101}
    assert found(postings, (1, 2, 3), oldest=90) == {100: 1000}
