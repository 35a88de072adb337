"""Which events a filter takes."""

from __future__ import annotations

import orjson
import pytest
from worker.events import Kind
from worker.selection import Selection

EVENT = {"source": "agency", "verdict": "update", "confidence": 0.5, "language": "en-GB", "headline": "Rain"}


def takes(event=EVENT, **wanted):
    return Selection(**wanted).takes(orjson.dumps(event))


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ({}, True),
        ({"min_confidence": 0.5}, True),
        ({"min_confidence": 0.51}, False),
        ({"verdicts": [Kind.UPDATE]}, True),
        ({"verdicts": [Kind.ORIGINAL, Kind.UPDATE]}, True),
        ({"verdicts": [Kind.ORIGINAL]}, False),
        ({"sources": ["agency"]}, True),
        ({"sources": ["other", "agency"]}, True),
        ({"sources": ["Agency"]}, False),
        ({"languages": ["en"]}, True),
        ({"languages": ["EN-gb"]}, True),
        ({"languages": ["de", "en"]}, True),
        ({"languages": ["e"]}, False),
        ({"languages": ["en-US"]}, False),
        ({"verdicts": [Kind.UPDATE], "sources": ["other"]}, False),
        (
            {"verdicts": [Kind.UPDATE], "sources": ["agency"], "min_confidence": 0.1, "languages": ["en"]},
            True,
        ),
    ],
)
def test_an_event_is_taken_if_it_says_what_every_filter_asks_for(wanted, taken):
    assert takes(**wanted) is taken


@pytest.mark.parametrize("field", ["source", "verdict", "confidence", "language"])
def test_an_event_that_does_not_say_what_is_asked_for_is_not_taken(field):
    wanted = {
        "source": {"sources": ["agency"]},
        "verdict": {"verdicts": [Kind.UPDATE]},
        "confidence": {"min_confidence": 0.0},
        "language": {"languages": ["en"]},
    }[field]

    assert takes(**wanted)
    assert not takes({name: value for name, value in EVENT.items() if name != field}, **wanted)
    assert not takes({**EVENT, field: None}, **wanted)


@pytest.mark.parametrize(
    "value", [None, b"", b"[]", b"{", b'{"source":7,"verdict":"update"}', b'{"source":"\xff"}']
)
def test_what_is_no_event_is_not_taken(value):
    assert not Selection(verdicts=[Kind.UPDATE]).takes(value)


@pytest.mark.parametrize(
    ("wanted", "asks"),
    [
        ({}, False),
        ({"min_confidence": 0.0}, True),
        ({"verdicts": [Kind.UPDATE]}, True),
        ({"sources": ["agency"]}, True),
        ({"languages": ["en"]}, True),
    ],
)
def test_it_tells_whether_it_asks_for_anything(wanted, asks):
    assert bool(Selection(**wanted)) is asks
