"""Raw records that can never be headlines, by what is wrong with them, and keys and headers that are odd."""

import json


def document(**fields):
    """A raw event, but for its fields that are None."""
    event = {"id": "p-1", "source": "newsroom", "headline": "Harbour reopens after the storm"} | fields
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode()


def nested(depth):
    return b'{"id":"p-1","source":"s","headline":"h","x":' + b"[" * depth + b"]" * depth + b"}"


POISON = {
    "null value": (None, "null"),
    "no bytes": (b"", "not_json"),
    "a byte that is not UTF-8": (document().replace(b"storm", b"st\xffrm"), "not_utf8"),
    "Latin-1": ('{"id":"p","source":"s","headline":"Caf\u00e9"}'.encode("latin-1"), "not_utf8"),
    "UTF-16": (document().decode().encode("utf-16"), "not_utf8"),
    "cut in the middle": (document()[:-9], "not_json"),
    "no JSON at all": (b"Harbour reopens after the storm", "not_json"),
    "two documents": (document() * 2, "not_json"),
    "not a number": (document().replace(b'"p-1"', b"NaN"), "not_json"),
    "single quotes": (document().replace(b'"', b"'"), "not_json"),
    "zero bytes": (bytes(64), "not_json"),
    "an array": (b"[" + document() + b"]", "schema"),
    "a string": (b'"Harbour reopens"', "schema"),
    "a number": (b"1e400", "not_json"),
    "null in JSON": (b"null", "schema"),
    "an empty object": (b"{}", "schema"),
    "no id": (document(id=None), "schema"),
    "no source": (document(source=None), "schema"),
    "no headline": (document(headline=None), "schema"),
    "a headline that is a number": (document(headline=7), "schema"),
    "a headline that is a list": (document(headline=["a", "b"]), "schema"),
    "an id that is a number": (document(id=7), "schema"),
    "a blank id": (document(id=" "), "schema"),
    "an id without end": (document(id="x" * 600), "too_large"),
    "a source with a line break": (document(source="a\nb"), "schema"),
    "a url that is an object": (document(url={"href": "x"}), "schema"),
    "a language that is none": (document(language="!!"), "schema"),
    "an empty headline": (document(headline=""), "empty"),
    "a blank headline": (document(headline=" \t\u00a0\u2003"), "empty"),
    "nothing but control characters": (document(headline="\x00\x07\x1b\x7f"), "empty"),
    "nothing but what is invisible": (document(headline="\u200b\u2060\ufeff\u202e"), "empty"),
    "nothing but tags": (document(headline="<b></b><br/>"), "empty"),
    "a huge headline": (document(headline="storm " * 400), "too_large"),
    "a headline of a megabyte": (document(headline="s" * 900_000), "too_large"),
    "a headline that grows by its repair": (document(headline="\ufdfa" * 1999 + "\u0344"), "too_large"),
    "a heap of unknown fields": (document(**{f"x{n}": "y" * 100 for n in range(200)}), "too_large"),
    "a nested bomb": (nested(400_000), "too_large"),
    "a smaller nested bomb": (nested(100_000), "not_json"),
    "one level too deep": (nested(32), "not_json"),
    "version 2": (document(schema_version=2), "version"),
    "a version that is a word": (document(schema_version="latest"), "version"),
    "the year 9999": (document(published_at="9999-12-31T23:59:59Z"), "timestamp"),
    "the year 1": (document(published_at="0001-01-01T00:00:00Z"), "timestamp"),
    "no time": (document(published_at="yesterday"), "timestamp"),
    "a time as a number": (document(published_at=1767945600), "schema"),
    "a record near the size limit": (document(body="b" * (1_048_576 - 8_000)), "too_large"),
}
# max.message.bytes of the raw topic, less what Kafka adds: 61 bytes for the batch, 12 for the record.
LARGEST = b"b" * (1_048_576 - 73)

ODD_KEYS = [None, b"", b"\xff\xfe", b"k" * 5000, "ключ".encode()]
ODD_HEADERS = [
    (),
    (("trace", b"\xff\x00"), ("trace", None), ("", b"no name")),
    (("newswire.reason", b"forged"), ("newswire.attempt", b"many")),
    (("h\u00e9", b"x" * 2000),),
]
