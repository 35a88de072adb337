import pytest
from worker.deduplicate.match.align import align
from worker.deduplicate.match.differences import REASONS, differences
from worker.deduplicate.match.tokens import read
from worker.normalize import match_form


def found(one, other):
    a, b = read(match_form(one)), read(match_form(other))
    return differences(a, b, align(a, b))


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Ferry sinks, 38 dead", "Ferry sinks, 41 dead", "number"),
        ("Mayor will run", "Mayor will not run", "negation"),
        ("Shares rise in Tokyo", "Shares fall in Tokyo", "opposite"),
        ("Iran recalls envoy", "Iraq recalls envoy", "name"),
        ("Festival moved to March", "Festival moved to April", "name"),
        ("Bank in merger talks", "Bank reportedly in merger talks", "hedge"),
        ("Schools stay shut", "Some schools stay shut", "scope"),
        ("Senator arrested", "Wife of senator arrested", "role"),
        ("Two journalists kidnapped", "Two kidnapped journalists released", "event"),
        ("Bridge collapses", "Why bridge collapses", "angle"),
        ("Farmers protest against milk tax", "Farmers protest against sugar tax", "swap"),
        ("Mayor opens cathedral bazaar", "Uncle of mayor opens cathedral bazaar", "role"),
        ("Fire destroys school", "Fire destroys school as crews arrive late", "clause"),
        ("Chinese jet came near bomber", "Chinese jet came near bomber, Pentagon says", "source"),
        ("Bank raises rates again", "Bank raises fees again", "exchange"),
        ("Which planet matches your breakfast", "Which planet matches your long breakfast", "form"),
        ("Gunmen kidnap pilots", "Gunmen kidnap 2 pilots", "figure"),
        ("Carter opens bridge in Lagos", "Bridge that Diallo paid for opens in Lagos", "actor"),
        ("Carmaker recalls vans", "Carmaker to recall vans", "plan"),
        ("Gunman killed in station", "Gunman kills in station", "voice"),
        ("Russia attacks Ukraine", "Ukraine attacks Russia", "order"),
    ],
)
def test_each_difference_has_its_name(one, other, reason):
    assert reason in found(one, other)
    assert reason in found(other, one)


def test_the_table_above_names_every_difference():
    mark = test_each_difference_has_its_name.pytestmark[0]
    assert {reason for _, _, reason in mark.args[1]} == set(REASONS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Police: painting found in attic", "Painting found in attic: police"),
        ("Spain, Portugal sign pact", "Portugal and Spain sign pact"),
        ("Ferry sinks off Crete", "Ferry sank off Crete"),
        ("Mayor resigns", "The mayor resigns"),
        ("Shares slip; oil flat", "Oil flat; shares slip"),
    ],
)
def test_what_changes_nothing_is_no_difference(one, other):
    assert found(one, other) == ()
