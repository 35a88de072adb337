"""The log's rules under many random histories of crashes, outages, zombies, cold starts and clocks that step.

`make chaos` runs 100,000 of them, from `--seed` on; `make test` the first few thousand. What they came through is
printed and left in .cache/reliability/histories.txt.
"""

import pytest
from tests.unit.deduplicate.model.situations import Situation
from tests.unit.deduplicate.model.survey import survey

from .conftest import KEPT

SEEDS_APART = 1_000_000
"""So far apart are the first histories of two values of `--seed`."""

SHORT, FULL = 3_000, 100_000

SELDOM = 1_000
"""Of so many histories at least one has to meet each situation."""


@pytest.mark.timeout(1800)
def test_random_histories_keep_the_promises(pytestconfig: pytest.Config) -> None:
    count = FULL if pytestconfig.getoption("chaos") else SHORT
    made = survey(pytestconfig.getoption("seed") * SEEDS_APART, count)
    assert not made.broken, made.broken
    print(made)
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / "histories.txt").write_text(f"{made}\n")
    missed = {each.name: made.histories[each] for each in Situation if made.histories[each] < count / SELDOM}
    assert not missed, f"of {count} histories too few meet a situation"
