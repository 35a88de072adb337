from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from worker.train.confusion import Confusion
from worker.train.picture import Chart, Point, picture

SVG = "{http://www.w3.org/2000/svg}"
TABLE = Confusion(("a & b", "c"), ("x", "y"), np.array([[3, 1], [0, 2]]))


@pytest.fixture
def drawn():
    chart = Chart(
        "curve", "right", "up", [Point(0, 1, 4), Point(1, 0.5, 1)], diagonal=True, marked=Point(0.5, 0.5, 9)
    )
    return ET.fromstring(picture("one < two", TABLE, chart))


def test_every_cell_says_its_count_and_its_shade_is_the_share_of_its_row(drawn):
    cells = {cell[0].text: cell for cell in drawn.iter(f"{SVG}rect") if len(cell)}
    assert set(cells) == {"a & b as x: 3 of 4", "a & b as y: 1 of 4", "c as x: 0 of 2", "c as y: 2 of 2"}
    assert cells["a & b as x: 3 of 4"].get("fill-opacity") == "0.750"
    assert cells["c as x: 0 of 2"].get("fill-opacity") == "0.000"


def test_the_curve_goes_through_its_points_within_its_frame(drawn):
    (line,) = drawn.iter(f"{SVG}polyline")
    (left, top), (right, middle) = (map(float, point.split(",")) for point in line.get("points").split())
    frame = next(rect for rect in drawn.iter(f"{SVG}rect") if rect.get("fill") == "none")
    x, y, size = float(frame.get("x")), float(frame.get("y")), float(frame.get("width"))
    assert (left, top) == (x, y)
    assert (right, middle) == (x + size, y + size / 2)
    assert [circle[0].text for circle in drawn.iter(f"{SVG}circle")][-1] == "right 0.500, up 0.500, of 9"


def test_everything_lies_on_the_sheet(drawn):
    width, height = float(drawn.get("width")), float(drawn.get("height"))
    for name in ("rect", "circle"):
        for shape in drawn.iter(SVG + name):
            x, y = (float(shape.get(axis) or shape.get(f"c{axis}") or 0) for axis in "xy")
            assert 0 <= x + float(shape.get("width") or 0) <= width
            assert 0 <= y + float(shape.get("height") or 0) <= height
