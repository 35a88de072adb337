import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from worker.events import Reason
from worker.normalize.schema import RAW, refusal, shown

FITTING = {"id": "1", "source": "Example Wire", "headline": "Oil rises"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("change", "reason", "field", "told"),
    [
        ({"headline": 41}, Reason.SCHEMA, "headline", "headline is 41; expected a string"),
        ({"headline": None}, Reason.SCHEMA, "headline", "headline is None; expected a string"),
        ({"id": ""}, Reason.SCHEMA, "id", "id is ''; expected the feed's own id"),
        ({"id": "x" * 513}, Reason.TOO_LARGE, "id", "id has 513 characters; at most 512"),
        (
            {"source": "a\nb"},
            Reason.SCHEMA,
            "source",
            r"source is 'a\\nb'; expected .* without control characters",
        ),
        ({"language": "English (UK)"}, Reason.SCHEMA, "language", "expected a BCP 47 language tag"),
        (
            {"published_at": 1767945600},
            Reason.SCHEMA,
            "published_at",
            "published_at is 1767945600; expected a string",
        ),
        ({"url": "x" * 2_049}, Reason.TOO_LARGE, "url", "url has 2049 characters; at most 2048"),
        (
            {"schema_version": 2},
            Reason.VERSION,
            "schema_version",
            "schema_version is 2; this release reads 1",
        ),
        ({"schema_version": True}, Reason.VERSION, "schema_version", "schema_version is True"),
    ],
)
def test_a_refusal_names_the_field_and_what_was_expected(change, reason, field, told):
    rejection = refusal({**FITTING, **change})
    assert (rejection.reason, rejection.field) == (reason, field)
    assert re.search(told, rejection.message)


@pytest.mark.parametrize("field", FITTING)
def test_a_missing_field_is_named(field):
    rejection = refusal({name: value for name, value in FITTING.items() if name != field})
    assert (rejection.reason, rejection.field) == (Reason.SCHEMA, field)
    assert rejection.message == f"{field} is missing; a raw headline has one"


@pytest.mark.parametrize("document", [[], "text", 1, None, True])
def test_what_is_no_object_is_named_so(document):
    rejection = refusal(document)
    assert (rejection.reason, rejection.field) == (Reason.SCHEMA, None)
    assert "expected a JSON object" in rejection.message


def test_a_foreign_version_is_told_before_all_else():
    assert refusal({"schema_version": "2", "title": "Oil rises"}).reason is Reason.VERSION


@given(
    st.dictionaries(
        st.sampled_from(["id", "source", "headline", "url", "language", "schema_version", "x"]), JSON
    )
)
def test_every_refused_document_has_a_short_refusal(document):
    assume(not RAW.is_valid(document))
    rejection = refusal(document)
    assert 0 < len(rejection.message) <= 300
    assert rejection.message.isascii()
    assert rejection.message.isprintable()


def test_a_value_is_shown_cut_and_on_one_line():
    assert shown("a\n\u202eb") == r"'a\n\u202eb'"
    assert len(shown("é" * 10_000)) <= 83
    assert len(shown(["x" * 10_000])) <= 83
