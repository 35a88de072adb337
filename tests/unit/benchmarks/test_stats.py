"""Intervals hold what they say, ratios go by pairs, and a law finds the exponent that made the costs."""

from random import Random

import pytest
from tests.benchmarks.stats import COVERAGE, law, median_of, percentile, ratio_of


def test_five_runs_have_their_range_for_an_interval():
    found = median_of([3.0, 1.0, 2.0, 9.0, 4.0])
    assert (found.value, found.low, found.high) == (3.0, 1.0, 9.0)
    assert found.coverage == 1 - 2 / 2**5


def test_more_runs_leave_out_the_extremes():
    found = median_of(list(range(11)))
    assert (found.value, found.low, found.high) == (5, 2, 8)
    assert found.coverage >= COVERAGE


def test_too_few_runs_say_how_little_they_cover():
    assert median_of([1.0]).coverage == 0
    assert median_of([1.0, 2.0, 3.0]).coverage == 0.75


def test_no_runs_have_no_median():
    with pytest.raises(ValueError, match="no runs"):
        median_of([])


@pytest.mark.parametrize("runs", [5, 8, 12])
def test_an_interval_holds_the_true_median_as_often_as_it_says(runs):
    draw = Random(7)
    held = said = 0.0
    for _ in range(4000):
        found = median_of([draw.expovariate(1) for _ in range(runs)])
        held += found.low <= 0.6931 <= found.high
        said = found.coverage
    assert held / 4000 == pytest.approx(said, abs=0.02)


def test_a_ratio_goes_by_pairs():
    # The machine was half as fast in the second round: the medians' ratio would not see that both always differ by 2.
    found = ratio_of([200, 100, 220], [100, 50, 110])
    assert (found.value, found.low, found.high) == (2, 2, 2)


def test_systems_with_other_numbers_of_rounds_have_no_ratio():
    with pytest.raises(ValueError):
        ratio_of([1, 2], [1])


def test_a_percentile_is_one_of_the_values():
    values = list(range(1, 1001))
    assert [percentile(values, share) for share in (0.5, 0.99, 0.999, 1)] == [500, 990, 999, 1000]
    assert percentile([7], 0.999) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@pytest.mark.parametrize("exponent", [-0.5, 0, 0.5, 1, 2])
def test_a_law_finds_the_exponent(exponent):
    sizes = [10**n for n in range(3, 8)]
    found = law(sizes, [5 * size**exponent for size in sizes])
    assert found.exponent == pytest.approx(exponent, abs=1e-6)
    assert found.at(1000) == pytest.approx(5 * 1000**exponent)
    assert found.worst == pytest.approx(1)


def test_a_law_says_how_far_off_it_is():
    assert law([1, 10, 100], [1, 1.5, 1]).worst > 1.2


def test_a_cost_with_a_fixed_part_is_a_line():
    sizes = [10, 100, 1_000, 10_000]
    found = law(sizes, [30 + 0.5 * size for size in sizes])
    assert (found.base, found.factor) == (pytest.approx(30), pytest.approx(0.5))
    assert found.at(400) == pytest.approx(230)
    assert str(found) == "a line, 30 + 0.5 n"


def test_a_law_is_called_by_its_name():
    assert str(law([1, 10, 100], [5, 5, 5])).startswith("constant")
    assert str(law([1, 10], [1, 10])) == "grows as a power, 1 n^1.00"
    assert str(law([1, 10], [10, 1])) == "falls as a power, 10 n^-1.00"


@pytest.mark.parametrize(("sizes", "costs"), [([1, 1], [1, 2]), ([0, 1], [1, 2]), ([1, 2], [1, 0])])
def test_what_has_no_law_is_refused(sizes, costs):
    with pytest.raises(ValueError, match="two sizes above nought"):
        law(sizes, costs)
