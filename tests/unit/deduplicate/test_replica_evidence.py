"""What a replica makes of evidence in the log, and the look that writers take before they ask for any."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.unit.deduplicate.model.toy import AFTER, form
from tests.unit.deduplicate.test_replica import NEW, RULE, WINDOW_MS, Log, entry, entry_id
from worker.deduplicate import verdicts
from worker.deduplicate.evidence import TOPICS, Evidence, Pair, Scores, form_hash
from worker.deduplicate.frame import Entry, Flag
from worker.events import Kind, Verdict

RULE_2 = structs.replace(RULE, version=2)
TOPICAL = bytes(range(TOPICS))


def scored(made: Entry, *said: tuple[str, int, int], topics: bytes = b"") -> Entry:
    pairs = tuple(Pair(form_hash(match.encode()), Scores(same, story)) for match, same, story in said)
    return structs.replace(made, evidence=Evidence(pairs, topics))


def judged(*entries: Entry) -> Log:
    """A log with these, of the version that takes evidence."""
    log = Log()
    log.append(0, *entries, rule=RULE_2)
    return log


def of(number: int, kind: Kind, score: float, reason: str = "model", topics: bytes | None = None) -> Verdict:
    return Verdict(kind, reason, entry_id(number).hex(), score, topics)


# -- verdicts


def test_a_pair_is_judged_with_what_the_log_says_of_it() -> None:
    log = judged(entry(0, "1 1"), scored(entry(1, "1 9"), ("1 1", 50, 0)), entry(2, "1 9"))
    assert log.verdict(1) == of(0, Kind.DUPLICATE, 0.05)
    assert log.verdict(2) == of(1, Kind.DUPLICATE, 1.0, "exact")


def test_evidence_about_other_forms_and_of_other_entries_counts_for_nothing() -> None:
    log = judged(entry(0, "1 1"), scored(entry(1, "1 9"), ("1 2", 50, 0)), entry(2, "1 8"))
    assert log.verdicts([0, 1])[1] == NEW
    assert log.verdict(2) == of(1, Kind.DUPLICATE, 0.9, "near")


def test_evidence_can_end_what_the_cheap_rule_would_say() -> None:
    log = judged(entry(0, "1 1"), scored(entry(1, "1 2"), ("1 1", -50, -50)))
    assert log.verdict(1) == NEW


def test_a_guarded_entry_is_an_original_whatever_evidence_says() -> None:
    log = judged(entry(0, "1 1"), scored(entry(1, "1 9", flag=Flag.KILL), ("1 1", 50, 0), topics=TOPICAL))
    assert log.verdict(1) == Verdict(Kind.ORIGINAL, "kill", topics=TOPICAL)


def test_topics_come_with_the_verdict_of_their_entry_and_of_no_other() -> None:
    log = judged(
        entry(0, "1 1"),
        scored(entry(1, "1 1"), topics=TOPICAL),
        entry(2, "2 1"),
        scored(entry(3, "3 1"), topics=TOPICAL[::-1]),
    )
    assert log.verdicts(range(4)) == [
        NEW,
        of(0, Kind.DUPLICATE, 1.0, "exact", TOPICAL),
        NEW,
        Verdict(Kind.ORIGINAL, "new", topics=TOPICAL[::-1]),
    ]


def test_a_replay_changes_no_topics() -> None:
    log = judged(scored(entry(0, "1 1"), topics=TOPICAL))
    log.append(0, scored(entry(0, "1 1"), topics=TOPICAL[::-1]), entry(1, "2 1"), known=-1, rule=RULE_2)
    assert [verdict.topics for verdict in log.verdicts([0, 1])] == [TOPICAL, None]


@pytest.fixture
def _always_trimmed() -> Iterator[None]:
    with patch.object(verdicts, "worth_trimming", lambda dead, _: dead > 0):
        yield


@pytest.mark.usefixtures("_always_trimmed")
def test_topics_are_kept_as_long_as_their_verdict_and_cost_nothing_after_it() -> None:
    log = Log()
    for offset in range(40):
        log.append(offset * WINDOW_MS // 4, scored(entry(offset, f"{offset} 1"), topics=TOPICAL), rule=RULE_2)
    found = log.verdicts(range(40))
    known = [verdict for verdict in found if verdict is not None]
    assert len(known) == 9
    assert {verdict.topics for verdict in known} == {TOPICAL}
    # Two windows for their own sake, and one for entries that name them; four frames a window.
    assert log.replica._verdicts._topics.memory_bytes == (3 * 4 + 1) * (8 + TOPICS)


# -- the look


def forms(log: Log, *matches: str, raw_ms: int = 0) -> list[list[str]]:
    found = log.replica.candidates(
        [match.encode() for match in matches],
        [AFTER.keys(match) for match in matches],
        [raw_ms] * len(matches),
    )
    return [[each.decode() for each in of_entry] for of_entry in found]


def test_an_empty_log_has_no_candidates() -> None:
    assert forms(Log(), "1 1", "1 2") == [[], []]


def test_candidates_are_the_forms_that_would_be_judged_the_newest_of_equals_first() -> None:
    log = judged(entry(0, "1 1"), entry(1, "2 2"), entry(2, "1 9"))
    assert forms(log, "1 5", "2 7", "3 1") == [["1 9", "1 1"], ["2 2"], []]


def test_of_a_form_that_is_there_nothing_needs_to_be_asked() -> None:
    log = judged(entry(0, "1 1"), entry(1, "1 5"))
    assert forms(log, "1 5", "1 6") == [[], ["1 5", "1 1"]]


def test_what_is_out_of_the_window_is_no_candidate() -> None:
    log = judged(entry(0, "1 1"))
    assert forms(log, "1 5", raw_ms=WINDOW_MS) == [["1 1"]]
    assert forms(log, "1 5", "1 1", raw_ms=WINDOW_MS + 1) == [[], []]
    log.append(WINDOW_MS + 1, entry(1, "2 2"))
    assert forms(log, "1 5", "2 5", raw_ms=WINDOW_MS) == [[], ["2 2"]]


ENTRIES = st.lists(st.builds(form, st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=12)


@settings(deadline=None)
@given(ENTRIES, ENTRIES)
def test_a_look_changes_no_verdict_and_tells_every_pair_that_is_judged(
    before: list[str], later: list[str]
) -> None:
    log, looked_at = (judged(*[entry(at, match) for at, match in enumerate(before)]) for _ in range(2))
    asked = []

    def asking(earlier: str, match: str, scores: Scores | None) -> object:
        asked.append((earlier, match))
        return AFTER.judge(earlier, match, scores)

    looked_at.replica.candidates([b"0 1"], [AFTER.keys("0 1")], [0])
    for at, match in enumerate(later, len(before)):
        (candidates,) = forms(looked_at, match)
        asked.clear()
        for each in (log, looked_at):
            each.append(0, entry(at, match), rule=RULE_2)
        with patch.object(looked_at.replica._index, "_judge", asking):
            verdict = looked_at.verdict(at)
        assert verdict == log.verdict(at)
        assert {earlier for earlier, other in asked if earlier != other} <= set(candidates)
