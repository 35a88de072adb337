import pytest
from worker.normalize.fold import fold, unmask
from worker.normalize.tokens import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Japan's 'King Kazu' at 58", "japan king kazu at 58"),
        ("States' O'Brien won't rock'n'roll", "states obrien will not rocknroll"),
        ("U.S. U.S U.N. a.m. J.K. Rowling", "us us un am jk rowling"),
        ("U.S.-led N.Y. NKorea", "us led new york north korea"),
        ("1,000 1000 12,345,678.9", "1000 1000 12345678.9"),
        ("2,3 10:30 3:2 9/11 2024-25", "2,3 10:30 3:2 9 11 2024 25"),
        ("$1.8bn $1.8B US$1.8bln A$5m €5M 5€ £3", "$1.8bn $1.8bn $1.8bn a$5mn €5mn €5 £3"),
        ("100m 5mln 38th 5km 90s", "100m 5mn 38th 5 km 90s"),
        ("5% 5pct .5%", "5% 5% 0.5%"),
        ("AT&T S&P arts&culture Johnson & Johnson", "at&t s&p arts and culture johnson and johnson"),
        ("No.1 end.Start Day 3:England", "no 1 end start day 3 england"),
        ("falls to -10, (-3) but 2-1 and low-10", "falls to minus 10 minus 3 but 2 1 and low 10"),
        ("japan 's stocks do n't rise`s", "japan stocks do not rise"),
        ("POPE 'S VISIT DO N'T MISS", "pope visit do not miss"),
        ("A visit of the Pope 's", "a visit of the pope"),
        ("in 's-Hertogenbosch", "in s hertogenbosch"),
        ("favourite colour of the defence ministry", "favorite color of the defense ministry"),
        ("rise promise exercise four hour", "rise promise exercise four hour"),
        ("... !!! ' &", "and"),
    ],
)
def test_words_are_spelled_one_way(text, words):
    assert " ".join(words_of(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zürich Łódź naïve Ångström", "zurich lodz naive angstrom"),
        ("straße İstanbul \u0131 Æsop œuvre", "strasse istanbul i aesop oeuvre"),
        ("“Yes” \u2018no\u2019 Japan\u2019s — 5\u20136", "yes no japan 5 6"),
        (
            "\uff26\uff35\uff2c\uff2c \uff57\uff49\uff44\uff54\uff48 \uff11\uff12\uff13\uff05",
            "full width 123%",
        ),
        ("CO₂ 3½ ٣٤ ३४", "co2 3.5 34 34"),
        ("Ёлка елка", "елка елка"),
        ("ΑΘΉΝΑ Αθήνα", "αθηνα αθηνα"),
        ("السَّلام إلى", "السلام الي"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("한국 대통령", "한국 대통령"),
        ("中国经济增长5.2%", "中国 国经 经济 济增 增长 5.2%"),
        ("首相、訪中へ", "首相 相訪 訪中 中へ"),
        ("雨", "雨"),
        ("3,000人", "3000 人"),
    ],
)
def test_other_scripts_give_words_too(text, words):
    assert " ".join(words_of(text)) == words


@pytest.mark.parametrize(
    "text", ["Pope 's visit", "Pope\u2019s visit", "The Pope 's 'tour' they do n't want 's"]
)
def test_case_does_not_matter_to_what_was_split_off(text):
    assert words_of(text) == words_of(text.upper()) == words_of(text.lower())


@pytest.mark.parametrize("word", ["\u0410sian", "Mo\u0455cow", "\u0392BC", "g\u043evernment"])
def test_a_word_with_look_alikes_is_latin(word):
    assert unmask(word).isascii()


@pytest.mark.parametrize("word", ["Москва", "Αθήνα", "Asian", "\u0422\u0410\u0421\u0421", "iФ\u043eн"])
def test_a_word_of_one_script_stays(word):
    assert unmask(word) == word


def test_folding_leaves_ascii_but_for_the_grave_accent():
    text = "".join(map(chr, range(0x80))).replace("`", "'")
    assert fold(text) == text
