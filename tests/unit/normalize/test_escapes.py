import pytest
from worker.normalize import clean


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("Banks #39;s role", "Banks's role"),
        ("The city#39;s mayor", "The city's mayor"),
        ("The city#039;s mayor", "The city's mayor"),
        ("The city 39;s mayor", "The city's mayor"),
        ("The city#8217;s mayor", "The city\u2019s mayor"),
        ("It won #39;t rain", "It won't rain"),
        ("#39;Yes #39; to tax", "'Yes ' to tax"),
        ("Court says quot;no quot; to tax", 'Court says "no" to tax'),
        ("Bremen amp; Mainz win", "Bremen & Mainz win"),
        ("R amp;D centre", "R&D centre"),
        ("ATamp;T pays", "AT&T pays"),
        ("amp;quot;no", '"no'),
        ("lt;b gt;Storm lt;/b gt; hits", "Storm hits"),
        ("lt;b&gt;Stormlt;/b&gt; hits", "Storm hits"),
        ("A \\$5 fare, she won\\'t pay", "A $5 fare, she won't pay"),
    ],
)
def test_what_lost_a_part_is_read(text, display):
    mended, repairs = clean(text)
    assert mended == display
    assert "entities" in repairs


@pytest.mark.parametrize(
    "text",
    [
        "Rain in the north; two dead",
        "Bring a lamp; a belt; a quilt; salt",
        "Relics of 39; saints",
        "Runner wins in 39 s",
        "Stand at camp; wait",
        "#39 beats #8217",
        "Path C:\\temp",
    ],
)
def test_what_only_looks_broken_stays(text):
    assert clean(text) == (text, ())
