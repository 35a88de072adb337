"""The versions of the schemas: ours are in order; of others the check says what is wrong, where, and what to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.contracts.versions import SCHEMAS, problems, read, release, released, versions

REPOSITORY = SCHEMAS.parent
FRAME = "meta:\n  id: frame\nseq:\n  - id: magic\n    contents: NWFP\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with an input, an output and a binary format, all of them released."""
    made = Folder(tmp_path)
    made.write(
        "headline.raw/v1.json", {"type": "object", "properties": {"id": {"type": "string", "maxLength": 9}}}
    )
    made.write(
        "headline.routed/v1.json", {"type": "object", "properties": {"topic": {"enum": ["sport", "arts"]}}}
    )
    made.text("fingerprint.frame/v1.ksy", FRAME)
    release(tmp_path)
    return made


class Folder:
    def __init__(self, path):
        self.path = path

    def text(self, name, text):
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_text(text)

    def write(self, name, document):
        self.text(name, json.dumps(document))

    def edit(self, name, **changes):
        self.write(name, {**json.loads((self.path / name).read_text()), **changes})

    @property
    def problems(self):
        return problems(self.path)


def test_ours_are_in_order():
    assert problems() == []


def test_what_is_released_of_ours_stays_released():
    """A line that is lost here lets a released schema change."""
    assert released().keys() >= {
        "fingerprint.frame/v1.ksy",
        "headline.duplicate/v1.json",
        "headline.raw/v1.json",
        "headline.routed/v1.json",
    }


def test_a_folder_in_order_has_no_problems(folder):
    assert folder.problems == []


def test_the_layout_of_a_released_file_may_change(folder):
    folder.text("headline.raw/v1.json", json.dumps(read(versions(folder.path)[1], folder.path), indent=7))
    assert folder.problems == []


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        (
            "headline.routed/v1.json",
            {"required": ["topic"]},
            [
                "schemas/headline.routed/v1.json: is released, and was changed",
                "#/required: topic has to be there now; breaks backward",
                "make the change in headline.routed/v2.json",
            ],
        ),
        (
            "headline.routed/v1.json",
            {"properties": {"topic": {"enum": ["sport", "arts", "chess"]}}},
            ['#/properties/topic/enum: "chess" is new; breaks forward', "headline.routed/v2.json"],
        ),
        (
            "headline.routed/v1.json",
            {"properties": {"topic": {"enum": ["sport", "arts"]}, "mood": {"type": "string"}}},
            ["#/properties/mood: is new", "breaks none of the rules", "headline.routed/v1.1.json"],
        ),
        (
            "headline.raw/v1.json",
            {"properties": {"id": {"type": "string", "maxLength": 8}}},
            [
                "#/properties/id/maxLength: is 8, was 9; breaks backward: whoever writes",
                "headline.raw/v2.json",
            ],
        ),
        (
            "headline.raw/v1.json",
            {"properties": {"id": {"type": "string", "maxLength": 10}}},
            ["#/properties/id/maxLength: is 10, was 9; breaks none of the rules", "headline.raw/v1.1.json"],
        ),
        (
            "headline.raw/v1.json",
            {"title": "Raw"},
            ["#/title: differs", "to the word", "headline.raw/v1.1.json"],
        ),
    ],
)
def test_a_released_schema_that_was_changed_is_told_with_what_it_breaks_and_where_to_go(
    folder, name, changes, said
):
    folder.edit(name, **changes)
    (problem,) = folder.problems
    for part in said:
        assert part in problem
    assert f"git restore schemas/{name}" in problem


def test_a_released_format_that_was_changed_is_told_with_the_place(folder):
    folder.text("fingerprint.frame/v1.ksy", FRAME.replace("NWFP", "NWFQ"))
    (problem,) = folder.problems
    assert "#/seq/0/contents: differs" in problem
    assert "fingerprint.frame/v2.ksy" in problem


def test_a_released_schema_that_is_gone_is_told(folder):
    (folder.path / "headline.raw/v1.json").unlink()
    (problem,) = folder.problems
    assert problem.startswith("schemas/headline.raw/v1.json: is released and not there any more")


def test_a_minor_version_that_breaks_is_told_by_file_pointer_rule_and_remedy(folder):
    folder.write(
        "headline.routed/v1.1.json", {"type": "object", "properties": {"topic": {"enum": ["sport", "chess"]}}}
    )
    gone, new = folder.problems
    assert gone == (
        'schemas/headline.routed/v1.1.json#/properties/topic/enum: "arts" is gone; it takes fewer documents than before'
        " by headline.routed/v1.json\n"
        "  rule: backward: a reader of the newer version meets older records, which topics keep for days\n"
        "  do: leave it as it was in headline.routed/v1.json, or make the change in v2.json"
    )
    assert '"chess" is new; it takes more documents than before' in new
    assert "rule: forward: a reader of the older version" in new


def test_a_minor_version_is_compared_with_every_one_before(folder):
    topic = {"enum": ["sport", "arts"]}
    folder.write(
        "headline.routed/v1.1.json",
        {"type": "object", "properties": {"topic": topic, "mood": {"type": "string"}}},
    )
    assert folder.problems == []
    folder.write("headline.routed/v1.2.json", {"type": "object", "properties": {"topic": topic}})
    assert ["v1.1.json" in problem for problem in folder.problems] == [True]


def test_a_major_version_may_break(folder):
    folder.write(
        "headline.routed/v2.json",
        {"type": "object", "required": ["genre"], "properties": {"genre": {"type": "integer"}}},
    )
    assert folder.problems == []


def test_a_binary_format_has_major_versions_only(folder):
    folder.text("fingerprint.frame/v1.1.ksy", FRAME)
    (problem,) = folder.problems
    assert problem.startswith("schemas/fingerprint.frame/v1.1.ksy: is a minor version of a binary format")
    assert problem.endswith("do: name it v2.ksy")

    (folder.path / "fingerprint.frame/v1.1.ksy").rename(folder.path / "fingerprint.frame/v2.ksy")
    assert folder.problems == []


@pytest.mark.parametrize(
    ("name", "before"), [("headline.raw/v3.json", "v2.json"), ("headline.raw/v1.2.json", "v1.1.json")]
)
def test_versions_have_no_gaps(folder, name, before):
    folder.write(name, {"type": "object"})
    assert [problem.splitlines()[0] for problem in folder.problems] == [
        f"schemas/{name}: there is no headline.raw/{before} before it"
    ]


def test_a_schema_that_can_not_be_compared_is_refused(folder):
    folder.write("headline.mood/v1.json", {"oneOf": [{"type": "string"}]})
    (problem,) = folder.problems
    assert problem.startswith(
        "schemas/headline.mood/v1.json#/oneOf: the comparison does not know the keyword 'oneOf'"
    )


@pytest.mark.parametrize(
    "name", ["headline.raw/v0.json", "headline.raw/v1.0.json", "headline.raw/first.json", "Raw/v1.json"]
)
def test_a_file_of_another_name_is_refused(folder, name):
    folder.write(name, {})
    with pytest.raises(ValueError, match=f"schemas/{name}: no name of a schema"):
        problems(folder.path)


@pytest.mark.parametrize(
    ("name", "text"), [("headline.raw/v1.json", "{"), ("fingerprint.frame/v1.ksy", "[]")]
)
def test_a_file_that_can_not_be_read_is_told_by_its_name(folder, name, text):
    folder.text(name, text)
    with pytest.raises(ValueError, match=f"schemas/{name}: "):
        problems(folder.path)


def test_to_release_adds_and_never_changes(folder):
    before = (folder.path / "released.json").read_text()
    folder.edit("headline.raw/v1.json", title="Raw")
    folder.write("headline.raw/v1.1.json", {"type": "object"})

    assert release(folder.path) == ["headline.raw/v1.1.json"]
    after = (folder.path / "released.json").read_text()
    assert {line.rstrip(",") for line in before.splitlines()} < {
        line.rstrip(",") for line in after.splitlines()
    }
    assert len(folder.problems) > 0


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tests.contracts", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_lists_what_is_there_and_releases_what_is_new(folder):
    folder.write("headline.mood/v1.json", {"type": "string"})
    listed = command("--folder", str(folder.path))
    assert listed.returncode == 0
    assert "schemas/headline.mood/v1.json: not released yet" in listed.stdout.splitlines()

    done = command("--folder", str(folder.path), "--release")
    assert "released: schemas/headline.mood/v1.json" in done.stdout.splitlines()
    assert "headline.mood/v1.json" in released(folder.path)


def test_the_command_fails_and_says_why(folder):
    folder.edit("headline.raw/v1.json", required=["id"])
    failed = command("--folder", str(folder.path), "--release")
    assert failed.returncode == 1
    assert "#/required: id has to be there now" in failed.stderr
    assert failed.stderr.endswith("1 wrong with the schemas; the rules: schemas/README.md\n")

    folder.text("headline.raw/v1.json", "{")
    assert "schemas/headline.raw/v1.json: can not be read" in command("--folder", str(folder.path)).stderr
