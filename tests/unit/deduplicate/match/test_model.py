import msgspec
import pytest
from worker.deduplicate.match.align import align
from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.model import Trees, load
from worker.deduplicate.match.tokens import read

TREES = Trees(
    trees=((0, 5, 1, 0, 1, 10, -3, -1, 2, 4), (1, 10, 0, 0, 0, 0, 1, 1, 7, 7)),
    threshold=3,
    steps=(0, 6),
    scores=(100, 500, 900),
)


@pytest.mark.parametrize(("values", "total"), [((5, 0), -2), ((5, 1), 0), ((6, 10), 3), ((6, 11), 11)])
def test_a_total_is_the_sum_of_the_leaves_that_the_values_reach(values, total):
    assert TREES.total(values) == total


@pytest.mark.parametrize(("total", "score"), [(-9, 0.1), (0, 0.5), (5, 0.5), (6, 0.9)])
def test_a_score_rises_at_its_steps(total, score):
    assert TREES.score(total) == score


def test_the_shipped_trees_test_only_features_that_there_are():
    model = load()
    for trees, width in ((model.duplicate, len(NAMES)), (model.update, len(NAMES) + len(REASONS))):
        assert trees.trees
        assert all(0 <= at < width for tree in trees.trees for at in tree[:6:2])
        assert len(trees.scores) == len(trees.steps) + 1
        assert list(trees.scores) == sorted(trees.scores)


def test_there_is_a_name_for_every_feature_and_all_are_whole_numbers():
    a, b = read("mayor opens bridge in lagos"), read("bridge opened by furious mayor")
    values = features(a, b, align(a, b))
    assert len(values) == len(NAMES)
    assert all(type(value) is int for value in values)


def test_a_model_of_another_form_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b'{"duplicate": {}}')
    with pytest.raises(msgspec.ValidationError):
        load(path)
