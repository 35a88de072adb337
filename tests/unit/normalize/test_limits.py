import pytest
from worker.normalize import Limits
from worker.normalize.limits import MAX_EXTRA_BYTES, MAX_HEADLINE_CHARS, MAX_VALUE_BYTES


def test_the_ceilings_themselves_are_allowed():
    limits = Limits(MAX_VALUE_BYTES, MAX_HEADLINE_CHARS, MAX_EXTRA_BYTES)
    assert limits.max_value_bytes == MAX_VALUE_BYTES


@pytest.mark.parametrize("name", ["max_value_bytes", "max_headline_chars", "max_extra_bytes"])
@pytest.mark.parametrize("value", [0, -1, MAX_VALUE_BYTES + 1])
def test_a_limit_out_of_bounds_is_an_error_that_names_it(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        Limits(**{name: value})
