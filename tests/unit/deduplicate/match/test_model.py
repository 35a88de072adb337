import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from worker.deduplicate.match.align import align
from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.left import sides
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


def chain(nodes):
    """A tree whose way down passes so many nodes before its last leaf."""
    tree = []
    for node in range(nodes):
        at = 8 * node
        tree += [0, node, at + 4, at + 8, LEAF, node, 0, 0]
    return (*tree, LEAF, nodes, 0, 0)


def walked(tree, values):
    at = 0
    while tree[at] != LEAF:
        at = tree[at + 2] if values[tree[at]] <= tree[at + 1] else tree[at + 3]
    return tree[at + 1]


@given(st.data())
def test_the_shipped_scorers_give_what_their_rows_say(data):
    model = load()
    scorers = data.draw(st.sampled_from([model.cheap, model.deep]))
    width = len(NAMES) + len(REASONS) + 2
    values = data.draw(st.lists(st.integers(-50, 1000), min_size=width, max_size=width))
    for trees in (scorers.duplicate, scorers.update):
        assert trees.total(values) == sum(walked(tree, values) for tree in trees.trees)


def test_as_deep_a_tree_as_is_allowed_can_be_asked():
    trees = structs.replace(TREES, trees=(chain(32),))
    check(Model(Scorers(trees, trees), Scorers(trees, trees)), ("one", "two"))
    assert [trees.total((value, 0)) for value in (0, 7, 31, 99)] == [0, 7, 31, 32]


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
        ({"trees": ((0, 5, 4, 4, LEAF, 1, 0, 0),)}, "where another leads"),
        ({"trees": (chain(33),)}, "more than 32 nodes deep"),
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
    values = features(*sides(a, b, found := align(a, b)), found)
    assert len(values) == len(NAMES)
    assert all(type(value) is int for value in values)


def test_a_model_of_another_form_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b'{"duplicate": {}}')
    with pytest.raises(msgspec.ValidationError):
        load(path)
