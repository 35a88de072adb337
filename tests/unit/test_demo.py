"""What the demo shows of what came out."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from worker.demo import _Demo


@pytest.fixture
def shown():
    """The table of routed headlines, row by row, without runs of spaces."""
    demo = object.__new__(_Demo)
    demo._console = Console(file=io.StringIO(), width=120, highlight=False)

    def shown(routed):
        demo._print_routed(routed)
        return [" ".join(line.split()) for line in demo._console.file.getvalue().splitlines()]

    return shown


def event(headline: str, verdict: str) -> dict:
    return {"id": headline, "headline": headline, "verdict": verdict, "confidence": 0.9}


def test_the_verdict_stands_apart_from_the_headline_and_is_explained(shown):
    rows = shown({"news.sport": [event("Rain ends [play]", "update"), event("Snow", "original")]})

    assert "stream verdict headline confidence" in rows
    assert "news.sport update Rain ends [play] 0.90" in rows
    assert "news.sport original Snow 0.90" in rows
    assert rows[-1].startswith("update: the story of an earlier headline, with a new fact")
