"""Routes by what the log says of topics."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.errors import UsageError
from worker.events import Further, Route
from worker.mediatopics import CODES, SLUGS, STREAMS, UNSORTED
from worker.route.evidence import CONFIDENCES, SHARES, Confidences
from worker.route.router import Router

TABLES = Confidences.load()
STEEP = Confidences(
    first=tuple(min(1000, 5 * share) for share in range(SHARES)),
    further=tuple(min(1000, 2 * share) for share in range(SHARES)),
    encoder="",
    version="deep-1.0",
)


def shares(**by_slug: int) -> bytes:
    return bytes(by_slug.get(slug.replace("-", "_"), 0) for slug in SLUGS)


def route(said: bytes, threshold: float = 0.6, also_threshold: float = 0.1) -> Route:
    return STEEP.route(said, threshold=threshold, also_threshold=also_threshold)


def test_the_best_topic_has_the_confidence_of_its_share():
    assert route(shares(sport=150)) == Route("sport", "sport", CODES["sport"], 0.75)


def test_below_the_threshold_it_is_unsorted_and_still_says_its_best():
    assert route(shares(sport=110, arts=100)) == Route(UNSORTED, "sport", CODES["sport"], 0.55)
    assert route(shares(sport=120)).topic == "sport"


def test_at_most_two_further_topics_are_named_the_likeliest_first():
    found = route(shares(sport=120, weather=50, arts=60, health=55))
    assert found.also == (Further("arts", CODES["arts"], 0.12), Further("health", CODES["health"], 0.11))
    assert route(shares(sport=120, arts=60), also_threshold=0.13).also == ()


def test_of_equals_the_first_by_code_is_the_best():
    found = route(shares(weather=127, arts=127))
    assert (found.best, found.also[0].topic) == ("arts", "weather")


def test_a_router_takes_evidence_for_some_and_the_words_for_the_rest():
    router = Router.load()
    matches = ["stocks rise despite mixed us jobs data"] * 3
    by_words, *_ = router.route(matches, threshold=0.6, also_threshold=0.55)
    said = shares(weather=255)
    found = router.route(matches, threshold=0.6, also_threshold=0.55, evidence={1: said})
    assert found == [by_words, TABLES.route(said, threshold=0.6, also_threshold=0.55), by_words]
    assert found[1].best == "weather"


@given(st.binary(min_size=17, max_size=17), st.floats(0, 1), st.floats(0, 1))
def test_a_route_is_well_formed_whatever_the_log_says(said, threshold, also_threshold):
    found = TABLES.route(said, threshold=threshold, also_threshold=also_threshold)
    assert found.topic in STREAMS
    assert found.code == CODES[found.best]
    assert (found.topic == UNSORTED) == (found.confidence < threshold)
    assert len(found.also) <= 2
    assert found.best not in {further.topic for further in found.also}
    assert all(further.confidence >= also_threshold for further in found.also)


# -- the file


def test_the_version_is_of_tables_and_encoder(tmp_path):
    path = tmp_path / "evidence.json"
    document = json.loads(CONFIDENCES.read_text())
    versions = set()
    for name, value in (
        ("encoder", "another"),
        ("first", [0] * SHARES),
        ("further", [7] * SHARES),
        ("note", ""),
    ):
        path.write_text(json.dumps({**document, name: value}))
        versions.add(Confidences.load(path).version)
    assert len(versions) == 4
    assert TABLES.version in versions


@pytest.mark.parametrize(
    "damage",
    [
        {"first": [0] * 255},
        {"first": [0.5] * 256},
        {"further": [1001] * 256},
        {"further": [-1, *[0] * 255]},
        {"further": [2, *[1] * 255]},
        {"first": None},
        {"encoder": ...},
    ],
    ids=str,
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, damage):
    path = tmp_path / "evidence.json"
    document = {**json.loads(CONFIDENCES.read_text()), **damage}
    path.write_text(json.dumps({name: value for name, value in document.items() if value is not ...}))
    with pytest.raises(UsageError, match=r"evidence\.json: .*restore the file or calibrate again"):
        Confidences.load(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_a_file_of_something_else_is_an_error_that_names_it(tmp_path, content):
    path = tmp_path / "evidence.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"evidence\.json"):
        Confidences.load(path)
