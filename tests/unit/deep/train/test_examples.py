import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match.hashed import Known, key_of, write_known
from worker.deep import quantise
from worker.deep.train import examples
from worker.errors import UsageError
from worker.labels import Relation
from worker.route.train.labels import Labelled, without

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
    one, other = "bridge opens in zurich", "zurich bridge opens"
    assert pair.example == examples.Example.of(Relation.DUPLICATE, one, other)


def test_a_label_leaves_a_little_to_every_relation() -> None:
    example = examples.Example.of(Relation.SAME_STORY, "one", "other")
    assert example.shares == pytest.approx((0.01, 0.98, 0.01))


def test_of_a_pair_that_nobody_has_read_the_scores_are_learned(folder, tmp_path) -> None:
    labels = tmp_path / "labels.tsv.gz"
    known = {
        key_of("Factory Closes", "Rain in May"): Known("", -30, 5),
        key_of("Factory Closes", "Cup final tonight"): Known("", None, None),
        key_of("Rain in May", "Cup final tonight"): Known("different", 60, -60),
        key_of("Rain in May", "Bridge opens in Zurich"): Known("disputed", None, None),
        key_of("Rain in May", "A headline that is not there"): Known("", 60, -60),
    }
    write_known(known, labels)
    _, *further = examples.known_pairs(folder, labels=labels)
    found = {frozenset((pair.one, pair.other)): pair.example for pair in further}
    assert len(found) == 3
    assert found[frozenset(("factory closes", "cup final tonight"))] is None
    assert found[frozenset(("rain in may", "cup final tonight"))].shares == pytest.approx((0.01, 0.01, 0.98))
    shares = found[frozenset(("factory closes", "rain in may"))].shares
    assert quantise.scores(np.log([shares])) == [Scores(-30, 5)]


@given(st.lists(st.floats(-6, 6), min_size=3, max_size=3))
def test_shares_are_what_the_scores_of_logits_stand_for(logits) -> None:
    (scores,) = quantise.scores(np.array([logits]))
    shares = examples.KnownPair(("", ""), "", "one", "other", scores).example.shares
    parts = np.exp(logits)
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx(parts / parts.sum(), abs=0.04)


def test_scores_that_together_say_more_than_all_leave_nothing_to_the_third_relation() -> None:
    example = examples.KnownPair(("", ""), "", "one", "other", Scores(40, 40)).example
    assert example.shares == pytest.approx((0.5, 0.5, 0.0))


def test_pairs_of_what_is_held_out_are_not_learned_from(folder) -> None:
    pairs = examples.known_pairs(folder)
    assert len(examples.examples_of(pairs, frozenset())) == 1
    assert examples.examples_of(pairs, frozenset({"zurich bridge opens"})) == []


@pytest.mark.parametrize(
    "content",
    [b"text", gzip.compress(b"too few columns\n"), gzip.compress(b"cut")[:-9]],
    ids=["not gzip", "too few columns", "cut off"],
)
def test_a_damaged_file_of_hashed_labels_is_an_error_that_names_it(folder, tmp_path, content) -> None:
    labels = tmp_path / "labels.tsv.gz"
    labels.write_bytes(content)
    with pytest.raises(UsageError, match=r"labels\.tsv\.gz, or a file of headlines"):
        examples.known_pairs(folder, labels=labels)


def test_further_headlines_are_lines_or_the_last_column(tmp_path) -> None:
    lines, table = tmp_path / "lines.txt", tmp_path / "table.tsv.gz"
    lines.write_text("Rain in May\nFactory Closes\n")
    table.write_bytes(gzip.compress(b"section\theadline\nsport\tCup final tonight\n"))
    assert examples.headlines(lines) == ["rain in may", "factory closes"]
    assert examples.headlines(table) == ["cup final tonight"]


def test_acceptable_topics_share_a_fifth_of_the_target(folder) -> None:
    targets = examples.topic_targets(examples.labelled_topics(folder), ())
    assert sorted(targets.probabilities[0].tolist())[-3:] == pytest.approx([0.1, 0.1, 0.8])
    assert sorted(targets.probabilities[1].tolist())[-2:] == [0.0, 1.0]


def test_the_teachers_percents_are_probabilities_by_topic(folder) -> None:
    soft = examples.soft_targets(folder)
    assert soft.matches == ["factory closes", "rain in may"]
    assert soft.probabilities[1].tolist()[16] == pytest.approx(0.75)


def test_what_is_held_out_is_not_learned_from(folder) -> None:
    held = examples.forms_of([folder / "topics_train.tsv", folder / "pairs_train.tsv"])
    assert held == {"factory closes", "cup final tonight", "bridge opens in zurich", "zurich bridge opens"}
    assert without(examples.soft_targets(folder), held).matches == ["rain in may"]
    labelled = [Labelled("factory closes", 3, frozenset()), Labelled("other", 3, frozenset())]
    assert examples.topic_targets(labelled, held).matches == ["other"]


def test_a_folder_without_pairs_is_an_error_that_names_the_file(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"pairs_train\.tsv"):
        examples.known_pairs(tmp_path)
