"""A growth is told by a table, a chart and its law; the stages in one process find what a worker would."""

import gc
from collections import Counter

import pytest
from tests.benchmarks import compose, growth, growth_core
from tests.benchmarks.core import PARTITIONS, STAGES, Core, Spent, collected_as_by_a_worker, replica
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.messages import answered_reads, answered_written, asked_to_read, asked_to_write
from tests.benchmarks.plot import svg
from tests.benchmarks.series import Series


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("composed")
    return Corpus(compose.composed(8_000, folder=folder, chunk=4_000), duplicates=0.2)


def series(**changed):
    given = {
        "name": "window",
        "title": "A headline's cost",
        "x": "entries",
        "sizes": [1_000, 10_000, 100_000],
        "columns": {"us": [10.0, 10.1, 10.0], "deduplicate": [1.0, 10.0, 100.0], "bytes": [5, 6, 7]},
        "fitted": {"us": "us each", "deduplicate": "us each"},
        "notes": ("measured on nothing",),
    }
    return Series(**{**given, **changed})


def test_a_table_has_figures_laws_and_notes():
    text = series().table()
    assert "100,000" in text
    assert "us: constant" in text
    assert "deduplicate: grows as a power, 0.001 n^1.00" in text
    assert text.endswith("measured on nothing")


def test_a_chart_has_measured_lines_their_laws_and_predictions():
    chart = series(predicted={"with a core each": [(1, 2), (64, 100)]}).chart()
    assert [line.name for line in chart.lines if not line.dashed] == ["us", "deduplicate"]
    assert {line.name for line in chart.lines if line.dashed} == {
        "10 n^0.00",
        "0.001 n^1.00",
        "with a core each",
    }
    assert "entries" in svg(chart)


def test_stages_find_the_repeats_of_the_corpus(corpus):
    found = growth_core.measure(corpus, entries=5_500, measured=800, with_other=True)
    assert found.spent.headlines == 800
    assert found.spent.duplicates / 800 == pytest.approx(0.2, abs=0.05)
    assert set(found.spent.seconds) == set(STAGES)
    assert all(found.spent.us(stage) > 0 for stage in STAGES)
    assert found.spent.us() == pytest.approx(sum(map(found.spent.us, STAGES)))
    assert found.applied_us > found.listed_us > 0


def test_a_headline_has_as_many_words_as_are_asked_for(corpus):
    count = growth_core._count(100, 100, 24)
    values = list(growth_core._values(corpus, count, 24))
    assert len(values) >= growth_core.LOADING + growth_core.READ + 300
    assert all(len(value.decode().split('"headline":"')[1].split(" ")) == 24 for value in values)


def test_another_replica_has_the_same_entries(corpus):
    other = replica(1_000)
    core = Core(1_000, [other])
    core.fill(value for _, value in corpus.events(3_000))
    assert other.entries == core.replica.entries > 0
    assert other.next_offset == core.replica.next_offset


def test_a_filled_window_is_the_one_that_work_leaves(corpus):
    values = [value for _, value in corpus.events(5_000)]
    filled, worked = Core(10_000), Core(10_000)
    filled.fill(values[:3_000])
    worked.run(values[:3_000])
    assert filled.replica.entries == worked.replica.entries == 3_000
    assert filled.replica.memory_bytes == pytest.approx(worked.replica.memory_bytes, rel=0.01)
    assert kinds(filled, values[3_000:]) == kinds(worked, values[3_000:])


def kinds(core, values):
    """How many of each kind of verdict the next headlines get."""
    decided = core.fetch(values, Spent()).decided
    return Counter(verdict.kind for of_part in decided for verdict in of_part.each())


def test_what_is_only_read_is_not_in_the_window(corpus):
    core = Core(1_000)
    core.read_only(value for _, value in corpus.events(3_000))
    assert core.replica.entries == 0


def test_a_fetch_goes_by_all_partitions_and_comes_back_whole(corpus):
    values = [value for _, value in corpus.events(1_000)]
    fetch = Core(1_000).fetch(values, Spent())
    assert [part.partition for part in fetch.parts] == list(range(PARTITIONS))
    assert sorted(value for part in fetch.parts for value in part.values) == sorted(values)
    assert sum(len(records) for _, _, records in fetch.written.records) == 1_000


def test_the_messages_of_a_fetch_arrive_as_they_were(corpus):
    fetch = Core(1_000).fetch([value for _, value in corpus.events(100)], Spent())
    assert asked_to_read(fetch.number, fetch.parts) == (fetch.number, list(fetch.parts))
    assert answered_reads(fetch.reads) == list(fetch.reads)
    assert asked_to_write(fetch.number, fetch.decided) == (fetch.number, list(fetch.decided))
    assert answered_written(fetch.written) == fetch.written


def test_a_record_that_is_no_headline_is_refused(corpus):
    with pytest.raises(ValueError, match=r"no headline: b'\{\}'"):
        Core(1_000).fetch([b"{}"], Spent())


def test_garbage_is_collected_as_before_once_the_measuring_is_over():
    before = gc.get_threshold()
    with collected_as_by_a_worker():
        assert gc.get_threshold() != before
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_window_that_does_not_fit_into_memory_is_refused(corpus, monkeypatch):
    monkeypatch.setattr(growth_core, "_apart", lambda *_, **__: pytest.fail("it was measured"))
    with pytest.raises(SystemExit, match="leave it out by --sizes"):
        growth_core.window(corpus, [1_000, 10**12])


def test_what_is_held_counts_from_the_beginning(corpus):
    core = Core(1_000)
    core.begin()
    held = core.held()
    assert held.counted == 0
    core.fill(value for _, value in corpus.events(2_000))
    assert core.held().counted > held.counted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["speed"], "can not be measured"),
        (["--sizes", "1,2"], "name it"),
        (["window", "--sizes", "1000"], "two at least"),
        (["window", "--sizes", "0.5,1"], "whole numbers"),
        (["workers", "--sizes", "1,9"], "at most 8"),
        (["window", "--sizes", "many"], "numbers with commas"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        growth._options(arguments)
    assert said in capsys.readouterr().err


def test_everything_grows_unless_something_is_named():
    assert growth._options([]).what == list(growth.SIZES)
    assert growth._options(["duplicates", "--sizes", "0,.5"]).sizes == (0, 0.5)
