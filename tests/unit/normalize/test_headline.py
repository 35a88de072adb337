import hashlib

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worker.events import Guard, Headline, Reason, Rejection
from worker.normalize import Limits, clean, match_form, normalize

RAW = {"id": "wire-41", "source": "Example Wire", "headline": "Oil rises"}


def record(**fields) -> bytes:
    return orjson.dumps({**RAW, **fields})


def test_a_plain_headline_needs_no_repair():
    value = record()
    assert normalize(value) == Headline(
        id=hashlib.blake2b(b"wire-41\0" + value, digest_size=16).hexdigest(),
        event_id="wire-41",
        source="Example Wire",
        display="Oil rises",
        match="oil rises",
        language="en",
    )


def test_every_field_is_carried_in_its_canonical_form():
    headline = normalize(
        record(
            headline="<b>Japan&#8217;s</b> oil",
            source=" Example Wire ",
            published_at="2026-01-09T09:00:00+01:00",
            url="https://news.example/41",
            language="pt_br",
            body="Text.",
            supersedes="wire-40",
            schema_version=1,
            desk="north",
            priority=3,
        )
    )
    assert headline.display == "Japan\u2019s oil"
    assert headline.original == "<b>Japan&#8217;s</b> oil"
    assert headline.match == "japan oil"
    assert headline.repairs == ("entities", "tags")
    assert headline.source == "Example Wire"
    assert headline.published_at == "2026-01-09T08:00:00Z"
    assert headline.url == "https://news.example/41"
    assert headline.language == "pt-BR"
    assert headline.supersedes == "wire-40"
    assert headline.guard is Guard.SUPERSEDES
    assert headline.extra == {"desk": "north", "priority": 3}


@pytest.mark.parametrize("absent", [None, ""])
def test_null_and_the_empty_string_mean_absent(absent):
    headline = normalize(
        record(published_at=absent, url=absent, language=absent, supersedes=absent, body=absent)
    )
    assert (headline.published_at, headline.url, headline.supersedes) == (None,) * 3
    assert headline.language == "en"  # as its words show
    assert headline.guard is None
    assert headline.extra is None


def test_a_notice_keeps_its_own_guard_where_it_supersedes_too():
    assert normalize(record(headline="REFILE-Oil rises", supersedes="wire-40")).guard is Guard.REFILE


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (None, Reason.NULL, None),
        (b"{", Reason.NOT_JSON, None),
        (b"\xff", Reason.NOT_UTF8, None),
        (record(headline=7), Reason.SCHEMA, "headline"),
        (record(schema_version=2), Reason.VERSION, "schema_version"),
        (record(headline=""), Reason.EMPTY, "headline"),
        (record(headline=" \u200b<br>&nbsp;\u0301"), Reason.EMPTY, "headline"),
        (record(headline="x" * 2_001), Reason.TOO_LARGE, "headline"),
        (record(headline="\u0958" * 1_500), Reason.TOO_LARGE, "headline"),
        (record(extra="x" * 16_384), Reason.TOO_LARGE, None),
        (record(body="x" * 262_144), Reason.TOO_LARGE, None),
        (record(published_at="yesterday"), Reason.TIMESTAMP, "published_at"),
        (record(published_at="9999-12-31T00:00:00Z"), Reason.TIMESTAMP, "published_at"),
    ],
)
def test_what_can_never_be_a_headline_is_rejected(value, reason, field):
    rejection = normalize(value)
    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.field) == (reason, field)
    assert 0 < len(rejection.message) <= 300


def test_the_limits_are_inclusive():
    limits = Limits(max_headline_chars=9, max_extra_bytes=11)
    assert isinstance(normalize(record(x="yyy"), limits), Headline)
    assert normalize(record(headline="Oil rises!"), limits).reason is Reason.TOO_LARGE
    assert normalize(record(x="yyyy"), limits).reason is Reason.TOO_LARGE


def test_an_id_is_a_function_of_the_event_id_and_the_bytes():
    assert normalize(record()).id == normalize(record()).id
    assert normalize(record()).id != normalize(record(id="wire-42")).id
    assert normalize(record()).id != normalize(record() + b" ").id
    assert normalize(record()).id != normalize(record(headline="Oil falls")).id


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 100_000,
        b'{"id":' * 10_000,
        b'{"x":' + b"[" * 500 + b"]" * 500 + b"}",
        b"9" * 100_000,
        b'{"id":"\\ud800","source":"a","headline":"b"}',
        b'{"id":"1","source":"a","headline":"\\udc00"}',
        b'{"id":"1","source":"a","headline":"b","n":' + b"9" * 400 + b"}",
        b'{"id":"1","source":"a","headline":"b","n":1e400}',
        b'{"id":"1","source":"a","headline":"\\u0000"}',
        b'{"id":1,"id":"1","source":"a","headline":"b"}',
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf" * 80_000,
        b"\xff\xfe{\x00}\x00",
        b"\x00" * 1_000,
        b"\xc0\x80",
    ],
)
def test_nasty_bytes_have_an_outcome(value):
    assert isinstance(normalize(value), Headline | Rejection)


@given(st.binary())
def test_any_bytes_have_an_outcome(value):
    assert isinstance(normalize(value), Headline | Rejection)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
FIELD = st.sampled_from(
    [*RAW, "published_at", "url", "language", "body", "supersedes", "schema_version", "extra", ""]
)


@settings(max_examples=300)
@given(st.dictionaries(FIELD, JSON))
def test_any_object_has_an_outcome(fields):
    outcome = normalize(record(**fields))
    assert isinstance(outcome, Headline | Rejection)
    if isinstance(outcome, Headline):
        assert outcome.display == clean(outcome.display)[0]
        assert outcome.match == match_form(outcome.display) != ""


@given(st.text(min_size=1, max_size=200))
def test_normalizing_a_display_form_again_changes_nothing(text):
    once = normalize(record(headline=text))
    if isinstance(once, Headline):
        again = normalize(record(headline=once.display))
        assert (again.display, again.match, again.repairs, again.original) == (
            once.display,
            once.match,
            (),
            None,
        )


def test_the_feed_s_own_name_behind_a_headline_is_published_and_not_compared():
    headline = normalize(record(headline="Oil rises - Example Wire"))
    assert headline.display == "Oil rises - Example Wire"
    assert headline.match == "oil rises"


@pytest.mark.parametrize(
    ("language", "match"),
    [
        (None, "champions league 2026"),
        ("en-GB", "champions league 2026"),
        ("und", "champions league 2026"),
        ("es-MX", "<es> champions league 2026"),
        ("nb", "<no> champions league 2026"),
    ],
)
def test_names_alone_are_compared_under_the_language_that_their_feed_names(language, match):
    headline = normalize(record(headline="Champions League 2026", language=language))
    assert headline.match == match
    assert headline.foreign == match.startswith("<")


def test_a_headline_whose_words_tell_its_language_needs_no_word_of_its_feed():
    assert normalize(record(language="es")).match == "oil rises"
