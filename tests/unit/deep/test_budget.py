import pytest
from worker.deep.budget import AVERAGED_OVER_S, Budget


def test_there_is_a_share_of_every_second():
    budget = Budget(0.5, now=10)
    budget.spend(budget.left(10))
    assert budget.left(10) == 0
    assert budget.left(10.25) == pytest.approx(0.125)
    budget.spend(0.025)
    assert budget.left(10.5) == pytest.approx(0.225)


def test_what_is_not_used_is_kept_for_two_seconds_and_no_longer():
    budget = Budget(0.5, now=0)
    assert budget.left(1000) == 0.5 * AVERAGED_OVER_S


def test_what_was_overdrawn_has_to_be_waited_for():
    budget = Budget(0.5, now=0)
    budget.spend(1.5)
    assert budget.left(0.5) == pytest.approx(-0.25)
    assert budget.left(1.2) == pytest.approx(0.1)


def test_over_a_minute_it_is_the_share_and_one_burst():
    budget, spent = Budget(0.3, now=0), 0.0
    for tick in range(600):
        allowed = min(0.1, budget.left(tick / 10))
        if allowed > 0.002:
            budget.spend(allowed)
            spent += allowed
    assert spent == pytest.approx(0.3 * 60 + 0.3 * AVERAGED_OVER_S, abs=0.1)
