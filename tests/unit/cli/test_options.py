from __future__ import annotations

import importlib

import click
import pytest
from click.testing import CliRunner
from worker.cli import COMMANDS, options
from worker.cli.options import parse_assignments, settings_options
from worker.errors import SettingsError


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr(options.logs, "configure", lambda **_: None)


@click.command()
@click.argument("name")
@settings_options
def show(settings, name):
    section, _, key = name.partition(".")
    click.echo(getattr(getattr(settings, section), key))


def shown(*arguments: str) -> str:
    return CliRunner().invoke(show, arguments, catch_exceptions=False).stdout.strip()


def test_a_command_gets_the_settings_beside_its_own_arguments():
    assert shown("http.port") == "9464"


def test_set_gives_any_setting_and_the_last_one_counts():
    assert shown("http.port", "--set", "http.port=1", "--set", "HTTP.PORT=2") == "2"


def test_common_settings_have_options_of_their_own():
    assert shown("kafka.bootstrap_servers", "-b", "kafka-1:9092") == "kafka-1:9092"
    assert shown("log.level", "--log-level", "debug") == "debug"
    assert shown("log.format", "--log-format", "json") == "json"


@pytest.mark.parametrize(
    ("arguments", "blamed"),
    [
        (["-b", "localhost"], "--bootstrap-servers=localhost: must be host:port"),
        (["--set", "kafka.bootstrap_servers=localhost"], "--set kafka.bootstrap_servers=localhost: must be"),
        (["-b", "a:1", "--set", "kafka.bootstrap_servers=b"], "--set kafka.bootstrap_servers=b: must be"),
        (["--log-level", "loud"], "--log-level=loud: must be 'debug'"),
    ],
)
def test_the_option_that_was_given_is_the_one_that_is_blamed(arguments, blamed):
    with pytest.raises(SettingsError) as refused:
        shown("http.port", *arguments)
    assert str(refused.value).startswith(blamed)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_only_commands_that_ask_kafka_have_an_option_for_its_address(name):
    command = importlib.import_module(COMMANDS[name].module).command
    commands = command.commands.values() if isinstance(command, click.Group) else [command]
    asks = name not in {"preview", "compare", "evaluate", "rules", "train", "top", "demo", "broker"}
    assert all(any("-b" in option.opts for option in each.params) == asks for each in commands)


def test_set_wins_over_an_option_of_its_own():
    assert shown("log.level", "--log-level", "debug", "--set", "log.level=error") == "error"


def test_a_value_may_hold_an_equals_sign():
    assert parse_assignments(("kafka.sasl_password=a=b",)) == {"kafka.sasl_password": "a=b"}


def test_an_assignment_without_one_is_refused_without_showing_it():
    with pytest.raises(SettingsError, match=r"section\.name=value"):
        parse_assignments(("http.port",))
