import json

import numpy as np
import pytest
from worker.deep.train.calibrating import labels_of, save, tables
from worker.errors import UsageError
from worker.route.evidence import Confidences
from worker.route.train.labels import Labelled


def headlines(seed: int, count: int = 4000) -> tuple[list[bytes], list[Labelled]]:
    """Headlines whose best topic is right as often as its share squared says, and another topic else."""
    rng = np.random.default_rng(seed)
    best = rng.integers(128, 255, count)
    right = rng.random(count) < (best / 255) ** 2
    shares = [bytes([share, 255 - share, *[0] * 15]) for share in best.tolist()]
    return shares, [Labelled("", 0 if hit else 1, frozenset()) for hit in right]


def test_tables_are_whole_numbers_that_never_fall() -> None:
    measured = tables(*headlines(0))
    for table in measured:
        assert len(table) == 256
        assert sorted(table) == table
        assert table[0] >= 0
        assert table[-1] <= 995


def test_a_share_is_trusted_as_often_as_it_was_right() -> None:
    first, _ = tables(*headlines(1))
    for share in (150, 200, 240):
        assert abs(first[share] - 1000 * (share / 255) ** 2) < 60


def test_an_acceptable_topic_is_right_too() -> None:
    shares = [bytes([200, 55, *[0] * 15])] * 10
    strict = tables(shares, [Labelled("", 0, frozenset())] * 10)
    generous = tables(shares, [Labelled("", 0, frozenset({1}))] * 10)
    assert (strict.first[200], strict.further[100], strict.further[200]) == (995, 0, 0)
    assert (generous.first[200], generous.further[100]) == (995, 995)


def test_headlines_that_were_judged_are_measured_by_their_first_label() -> None:
    labelled = [
        Labelled("rain", 4, frozenset()),
        Labelled("fire", 2, frozenset()),
        Labelled("rain", 9, frozenset()),
    ]
    assert labels_of(["fire", "rain", "rain"], labelled) == [labelled[1], labelled[0], labelled[0]]
    with pytest.raises(UsageError, match=r"'flood' was judged, but has no label.*run the command score"):
        labels_of(["flood"], labelled)


def test_the_file_is_what_the_router_reads(tmp_path) -> None:
    path = tmp_path / "evidence.json"
    measured = tables(*headlines(2))
    save(measured, "0" * 32, path)
    confidences = Confidences.load(path)
    assert (confidences.first, confidences.further) == (tuple(measured.first), tuple(measured.further))
    assert confidences.encoder == "0" * 32
    assert list(json.loads(path.read_text())) == ["encoder", "first", "further"]
