"""Label files: every row is what it says, and whatever is no label is told with its line."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from worker.errors import UsageError
from worker.faults import MOST_SHOWN
from worker.labels import (
    Form,
    PairLabel,
    Relation,
    TopicLabel,
    form_of,
    lines_of,
    read_pairs,
    read_topics,
)

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = "label\theadline_a\theadline_b\n"
TOPICS = "topic\tacceptable\theadline\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "labels.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_pairs_come_with_their_lines(tmp_path: Path):
    path = written(tmp_path, f"{PAIRS}duplicate\tMayor quits\tMayor resigns\ndifferent\tFire\tFlood\n")
    assert read_pairs(path) == [
        PairLabel(2, Relation.DUPLICATE, "Mayor quits", "Mayor resigns"),
        PairLabel(3, Relation.DIFFERENT, "Fire", "Flood"),
    ]


def test_topics_come_as_slugs(tmp_path: Path):
    path = written(tmp_path, f"{TOPICS}sport\teconomy,labour\tStriker's pay\nweather\t\tSnow\n")
    assert read_topics(path) == [
        TopicLabel(2, "sport", ("economy", "labour"), "Striker's pay"),
        TopicLabel(3, "weather", (), "Snow"),
    ]


def test_the_first_line_says_which_kind_a_file_is(tmp_path: Path):
    assert form_of(written(tmp_path, PAIRS)) is Form.PAIRS
    assert form_of(written(tmp_path, TOPICS)) is Form.TOPICS
    assert form_of(written(tmp_path, "score\tone\tother\n")) is None
    assert form_of(written(tmp_path, "")) is None


def test_compression_carriage_returns_a_byte_order_mark_and_quotes_of_a_spreadsheet_are_not_text(
    tmp_path: Path,
):
    text = f'\ufeff{PAIRS}duplicate\t"Mayor: ""I quit"""\tMayor quits\n'.replace("\n", "\r\n")
    (row,) = read_pairs(written(tmp_path, gzip.compress(text.encode())))
    assert (row.earlier, row.later) == ('Mayor: "I quit"', "Mayor quits")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            "same\tMayor quits\tMayor resigns",
            "line 3: label is 'same'; duplicate, same_story or different is expected",
        ),
        ("duplicate\tMayor quits", "line 3: 3 columns are expected, .* and 2 found"),
        ("duplicate\tMayor quits\t ", "line 3: a headline is empty"),
        ("", "line 3: it is empty"),
        (b"duplicate\tMayor \xff\tMayor", "line 3: not UTF-8 at byte 16"),
    ],
)
def test_what_is_no_pair_is_told_with_its_line(tmp_path: Path, row: str | bytes, complaint: str):
    row = row if isinstance(row, bytes) else row.encode()
    path = written(tmp_path, f"{PAIRS}duplicate\tMayor quits\tMayor resigns\n".encode() + row + b"\nx")
    with pytest.raises(UsageError, match=complaint):
        read_pairs(path)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("sports\t\tGoal", "line 2: topic is 'sports'; arts, .* or weather is expected"),
        ("sport\tfun\tGoal", "line 2: topic is 'fun'"),
        ("unsorted\t\tGoal", "line 2: topic is 'unsorted'"),
        ("sport\t\t", "line 2: the headline is empty"),
    ],
)
def test_what_is_no_topic_is_told_with_its_line(tmp_path: Path, row: str, complaint: str):
    with pytest.raises(UsageError, match=complaint):
        read_topics(written(tmp_path, TOPICS + row))


def test_many_faults_are_told_at_once_up_to_a_bound(tmp_path: Path):
    path = written(tmp_path, TOPICS + "nothing\t\tGoal\n" * (MOST_SHOWN + 2))
    with pytest.raises(UsageError) as raised:
        read_topics(path)
    told = str(raised.value).splitlines()
    assert told[0] == f"{path}: {MOST_SHOWN + 2} faults"
    assert len(told) == 1 + MOST_SHOWN + 1
    assert told[-1].strip() == "and 2 more"


@pytest.mark.parametrize(
    ("text", "complaint"), [("", "first line"), (TOPICS, "first line"), (PAIRS, "no label in it")]
)
def test_a_file_of_another_kind_or_without_labels_is_refused(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(UsageError, match=complaint):
        read_pairs(written(tmp_path, text))


def test_a_file_that_is_damaged_or_not_there_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"labels\.tsv: the compressed data is damaged"):
        read_pairs(written(tmp_path, gzip.compress(PAIRS.encode())[:-6]))
    with pytest.raises(UsageError, match="nowhere: cannot be read"):
        read_pairs(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="line 2: not UTF-8"):
        list(lines_of(written(tmp_path, b"fine\n\xff\n")))
