from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from worker.cli import options
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
    return CliRunner().invoke(show, arguments, catch_exceptions=False).output.strip()


def test_a_command_gets_the_settings_beside_its_own_arguments():
    assert shown("http.port") == "9464"


def test_set_gives_any_setting_and_the_last_one_counts():
    assert shown("http.port", "--set", "http.port=1", "--set", "HTTP.PORT=2") == "2"


def test_common_settings_have_options_of_their_own():
    assert shown("kafka.bootstrap_servers", "-b", "kafka-1:9092") == "kafka-1:9092"
    assert shown("log.level", "--log-level", "debug") == "debug"
    assert shown("log.format", "--log-format", "json") == "json"


def test_set_wins_over_an_option_of_its_own():
    assert shown("log.level", "--log-level", "debug", "--set", "log.level=error") == "error"


def test_a_value_may_hold_an_equals_sign():
    assert parse_assignments(("kafka.sasl_password=a=b",)) == {"kafka.sasl_password": "a=b"}


def test_an_assignment_without_one_is_refused_without_showing_it():
    with pytest.raises(SettingsError, match=r"section\.name=value"):
        parse_assignments(("http.port",))
