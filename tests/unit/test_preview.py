"""The stages offline: positions, batches and policies, as the worker would decide."""

from __future__ import annotations

import orjson
import pytest
from msgspec.structs import replace
from worker import preview
from worker.deduplicate.evidence import Evidence, Pair, Scores, form_hash
from worker.deduplicate.match import MATCHER
from worker.events import Kind
from worker.mediatopics import SLUGS, STREAMS
from worker.normalize import Limits
from worker.preview import Outcome, Policy, Preview, as_json, shown
from worker.replay.document import documents
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan, readings
from worker.route.rules import RuledRouter

POLICY = Policy(Limits(), max_entries=1_000_000, threshold=0.6, also_threshold=0.55)
FERRY = "Ferry sinks off Greek island"
BUDGET = "Government announces emergency budget"


@pytest.fixture(scope="module")
def router():
    return RuledRouter.load()


@pytest.fixture
def outcomes(tmp_path, router):
    """What would become of headlines: of texts, or of records with more fields."""

    def outcomes(*headlines: str | dict, policy: Policy = POLICY, open_deep=None) -> list[Outcome]:
        path = tmp_path / "feed.jsonl"
        records = [{"headline": each} if isinstance(each, str) else each for each in headlines]
        path.write_bytes(b"\n".join(map(orjson.dumps, records)))
        plan = Plan(tuple(documents([str(path)])), source="wire", fields=FieldMap())
        return list(Preview(policy, MATCHER, router, open_deep).outcomes(readings(plan)))

    return outcomes


def verdicts(found: list[Outcome]) -> list[tuple[str, int | None]]:
    return [(str(each.verdict.kind), each.of) for each in found]


def test_a_duplicate_is_held_back_and_names_the_first_of_its_group(outcomes):
    found = outcomes(FERRY, BUDGET, FERRY.upper(), "Goverment announces emergency budget", FERRY)
    assert verdicts(found) == [
        ("original", None),
        ("original", None),
        ("duplicate", 1),
        ("duplicate", 2),
        ("duplicate", 1),
    ]
    assert [each.suppressed for each in found] == [False, False, True, True, True]


def test_an_update_names_the_headline_that_it_changes_and_is_routed(outcomes):
    found = outcomes(
        "Oil prices rise sharply after OPEC meeting", "Oil prices fall sharply after OPEC meeting"
    )
    assert verdicts(found) == [("original", None), ("update", 1)]
    assert not found[1].suppressed


def test_a_correction_is_never_a_duplicate(outcomes):
    assert verdicts(outcomes(FERRY, f"CORRECTED-{FERRY}")) == [("original", None), ("original", None)]


def test_the_very_same_record_again_is_a_duplicate_of_its_first_place(outcomes):
    record = {"id": "guid-1", "headline": FERRY}
    assert verdicts(outcomes(BUDGET, record, record)) == [
        ("original", None),
        ("original", None),
        ("duplicate", 2),
    ]


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_where_batches_are_cut_changes_nothing_lines_that_are_rejected_included(outcomes, monkeypatch, batch):
    feed = (FERRY, {"title": "no headline"}, BUDGET, "\u200b", FERRY, BUDGET)
    whole = outcomes(*feed)
    monkeypatch.setattr(preview, "BATCH_RECORDS", batch)
    assert outcomes(*feed) == whole
    assert [each.position for each in whole] == [1, 2, 3, 4, 5, 6]
    assert [each.of for each in whole] == [None, None, None, None, 1, 3]


def test_with_the_deep_tier_its_word_decides_where_the_cheap_one_is_not_sure(outcomes):
    told_otherwise = "Emergency budget for flooded towns and farms announced by government"
    asked = []

    class Gatherer:
        def __init__(self, replica, writer):
            self.writer = writer

        def gather(self, batch):
            asked.append([headline.display for headline in batch.headlines])
            first, second = (self.writer.unknown(batch)[at] for at in range(2))
            pairs = (Pair(form_hash(first.form), Scores(127, -127)),)
            shares = bytes(255 * (slug == "weather") for slug in SLUGS)
            return {first.id: Evidence((), shares), second.id: Evidence(pairs)}

    assert verdicts(outcomes(BUDGET, told_otherwise))[1] != ("duplicate", 1)
    found = outcomes(BUDGET, told_otherwise, open_deep=Gatherer)
    assert verdicts(found) == [("original", None), ("duplicate", 1)]
    assert found[0].route.best == "weather"
    assert asked == [[BUDGET, told_otherwise]]


def test_what_is_rejected_has_a_reason_and_no_topic(outcomes):
    unreadable, empty, long = outcomes(
        {"title": "no headline"},
        "\u200b",
        "x" * 40,
        policy=replace(POLICY, limits=Limits(max_headline_chars=30)),
    )
    assert (unreadable.rejection, empty.rejection, long.rejection) == ("unreadable", "empty", "too_large")
    for each in (unreadable, empty, long):
        assert each.message
        assert (each.headline, each.verdict, each.route, each.suppressed) == (None, None, None, False)
    assert shown(unreadable) == '{"title":"no headline"}'
    assert shown(long) == "x" * 40


def test_marked_duplicates_are_routed_with_their_verdict(outcomes):
    first, second = outcomes(FERRY, FERRY, policy=replace(POLICY, mark_duplicates=True))
    assert (second.verdict.kind, second.of, second.suppressed) == (Kind.DUPLICATE, 1, False)
    assert second.route == first.route


def test_without_de_duplication_everything_is_an_original(outcomes):
    found = outcomes(FERRY, FERRY, policy=replace(POLICY, deduplicate=False))
    assert verdicts(found) == [("original", None)] * 2
    assert {each.route.topic for each in found} <= set(STREAMS)


def test_the_thresholds_decide_on_the_stream_and_on_further_topics(outcomes):
    (sure,) = outcomes(FERRY, policy=replace(POLICY, threshold=0, also_threshold=0))
    (unsure,) = outcomes(FERRY, policy=replace(POLICY, threshold=1, also_threshold=1))
    assert sure.route.topic == sure.route.best == unsure.route.best
    assert unsure.route.topic == "unsorted"
    assert sure.route.also
    assert not unsure.route.also


def test_as_json_a_duplicate_has_the_id_and_the_position_of_its_first(outcomes):
    first, second = map(as_json, outcomes(FERRY, FERRY))
    assert (first["verdict"], first["duplicate_of"], first["of_position"]) == ("original", None, None)
    assert (second["duplicate_of"], second["of_position"]) == (first["id"], 1)
    assert (second["update_of"], second["topic"], second["line"]) == (None, "duplicates", 2)
    assert second["best_topic"] == first["topic"]


def test_as_json_an_update_has_no_duplicate_of(outcomes):
    *_, found = map(
        as_json,
        outcomes("Oil prices rise sharply after OPEC meeting", "Oil prices fall sharply after OPEC meeting"),
    )
    assert found["update_of"]
    assert found["duplicate_of"] is None


def test_names_alone_of_two_languages_come_out_in_each(outcomes):
    cup = "Champions League 2026"
    found = outcomes(
        {"headline": cup, "language": "es"},
        {"headline": cup, "language": "en"},
        {"headline": cup, "language": "es-MX"},
        {"headline": cup},
    )
    assert verdicts(found) == [("original", None), ("original", None), ("duplicate", 1), ("duplicate", 2)]
    assert found[0].route.topic == "unsorted"
    assert found[0].route.best == found[1].route.best
