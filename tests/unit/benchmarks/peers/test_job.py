"""What every peer does with a headline is what the worker does, but for near-duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from tests.benchmarks.peers import job
from tests.benchmarks.peers.job import Output, Record, outputs
from worker.config import Settings
from worker.events import Kind, Verdict
from worker.kafka.records import encoded
from worker.mediatopics import STREAMS
from worker.normalize import normalize
from worker.route.envelope import Labels, Origin, duplicate, routed
from worker.route.router import Router

if TYPE_CHECKING:
    from pathlib import Path

STORM = "Storm cuts power to thousands on the northern coast"
GOALS = "Striker scores twice as hosts win opening match of the championship"


def record(offset: int, headline: str | None, **fields: str) -> Record:
    event = {"id": f"guid-{offset}", "source": "agency", "headline": headline, **fields}
    return Record(
        f"guid-{offset}".encode(), orjson.dumps(event), Origin("raw", 2, offset, 1_768_000_000_000 + offset)
    )


def test_each_record_has_one_output_in_its_order():
    found = outputs(
        [record(0, STORM), record(1, GOALS), record(2, None), record(3, STORM.upper()), record(4, GOALS)], {}
    )
    assert [output.topic for output in found] == [
        "news.weather",
        "news.sport",
        "headlines.deadletter",
        "headlines.duplicates",
        "headlines.duplicates",
    ]
    assert [_position(output) for output in found] == [0, 1, 2, 3, 4]


def test_what_comes_out_is_what_the_worker_sends():
    raw = record(7, STORM)
    headline = normalize(raw.value)
    router = Router.load()
    settings = Settings().route
    (route,) = router.route(
        [headline.match], threshold=settings.threshold, also_threshold=settings.also_threshold
    )
    expected = routed(
        headline,
        Verdict(Kind.ORIGINAL, "new"),
        route,
        raw.origin,
        Labels("exact", router.version, router.deep_version),
    )
    (found,) = outputs([raw], {})
    assert (found.topic, found.key) == (f"news.{route.topic}", headline.id.encode())
    assert encoded(found.key, found.value, found.headers) == expected


def test_a_duplicate_goes_out_as_the_worker_sends_it():
    raw = record(8, STORM)
    headline = normalize(raw.value)
    (found,) = outputs([raw], {headline.match: "ab" * 16})
    verdict = Verdict(Kind.DUPLICATE, "exact", "ab" * 16, 1.0)

    assert encoded(found.key, found.value, found.headers) == duplicate(
        headline, verdict, raw.origin, job._labels
    )


def test_thresholds_are_the_defaults_of_the_settings():
    route = Settings().route
    assert (route.threshold, route.also_threshold) == (job.THRESHOLD, job.ALSO_THRESHOLD)


def test_a_duplicate_names_the_first_of_an_earlier_batch():
    seen: dict[str, str] = {}
    (first,) = outputs([record(0, STORM)], seen)
    (again,) = outputs([record(1, STORM)], seen)
    assert orjson.loads(again.value)["duplicate_of"] == first.key.decode()


def test_the_same_record_read_twice_is_no_duplicate_of_itself():
    seen: dict[str, str] = {}
    assert outputs([record(0, STORM)], seen) == outputs([record(0, STORM)], seen)


@pytest.mark.parametrize(
    "later",
    [record(1, STORM, supersedes="guid-0"), record(1, f"CORRECTED - {STORM}")],
    ids=["field", "words"],
)
def test_a_headline_that_corrects_another_is_never_suppressed(later: Record):
    seen: dict[str, str] = {}
    outputs([record(0, STORM)], seen)
    (output,) = outputs([later], seen)
    assert output.topic == "news.weather"


def test_a_headline_goes_the_same_way_alone_as_in_a_batch():
    records = [record(number, text) for number, text in enumerate((STORM, GOALS, "Qwz xkv", STORM))]
    seen: dict[str, str] = {}
    assert [outputs([one], seen)[0] for one in records] == outputs(records, {})


def test_all_outputs_go_to_topics_that_the_benchmark_counts():
    assert set(job.OUTPUTS) == {
        *(f"news.{slug}" for slug in STREAMS),
        "headlines.duplicates",
        "headlines.deadletter",
    }


def test_a_restart_finds_its_state_again_and_that_of_others_is_removed(tmp_path: Path):
    (job.state_folder(tmp_path, "a.") / "kept").touch()
    assert (job.state_folder(tmp_path, "a.") / "kept").exists()
    assert list(job.state_folder(tmp_path, "b.").iterdir()) == []
    assert [folder.name for folder in tmp_path.iterdir()] == ["b."]


def _position(output: Output) -> int:
    if output.topic == "headlines.deadletter":
        return int(dict(output.headers)["newswire.offset"])
    return orjson.loads(output.value)["position"]["offset"]
