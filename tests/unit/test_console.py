"""Tables that go into a file or a pipe end no line in spaces; on a terminal they are as rich draws them."""

import io

import pytest
from rich.table import Table
from worker.console import open_console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def printed(monkeypatch, stream, **options):
    monkeypatch.setattr("sys.stdout", stream)
    table = Table("name", "meaning", box=None, pad_edge=False)
    table.add_row("a", "short")
    table.add_row("b", "longer than short")
    open_console(**options).print(table)
    return stream.getvalue()


def test_no_line_ends_in_spaces_in_a_pipe(monkeypatch):
    lines = printed(monkeypatch, io.StringIO(), piped_width=200).splitlines()

    assert [line.split() for line in lines] == [
        ["name", "meaning"],
        ["a", "short"],
        ["b", "longer", "than", "short"],
    ]
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize(("width", "lines"), [(200, 3), (14, 5)])
def test_a_pipe_is_as_wide_as_is_asked_for(monkeypatch, width, lines):
    assert len(printed(monkeypatch, io.StringIO(), piped_width=width).splitlines()) == lines


def test_a_terminal_keeps_its_own_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "14")
    assert len(printed(monkeypatch, Terminal(), piped_width=200).splitlines()) == 5
