"""Words written otherwise, collected by hand: the headline that has the one repeats the headline that has the other."""

from pathlib import Path

import pytest
from tests.unit.deduplicate.match.test_edits import FOUND, form, missed
from worker.deduplicate.match import judge
from worker.events import Kind

WRITTEN = Path(__file__).with_name("data") / "written.txt"


def read() -> dict[str, list[tuple[str, str]]]:
    """The pairs of headlines of each kind: each frame with the one word and with the other."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    frames: list[str] = []
    kind = ""
    for line in WRITTEN.read_text("utf-8").splitlines():
        if line.startswith("["):
            kind, frames = line.strip("[]"), []
        elif line.startswith("> "):
            frames.append(line[2:])
        elif " = " in line and not line.startswith("#"):
            one, other = line.split(" = ")
            kinds.setdefault(kind, []).extend(
                (frame.replace("@", one), frame.replace("@", other)) for frame in frames
            )
    return kinds


KINDS = read()


def test_there_are_enough():
    assert len({pair for pairs in KINDS.values() for pair in pairs}) == sum(map(len, KINDS.values())) >= 300


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_way_of_writing_it_is_found(kind):
    lost = [line for pair in KINDS[kind] for line in missed([pair])]
    assert 1 - len(lost) / len(KINDS[kind]) >= FOUND, f"{len(lost)} of {len(KINDS[kind])}: " + "; ".join(lost)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Dozens hurt as bus overturns near Quito", "Two dozen hurt as bus overturns near Quito"),
        ("Hundreds flee floods in Assam valley", "One hundred flee floods in Assam valley"),
        ("Two hundred and five rescued off Malta", "Two hundred and fifty rescued off Malta"),
        ("Four thousand five hundred jobs go at bank", "Four thousand nine hundred jobs go at bank"),
        ("Congo signs treaty on tuna quotas", "DRC signs treaty on tuna quotas"),
        ("Bank fined 5bps of its sales in Peru", "Bank fined 50 basis points of its sales in Peru"),
        ("Pope seriously ill. Bishops gather in Rome", "Illinois bishops gather in Rome"),
        ("P&G raises prices of soap in Chile", "P&O raises prices of soap in Chile"),
        ("S&P cuts rating of Ghana to junk", "P&G cuts rating of Ghana to junk"),
        ("Firm is filing claims against dam builder", "Firm is filling claims against dam builder"),
        ("Tunnel of 12km planned below fjord", "Tunnel of 12 miles planned below fjord"),
        ("Minister resigns over leak", "Minister resigns over leak - source"),
        ("Bank to cut 900 jobs", "Bank to cut 900 jobs, sources say"),
        ("Royal Bank of Canada to cut jobs in Oslo", "RBS to cut jobs in Oslo"),
        ("Shares rise 3 1/2 percent in Milan", "Shares rise 3 1/4 percent in Milan"),
        ("Museum sold for ¥5bn", "Museum sold for £5bn"),
        ("Pa. bridge collapses in storm", "Va. bridge collapses in storm"),
    ],
)
def test_what_says_something_else_is_not(earlier, later):
    assert judge(form(earlier), form(later)).kind is not Kind.DUPLICATE


@pytest.mark.parametrize(
    ("headline", "words"),
    [
        ("Pope seriously ill.", "pope seriously ill"),
        ("Pope is ill. Bishops gather", "pope is ill bishops gather"),
        ("A near miss. Pilots strike", "a near miss pilots strike"),
        ("Mass in Rome", "mass in rome"),
        ("Man held in Springfield, Ill.", "man held in springfield illinois"),
        ("Café burns in Mass. town", "cafe burns in massachusetts town"),
        ("Rok 2020 byl nejteplejsi", "rok 2020 byl nejteplejsi"),
    ],
)
def test_a_state_is_told_by_its_full_stop_and_its_neighbors(headline, words):
    assert form(headline) == words
