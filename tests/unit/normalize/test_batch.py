"""Normalization of many records at once gives what normalization one by one gives, whatever they are."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.events import Headline
from worker.normalize import Normalizer, normalize
from worker.normalize import batch as batch_module
from worker.normalize.match import ELLIPSIS, language_of
from worker.normalize.tokens import chunks_of, words_of

PAIRS = (Path(__file__).parent.parent / "deduplicate" / "match" / "data").glob("*.tsv")
WRITTEN = sorted(
    {cell for path in PAIRS for line in path.read_text("utf-8").splitlines()[1:] for cell in line.split("\t")}
)
ODD = [
    "Mayor resigns - Gazette", "UPDATE 2-Bank raises rates to 5.5%", "Don't panic, says minister", "!!!", "? ?",
    "Shares fall 5 per cent in S. Korea", "Storm hits U.S. coast...", "Storm hits coast\u2026", "A&B and C & Co. merge",
    "w/o permit", "1/2 of pupils", "Japan 's cabinet do n't agree", "Les députés votent", "日本の首相が辞任", "x" * 400,
    "One " * 60, "in Springfield, Ill.", "Boris Johnson Theresa May", "Wire", "Storm, Wire", "Storm Wire", "", " ",
    "comma,", "comma, comma ,comma", "a\u0000b", "tab\there", "news.com", "Fire in town - news.com", "-5 degrees",
]  # fmt: skip


def raw(headline, source="Wire", **fields):
    return json.dumps({"id": "e", "source": source, "headline": headline, **fields}).encode()


def one_by_one(values):
    return [normalize(value) for value in values]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_written_headlines_come_out_as_one_by_one(size):
    values = [
        raw(headline, source)
        for headline in [*ODD, *WRITTEN]
        for source in ("Wire", "Daily Gazette", "news.com", "x")
    ]
    normalizer = Normalizer()
    found = []
    for start in range(0, len(values), size):
        results, tokens = normalizer.normalize(values[start : start + size])
        found += results
        headlines = [result for result in results if isinstance(result, Headline)]
        words = [tokens.words(place) for place in range(len(tokens))]
        assert words == [language_of(headline.match)[1].split(" ") for headline in headlines]

    assert len(WRITTEN) > 700
    assert found == one_by_one(values)


TEXTS = st.lists(st.sampled_from(ODD) | st.text(st.characters(codec="ascii")) | st.text(), max_size=8)


@given(
    TEXTS,
    st.sampled_from(["Wire", "", " The Gazette ", "reuters.com"]),
    st.sampled_from([None, "de", "en-GB"]),
)
def test_any_texts_come_out_as_one_by_one(texts, source, language):
    values = [raw(text, source, language=language) for text in texts]

    assert Normalizer().normalize(values)[0] == one_by_one(values)


@given(st.lists(st.none() | st.binary(max_size=40) | st.sampled_from(ODD).map(raw), max_size=6))
def test_what_can_be_no_headline_stays_in_its_place(values):
    results, tokens = Normalizer().normalize(values)

    assert results == one_by_one(values)
    assert len(tokens) == sum(isinstance(result, Headline) for result in results)


def test_when_it_remembers_too_many_words_it_forgets_and_answers_the_same(monkeypatch):
    monkeypatch.setattr(batch_module, "MOST_WORDS", 20)
    normalizer = Normalizer()
    vocabularies = []  # kept, so that none takes another's place in memory
    for start in range(0, 200, 5):
        values = [raw(f"Storm{number} hits Town{number} coast") for number in range(start, start + 5)]
        results, tokens = normalizer.normalize(values)
        assert results == one_by_one(values)
        vocabularies.append(tokens.vocabulary)

    assert len(set(map(id, vocabularies))) > 3


def test_the_ellipsis_of_a_cut_headline_is_among_the_words_of_its_form():
    _, tokens = Normalizer().normalize([raw("Storm hits the coast...")])

    assert tokens.words(0) == ["storm", "hits", "the", "coast", ELLIPSIS.strip()]


@given(st.lists(st.sampled_from([text for text in ODD + WRITTEN if text.isascii() and text.isprintable()])))
def test_chunks_of_texts_together_are_spelled_as_the_words_of_each(texts):
    chunks = " ".join(chunks_of(texts)).split("\0")

    spelled = [
        " ".join(filter(None, (batch_module.spelled(chunk) for chunk in of_one.split()))) for of_one in chunks
    ]
    assert spelled == ([" ".join(words_of(text)) for text in texts] or [""])


def test_words_without_end_are_forgotten_by_their_length(monkeypatch):
    monkeypatch.setattr(batch_module, "MOST_CHARS", 1_000)
    normalizer = Normalizer()
    for letter in "abcdefgh":
        normalizer.normalize([raw(f"Storm {letter * 400} hits")])

    assert normalizer._speller._vocabulary.chars < 2_000
