import msgspec
import pytest
from msgspec import structs
from worker.deduplicate.match.align import align
from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.model import LEAF, Model, Scorers, Trees, check, load
from worker.deduplicate.match.tokens import read

TREES = Trees(
    trees=(
        (0, 5, 4, 16, 1, 0, 8, 12, LEAF, -3, 0, 0, LEAF, -1, 0, 0, LEAF, 4, 0, 0),
        (1, 10, 4, 8, LEAF, 1, 0, 0, LEAF, 7, 0, 0),
    ),
    threshold=3,
    steps=(0, 6),
    scores=(100, 500, 900),
)


@pytest.mark.parametrize(("values", "total"), [((5, 0), -2), ((5, 1), 0), ((6, 10), 5), ((6, 11), 11)])
def test_a_total_is_the_sum_of_the_leaves_that_the_values_reach(values, total):
    assert TREES.total(values) == total


@pytest.mark.parametrize(("total", "score"), [(-9, 0.1), (0, 0.5), (5, 0.5), (6, 0.9)])
def test_a_score_rises_at_its_steps(total, score):
    assert TREES.score(total) == score


def test_the_shipped_model_is_sound():
    model = load()
    check(model, (*NAMES, *REASONS))
    for scorers in (model.cheap, model.deep):
        for trees in (scorers.duplicate, scorers.update):
            assert len(trees.trees) > 1
            assert list(trees.scores) == sorted(trees.scores)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"trees": ((0, 5, 0, 4, LEAF, 1, 0, 0),)}, "leads nowhere"),
        ({"trees": ((0, 5, 4, 8, LEAF, 1, 0, 0),)}, "leads nowhere"),
        ({"trees": ((0, 5, 4, 6, LEAF, 1, 0, 0),)}, "leads nowhere"),
        ({"trees": ((9, 5, 4, 8, LEAF, 1, 0, 0, LEAF, 1, 0, 0),)}, "is none"),
        ({"trees": ((LEAF, 1, 0),)}, "is none"),
        ({"trees": ((),)}, "is none"),
        ({"steps": (6, 0)}, "steps"),
        ({"scores": (100, 500)}, "steps"),
        ({"scores": (100, 500, 1001)}, "thousandths"),
    ],
)
def test_a_model_that_could_not_be_asked_is_refused(changed, said):
    trees = structs.replace(TREES, **changed)
    sound = Scorers(TREES, TREES)
    check(Model(sound, sound), ("one", "two"))
    for broken in (Model(Scorers(trees, TREES), sound), Model(sound, Scorers(TREES, trees))):
        with pytest.raises(ValueError, match=said):
            check(broken, ("one", "two"))


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
