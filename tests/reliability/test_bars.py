"""A run is objected to when it is slow, ends with a wrong exit code, or nothing comes of it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from .report import Report
from .scene import Bars, Fault, Scene

GIVES_UP = Bars(exits=frozenset({4}))
SLOW = Bars(recovery_s=11)


class Silent:
    """A deployment of which nothing comes out and nothing is committed, that owes nothing."""

    workers = ()
    output_topics = ("news.sport",)
    raw = "headlines.raw"

    def raw_ends(self):
        return {}

    def committed(self):
        return {}

    def ends_now(self, topics):
        return {(topic, 0): 7 for topic in topics}


def scene(tmp_path, bars, **codes):
    """A scene whose workers have ended with exit codes, `zero` by name; the fault names those that are due."""
    made = Scene(Fault("any", (), bars=bars), 0, Silent(), folder=tmp_path)
    for number, code in enumerate(codes.values()):
        made.workers[number] = SimpleNamespace(
            process=SimpleNamespace(returncode=code), log=[{"event": "ended"}]
        )
        made.due[number] = bars.exits
    return made


def test_what_is_as_it_should_be_meets_no_objection(tmp_path):
    made = scene(tmp_path, replace(SLOW, exits=frozenset({4})), ended=4)
    made.recovered_s = [10.9]
    made._hold(Report())


def test_a_slow_recovery_is_an_objection(tmp_path):
    made = scene(tmp_path, SLOW)
    made.recovered_s = [3, 12]
    with pytest.raises(AssertionError, match=r"12\.0 s .* at most 11 s allowed"):
        made._hold(Report())


@pytest.mark.parametrize("code", [0, 1, -9])
def test_another_exit_code_than_the_one_that_is_due_is_an_objection(tmp_path, code):
    with pytest.raises(AssertionError, match=f"worker 0 ended with exit code {code}"):
        scene(tmp_path, GIVES_UP, ended=code)._hold(Report())


def test_a_worker_that_ends_and_was_not_to_is_an_objection(tmp_path):
    made = scene(tmp_path, Bars(), ended=0)
    made.due.clear()
    with pytest.raises(AssertionError, match="exit code 0, which it was not to do"):
        made._hold(Report())


def test_a_disturbance_after_which_nothing_comes_out_is_an_objection(tmp_path):
    made = scene(tmp_path, SLOW)
    made.disturbed()
    with pytest.raises(AssertionError, match="the last disturbance"):
        made._settle()


def test_every_bar_of_the_judge_is_held(tmp_path):
    found = {name: ["here"] for name in ("leaked", "late", "copies", "unstable", "unlogged")}
    for name, places in found.items():
        with pytest.raises(AssertionError, match=f"{name} = 1, at most 0 allowed"):
            scene(tmp_path, Bars())._hold(Report(**{name: places}))
        scene(tmp_path, Bars(**{name: 1}))._hold(Report(**{name: places}))


def test_where_all_has_to_come_again_a_record_that_did_not_is_an_objection(tmp_path):
    scene(tmp_path, Bars(again=True))._hold(Report(positions=2, copies=["one", "two"]))
    with pytest.raises(AssertionError, match="1 of 2 records came out once more"):
        scene(tmp_path, Bars(again=True))._hold(Report(positions=2, copies=["one"]))
