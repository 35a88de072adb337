"""The rows of a table, and what a quote that is not closed costs."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from worker.errors import UsageError
from worker.replay.entry import Entry, Fault
from worker.replay.fields import FieldMap
from worker.replay.formats import Format, read

MANY = 5_000


def found_in(content: str) -> list[Entry | Fault]:
    return list(read(BytesIO(content.encode()), Format.CSV, FieldMap()))


def numbered(first: int, last: int) -> list[str]:
    """Rows by the number of the line that they stand on."""
    return [f"{line},Storm number {line} reaches the coast" for line in range(first, last + 1)]


def table(*rows: str) -> str:
    return "\n".join(["id,headline", *rows]) + "\n"


def headline_lines(found: list[Entry | Fault]) -> list[int]:
    return [each.line for each in found if isinstance(each, Entry)]


def the_fault(found: list[Entry | Fault]) -> Fault:
    (fault,) = [each for each in found if isinstance(each, Fault)]
    return fault


def test_an_unclosed_quote_that_outgrows_a_row_costs_its_own_line_only():
    found = found_in(table('2,"Rain', *numbered(3, MANY)))
    fault = the_fault(found)

    assert headline_lines(found) == list(range(3, MANY + 1))
    assert (fault.line, fault.lines, fault.text) == (2, 1, '2,"Rain')
    assert fault.message.startswith("not a row: it takes lines 2 to ")
    assert fault.message.endswith("; close it or double it (read again from line 3 on)")
    assert "a quote opened there is not closed, " in fault.message
    assert "field limit" not in fault.message


def test_an_unclosed_quote_of_a_small_file_does_not_take_its_end():
    found = found_in(table('2,"Rain', *numbered(3, 9)))

    assert headline_lines(found) == [3, 4, 5, 6, 7, 8, 9]
    assert "lines 2 to 9: a quote opened there is not closed, 8 lines are in it" in the_fault(found).message


def test_an_unclosed_quote_on_the_last_line_is_told_too():
    found = found_in(table("2,Rain", '3,"Snow'))

    assert headline_lines(found) == [2]
    assert "it takes lines 3 to 3: a quote opened there is not closed; close it" in the_fault(found).message


@pytest.mark.parametrize("closing", ['9,"Hail"', '9,"Hail, and snow"'], ids=["same columns", "more columns"])
def test_a_quote_that_the_next_quoted_field_closes_is_not_closed(closing):
    found = found_in(table('2,"Rain', *numbered(3, 8), closing, "10,Frost"))

    assert headline_lines(found) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "lines 2 to 9: a quote opened there is not closed" in the_fault(found).message


def test_each_of_several_unclosed_quotes_costs_its_own_line():
    found = found_in(table('2,"Rain', *numbered(3, 8), '9,"Hail', *numbered(10, 15)))

    assert headline_lines(found) == [*range(3, 9), *range(10, 16)]
    assert [each.line for each in found if isinstance(each, Fault)] == [2, 9]


def test_quoted_fields_of_several_lines_are_headlines_with_the_lines_that_they_begin_on():
    rows = ['2,"Rain\n\nand ""snow"""', '"5\n6","Hail"  ', '7,"Frost\r\nagain" \t', "9,Storm"]
    found = found_in(table(*rows))

    assert headline_lines(found) == [2, 5, 7, 9]
    assert [each.headline for each in found] == ['Rain\n\nand "snow"', "Hail", "Frost\r\nagain", "Storm"]


def test_a_quote_closed_by_the_end_of_the_file_without_a_line_end_is_closed():
    assert headline_lines(found_in('id,headline\n2,"Rain\nand snow"')) == [2]


def test_a_row_of_several_lines_with_too_many_columns_counts_its_lines():
    fault = the_fault(found_in(table('2,"Rain\n\nand snow",more')))

    assert (fault.line, fault.lines) == (2, 3)
    assert fault.message == "the row of lines 2 to 4 has 3 columns, the header 2"


def test_a_field_that_is_too_large_is_told_in_words_of_ours():
    fault = the_fault(found_in(table("2," + "x" * 200_000, "3,Rain")))

    assert fault.message == "not a row: a field of it has more than 131,072 characters; shorten it"


def test_a_header_with_an_unclosed_quote_is_refused_with_the_lines_that_it_takes():
    with pytest.raises(
        UsageError, match=r"line 1: the header cannot be read: it takes lines 1 to 3: a quote"
    ):
        found_in('id,"headline\n2,Rain\n3,Snow\n')


def test_a_file_of_nothing_but_broken_quotes_is_read_a_bounded_number_of_times():
    started = time.monotonic()
    found = found_in(table(*['a"b,"c'] * 20_000))

    assert sum(each.lines for each in found if isinstance(each, Fault)) == 20_000
    assert time.monotonic() - started < 10


def test_a_field_that_only_white_space_makes_too_large_is_not_lost_without_a_word():
    found = found_in(table('2,"Rain\n"' + " " * 200_000, "4,Snow"))

    assert [each.line for each in found if isinstance(each, Fault)] == [2, 3]
    assert headline_lines(found) == [4]
