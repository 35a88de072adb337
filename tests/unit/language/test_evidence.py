import pytest
from worker.language import evidence
from worker.language.evidence import SCORE, English, Vectors
from worker.language.languages import LANES


def scores(word: str) -> dict[str, tuple[int, int]]:
    """Of each language what a word scores there, and whether it is a frequent one of it."""
    vector = Vectors()[word]
    lanes = ((vector >> evidence.LANE_BITS * at) & 0xFFFF for at in range(len(LANES)))
    return {language: divmod(lane, SCORE) for language, lane in zip(LANES, lanes, strict=True) if lane}


def test_a_frequent_word_scores_most_in_its_own_language():
    found = scores("och")
    assert max(found, key=found.get) == "sv"
    assert found["sv"][1] == 1


def test_a_word_of_no_list_is_judged_by_its_letters():
    found = scores("verkehrswegeplanungsbeschleunigung")
    assert max(found, key=found.get) == "de"
    assert all(frequent == 0 for _, frequent in found.values())


def test_a_script_tells_a_language_for_sure():
    assert scores("κυβερνηση") == {"el": (evidence.SURE, 1)}
    assert set(scores("정부")) == {"ko"}
    assert set(scores("へ向")) == {"ja"}


def test_han_is_both_but_for_characters_of_one():
    both, simplified, japanese = scores("人口"), scores("这些"), scores("経済")
    assert both["zh"] == both["ja"]
    assert simplified["zh"] > simplified["ja"]
    assert japanese["ja"] > japanese["zh"]


def test_numbers_and_signs_say_nothing():
    assert scores("2024") == scores("$5mn") == scores("") == {}
    assert English()["2024"] == 0


def test_english_is_weighed_against_the_language_that_has_most_of_the_word():
    english = English()
    assert english["the"] > 0 > english["der"]
    assert english["qqzzxx"] == 0


@pytest.mark.parametrize(("kind", "bound"), [(Vectors, "VECTORS"), (English, "CACHED")])
def test_the_caches_stay_within_their_bound(monkeypatch, kind, bound):
    monkeypatch.setattr(evidence, bound, 10)
    cache = kind()
    found = [cache[f"word{number}"] for number in range(25)]
    assert len(cache) <= 10
    assert [cache[f"word{number}"] for number in range(25)] == found


def test_a_score_never_runs_into_the_next_lane():
    table = evidence._TABLE
    assert max(table.scores) * SCORE * evidence.MOST_WORDS + evidence.MOST_WORDS < 1 << evidence.LANE_BITS
    assert (evidence.SURE + evidence._OWN + 1) * SCORE * evidence.MOST_WORDS < 1 << evidence.LANE_BITS
