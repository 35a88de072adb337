"""A model of a user's own: a version of the log of its own, by what is in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec import structs
from worker.deduplicate import Batch, Matcher, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER, RULE_NAME, judge, own
from worker.deduplicate.match.differences import REASONS
from worker.deduplicate.match.features import NAMES
from worker.deduplicate.match.model import Model, load
from worker.deduplicate.match.rank import rank
from worker.deduplicate.versions import OWN, readable, to_write
from worker.errors import LogVersionError, UsageError
from worker.events import Headline, Kind
from worker.normalize import match_form

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = load()
REWORDED = (
    match_form("Governor signs bill on clean water after long debate"),
    match_form("Governor signs clean water bill after long debate"),
)


def threshold(by: int) -> Model:
    """The shipped model with another threshold for duplicates."""
    return with_duplicate(threshold=SHIPPED.cheap.duplicate.threshold + by)


def with_duplicate(**changes: object) -> Model:
    """The shipped model with another scorer of duplicates where the encoder was not asked."""
    duplicate = structs.replace(SHIPPED.cheap.duplicate, **changes)
    return structs.replace(SHIPPED, cheap=structs.replace(SHIPPED.cheap, duplicate=duplicate))


@pytest.fixture
def strict(tmp_path: Path) -> own.Chosen:
    """A model that finds no pair alike enough."""
    own.save(threshold(10**9), tmp_path / "strict.json")
    return own.load(tmp_path / "strict.json")


def test_what_is_written_is_read_back_and_has_the_name_that_was_told(tmp_path: Path):
    name = own.save(threshold(1), tmp_path / "own.json")
    found = own.load(tmp_path / "own.json")
    assert found.model == threshold(1)
    assert found.name == name
    assert name.startswith(f"{RULE_NAME}+")
    assert (
        own.save(threshold(1), tmp_path / "again.json")
        == name
        != own.save(threshold(2), tmp_path / "other.json")
    )


def test_it_judges_by_the_model_of_the_file(strict: own.Chosen):
    assert judge(*REWORDED).kind is Kind.DUPLICATE
    assert strict.matcher.judge(*REWORDED, None).kind is not Kind.DUPLICATE
    assert strict.matcher.judge("same", "same", None).kind is Kind.DUPLICATE
    assert rank(*REWORDED, scorer=strict.model) < 0 <= rank(*REWORDED)


def test_what_a_scorer_decides_is_worth_asking_about_with_any_model(strict: own.Chosen):
    for matcher in (MATCHER, strict.matcher):
        assert matcher.doubtful(*REWORDED)
        assert not matcher.doubtful("same", "same")


def test_it_is_a_version_of_its_own_after_the_release_s(strict: own.Chosen):
    version = strict.matcher.version
    assert OWN <= version < 2 * OWN
    assert list(readable(strict.matcher)) == [MATCHER.version, version]
    assert to_write(strict.matcher, 0) == MATCHER.version
    assert to_write(strict.matcher, version) == version
    assert strict.name_of(version) == strict.name
    assert strict.name_of(MATCHER.version) == RULE_NAME


def test_without_a_file_it_is_the_release_s(tmp_path: Path):
    assert own.chosen(None) == (RULE_NAME, SHIPPED, MATCHER)
    own.save(threshold(1), tmp_path / "own.json")
    assert own.chosen(str(tmp_path / "own.json")).model == threshold(1)


def frame_of(matcher: Matcher, replica: Replica) -> bytes:
    headline = Headline(id="ab" * 16, event_id="e", source="s", display="Fire", match="fire")
    writer = Writer(replica, matcher, max_frame_bytes=10_000, writer_id=1)
    (frame,) = writer.plan(Batch("raw", 0, [0], [1_000], [headline])).frames
    return frame


def replica_of(matcher: Matcher, version: int) -> Replica:
    replica = Replica(Rule(version, 60_000, 1_000), 1, start=0, end=0, matcher=matcher)
    replica.begin_epoch()
    return replica


def test_a_worker_with_another_model_stops_and_says_what_to_do(strict: own.Chosen, tmp_path: Path):
    own.save(threshold(1), tmp_path / "other.json")
    other = own.load(tmp_path / "other.json").matcher
    ours = strict.matcher
    frame = frame_of(ours, replica_of(ours, ours.version))

    replica_of(ours, MATCHER.version).apply(0, 2_000, frame)
    for foreign in (other, MATCHER):
        with pytest.raises(LogVersionError, match=r"another matcher's model wrote it \(dedup.model\)"):
            replica_of(foreign, MATCHER.version).apply(0, 2_000, frame)


def edited(path: Path, **changes: object) -> Path:
    own.save(SHIPPED, path)
    path.write_bytes(msgspec.json.encode({**msgspec.json.decode(path.read_bytes()), **changes}))
    return path


def test_a_file_that_does_not_fit_is_refused_with_what_to_do(tmp_path: Path):
    path = tmp_path / "own.json"
    with pytest.raises(UsageError, match=r"own.json: cannot be read .*dedup\.model names"):
        own.load(path)
    path.write_bytes(b"{}")
    with pytest.raises(UsageError, match=r"no matcher's model .*train it again"):
        own.load(path)
    with pytest.raises(UsageError, match="is for the rule dedup-0, and this release has"):
        own.load(edited(path, rule="dedup-0"))
    with pytest.raises(UsageError, match="is for the rule"):
        own.load(edited(path, features=["cover"]))


@pytest.mark.parametrize(
    "broken",
    [
        {"trees": ((len(NAMES) + len(REASONS), 5, 4, 8, -1, 1, 0, 0, -1, 2, 0, 0),)},
        {"trees": ((0, 5, 0, 0),)},
        {"trees": ((),)},
        {"steps": (3, 1), "scores": (1, 2, 3)},
        {"steps": (1,), "scores": (1,)},
        {"steps": (1,), "scores": (1, 1001)},
    ],
)
def test_trees_that_would_fail_at_a_headline_fail_at_the_start(tmp_path: Path, broken: dict):
    own.save(with_duplicate(**broken), tmp_path / "own.json")
    with pytest.raises(UsageError, match="do not fit each other"):
        own.load(tmp_path / "own.json")
