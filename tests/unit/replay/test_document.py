"""Documents: names, compression, and formats told by extension and content."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from worker.errors import UsageError
from worker.replay.document import SEEDS, Document, documents, read_document
from worker.replay.entry import Entry, Fault
from worker.replay.fields import FieldMap
from worker.replay.formats import Format

PARAGRAPH = (
    "It rained for many days, and then for many more, until nobody in the valley could remember the sun. " * 2
)


@pytest.fixture
def read(tmp_path):
    def read(
        name: str, content: bytes | str, form: Format | None = None, **origins: str
    ) -> list[Entry | Fault]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_document(documents([str(path)])[0], form, FieldMap(origins)))

    return read


def texts(found: list[Entry | Fault]) -> list[str]:
    return [entry.headline for entry in found if isinstance(entry, Entry)]


def test_plain_lines_are_headlines(read):
    assert read("a.txt", "Rain ends drought\n\n  Snow follows \nNo line end") == [
        Entry(1, "Rain ends drought"),
        Entry(3, "Snow follows"),
        Entry(4, "No line end"),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", " \n", "\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_a_seed_document_is_told_by_its_dashes_whatever_its_line_ends(read, line_end, last):
    lines = [
        "-",
        "Rain ends drought",
        "-",
        "Snow follows",
        "Bridge divides town",
        PARAGRAPH,
        "Background",
        PARAGRAPH,
        "Last",
    ]

    assert texts(read("a.txt", line_end.join(lines) + last)) == [
        "Rain ends drought",
        "Snow follows",
        "Bridge divides town",
        "Last",
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_line(read):
    assert texts(read("a.txt", b"\xef\xbb\xbf-\nRain\n-\nSnow\n")) == ["Rain", "Snow"]
    assert texts(read("b.csv", b"\xef\xbb\xbfheadline,url\nRain,\n")) == ["Rain"]


def test_a_stray_dash_in_plain_lines_does_not_make_them_a_seed_document(read):
    lines = [f"Storm number {n} reaches the coast before dawn today." for n in range(30)]

    assert len(read("a.txt", "\n".join([*lines, "-", *lines]))) == 61


@pytest.mark.parametrize("name", ["a.txt.gz", "a.gz", "a.txt"])
def test_gzip_is_read_whatever_the_name(read, name):
    assert texts(read(name, gzip.compress(b"Rain ends drought\nSnow follows\n"))) == [
        "Rain ends drought",
        "Snow follows",
    ]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"headline":"Rain"}\n'),
        ("a.ndjson", '{"headline":"Rain"}\n'),
        ("a.csv", "headline,url\nRain,\n"),
        ("a.tsv", "headline\turl\nRain\t\n"),
        ("a.log", '{"headline":"Rain"}\n'),
        ("a.log", "url,headline\n,Rain\n"),
        ("a.log", "url\theadline\n\tRain\n"),
        ("a.csv", "url;headline\n;Rain\n"),
        ("a.log", "url;headline\n;Rain\n"),
        ("a.log", "-\nRain\n"),
        ("a.log", "Rain\n"),
    ],
)
def test_the_format_is_told_by_extension_or_content(read, name, content, suffix):
    data = gzip.compress(content.encode()) if suffix else content.encode()

    assert texts(read(name + suffix, data)) == ["Rain"]


def test_a_format_can_be_forced(read):
    assert texts(read("a.jsonl", "-\nRain\n", Format.SEEDS)) == ["Rain"]
    assert texts(read("a.txt", "-\nRain\n", Format.LINES)) == ["-", "Rain"]


def test_json_lines_map_fields_and_keep_the_unknown_ones(read):
    line = '{"guid":7,"title":" Rain ","date":"2026-01-09","url":null,"desk":"west","headline":"other"}'

    assert read("a.jsonl", line, headline="title", id="guid", published_at="date") == [
        Entry(1, "Rain", {"id": "7", "published_at": "2026-01-09T00:00:00Z", "desk": "west"})
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"title":"Rain"}', "no headline: headline is missing or empty"),
        ('{"headline":"  "}', "no headline: headline is missing or empty"),
        ('{"headline":5}', "headline is a number, not text"),
        ('{"headline":"Rain","url":["a"]}', "url is a list, not text"),
        (
            '{"headline":"Rain","published_at":"yesterday"}',
            "published_at is 'yesterday'; expected an ISO 8601 time such as 2026-01-09T10:00:00Z",
        ),
    ],
)
def test_a_line_of_json_that_cannot_be_an_event_is_a_fault_and_the_next_one_is_read(read, line, message):
    found = read("a.jsonl", f'\n{line}\n{{"headline":"Snow"}}\n')

    assert isinstance(found[0], Fault)
    assert found[0].line == 2
    assert message in found[0].message
    assert found[0].text == line.strip()
    assert found[1:] == [Entry(3, "Snow")]


def test_csv_rows_may_span_lines_and_are_named_by_their_first(read):
    content = 'headline,desk\n"Rain\nends",west\n"Snow, again",\nshort\n'

    found = read("a.csv", content)

    assert found[:2] == [Entry(2, "Rain\nends", {"desk": "west"}), Entry(4, "Snow, again")]
    assert found[2] == Fault(5, "the row has 1 columns, the header 2", "short")


def test_quotes_in_tsv_are_characters_like_any_other(read):
    assert texts(read("a.tsv", 'headline\turl\n"War is over" says mayor\t\n"Open\t\nRain\t\n')) == [
        '"War is over" says mayor',
        '"Open',
        "Rain",
    ]


def test_a_table_without_the_headline_s_column_says_which_ones_there_are(read):
    with pytest.raises(
        UsageError, match=r"a\.csv: no column 'headline' in the header \(title, url\).*--field"
    ):
        read("a.csv", "title,url\nRain,\n")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.txt", b"Rain\nSn\xffow\nHail\n", 2),
        ("a.csv", b"headline\nRain\nSn\xffow\nHail\n", 3),
        ("a.jsonl", b'{"headline":"Rain"}\n{"headline":"Sn\xffow"}\n{"headline":"Hail"}\n', 2),
        ("b.txt", b"-\nRain\nSn\xffow\n-\nHail", 3),
    ],
)
def test_bytes_that_are_not_utf8_cost_their_own_line_only(read, name, content, line):
    found = read(name, content)

    assert texts(found) == ["Rain", "Hail"]
    assert [fault.line for fault in found if isinstance(fault, Fault)] == [line]


def test_a_fault_quotes_little_and_nothing_that_moves_a_terminal(read):
    (found,) = read("a.jsonl", b"\x1b[2J" + b"x" * 500)

    assert isinstance(found, Fault)
    assert "\x1b" not in found.text
    assert len(found.text) == 80


def test_an_endless_line_is_cut_and_the_next_one_is_whole(read, monkeypatch):
    monkeypatch.setattr("worker.replay.lines.MAX_LINE_BYTES", 100)

    assert texts(read("a.txt", "x" * 950 + "\nRain\n")) == ["x" * 100, "Rain"]


def test_damaged_gzip_is_an_error_that_names_the_file(read):
    whole = gzip.compress(os.urandom(5000).hex().encode())

    with pytest.raises(UsageError, match=r"a\.txt\.gz: the compressed data is damaged or cut short"):
        read("a.txt.gz", whole[:-2000])


def test_no_file_means_the_seeds():
    assert documents([]) == [SEEDS]


def test_a_dash_means_standard_input():
    assert documents(["-"]) == [Document("stdin", None)]


def test_a_missing_file_and_a_folder_are_usage_errors(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        documents([str(tmp_path / "nowhere.txt")])
    with pytest.raises(UsageError, match="is a folder"):
        documents([str(tmp_path)])


def test_a_document_is_named_without_its_folder_and_its_compression(tmp_path):
    path = tmp_path / "news.csv.gz"
    path.touch()

    assert documents([str(path)]) == [Document("news.csv", path)]


def test_documents_of_the_same_name_are_told_apart_by_their_paths(tmp_path):
    paths = [tmp_path / "monday" / "news.txt", tmp_path / "tuesday" / "news.txt"]
    for path in paths:
        path.parent.mkdir()
        path.touch()

    assert [d.name for d in documents([str(path) for path in paths])] == [path.as_posix() for path in paths]
    assert [d.name for d in documents([str(paths[0]), str(paths[0])])] == ["news.txt", "news.txt"]


def test_a_regular_file_never_waits_and_a_pipe_does(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert Document("pipe", pipe).waits
    assert Document("stdin", None).waits
    assert not Document("here", Path(__file__)).waits
