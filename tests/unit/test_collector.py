"""What is kept is not looked at again, and what is swept is gone."""

import gc
import weakref

import pytest
from worker import collector


@pytest.fixture(autouse=True)
def as_before():
    """Leave the collector of the test process as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.collect()


class Ring:
    """Refers to itself, so that only the collector lets go of it."""

    def __init__(self):
        self.me = self


def test_what_is_kept_stays_though_it_be_garbage():
    ring = weakref.ref(Ring())
    collector.keep()
    gc.collect()

    assert ring() is not None


def test_a_sweep_lets_go_of_garbage_and_keeps_the_rest():
    ring, there = weakref.ref(Ring()), Ring()
    collector.sweep()

    assert ring() is None
    assert there.me is there
    assert gc.get_freeze_count() > 0


def test_it_runs_seldom_once_it_is_told_to():
    before, *_ = gc.get_threshold()
    collector.run_seldom()

    assert gc.get_threshold()[0] > 10 * before
