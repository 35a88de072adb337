"""Which format a document has, and what its lines become."""

from __future__ import annotations

from io import BytesIO

import pytest
from worker.errors import UsageError
from worker.replay.entry import Entry, Fault
from worker.replay.fields import FieldMap
from worker.replay.formats import Format, detect, read

FIELDS = FieldMap()


def told(form: Format, content: bytes, **origins: str) -> list[tuple[int, str]]:
    """Line and headline of each entry, line and message of each fault."""
    found = read(BytesIO(content), form, FieldMap(origins))
    return [(each.line, each.headline if isinstance(each, Entry) else each.message) for each in found]


@pytest.mark.parametrize(
    ("extension", "form"),
    [
        (".jsonl", Format.JSONL),
        (".NDJSON", Format.JSONL),
        (".json", Format.JSONL),
        (".Csv", Format.CSV),
        (".tsv", Format.TSV),
        (".tab", Format.TSV),
    ],
)
def test_an_extension_says_more_than_the_content(extension, form):
    assert detect(extension, b"-\nRain ends drought\n", FIELDS) is form


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"", Format.LINES),
        (b" \n\n", Format.LINES),
        (b"Rain ends drought\n", Format.LINES),
        (b'\n  {"headline": "Rain"}\n', Format.JSONL),
        (b'\xef\xbb\xbf{"headline": "Rain"}\n', Format.JSONL),
        (b"[1, 2]\n", Format.LINES),
        (b'[{"headline": "Rain"},\n', Format.JSONL),
        (b'[\n  {"headline": "Rain"}\n', Format.JSONL),
        (b"[Video] Rain ends drought\n", Format.LINES),
        (b"-\nRain\n", Format.SEEDS),
        (b"- Rain\n- Snow\nHail\n", Format.SEEDS),
        (b"- Rain\nSnow\n", Format.LINES),
        (b"id\theadline\n", Format.TSV),
        (b"id,headline\n", Format.CSV),
        (b"id;headline\n", Format.CSV),
        (b"Rain; snow and a headline\n", Format.LINES),
        (b"headline\nRain\n", Format.LINES),
        (b"Rain, snow and a headline\n", Format.LINES),
        (b"\xff\xfe\xfd\n", Format.LINES),
    ],
)
def test_without_one_the_first_lines_tell(head, form):
    assert detect("", head, FIELDS) is form
    assert detect(".txt", head, FIELDS) is form


def test_a_tenth_of_the_lines_being_dashes_makes_a_seed_document():
    headlines = [f"Storm {number}" for number in range(9)]
    assert detect("", "\n".join([*headlines, "-"]).encode(), FIELDS) is Format.SEEDS
    assert detect("", "\n".join([*headlines, "One more", "-"]).encode(), FIELDS) is Format.LINES


def test_a_table_is_told_by_the_column_that_the_headline_is_taken_from():
    assert detect("", b"id,title\n", FieldMap({"headline": "title"})) is Format.CSV
    assert detect("", b"id,title\n", FIELDS) is Format.LINES


def test_faults_of_a_seed_document_stand_between_its_headlines():
    found = told(Format.SEEDS, b"-\nRain\n-\n\xff\nSnow\n-\nHail\n\xfe\n")
    assert [line for line, _ in found] == [2, 4, 5, 7, 8]
    assert [text for line, text in found if line in {2, 5, 7}] == ["Rain", "Snow", "Hail"]
    assert all(text.startswith("not UTF-8: byte 0xf") for line, text in found if line in {4, 8})


@pytest.mark.parametrize(("form", "separator"), [(Format.CSV, b","), (Format.TSV, b"\t")], ids=["csv", "tsv"])
def test_a_row_that_is_none_costs_itself_only(form, separator):
    rows = [b"id,headline", b"1,Rain", b"", b"2", b"3,Snow,more", b"4,\xff", b"5,", b"6,Hail"]
    assert told(form, b"\n".join(rows).replace(b",", separator)) == [
        (2, "Rain"),
        (4, "the row has 1 columns, the header 2"),
        (5, "the row has 3 columns, the header 2"),
        (6, "not UTF-8"),
        (7, "no headline: headline is missing or empty"),
        (8, "Hail"),
    ]


def test_a_field_larger_than_a_row_may_have_is_a_fault_and_the_next_row_is_read():
    content = b"headline\n" + b"x" * 200_000 + b"\nRain\n"
    (line, message), after = told(Format.CSV, content)
    assert (line, message.partition(":")[0]) == (2, "not a row")
    assert after == (3, "Rain")


def test_a_quote_spans_lines_in_csv_and_is_a_character_in_tsv():
    assert told(Format.CSV, b'id,headline\n1,"Rain, \n""again"""\n2,Snow\n') == [
        (2, 'Rain, \n"again"'),
        (4, "Snow"),
    ]
    assert told(Format.TSV, b'id\theadline\n1\t"Rain\n2\tSnow"\n') == [(2, '"Rain'), (3, 'Snow"')]


def test_names_of_columns_lose_the_space_around_them_and_a_byte_order_mark():
    assert told(Format.CSV, b"\xef\xbb\xbfheadline , id\nRain,1\n") == [(2, "Rain")]


@pytest.mark.parametrize("content", [b"", b"\n", b"id,title\n1,Rain\n"])
def test_a_table_without_the_column_is_refused_with_the_columns_that_it_has(content):
    with pytest.raises(UsageError, match=r"no column 'headline' in the header \((empty|id, title)\)"):
        told(Format.CSV, content)


@pytest.mark.parametrize(("form", "separator"), [(Format.CSV, b","), (Format.TSV, b"\t")], ids=["csv", "tsv"])
def test_a_table_with_the_line_ends_of_old_macs_is_refused_with_what_to_do(form, separator):
    content = b"id,headline\r1,Rain\r2,Snow\r".replace(b",", separator)
    with pytest.raises(UsageError, match=r"^line 1: the header cannot be read: .* bare CR: .* make them LFs"):
        told(form, content)
    assert told(form, content.replace(b"\r", b"\n")) == [(2, "Rain"), (3, "Snow")]


def test_a_bare_cr_costs_its_row_only_and_none_when_it_is_quoted():
    found = told(Format.CSV, b'id,headline\n1,Ra\rin\n2,"Sn\row"\r\n3,Hail\r')
    (line, message), *after = found
    assert line == 2
    assert message.startswith("not a row: it holds a bare CR")
    assert after == [(3, "Sn\row"), (4, "Hail")]


@pytest.mark.parametrize(
    ("header", "origins", "said"),
    [
        (b"headline,id,headline", {}, "line 1: the header has 'headline' in columns 1 and 3,"),
        (b"id,headline, id ,id", {}, "the header has 'id' in columns 1 and 3 and 4,"),
        (b"title,headline,title", {"headline": "title"}, "the header has 'title' in columns 1 and 3,"),
        (b"headline,when,when", {"published_at": "when"}, "the header has 'when' in columns 2 and 3,"),
    ],
)
def test_two_columns_of_a_name_that_is_taken_are_refused(header, origins, said):
    with pytest.raises(UsageError) as refused:
        told(Format.CSV, header + b"\n", **origins)
    assert said in str(refused.value)
    assert str(refused.value).endswith("rename all of them but the one that is meant")


def test_columns_of_a_name_that_no_field_is_taken_from_may_repeat():
    assert told(Format.CSV, b"headline,,note,note,\nRain,,a,b,\n") == [(2, "Rain")]
    assert told(Format.CSV, b"title,id,id\nRain,1,2\n", headline="title", id="guid") == [(2, "Rain")]


def test_the_headline_is_taken_from_the_column_that_is_named():
    assert told(Format.CSV, b"id,title\n1,Rain\n", headline="title") == [(2, "Rain")]


def test_a_line_of_json_that_is_no_object_costs_itself_only():
    found = told(Format.JSONL, b'{"headline":"Rain"}\n\n[1]\n{"headline":\n{"headline":"Snow"}')
    assert found[0] == (1, "Rain")
    assert found[1] == (3, "not a JSON object")
    assert found[2][0] == 4
    assert found[2][1].startswith("not JSON: ")
    assert found[3] == (5, "Snow")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"headline": "Rain", "id": "1"', "not JSON: unexpected end of data at column 31"),
        (
            '{"headline": "Régen", x}'.encode(),
            "not JSON: unexpected character, expected a string key at column 23",
        ),
        (b'  {"headline": }', "not JSON: unexpected character, expected a JSON value at column 14"),
        (b'{"headline": "\xff"}', "not UTF-8: byte 0xff at 15"),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_place_of_a_fault_in_a_line_of_json_is_that_of_the_fault(line, fault, end):
    assert told(Format.JSONL, line + end) == [(1, fault)]


@pytest.mark.parametrize(
    "array", [b'[{"headline":"Rain"}]\n', b'\n[\n{"headline":"Rain"}\n]\n', b'["Rain"]\n']
)
def test_a_json_array_is_refused_with_what_to_do(array):
    with pytest.raises(
        UsageError, match=r"one JSON array, and replay reads JSON Lines, an object a line: .* jq -c"
    ):
        told(Format.JSONL, array)


@pytest.mark.parametrize(
    "head",
    [
        b'<?xml version="1.0"?>\n<rss>',
        b"\xef\xbb\xbf<?xml version='1.0'?>",
        b"\n <rss version='2.0'>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'>",
        b"<!DOCTYPE html>\n",
        b"<HTML>",
    ],
)
@pytest.mark.parametrize("form", [form for form in Format if form is not Format.FEED])
def test_xml_is_refused_where_it_is_not_taken_for_a_feed(form, head):
    with pytest.raises(
        UsageError, match="XML or HTML but no RSS or Atom feed: take the headlines out of it first"
    ):
        list(read(BytesIO(head), form, FIELDS, head))


def test_a_headline_may_begin_with_a_tag():
    head = b"<b>Rain</b> ends drought\n<rss-feeds are back\n"
    assert len(list(read(BytesIO(head), Format.LINES, FIELDS, head))) == 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_the_separator_of_a_csv_is_told_by_its_header(separator, quote):
    table = (
        f"{quote}id{quote}{separator}{quote}headline{quote}\r\n1{separator}{quote}Rain{quote} \r\n".encode()
    )
    assert list(read(BytesIO(table), Format.CSV, FIELDS, table)) == [Entry(2, "Rain", {"id": "1"})]


def test_of_separators_that_fit_the_comma_is_the_one():
    table = b"headline\nRain; snow\n"
    assert list(read(BytesIO(table), Format.CSV, FIELDS, table)) == [Entry(2, "Rain; snow")]
    table = b"headline,a;b\nRain,7\n"
    assert list(read(BytesIO(table), Format.CSV, FIELDS, table)) == [Entry(2, "Rain", {"a;b": "7"})]


def test_a_header_without_the_column_is_shown_by_its_columns():
    table = b"title;source\nRain;x\n"
    with pytest.raises(UsageError, match=r"no column 'headline' in the header \(title, source\)"):
        list(read(BytesIO(table), Format.CSV, FIELDS, table))


@pytest.mark.parametrize("form", [form for form in Format if form not in (Format.FEED, Format.JSON_FEED)])
def test_what_is_not_utf8_is_a_fault_in_every_format_of_lines(form):
    content = {Format.CSV: b"headline\n\xff\n", Format.TSV: b"headline\n\xff\n"}.get(form, b"\xff\n")
    (found,) = read(BytesIO(content), form, FIELDS)
    assert isinstance(found, Fault)
