"""Bytes for a person, the fault marked."""

import pytest
from worker.deadletters.view import AROUND, fault_at, marked, rows, text
from worker.events import Rejection
from worker.normalize import normalize

from .letters import letter

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (b'{"id":"\xff"}', 7),
        (BOM + b'{"id":"\xff"}', 10),
        (b'{"id":}', 6),
        (b'{\n  "id": "1",\n  "t": x}', 22),
        ('{"é": x}'.encode(), 7),
        (BOM + '{"é": x}'.encode(), 10),
        (b'{"id":"1","source":"s","headline":7}', 23),
        (b'{"id":"1"', 8),
        (b"[]", None),
        (b"", None),
    ],
)
def test_the_fault_is_where_the_rejection_says(value, at):
    rejection = normalize(value)

    assert isinstance(rejection, Rejection)
    assert fault_at(value, rejection.message, rejection.field) == at


def test_a_field_that_is_missing_is_nowhere():
    assert fault_at(b'{"id":"1"}', "source is missing; a raw headline has one", "source") is None


def test_bytes_are_shown_in_hex_and_as_text_with_the_fault_under_them():
    value = b'{"id":"1","headline":"st\xffrm"}'

    assert list(rows(value, 24)) == [
        '       0  7b 22 69 64 22 3a 22 31  22 2c 22 68 65 61 64 6c  |{"id":"1","headl|',
        '      16  69 6e 65 22 3a 22 73 74  ff 72 6d 22 7d           |ine":"st.rm"}|',
        " " * 35 + "^^ here",
    ]


def test_the_mark_stands_under_the_byte_in_either_half():
    for fault in range(16):
        line, mark = rows(bytes(range(0x10, 0x20)), fault)
        assert line[mark.index("^^") :][:2] == f"{fault + 0x10:02x}"


def test_of_a_long_value_the_surroundings_of_the_fault_are_shown_and_the_rest_counted():
    value = b"x" * 100_000
    shown = list(rows(value, 50_000))

    assert shown[0].strip() == f"({(50_000 - AROUND) // 16 * 16:,} bytes before)"
    assert shown[-1].strip().endswith("bytes after)")
    assert sum("^^" in line for line in shown) == 1
    assert len(shown) < 40


def test_of_a_long_value_without_a_fault_the_beginning_is_shown():
    shown = list(rows(b"x" * 1000, None))

    assert len(shown) == 2 * AROUND // 16 + 1
    assert shown[-1].strip() == f"({1000 - 2 * AROUND} bytes after)"


def test_all_of_a_value_is_shown_if_that_is_asked():
    assert len(list(rows(b"x" * 1000, 5, around=None))) == 63 + 1


def test_a_letter_is_shown_with_its_own_fault():
    assert sum("^^" in line for line in marked(letter(b'{"id":}'))) == 1
    assert list(marked(letter(None))) == []


@pytest.mark.parametrize(("value", "shown"), [(b"caf\xe9", r"caf\xe9"), (b"", ""), (None, None)])
def test_bytes_as_text_lose_nothing(value, shown):
    assert text(value) == shown
