"""`newswire tail`: the names of streams, and how a record is shown."""

from __future__ import annotations

import orjson
import pytest
from aiokafka.structs import ConsumerRecord
from worker.cli import run
from worker.cli.tail import _Table
from worker.config import Settings
from worker.errors import UsageError
from worker.events import Reason
from worker.mediatopics import STREAMS
from worker.tail import as_json_line, resolve

SETTINGS = Settings()
DEADLETTER = SETTINGS.topics.deadletter


def record(topic: str, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> ConsumerRecord:
    return ConsumerRecord(
        topic, 0, 7, 1_767_952_800_000, 1, b"key", value, None, 3, len(value or b""), headers
    )


def test_without_a_name_all_streams_are_shown():
    assert resolve([], SETTINGS.topics) == tuple(f"news.{slug}" for slug in STREAMS)


def test_streams_go_by_short_and_by_full_name_and_once_each():
    assert resolve(["sport", "news.sport", "duplicates", "deadletter"], SETTINGS.topics) == (
        "news.sport",
        "headlines.duplicates",
        "headlines.deadletter",
    )


def test_an_unknown_stream_is_an_error_that_lists_them():
    with pytest.raises(UsageError, match=r"no stream sports; the streams are arts, .*, unsorted, duplicates"):
        resolve(["sports"], SETTINGS.topics)


def test_an_event_is_its_own_json_line():
    value = b'{"headline":"Rain ends drought","confidence":0.50}'

    assert as_json_line(record("news.weather", value), DEADLETTER) == value + b"\n"


def test_a_value_over_several_lines_becomes_one():
    line = as_json_line(record("news.weather", b'{\n"headline": "Rain"\n}'), DEADLETTER)

    assert line == b'{"headline":"Rain"}\n'


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", b"[1]", b"{", b'{"a":"\xff"}', b'{"a":NaN}'])
def test_what_is_no_event_is_shown_with_its_place(value):
    line = orjson.loads(as_json_line(record("news.weather", value), DEADLETTER))

    assert (line["stream"], line["partition"], line["offset"], line["key"]) == ("news.weather", 0, 7, "key")


def test_a_dead_letter_is_shown_with_its_cause_and_its_bytes():
    headers = (("newswire.reason", b"not_json"), ("newswire.offset", b"5"))
    line = orjson.loads(as_json_line(record(DEADLETTER, b'{"headline"\xff', headers), DEADLETTER))

    assert line["reason"] == "not_json"
    assert line["value"] == '{"headline"\\xff'
    assert line["headers"] == {"newswire.reason": "not_json", "newswire.offset": "5"}


def test_the_table_shows_the_short_stream_and_the_verdict(capsys):
    table = _Table(SETTINGS)
    value = orjson.dumps({"headline": "Rain ends drought", "confidence": 0.5, "verdict": "update"})
    table.show([record("news.weather", value)])
    table.show([record(DEADLETTER, b"\x1b[2Jnonsense", (("newswire.reason", b"not_json"),))])

    header, event, letter, _ = capsys.readouterr().out.splitlines()
    assert header.split() == ["time", "stream", "sure", "verdict", "headline"]
    assert event.split(maxsplit=1)[1] == "weather         0.50  update     Rain ends drought"
    assert letter.split()[1:3] == ["deadletter", "not_json"]
    assert "\x1b" not in letter


def test_the_table_explains_the_reason_of_a_dead_letter_once(capsys):
    table = _Table(SETTINGS)
    for reason in (b"empty", b"null", b"empty", b"not of this release\xff"):
        table.show([record(DEADLETTER, b"{}", (("newswire.reason", reason),))])

    _, empty, explained, null, explained_too, again, unknown = capsys.readouterr().out.splitlines()
    assert explained == f"  empty: {Reason.EMPTY.explanation}"
    assert explained_too == f"  null: {Reason.NULL.explanation}"
    assert [row.split()[1:3] for row in (empty, null, again, unknown)] == [
        ["deadletter", "empty"],
        ["deadletter", "null"],
        ["deadletter", "empty"],
        ["deadletter", "not"],
    ]


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        (
            (("newswire.message", b"source is missing"), ("newswire.field", b"source")),
            "source is missing: {}",
        ),
        (
            (("newswire.message", b"expected a string"), ("newswire.field", b"url")),
            "url: expected a string: {}",
        ),
        ((("newswire.message", b"the value is []"),), "the value is []: {}"),
        ((), "no message: {}"),
    ],
)
def test_the_table_shows_what_was_wrong_with_a_dead_letter(capsys, headers, shown):
    table = _Table(SETTINGS)
    table.show([record(DEADLETTER, b"{}", (("newswire.reason", b"schema"), *headers))])

    assert capsys.readouterr().out.splitlines()[1].endswith(f"schema     {shown}")


@pytest.mark.parametrize("value", [b"x" * 300_000, "é".encode() * 300_000, b"\xff" * 300_000])
@pytest.mark.parametrize("topic", [DEADLETTER, "news.sport"])
def test_a_row_does_not_hold_a_whole_value(capsys, topic, value):
    headers = (("newswire.reason", b"too_large"), ("newswire.message", b"too much"))
    _Table(SETTINGS).show([record(topic, value, headers if topic == DEADLETTER else ())])

    row = capsys.readouterr().out.splitlines()[1]
    assert row.endswith("…")
    assert len(row) < 300


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--no-follow"], "add --from-beginning, --since TIME or --last N"),
        (["--last", "3", "--from-beginning"], "--from-beginning and --last name two beginnings"),
        (["--since", "3m", "--from-beginning"], "--from-beginning and --since name two beginnings"),
        (["--since", "noon"], "noon: give an ISO 8601 time"),
        (["--since", "2099-01-01"], "--since lies in the future"),
        (["--min-confidence", "2"], "--min-confidence"),
        (["--verdict", "new"], "original"),
        (["deadletter", "--source", "agency"], "leave out either the filters or deadletter"),
        (["--last", "0"], "--last"),
    ],
)
def test_beginnings_that_show_nothing_or_contradict_are_usage_errors(arguments, message, capsys):
    assert run(["tail", *arguments]) == 2
    assert message in capsys.readouterr().err
