from unittest.mock import patch

import pytest
from worker.deduplicate import postings as module
from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import NEWEST_LISTED

KEYS = (11, 22, 33, 44, 55)


def found(postings: Postings, keys: tuple[int, ...], oldest: int = 0) -> dict[int, int]:
    """Which entries an entry with these keys is compared with, and in how many lists they met."""
    sharing = postings.extend([keys], [False], [oldest])
    assert set(sharing.rows) <= {0}
    return dict(zip(sharing.entries, sharing.nodes, strict=True))


def holding(*entries: tuple[int, ...], listed: bool = True) -> Postings:
    postings = Postings()
    postings.extend(entries, [listed] * len(entries), [1 << 40] * len(entries))
    return postings


@pytest.mark.parametrize(
    ("keys", "others", "nodes"),
    [
        (KEYS, KEYS, 10),
        (KEYS, (55, 44, 33, 22, 11), 10),
        (KEYS, (11, 22, 33, 1, 2), 3),
        (KEYS, (11, 22, 33, 1), 3),
        (KEYS, (11, 22, 1), 1),
        (KEYS, (11, 22), 1),
        ((11, 22), (11, 1), 1),
        ((11,), (11, 1), 1),
        ((11,), (11,), 1),
    ],
)
def test_enough_shared_keys_make_a_candidate(
    keys: tuple[int, ...], others: tuple[int, ...], nodes: int
) -> None:
    assert found(holding(keys), others) == {0: nodes}
    assert found(holding(others), keys) == {0: nodes}


@pytest.mark.parametrize("others", [(11, 22, 1, 2, 3), (11, 22, 1, 2), (11, 1, 2), (11,), ()])
def test_fewer_do_not(others: tuple[int, ...]) -> None:
    assert found(holding(KEYS), others) == {}
    assert found(holding(others), KEYS) == {}


def test_only_the_rarest_keys_are_paired() -> None:
    assert found(holding((1, 2, 3, 4, 5, 11, 22, 33)), (11, 22, 33, 6, 7)) == {}


def test_an_entry_that_is_not_listed_is_not_found() -> None:
    assert found(holding(KEYS, listed=False), KEYS) == {}


def test_entries_before_the_oldest_do_not_count() -> None:
    assert found(holding(KEYS, KEYS, KEYS), KEYS, oldest=1) == {1: 10, 2: 10}


def test_of_a_pair_the_newest_are_found() -> None:
    entries = [KEYS] * (NEWEST_LISTED + 5)
    assert set(found(holding(*entries), KEYS)) == set(range(5, NEWEST_LISTED + 5))


def test_entries_of_one_batch_find_those_before_them() -> None:
    sharing = Postings().extend([KEYS, (1, 2, 3), KEYS], [True] * 3, [0] * 3)
    assert (sharing.rows, sharing.entries) == ([2], [0])


def test_many_others_in_between_hide_nothing() -> None:
    postings = holding(KEYS)
    for start in range(0, 30_000, 1000):
        others = [(11, 1000 + n, 100_000 + n, 200_000 + n, 300_000 + n) for n in range(start, start + 1000)]
        postings.extend(others, [True] * 1000, [1 << 40] * 1000)
    assert found(postings, (11, 22, 33, 8, 9)) == {0: 3}


@pytest.mark.parametrize("others", [(11, 22, 33, 1, 2), (11, 22), (11,), (1, 2, 3), ()])
def test_a_look_finds_what_an_entry_would_find_and_adds_nothing(others: tuple[int, ...]) -> None:
    postings = holding(KEYS, (11, 22, 33), (11, 1), (4, 5), KEYS)
    postings.extend([KEYS], [False], [1 << 40])
    looks = [postings.look([(7, 8), others], [0, oldest]) for oldest in (0, 0, 2)]
    assert looks[0] == looks[1]
    assert postings.extend([(7, 8), others], [False] * 2, [0, 2]) == looks[2]
    assert postings.extend([(7, 8), others], [False] * 2, [0, 0]) == looks[0]


def test_a_look_does_not_find_what_was_dropped() -> None:
    postings = holding(*[KEYS] * 100)
    postings.forget_before(100)
    assert postings.look([KEYS], [0]).rows == []


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
    postings.extend([KEYS], [True], [1 << 40])
    assert set(found(postings, KEYS, oldest=90)) == {*range(90, 100), 101}
    assert found(postings, (1, 2, 3), oldest=90) == {100: 3}
