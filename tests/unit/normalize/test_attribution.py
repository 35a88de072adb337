import pytest
from worker.normalize.attribution import bare


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ("Oil rises - Reuters", "Oil rises"),
        ("Oil rises | The Guardian", "Oil rises"),
        ("Oil rises \u2013 BBC News", "Oil rises"),
        ("Oil rises — AP", "Oil rises"),
        ("Oil rises (Reuters)", "Oil rises"),
        ("Oil rises [AFP]", "Oil rises"),
        ("Oil rises | Business News | CNN", "Oil rises"),
        ("Oil rises - The Springfield Post", "Oil rises"),
        ("Oil rises - Springfield Gazette", "Oil rises"),
        ("Oil rises | Springfield Post", "Oil rises"),
        ("Oil rises - wire.example.com", "Oil rises"),
        ("Oil rises (Update2)", "Oil rises"),
        ("UPDATE 1-Oil rises", "Oil rises"),
        ("Update: Oil rises", "Oil rises"),
        ("BREAKING NEWS: Oil rises", "Oil rises"),
        ("RPT-UPDATE 2-Oil rises", "Oil rises"),
        ("CORRECTED (OFFICIAL)-Oil rises", "Oil rises"),
        ("Reuters - Oil rises", "Oil rises"),
    ],
)
def test_what_is_around_a_headline_goes(display, expected):
    assert bare(display) == expected


@pytest.mark.parametrize(
    "display",
    [
        "Oil rises - analysts",
        "Oil rises - good news",
        "Oil rises: Reuters",
        "Oil rises | Texas",
        "Watch out for oil",
        "Breaking-up is hard to do",
        "Live aid - what became of it",
        "Update your phone now",
        "Reuters",
        "Alert level raised - again",
        "Give it time",
        "BBC-style broadcasting",
    ],
)
def test_what_may_be_the_news_stays(display):
    assert bare(display) == display


@pytest.mark.parametrize("display", ["Reuters - AP", "UPDATE 1-", "| CNN", "(AFP)"])
def test_something_always_stays(display):
    assert bare(display)
