import gzip

import pytest
from worker.deep.train import examples
from worker.errors import UsageError
from worker.labels import Relation
from worker.route.train.labels import Labelled

PAIRS = "label\theadline_a\theadline_b\nduplicate\tBridge opens in Zurich\tZurich: bridge opens\n"
TOPICS = "topic\tacceptable\theadline\neconomy\tlabour,politics\tFactory closes\nsport\t\tCup final tonight\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pairs_train.tsv").write_text(PAIRS)
    (tmp_path / "topics_train.tsv").write_text(TOPICS)
    (tmp_path / "stream.txt.gz").write_bytes(gzip.compress(b"Factory Closes\nRain in May\n"))
    (tmp_path / "stream_topics.tsv.gz").write_bytes(gzip.compress(b"weather\teconomy\n10\t90\n60\t20\n"))
    return tmp_path


def test_pairs_are_read_in_the_match_form_with_their_relation(folder) -> None:
    (pair,) = examples.known_pairs(folder)
    assert pair.label == Relation.DUPLICATE
    assert pair.example == examples.Example(0, "bridge opens in zurich", "zurich bridge opens")


def test_acceptable_topics_share_a_fifth_of_the_target(folder) -> None:
    targets = examples.topic_targets(examples.labelled_topics(folder), ())
    assert sorted(targets.probabilities[0].tolist())[-3:] == pytest.approx([0.1, 0.1, 0.8])
    assert sorted(targets.probabilities[1].tolist())[-2:] == [0.0, 1.0]


def test_the_teachers_percents_are_probabilities_by_topic(folder) -> None:
    soft = examples.soft_targets(folder, ())
    assert soft.matches == ["factory closes", "rain in may"]
    assert soft.probabilities[1].tolist()[16] == pytest.approx(0.75)


def test_what_is_held_out_is_not_learned_from(folder) -> None:
    held = examples.forms_of([folder / "topics_train.tsv", folder / "pairs_train.tsv"])
    assert held == {"factory closes", "cup final tonight", "bridge opens in zurich", "zurich bridge opens"}
    assert examples.soft_targets(folder, held).matches == ["rain in may"]
    labelled = [Labelled("factory closes", 3, frozenset()), Labelled("other", 3, frozenset())]
    assert examples.topic_targets(labelled, held).matches == ["other"]


def test_a_folder_without_pairs_is_an_error_that_names_the_file(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"pairs_train\.tsv"):
        examples.known_pairs(tmp_path)
