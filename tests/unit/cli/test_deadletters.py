"""The command line of `newswire deadletters`, as far as it needs no broker."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import click
import orjson
import pytest
from tests.unit.deadletters.letters import GOOD, letter
from worker.cli import run
from worker.cli.deadletters.options import choice_options, hand_of
from worker.cli.deadletters.redrive import Orders, _tell
from worker.config import KafkaSettings
from worker.deadletters.plan import Plan, Terms
from worker.normalize import DEFAULT


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--reason", "bad"], "'bad' is not one of 'null', 'too_large'"),
        (["list", "--stage", "route"], "'route' is not 'normalize'"),
        (
            ["list", "--since", "yesterday"],
            "yesterday: give an ISO 8601 time (2026-01-09T06:00:00Z), or how long",
        ),
        (["list", "--until", "9999-12-31T23:59:59Z"], "9999-12-31T23:59:59Z: give an ISO 8601 time"),
        (["list", "--offsets", "9-3"], "9-3: give an offset or a range, such as 17, 17-40 or 17-"),
        (["list", "--partition", "-1"], "--partition"),
        (["list", "--state", "lost"], "--state"),
        (["stats", "--by", "colour"], "--by"),
        (["show"], "Missing argument 'ADDRESS'"),
        (["show", "first"], "first: an address is an offset, such as 17; 1:17 in partition 1"),
        (["show", "17", "--json", "--value"], "--json and --value name two forms"),
        (["redrive", "--state", "redriven"], "--state"),
        (["redrive", "--seed", "1"], "--seed chooses a sample: add --sample N"),
        (["redrive", "--sample", "0"], "--sample"),
        (["redrive", "--rate", "nan"], "nan: give from 0.000001"),
        (["redrive", "--value-file", "nowhere.json"], "File 'nowhere.json' does not exist"),
        (["discard", "--yes"], "Missing option '--note'"),
        (["discard", "--yes", "--note", " "], "say why, in a few words"),
        (["discard", "--note", "old"], "there is no terminal: add --yes"),
    ],
)
def test_what_cannot_be_used_ends_with_exit_2_and_says_what(arguments, said, capsys):
    assert run(["deadletters", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_value_file_is_for_one_letter_and_a_sample_for_several(tmp_path, capsys):
    mended = tmp_path / "mended.json"
    mended.write_bytes(b"{}")

    assert run(["deadletters", "redrive", "--value-file", str(mended), "--sample", "2"]) == 2
    assert "--value-file is for one letter" in capsys.readouterr().err


def test_what_aged_out_after_it_was_chosen_is_told(capsys):
    orders = Orders(sample=None, seed=None, failing=False, force=False, value=None, rate=None)
    plan = Plan(Terms(DEFAULT, 1_048_576))
    for address in range(3):
        plan.consider(letter(GOOD, address=address))
    round_ = SimpleNamespace(taken=0, gone=2, tally=SimpleNamespace(confirmed=1))

    _tell(plan, orders, "1 dead letter redriven", round_, as_object=False)
    assert "  2 have aged out meanwhile, they or their raw records, and were not sent" in (
        capsys.readouterr().out.splitlines()
    )
    _tell(plan, orders, "", round_, as_object=True)
    told = orjson.loads(capsys.readouterr().out)
    assert (told["to_send"], told["sent"], told["taken"], told["gone"]) == (3, 1, 0, 2)


def chosen(*arguments):
    found = []

    @click.command()
    @choice_options("open", "all")
    def command(choice):
        found.append(choice)

    command.main(arguments, standalone_mode=False)
    return found[0]


def test_options_make_a_choice():
    choice = chosen(
        *(
            "--reason",
            "empty",
            "--reason",
            "schema",
            "--since",
            "2026-01-09",
            "--until",
            "2026-01-09T01:00:00+01:00",
        ),
        *("--offsets", "3-5", "--key", "caf\u00e9", "--partition", "4", "--worker-version", "0.1.0"),
    )

    day = round(datetime(2026, 1, 9, tzinfo=UTC).timestamp() * 1000)
    assert choice.reasons == {"empty", "schema"}
    assert (choice.since_ms, choice.until_ms) == (day, day)
    assert choice.spans == ((0, 3, 5),)
    assert (choice.keys, choice.partitions, choice.versions) == ({"caf\u00e9".encode()}, {4}, {"0.1.0"})
    assert choice.states == {"open"}


def test_all_states_are_none_in_particular():
    assert chosen("--state", "all").states == frozenset()


def test_who_marks_is_the_user_of_kafka_where_there_is_one(monkeypatch):
    login = {"security_protocol": "SASL_SSL", "sasl_username": "ops", "sasl_password": "p"}
    assert hand_of(KafkaSettings(**login)).by.startswith("ops@")
    monkeypatch.setattr("getpass.getuser", lambda: "me")
    assert hand_of(KafkaSettings()).by.startswith("me@")
    assert hand_of(KafkaSettings()).run != hand_of(KafkaSettings()).run


def test_a_user_without_a_name_has_a_number(monkeypatch):
    def nameless():
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert hand_of(KafkaSettings()).by.partition("@")[0].isdigit()
