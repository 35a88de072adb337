import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from worker.normalize.mojibake import mend


def misread(text: str, encoding: str = "cp1252") -> str:
    """What a reader makes of the text's UTF-8 who takes it for a one-byte encoding, C1 controls and all."""
    return "".join(
        bytes((byte,)).decode(encoding) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )


TEXTS = (
    "Japan\u2019s king of the pitch",
    "Café owners in Zürich strike",
    "“Would be fun” \u2013 Alcaraz",
    "L\u2019été à Évian…",
    "Preços sobem em São Paulo",
    "Путин в Москве",
    "中国经济增长",
    "Ελλάδα: νέα μέτρα",
    "Rescue at sea 🚢",
    "£5m for 3½ years",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_utf8_that_was_misread_is_read_again(text, encoding):
    assert mend(misread(text, encoding)) == text


@pytest.mark.parametrize("text", TEXTS[:4])
def test_layers_come_off_one_at_a_time(text):
    assert mend(mend(misread(misread(text)))) == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_all_layers_come_off(text, encoding):
    assert mend(misread(misread(text, encoding), encoding)) == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Mayor says \xe2\u20ac\u0153no\xe2\u20ac to tax", "Mayor says \u201cno\u201d to tax"),
        ("Fined 25\xc2 million", "Fined 25 million"),
    ],
)
def test_what_lost_a_byte_is_mended(text, mended):
    assert mend(text) == mended


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        "NÃO",
        "“A MAÇÔ",
        "MAÇÃ” É TEMA",
        "IRMÔ",
        "LA CITÉ…",
        "LA CITɔ",
        "Le marché…»",
        "São João: é à noite",
        "Â mesma hora",
        "Ðe end",
        "ÄÖÜ äöü ß",
        "¿Qué pasó?",
    ],
)
def test_proper_text_stays(text):
    assert mend(text) == text


@pytest.mark.parametrize(
    ("mixed", "expected"),
    [
        ("Itâ€™s “fine” now", "It\u2019s “fine” now"),
        ("Café says itâ€™s closed", "Café says it\u2019s closed"),
        ("→ Â£5m deal", "→ £5m deal"),
    ],
)
def test_sure_sequences_are_mended_amid_proper_text(mixed, expected):
    assert mend(mixed) == expected


def test_c1_controls_are_the_quotes_of_windows():
    assert mend("It\x92s \x93fine\x94 \x96 now") == "It\u2019s “fine” \u2013 now"


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_ascii_stays(text):
    assert mend(text) == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_any_han_text_comes_back(text):
    """A few characters misread as accented letters with quotes behind them could be just that; 中 could not."""
    text += "中"
    assume("\x85" not in misread(text))
    assert mend(misread(text)) == text
