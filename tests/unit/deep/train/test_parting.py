import numpy as np
import pytest
from worker.deduplicate.evidence import Scores
from worker.deep.train.examples import KnownPair
from worker.deep.train.parting import FOLDS, Material, parts
from worker.mediatopics import SLUGS
from worker.route.train.labels import Labelled, Targets

NATURAL = 9


def pair(one: str, other: str, label: str = "duplicate", scores: Scores | None = None) -> KnownPair:
    return KnownPair((one, other), label, one, other, scores)


READ = [pair(f"headline {at}", f"headline {at + 1}") for at in range(0, 24, 2)]
CHAINED = [pair("headline 1", "headline 50", "different"), pair("headline 50", "headline 6", "same_story")]
LABELLED = [Labelled(f"topic {at}", at % 3, frozenset()) for at in range(12)]
SOFT = ["topic 1", "topic 2", "stream 0", "headline 4"]


def material(held_out: frozenset[str] = frozenset()) -> Material:
    soft = Targets(SOFT, np.full((4, len(SLUGS)), 1 / len(SLUGS), np.float32), np.ones(4, np.float32))
    unread = [pair("stream 0", "stream 1", ""), pair("stream 2", "headline 3", "")]
    return Material([*READ, *unread, *CHAINED], LABELLED, NATURAL, soft, held_out)


def test_every_pair_that_is_read_is_judged_once_by_who_has_seen_none_of_its_headlines() -> None:
    judged = []
    for part in parts(material()):
        seen = {form for example in part.examples for form in (example.one, example.other)}
        asked = {form for each in part.pairs for form in (each.one, each.other)}
        assert asked
        assert seen.isdisjoint(asked)
        assert len(part.examples) + len(part.pairs) == len(READ) + len(CHAINED)
        judged += [each.key for each in part.pairs]
    assert sorted(judged) == sorted(each.key for each in [*READ, *CHAINED])


def test_every_natural_headline_is_judged_once_by_who_has_not_learned_its_topic() -> None:
    for number, part in enumerate(parts(material())):
        assert part.headlines == [f"topic {at}" for at in range(number, NATURAL, FOLDS)]
        assert set(part.labelled.matches) == {label.match for label in LABELLED} - set(part.headlines)
        assert part.soft.matches == [match for match in SOFT if match not in part.headlines]


def test_what_is_held_out_is_neither_learned_from_nor_are_its_topics_judged() -> None:
    held_out = frozenset({"headline 4", "topic 1", "topic 10"})
    for part in parts(material(held_out)):
        learned = {form for example in part.examples for form in (example.one, example.other)}
        learned |= {*part.labelled.matches, *part.soft.matches}
        assert learned.isdisjoint(held_out)
        assert held_out.isdisjoint(part.headlines)
    assert sum(len(part.pairs) for part in parts(material(held_out))) == len(READ) + len(CHAINED)


def test_an_unread_pair_is_judged_when_it_shares_no_headline_with_a_read_one() -> None:
    assert [each.key for each in material().unread] == [("stream 0", "stream 1")]


@pytest.mark.parametrize("scores", [None, Scores(40, -40)])
def test_no_encoder_learns_from_unread_pairs(scores) -> None:
    asked = material()._replace(pairs=[*READ, pair("stream 0", "stream 1", "", scores)])
    for part in parts(asked):
        assert "stream 0" not in {example.one for example in part.examples}
