from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worker.evaluate.candidates import found, load_stream, per_headline
from worker.events import Guard, Headline
from worker.normalize import match_form

if TYPE_CHECKING:
    from pathlib import Path


def headline(text: str, guard: Guard | None = None) -> Headline:
    return Headline(id="0" * 32, event_id="e", source="s", display=text, match=match_form(text), guard=guard)


NEAR = (
    headline("Volcano on Java erupts, villagers flee"),
    headline("Villagers flee as volcano erupts on Java"),
)
SAME = (headline("Mayor resigns"), headline("MAYOR RESIGNS"))
FAR = (headline("Volcano on Java erupts, villagers flee"), headline("Thousands leave homes under ash cloud"))
STREAM = [headline(f"Town number {number} opens library with {number % 7} rooms") for number in range(40)]


@pytest.mark.parametrize("apart", [0, 40, 500])
def test_a_pair_is_found_by_its_rare_words_or_as_the_same_form(apart: int):
    assert found([NEAR, SAME, FAR], STREAM, apart).tolist() == [True, True, False]


def test_a_correction_is_looked_up_like_any_other():
    correction = (NEAR[0], headline("Villagers flee as volcano erupts on Java", Guard.CORRECTION))
    assert found([correction], [], 0).tolist() == [True]


def test_a_headline_of_two_pairs_is_found_in_both():
    again = (NEAR[1], NEAR[0])
    assert found([NEAR, again], [], 0).tolist() == [True, True]


def test_headlines_in_between_push_a_pair_out_of_lists_that_are_full():
    alike = [headline(f"Volcano on Java erupts, villagers flee again {number}") for number in range(60)]
    assert found([NEAR], alike, len(alike)).tolist() == [False]


def test_the_candidates_of_a_stream_are_counted():
    none = per_headline([headline("Fire in port"), headline("Snow on hills")])
    assert {figure.value for figure in none.values()} == {0}
    figures = per_headline([*NEAR, *SAME])
    assert {name: (figure.value, figure.of) for name, figure in figures.items()} == {
        "candidates_per_headline": (0.25, 4),
        "judged_per_headline": (0.25, 4),
    }


def test_a_stream_is_read_a_headline_a_line(tmp_path: Path):
    (tmp_path / "stream").write_text("Mayor\u2019s Pay\n\nSnow\n")
    assert [h.match for h in load_stream(tmp_path / "stream")] == ["mayor pay", "snow"]
