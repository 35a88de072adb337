"""Whatever normalize lets through fits every later output: a Kafka record holds 1 MiB."""

import msgspec
import orjson
import pytest
from worker.normalize import DEFAULT, REPAIRS, Limits, match_form, normalize
from worker.normalize.limits import MAX_EXTRA_BYTES, MAX_HEADLINE_CHARS, MAX_VALUE_BYTES
from worker.normalize.schema import validator

CEILING = Limits(MAX_VALUE_BYTES, MAX_HEADLINE_CHARS, MAX_EXTRA_BYTES)
KIBIBYTE = 1_024


def largest_routed(limits: Limits) -> tuple[dict, int]:
    """A routed headline with every field at its longest, and the bytes of its headers and match form."""
    longest = "\x01" * limits.max_headline_chars
    heaviest = "\U00020000" * limits.max_headline_chars
    raw = {
        "id": "\x01" * 511 + "x",
        "source": "\U00020000" * 128,
        "headline": heaviest,
        "published_at": "2026-01-09T08:00:00.123456789Z",
        "url": "\x01" * 2_048,
        "language": "a-" + "-".join(["abcdefgh"] * 6),
        "supersedes": "\x01" * 512,
        "x": "y" * (limits.max_extra_bytes - len('{"x":""}')),
    }
    headline = normalize(orjson.dumps(raw), limits)
    further = {"topic": "human-interest", "code": "medtop:08000000", "confidence": 0.1234567890123456}
    document = {
        "id": headline.id,
        "event_id": headline.event_id,
        "source": headline.source,
        "headline": headline.display,
        # No control survives in the display form; in the original each one is six bytes of JSON.
        "original_headline": longest,
        "published_at": headline.published_at,
        "ingested_at": "2026-01-09T08:00:00.123456789Z",
        "url": headline.url,
        "language": headline.language,
        **further,
        "also": [further] * 17,
        "verdict": "update",
        "update_of": headline.id,
        "supersedes": headline.supersedes,
        "repairs": list(REPAIRS),
        "rule": "r" * 128,
        "model": "m" * 128,
        "position": {"topic": "t" * 249, "partition": 2**31, "offset": 2**63 - 1},
        "extra": headline.extra,
    }
    percent_encoded = 3 * len(headline.source.encode())
    return document, percent_encoded + 2 * len(headline.event_id.encode()) + 2 * KIBIBYTE


@pytest.mark.parametrize(("limits", "most"), [(DEFAULT, 96 * KIBIBYTE), (CEILING, 512 * KIBIBYTE)])
def test_the_largest_output_is_far_below_a_record(limits, most):
    document, headers = largest_routed(limits)
    validator("headline.routed").validate(document)
    for encoded in (orjson.dumps(document), msgspec.json.encode(document)):
        assert len(encoded) + headers < most


def test_no_character_makes_the_match_form_much_longer():
    for start in range(0, 0x40000, 32):
        chars = [chr(code) for code in range(start, start + 32) if not 0xD800 <= code < 0xE000]
        for text in ("".join(chars), " ".join(chars)):
            assert len(match_form(text)) <= 4 * len(text)
            assert len(match_form(text).encode()) <= 9 * len(text) + 9


@pytest.mark.parametrize(
    "word", ["v ", "& ", "&", "ny ", "nyc ", "½", "½ ", "1", "-1", " -1", "中", "ﷺ", "ﬃ", "un ", "utd "]
)
def test_no_word_makes_the_match_form_much_longer(word):
    assert len(match_form(word * 500)) <= 5 * len(word * 500)
