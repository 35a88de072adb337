import pytest
from worker.events import Guard
from worker.normalize.guard import guard_of


@pytest.mark.parametrize(
    ("display", "guard"),
    [
        ("CORRECTED-Oil rises on supply fears", Guard.CORRECTION),
        ("CORRECTED (OFFICIAL)-Oil rises", Guard.CORRECTION),
        ("CORRECTED: Oil rises", Guard.CORRECTION),
        ("CORRECTION - Oil rises", Guard.CORRECTION),
        ("Correction: Senate-Budget story", Guard.CORRECTION),
        ("Corrected 2: Oil rises", Guard.CORRECTION),
        ("(CORRECTED) Oil rises", Guard.CORRECTION),
        ("[Correction] Oil rises", Guard.CORRECTION),
        ("Clarification: Oil-Prices story", Guard.CORRECTION),
        ("OFFICIAL CORRECTION-Oil rises", Guard.CORRECTION),
        ("UPDATE 2-CORRECTED-Oil rises", Guard.CORRECTION),
        ("Oil rises (corrected)", Guard.CORRECTION),
        ("REFILE-Oil rises", Guard.REFILE),
        ("REFILE: Oil rises", Guard.REFILE),
        ("UPDATE 1-REFILE-Oil rises", Guard.REFILE),
        ("KILL: Oil rises", Guard.KILL),
        ("KILL-Oil rises", Guard.KILL),
        ("STORY KILLED: Oil rises", Guard.KILL),
        ("Mandatory Kill: Oil rises", Guard.KILL),
        ("WITHDRAWN: Oil rises", Guard.KILL),
        ("Withdrawn -- Oil rises", Guard.KILL),
        ("ADVISORY-Alert on oil is wrong", Guard.KILL),
        ("Retraction: Oil rises", Guard.KILL),
        ("Oil rises (WITHDRAWN)", Guard.KILL),
    ],
)
def test_a_notice_is_guarded(display, guard):
    assert guard_of(display) is guard


@pytest.mark.parametrize(
    "display",
    [
        "",
        "Stocks enter correction territory",
        "Correction in stocks deepens",
        "Correction-hit stocks rebound",
        "Corrections officer charged: police",
        "Corrected data show slower growth",
        "Kill Bill: the director looks back",
        "Kill switch - what it is",
        "Police kill two",
        "KILLER WHALES: A STUDY",
        "Withdrawn troops return - minister",
        "Withdrawal from Kabul: a year on",
        "Advisory: storm warning",
        "Travel advisory: storm warning",
        "Story of a life: the memoir",
        "Refiled charges dismissed",
        "UPDATE 1-Oil rises",
        "Official: talks to resume",
    ],
)
def test_a_headline_is_not(display):
    assert guard_of(display) is None
