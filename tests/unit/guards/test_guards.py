"""What a headline takes, counted: nothing here depends on how fast the machine is, and nothing may grow unsaid."""

import json
import os
import subprocess
import sys

import pytest
from tests.bounds import Bound
from tests.conftest import REPOSITORY

from .bounds import BOUNDS


def test_everything_that_is_counted_keeps_its_bound():
    # In a process of its own: what other tests have left in caches would make a headline cheaper.
    run = subprocess.run(
        [sys.executable, "-m", "tests.unit.guards", "--json"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    counted = json.loads(run.stdout)
    assert counted.keys() == BOUNDS.keys()
    broken = {name: BOUNDS[name].broken_by(number) for name, number in counted.items()}
    # All at once: what a change makes dearer and what it makes cheaper belong together.
    assert not any(broken.values()), "\n".join(f"{name}: {what}" for name, what in broken.items() if what)


@pytest.mark.parametrize(
    ("counted", "says"),
    [
        (10, ""),
        (12, ""),
        (12.1, "at most 12 allowed"),
        (5, ""),
        (4.9, "no longer sees"),
        (0, "no longer sees"),
    ],
)
def test_a_bound_is_broken_from_above_and_by_a_count_that_sees_nothing(counted, says):
    broken = Bound(was=10, most=12).broken_by(counted)
    assert says in broken
    assert bool(says) == bool(broken)


def test_of_what_is_not_there_some_may_be_allowed():
    nothing = Bound(was=0, most=3)
    assert not nothing.broken_by(0)
    assert nothing.broken_by(4)
