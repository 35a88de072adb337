"""The same bytes on Python 3.11 to 3.13, whose Unicode differs."""

import hashlib
import unicodedata

import pytest
from worker.normalize import clean, match_form
from worker.normalize.characters import category, compose, is_newer, is_visible


def test_a_newer_character_is_not_reordered():
    # U+10EFD has combining class 220 since Unicode 15.0; one that does not know it must give the same.
    text = "a\u0301\U00010efd\u0301"
    assert compose(text) == "á\U00010efd\u0301"


def test_a_newer_character_has_one_category_everywhere():
    assert category("\U0001fae8") == category("\U0001e4d0") == "Lo"
    assert category("é") == "Ll"


def test_the_newer_characters_are_those_that_unicode_14_lacks():
    if unicodedata.unidata_version == "14.0.0":
        assert all(unicodedata.category(chr(code)) == "Cn" for code in range(0x110000) if is_newer(chr(code)))
    else:
        assert any(unicodedata.category(chr(code)) != "Cn" for code in range(0x110000) if is_newer(chr(code)))


@pytest.mark.parametrize("text", ["a", "中", "5", "!", "🎉", "\U0001fae8"])
def test_what_prints_is_visible(text):
    assert is_visible(text)


@pytest.mark.parametrize("text", ["", " ", "\u0301", "\u200d", "\ue000", "\ufe0f"])
def test_what_prints_nothing_is_not(text):
    assert not is_visible(text)


def test_every_code_point_gives_the_same_forms_on_every_python():
    digest = hashlib.sha256()
    # Planes 4 to 13 hold nothing, 15 and 16 are for private use.
    for start in (*range(0, 0x40000, 256), *range(0xE0000, 0xE1000, 256)):
        text = " ".join(map(chr, range(start, start + 256)))
        display, _ = clean(text)
        digest.update(display.encode())
        digest.update(match_form(display).encode())
    # One value for all Pythons. Where a table changes it does too, and so does the matching rule.
    assert digest.hexdigest() == "25814b4577cd927250d320d89ba3b2329240b1e759cf295da3f6e67b97de88ad"
