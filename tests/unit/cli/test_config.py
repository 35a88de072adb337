from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from worker.cli import options
from worker.cli.config import command
from worker.config import load
from worker.config.catalog import catalog
from worker.errors import SettingsError


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr(options.logs, "configure", lambda **_: None)


def shown(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments, catch_exceptions=False).stdout


def test_json_lists_every_setting_with_value_and_origin(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "1234")
    listing = json.loads(shown("--json", "--set", "http.host=::1"))
    assert list(listing) == list(catalog())
    assert (listing["http.port"]["value"], listing["http.port"]["origin"]) == ("1234", "NEWSWIRE_HTTP__PORT")
    assert (listing["http.host"]["value"], listing["http.host"]["origin"]) == ("::1", "command line")
    assert listing["http.port"]["default"] == "9464"
    assert listing["http.port"]["variable"] == "NEWSWIRE_HTTP__PORT"
    assert listing["http.port"]["accepts"] == "whole number 0 to 65535"


def test_the_table_shows_value_origin_and_meaning(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "1234")
    (row,) = [line for line in shown().splitlines() if line.startswith("http.port ")]
    assert row.split(maxsplit=3)[:3] == ["http.port", "1234", "NEWSWIRE_HTTP__PORT"]
    assert catalog()["http.port"].description in row


def test_only_what_was_changed_can_be_shown():
    assert list(json.loads(shown("--json", "--changed", "--set", "dedup.epoch=2"))) == ["dedup.epoch"]


def test_a_table_in_a_pipe_has_no_padding_and_says_when_there_is_nothing_to_show():
    assert all(line == line.rstrip() for line in shown().splitlines())
    assert shown("--changed") == "nothing is changed: every setting has its default\n"
    assert json.loads(shown("--changed", "--json")) == {}


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_secret_is_masked(form):
    output = shown(*form, "--set", "kafka.sasl_password=hunter2")
    assert "hunter2" not in output
    assert "********" in output


def test_the_template_lists_every_variable_as_a_comment_even_when_the_settings_are_wrong(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "no number")
    with pytest.raises(SettingsError):
        load()
    lines = shown("--env").splitlines()
    variables = [line.removeprefix("#").partition("=")[0] for line in lines if line.startswith("#NEWSWIRE_")]
    assert variables == [entry.variable for entry in catalog().values()]
    assert all(not line or line.startswith("#") for line in lines)


def test_the_template_shows_unit_bounds_and_default_beside_the_meaning():
    lines = shown("--env").splitlines()
    place = lines.index("#NEWSWIRE_DEDUP__WINDOW_S=21600")
    assert catalog()["dedup.window_s"].description in lines[place - 1]
    assert lines[place - 1].endswith("(number 1 to 2592000 seconds)")
