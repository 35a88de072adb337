"""Plans: rounds, limits, and what is too large."""

from __future__ import annotations

import msgspec
import pytest
from worker.replay.document import SEEDS, documents
from worker.replay.entry import Fault
from worker.replay.event import SEED_SCHEDULE
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan, readings


@pytest.fixture
def plan_of(tmp_path):
    def plan_of(*contents: str, **options) -> Plan:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}.txt"
            path.write_text(content)
            paths.append(str(path))
        return Plan(documents=tuple(documents(paths)), source="wire", fields=FieldMap(), **options)

    return plan_of


def headlines(plan: Plan) -> list[str]:
    return [reading.found.headline for reading in readings(plan) if reading.event]


def test_documents_follow_each_other(plan_of):
    assert headlines(plan_of("Rain\nSnow\n", "Hail\n")) == ["Rain", "Snow", "Hail"]


def test_every_round_has_the_very_same_events(plan_of):
    plan = plan_of("Rain\nSnow\n", repeat=3, schedule=SEED_SCHEDULE)
    events = [reading.event for reading in readings(plan)]

    assert events == 3 * events[:2]
    assert events[0] != events[1]


def test_a_limit_counts_headlines_over_all_rounds(plan_of):
    assert headlines(plan_of("Rain\nSnow\n", repeat=3, limit=3)) == ["Rain", "Snow", "Rain"]


def test_faults_are_told_in_the_first_round_only(plan_of):
    found = list(readings(plan_of("-\n-\nRain\n", repeat=3)))

    assert [isinstance(reading.found, Fault) for reading in found] == [True, False, False, False]


def test_an_event_that_kafka_would_refuse_is_a_fault(plan_of):
    plan = msgspec.structs.replace(plan_of("Rain\n" + "x" * 1000 + "\nSnow\n"), max_record_bytes=1000)
    found = list(readings(plan))

    assert headlines(plan) == ["Rain", "Snow"]
    assert isinstance(found[1].found, Fault)
    assert "too large" in found[1].found.message


def test_the_seeds_are_one_morning_s_news_with_an_id_of_their_own_each():
    plan = Plan(documents=(SEEDS,), source="wire", fields=FieldMap(), schedule=SEED_SCHEDULE)
    events = [msgspec.json.decode(reading.event.value) for reading in readings(plan)]

    assert len({event["id"] for event in events}) == 62
    assert events[0]["published_at"] == "2026-01-09T06:00:00Z"
    assert events[61]["published_at"] == "2026-01-09T07:01:00Z"
