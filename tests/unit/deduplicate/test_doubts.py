from msgspec import structs
from tests.unit.deduplicate.model.toy import AFTER, keys
from tests.unit.deduplicate.test_replica import RULE, Log, entry
from worker.deduplicate.doubts import MOST_RECENT, Doubts, Recent
from worker.deduplicate.frame import Flag
from worker.events import Kind

RULE_2 = structs.replace(RULE, version=2)


def asked(log: Log, *matches: str, most: int = 6, flag: Flag = Flag.NONE) -> list[list[str]]:
    """What one writer asks about the next entries."""
    entries = [entry(100 + at, match, flag=flag) for at, match in enumerate(matches)]
    return Doubts(log.replica, AFTER).of(entries, [True] * len(entries), most)


def holding(*matches: str) -> Log:
    log = Log(RULE_2)
    if matches:
        log.append(0, *[entry(at, match) for at, match in enumerate(matches)], rule=RULE_2)
    return log


def test_a_pair_that_no_cheap_rule_calls_a_duplicate_is_doubtful() -> None:
    assert asked(holding("1 1", "2 1"), "1 9") == [["1 1"]]


def test_where_one_pair_is_a_duplicate_already_nothing_is_asked() -> None:
    assert asked(holding("1 1", "1 8"), "1 9") == [[]]


def test_a_duplicate_that_the_model_may_undo_is_asked_about_first_and_none_behind_it() -> None:
    unsure = structs.replace(AFTER, doubtful=lambda earlier, later: earlier != later)
    doubts = Doubts(holding("1 1", "1 8", "1 2").replica, unsure)
    (found,) = doubts.of([entry(100, "1 9")], [True], 6)
    assert found[0] == "1 8"
    assert AFTER.judge("1 8", "1 9", None).kind is Kind.DUPLICATE


def test_entries_of_one_batch_are_asked_about_too_and_each_form_once() -> None:
    assert asked(holding("1 1"), "1 5", "1 9", "1 5") == [["1 1"], ["1 1", "1 5"], []]


def test_entries_of_batches_that_are_on_their_way_are_asked_about_too() -> None:
    doubts = Doubts(holding().replica, AFTER)
    assert doubts.of([entry(0, "1 1")], [True], 6) == [[]]
    assert doubts.of([entry(1, "1 5")], [True], 6) == [["1 1"]]


def test_at_most_so_many_pairs_of_an_entry() -> None:
    assert asked(holding("1 1", "1 5", "1 14"), "1 9", most=2) == [["1 14", "1 5"]]


def test_an_original_whatever_came_before_is_not_asked_about_but_others_are_about_it() -> None:
    log = holding("1 1")
    doubts = Doubts(log.replica, AFTER)
    late = entry(100, "1 5", flag=Flag.LATE)
    assert doubts.of([late, entry(101, "1 9")], [True, True], 6) == [[], ["1 1", "1 5"]]


def test_what_is_not_to_be_asked_about_is_not() -> None:
    doubts = Doubts(holding("1 1").replica, AFTER)
    assert doubts.of([entry(100, "1 5"), entry(101, "1 9")], [False, True], 6) == [[], ["1 1", "1 5"]]


def test_only_the_newest_of_a_writer_are_kept() -> None:
    def after(others: int) -> list[list[bytes] | None]:
        recent = Recent()
        recent.add([b"1 1"], [keys("1 1")])
        places = range(others)
        recent.add([b"9 %d" % at for at in places], [(5000 + at, 50_000 + at, 500_000 + at) for at in places])
        return recent.add([b"1 1", b"1 2"], [keys("1 1"), keys("1 2")])

    assert after(MOST_RECENT - 1) == [None, [b"1 1"]]
    assert after(MOST_RECENT) == [[], [b"1 1"]]
