import pytest
from worker.normalize.markup import decode_references, strip_tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AT&amp;T", "AT&T"),
        ("Q&amp;A; more", "Q&A; more"),
        ("5 &lt; 7", "5 < 7"),
        ("&quot;Yes&quot;", '"Yes"'),
        ("Japan&#8217;s &#x2019;", "Japan\u2019s \u2019"),
        ("It&#39s", "It's"),
        ("It&#39 s", "It' s"),
        ("&#146;", "\u2019"),
        ("&#0; &#xD800; &#x110000;", "\ufffd \ufffd \ufffd"),
        ("Tom &amp Jerry", "Tom & Jerry"),
        ("caf&eacute;", "café"),
    ],
)
def test_references_are_read(text, expected):
    assert decode_references(text) == expected


@pytest.mark.parametrize(
    "text", ["AT&T", "R&B", "Q&A", "Rock & roll", "&bogus;", "&", "M&S;", "R&copy", "&notit;"]
)
def test_an_ampersand_that_begins_no_reference_stays(text):
    assert decode_references(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Stocks</b> rise", "Stocks rise"),
        ("<b>S</b>tocks", "Stocks"),
        ("Stocks<br/>rise", "Stocks rise"),
        ("<p class='x'>Stocks</p>", " Stocks "),
        ('<a href="https://news.example">Stocks</a>', "Stocks"),
        ("Stocks <!-- cut here --> rise", "Stocks   rise"),
        ("<script>track()</script>Stocks", " Stocks"),
        ("<![CDATA[Stocks]]>", " Stocks "),
    ],
)
def test_tags_go(text, expected):
    assert strip_tags(text) == expected


@pytest.mark.parametrize("text", ["a < b", "a<b", "5 > 3 < 7", "<insert name>", "I <3 NY", "<b", "b>", "<>"])
def test_an_angle_that_is_no_tag_stays(text):
    assert strip_tags(text) == text
