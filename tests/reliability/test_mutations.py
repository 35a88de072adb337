"""The model finds what it is there to find: with any rule of the log broken, a random history breaks a promise."""

import pytest
from tests.unit.deduplicate.model.survey import histories_until

from .mutations import MUTATIONS, Mutation
from .test_model_histories import SEEDS_APART

ENOUGH, ENOUGH_OF_ANY_SEED = 4_000, 20_000
"""In so many histories a mutation has to be found: in those of the default seed, and in those of any."""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_the_model_finds_that(mutation: Mutation, pytestconfig: pytest.Config) -> None:
    first = pytestconfig.getoption("seed") * SEEDS_APART
    most = ENOUGH_OF_ANY_SEED if pytestconfig.getoption("chaos") else ENOUGH
    with mutation.made():
        took = histories_until(mutation.breaks, first, most)
    assert took, f"no history breaks the promise: {mutation.breaks.value}"
    print(f"{mutation.name}: {mutation.breaks.value} is broken after {took} histories")
