import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from worker.normalize import REPAIRS, clean


@pytest.mark.parametrize(
    ("text", "display", "repairs"),
    [
        ("Stocks rise despite mixed US jobs data", "Stocks rise despite mixed US jobs data", ()),
        (
            "Japan\u2019s \u2018King Kazu\u2019 at 58 \u2013 still playing",
            "Japan\u2019s \u2018King Kazu\u2019 at 58 \u2013 still playing",
            (),
        ),
        ("  Stocks \t rise\n", "Stocks rise", ("white_space",)),
        ("Stocks\u00a0rise\u3000now", "Stocks rise now", ("white_space",)),
        ("Japanâ€™s king", "Japan\u2019s king", ("mojibake",)),
        ("AT&amp;amp;amp;T", "AT&T", ("entities",)),
        ("&lt;b&gt;Stocks&lt;/b&gt; rise", "Stocks rise", ("entities", "tags")),
        ("&amp;lt;b&amp;gt;Stocks", "Stocks", ("entities", "tags")),
        ("Sto\x00cks\x07 rise", "Stocks rise", ("controls",)),
        ("Sto\u200bcks \u202erise\ufeff", "Stocks rise", ("invisible",)),
        ("co\u00adoperation", "cooperation", ("invisible",)),
        ("cafe\u0301", "café", ("unicode",)),
        ("\ud83d\ude00 \ud800", "😀 \ufffd", ("surrogates",)),
        ("\u3164\u2800", "", ("white_space",)),
        ("<b></b>&nbsp;", "", ("entities", "tags", "white_space")),
    ],
)
def test_a_headline_is_repaired_and_its_repairs_are_named(text, display, repairs):
    assert clean(text) == (display, repairs)


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم بدانم",
        "नमस्\u200dते",
        "👨\u200d👩\u200d👧 wins",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f win",
        "❤️ for all",
        "AT&T, R&B and Q&A; a < b",
        "IRMÃ”",
    ],
)
def test_what_only_looks_odd_stays(text):
    assert clean(text) == (text, ())


def test_hidden_tag_characters_go():
    assert clean("Stocks\U000e0068\U000e0069 rise") == ("Stocks rise", ("invisible",))


@pytest.mark.parametrize(
    "bomb",
    [
        "<" * 600 + "b>" * 600,
        "&" + "amp;" * 500 + "lt;b&gt;",
        "&amp;" * 400,
        "&" * 300 + "amp;" * 300,
        "<!--" * 500,
        "<<b>b>" * 300,
        "<\u200bb\u200b>" * 300,
        "\u202e" * 2000,
        "e" + "\u0301" * 1999,
        "<script>" * 250,
        "<a " * 660,
        "&#" + "1" * 1990,
    ],
)
def test_nothing_unfolds_without_end(bomb):
    display, repairs = clean(bomb)
    assert clean(display) == (display, ())
    assert len(display) <= len(bomb)
    assert set(repairs) <= set(REPAIRS)


MARKUP = st.sampled_from(
    [
        "&",
        "amp;",
        "lt;",
        "gt;",
        "#",
        "39",
        "x2019;",
        "<",
        ">",
        "b",
        "/",
        "br",
        " ",
        "!--",
        "-->",
        "nbsp;",
        "&#8203;",
    ]
)
NASTY = st.characters(codec=None) | st.sampled_from(
    "\u200b\u200d\u202e\u0301\u00ad\x00\x85\xa0\u3164Ãâ€™Â\x92\ud800"
)
LATIN = st.characters(min_codepoint=0x80, max_codepoint=0x17F) | st.sampled_from("€™œ“”…\u2013\x81\x9d")
TEXT = (
    st.text(NASTY)
    | st.lists(MARKUP).map("".join)
    | st.text(LATIN)
    | st.lists(MARKUP | NASTY | LATIN).map("".join)
)


@settings(max_examples=600)
@given(TEXT)
@example("Ã\x82Â\x80")
@example("&\u200bamp;")
@example("<\x00b>")
@example("<b\u0338>")
def test_repairing_a_display_form_changes_nothing(text):
    display, repairs = clean(text)
    assert clean(display) == (display, ())
    assert (display == text) == (repairs == ())
    assert list(repairs) == sorted(set(repairs), key=REPAIRS.index)


@given(
    st.text(min_size=1).map(lambda text: text.encode("utf-8", "surrogatepass").decode("cp1252", "replace"))
)
def test_repairing_what_was_misread_settles_too(text):
    display, _ = clean(text)
    assert clean(display) == (display, ())


@given(TEXT)
def test_a_display_form_can_be_printed_and_encoded(text):
    display, _ = clean(text)
    assert display == " ".join(display.split())
    display.encode()
    assert not any(char < " " or "\x7f" <= char < "\xa0" for char in display)
