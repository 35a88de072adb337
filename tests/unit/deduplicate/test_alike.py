"""Which kept entries are alike enough: what signs rule out is never one of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.alike import KeptKeys, _signs, padded
from worker.deduplicate.rule import FIRM, WEIGHT_SHIFT

# A few words, many of one sign, of any weight and in any order.
KEY = st.builds(
    lambda weight, word: weight << WEIGHT_SHIFT | word, st.integers(0, 127), st.integers(1, 12)
) | st.integers(1, 2**32 - 1)
ENTRY = st.lists(KEY, max_size=6, unique=True).map(tuple)


def weight(keys):
    return sum((key >> WEIGHT_SHIFT) + 1 for key in keys)


@given(
    st.lists(ENTRY, min_size=1, max_size=12),
    st.lists(ENTRY, min_size=1, max_size=6),
    st.integers(0, 1000),
    st.booleans(),
)
def test_it_says_of_every_pair_what_its_keys_say(kept, later, least, firmly):
    # Entries of one's own are among them too, so that pairs share many keys.
    kept = [*kept, *later, *(entry[::-1][:5] for entry in later)]
    columns = KeptKeys()
    columns.extend(padded(kept)[0])
    keys, _ = padded(later)
    rows, entries = (each.ravel() for each in np.indices((len(later), len(kept))))
    enough, alike = columns.alike(
        keys, rows, entries, np.full(len(later), least), np.full(len(later), firmly)
    )

    expected = {}
    for row, ours in enumerate(later):
        for number, theirs in enumerate(kept):
            shared = set(ours) & set(theirs)
            total = weight(ours) + weight(theirs)
            if 2000 * weight(shared) >= least * total:
                fewer = min(len(ours), len(theirs))
                is_firm = len(shared) >= min(max(fewer - 1, 1), FIRM)
                if is_firm or not firmly:
                    expected[row, number] = 2000 * weight(shared) // max(1, total)
    found = zip(rows[enough].tolist(), entries[enough].tolist(), alike.tolist(), strict=True)
    assert {(row, number): how for row, number, how in found} == expected


def test_what_is_dropped_takes_its_sign_with_it():
    columns = KeptKeys()
    keys, _ = padded([(7, 8, 9), (1, 2, 3), (4, 5, 6)])
    columns.extend(keys)
    before = columns.memory_bytes
    columns.drop(1)

    enough, alike = columns.alike(
        keys, np.array([0, 1]), np.array([1, 0]), np.full(3, 500), np.full(3, fill_value=True)
    )
    assert (enough.tolist(), alike.tolist()) == ([1], [1000])
    assert columns.memory_bytes == before * 2 // 3
    assert len(columns) == 2


def test_keys_of_one_sign_are_counted_each():
    by_sign = {}
    for key in range(1, 500):
        sign = int(_signs(np.array([[key]], np.uint32))[0])
        by_sign.setdefault(sign, []).append(key)
    twins = tuple(max(by_sign.values(), key=len)[:3])
    columns = KeptKeys()
    keys, _ = padded([twins])
    columns.extend(keys)

    enough, alike = columns.alike(
        keys, np.array([0]), np.array([0]), np.full(1, 1000), np.full(1, fill_value=True)
    )
    assert (enough.tolist(), alike.tolist()) == ([0], [1000])
