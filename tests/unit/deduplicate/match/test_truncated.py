import pytest
from worker.deduplicate.match.truncated import is_truncated
from worker.normalize import match_form

WHOLE = "Ministers agree to lift ban on night flights at Brussels airport"


def truncated(one: str, other: str) -> bool:
    first, second = match_form(one), match_form(other)
    assert is_truncated(first, second) is is_truncated(second, first)
    return is_truncated(first, second)


@pytest.mark.parametrize(
    "cut",
    [
        "Ministers agree to lift ban on night flights at Brussels…",
        "Ministers agree to lift ban on night flights at Bru...",
        "Ministers agree to lift ban on night flights at ...",
        "Ministers agree to lift ban on night flights at Brussels airport …",
        "Ministers agree to lift ban on night flights… - Reuters",
        "Ministers agree to lift ban on night flights [...]",
        "UPDATE 1-Ministers agree to lift ban on night fl...",
    ],
)
def test_what_is_left_of_a_headline_is_the_headline(cut):
    assert truncated(cut, WHOLE)


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("Ministers agree to lift…", WHOLE),
        ("Ministers agree to lift ban on…", WHOLE),
        ("Ministers agree to lift ban on night trains at Brussels…", WHOLE),
        ("Ministers agree to lift ban on night flights at Bruges…", WHOLE),
        ("Ministers agree to lift ban on night flights at Brussels", WHOLE),
        ("Ministers agree to lift ban on night flights at Brussels airport in…", WHOLE),
        ("Storm in the north of Spain kills 5…", "Storm in the north of Spain kills 50 people"),
        ("Storm in the north of Spain kills 5 …", "Storm in the north of Spain kills 500 people"),
        ("Which of these cities would you…", "Which of these cities would you like to live in"),
        ("Five things to know about the…", "Five things to know about the election in Kenya"),
    ],
)
def test_what_is_too_little_or_another_is_not(cut, whole):
    assert not truncated(cut, whole)


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("Court fines bank over loans by 0.5 per…", "Court fines bank over loans by 0.5 percent"),
        ("Builder sues the city of Ghent for $1.5 bil…", "Builder sues the city of Ghent for $1.5 billion"),
        (
            "Envoy returns from talks in the United Arab Emi…",
            "Envoy returns from talks in the United Arab Emirates",
        ),
        ("Mayor of Leeds walks dog of her neighbou…", "Mayor of Leeds walks dog of her neighbour"),
        ("Choir sings for the school's new gen…", "Choir sings for the school's new generation"),
        (
            "Climbers found on glacier after search of twen…",
            "Climbers found on glacier after search of twenty days",
        ),
    ],
)
def test_a_word_is_known_by_its_beginning_however_it_is_spelled(cut, whole):
    assert truncated(cut, whole)


def test_of_two_cuts_the_shorter_is_the_start_of_the_longer():
    assert truncated(WHOLE[:50] + "…", WHOLE[:58] + "...")
