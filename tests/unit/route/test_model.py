from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.features import GRAM_BUCKETS
from worker.route.model import WEIGHT_LIMIT, Model, load, save
from worker.route.router import WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path


def small_model() -> Model:
    topics = len(SLUGS)
    return Model(
        words=("goal", "été"),
        word_weights=np.arange(3 * topics, dtype=np.int16).reshape(3, topics),
        gram_weights=np.zeros((GRAM_BUCKETS, topics), np.int16),
        pair_rows=np.array([[1, 2]], np.int32),
        pair_weights=np.full((1, topics), -7, np.int16),
        bias=np.arange(topics, dtype=np.int32),
        exponential=np.array([1 << 20, 1, 0]),
        first=np.arange(1001, dtype=np.int16),
        further=np.arange(1001, dtype=np.int16),
    )


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path):
    model = small_model()
    version = save(model, tmp_path / "m")
    loaded, loaded_version = load(tmp_path / "m")
    assert loaded_version == version
    assert loaded.words == model.words
    for name, array in model._asdict().items():
        np.testing.assert_array_equal(getattr(loaded, name), array)


def test_the_same_model_gives_the_same_file(tmp_path: Path):
    save(small_model(), tmp_path / "a")
    save(small_model(), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_version_is_of_the_content_and_not_of_its_compression(tmp_path: Path):
    version = save(small_model(), tmp_path / "a")
    (tmp_path / "b").write_bytes(zlib.compress(zlib.decompress((tmp_path / "a").read_bytes()), 1))
    assert load(tmp_path / "b")[1] == version


def test_one_weight_changes_the_version(tmp_path: Path):
    model = small_model()
    version = save(model, tmp_path / "a")
    assert save(model._replace(bias=model.bias + 1), tmp_path / "b") != version


def test_the_weights_of_the_package_are_small():
    assert WEIGHTS.stat().st_size < 5_000_000


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path):
    (tmp_path / "m").write_bytes(b"not a model")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "m")


def test_a_file_cut_short_is_refused(tmp_path: Path):
    save(small_model(), tmp_path / "m")
    (tmp_path / "m").write_bytes((tmp_path / "m").read_bytes()[:-20])
    with pytest.raises(UsageError, match="cut short"):
        load(tmp_path / "m")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": 2}, "format 2"),
        ({"topics": ["sport"]}, "topics are not this release's"),
        ({"shapes": {}}, "word_weights"),
    ],
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, Any], complaint: str):
    save(small_model(), tmp_path / "m")
    head, _, rest = zlib.decompress((tmp_path / "m").read_bytes()).partition(b"\n")
    head = json.dumps(json.loads(head) | changes).encode()
    (tmp_path / "m").write_bytes(zlib.compress(head + b"\n" + rest))
    with pytest.raises(UsageError, match=complaint):
        load(tmp_path / "m")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"words": ("goal",)}, "word_weights has the shape"),
        ({"first": np.zeros(5, np.int16)}, "first has the shape"),
        ({"exponential": np.array([1])}, "does not end in nought"),
        ({"pair_weights": np.full((1, len(SLUGS)), WEIGHT_LIMIT + 1)}, "pair_weights has a weight above"),
    ],
)
def test_a_model_that_would_score_wrong_is_refused(tmp_path: Path, changes: dict[str, Any], complaint: str):
    save(small_model()._replace(**changes), tmp_path / "m")
    with pytest.raises(UsageError, match=complaint):
        load(tmp_path / "m")
