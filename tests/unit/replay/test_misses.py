"""The error of a run that found no headline at all."""

from __future__ import annotations

import pytest
from worker.errors import NewswireError
from worker.replay.document import documents
from worker.replay.fields import FieldMap
from worker.replay.formats import Format
from worker.replay.misses import Misses
from worker.replay.plan import Plan, readings


@pytest.fixture
def refuse(tmp_path):
    """Reads a file to its end, and then asks whether there was a headline."""

    def refuse(name: str, content: bytes, form: Format | None = None) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        plan = Plan(documents=tuple(documents([str(path)])), source="wire", fields=FieldMap(), form=form)
        misses = Misses()
        list(misses.watched(readings(plan)))
        misses.refuse()

    return refuse


def test_objects_without_the_field_are_answered_with_the_fields_of_the_first_one(refuse):
    with pytest.raises(NewswireError) as refused:
        refuse("a.jsonl", b'nonsense\n{"title":"Rain","url":"x"}\n{"other":"Snow"}\n')

    said = str(refused.value)
    assert refused.value.exit_code == 1
    assert said.startswith("no headline found, 3 lines skipped; the first: ")
    assert "a.jsonl:2: no headline: headline is missing or empty" in said
    assert said.endswith(
        "; its fields are title, url: name the one that holds the headline with --field headline=NAME"
    )


def test_names_of_fields_are_safe_to_print_and_not_endless(refuse):
    content = "{" + ",".join([r'"\u001b[31m":1', *(f'"field{n}":1' for n in range(1000))]) + "}\n"
    with pytest.raises(NewswireError) as refused:
        refuse("a.jsonl", content.encode())

    assert "\x1b" not in str(refused.value)
    assert "field18, …:" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "form", "said"),
    [
        ("a.bin", b"\x89PNG\r\n\xff\xfe\n", Format.LINES, "a.bin:1: not UTF-8: byte 0x89 at 1: "),
        ("a.json", b"[1,\n2]\n", None, "a.json:1: not JSON: "),
        ("a.txt", b"x" * 200 + b"\n", Format.SEEDS, "a.txt:1: no headline: "),
        ("a.csv", b"headline,id\n1,2,3\n", None, "a.csv:2: the row has 3 columns"),
    ],
)
def test_anything_else_is_answered_with_what_the_first_line_is(refuse, name, content, form, said):
    with pytest.raises(NewswireError) as refused:
        refuse(name, content, form)

    assert said in str(refused.value)
    assert "--format" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_json_document_over_several_lines_is_answered_with_what_to_do(refuse):
    with pytest.raises(NewswireError, match="has to be written as JSON Lines, an object a line"):
        refuse("a.json", b'{\n  "articles": [\n    {"headline": "Rain"},\n  ]\n}\n')


@pytest.mark.parametrize("content", [b"", b"\n \n", b'{"headline":"Rain"}\nnonsense\n'])
def test_an_empty_input_and_one_with_a_headline_are_not_refused(refuse, content):
    refuse("a.jsonl", content)
