"""A chart is well-formed SVG, and its points stand where their values are."""

from math import log10
from xml.etree import ElementTree as ET

import pytest
from tests.benchmarks.plot import HEIGHT, LEFT, TOP, WIDTH, Axis, Chart, Line, svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart):
    return ET.fromstring(svg(chart))


def dots(chart):
    return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in drawn(chart).iter(f"{SVG}circle")]


def texts(chart):
    return [text.text for text in drawn(chart).iter(f"{SVG}text")]


def test_titles_names_and_levels_are_shown():
    chart = Chart(
        'A & B < "C"', Axis("x & y"), Axis("ms", True), [Line("p50 <a>", [(1, 1), (2, 8)])], [("bar", 5)]
    )
    assert {'A & B < "C"', "x & y", "ms", "p50 <a>", "bar"} <= set(texts(chart))


def test_points_stand_where_their_values_are():
    chart = Chart("t", Axis("x"), Axis("y"), [Line("a", [(0, 0), (50, 5), (100, 10)])])
    assert dots(chart) == [
        (LEFT, TOP + HEIGHT),
        (LEFT + WIDTH / 2, TOP + HEIGHT / 2),
        (LEFT + WIDTH, TOP),
    ]


def test_a_logarithmic_axis_has_powers_of_ten():
    chart = Chart("t", Axis("x", True), Axis("y", True), [Line("a", [(1e3, 2), (1e5, 30)])])
    assert {"1,000", "10,000", "100,000", "1", "10", "100"} <= set(texts(chart))
    (_, low), (_, high) = dots(chart)
    assert low - high == pytest.approx(HEIGHT / 2 * log10(30 / 2), abs=0.2)


def test_a_single_point_can_be_drawn():
    assert len(dots(Chart("t", Axis("x", True), Axis("y"), [Line("a", [(10, 3)])]))) == 1
    assert len(dots(Chart("t", Axis("x"), Axis("y"), [Line("a", [(0, 0)])]))) == 1


def test_a_dashed_line_has_no_dots():
    chart = Chart("t", Axis("x"), Axis("y"), [Line("a", [(0, 1), (1, 2)], dashed=True)])
    assert dots(chart) == []
    assert len(list(drawn(chart).iter(f"{SVG}polyline"))) == 1


def test_the_legend_has_room_for_the_longest_name():
    name = "two cores each, 1,000,000 entries"
    picture = drawn(
        Chart("t", Axis("x"), Axis("y"), [Line("a", [(0, 1), (1, 2)]), Line(name, [(0, 2), (1, 3)])])
    )
    begins = next(float(text.get("x")) for text in picture.iter(f"{SVG}text") if text.text == name)
    assert float(picture.get("width")) >= begins + 6.5 * len(name)


def test_lines_of_a_group_have_one_colour():
    points = [(0, 1), (1, 2)]
    lines = [Line("p50", points, dashed=True, group="a"), Line("p99", points, group="a"), Line("b", points)]
    drawn_lines = drawn(Chart("t", Axis("x"), Axis("y"), lines)).iter(f"{SVG}polyline")
    one, same, other = (line.get("stroke") for line in drawn_lines)
    assert one == same != other


def test_a_level_above_all_points_is_inside():
    chart = Chart("t", Axis("x"), Axis("y"), [Line("a", [(0, 1), (1, 2)])], [("bar", 100)])
    assert all(TOP <= y <= TOP + HEIGHT for _, y in dots(chart))
    assert "100" in texts(chart)


def test_what_can_not_be_drawn_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        svg(Chart("t", Axis("x"), Axis("y"), []))
    with pytest.raises(ValueError, match="logarithmic"):
        svg(Chart("t", Axis("x", True), Axis("y"), [Line("a", [(0, 1), (1, 1)])]))
