from __future__ import annotations

import pytest
from worker.config import load
from worker.config.catalog import catalog, shown

NAMES = sorted(catalog())


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_means_and_what_it_accepts(name):
    entry = catalog()[name]
    assert entry.description.endswith(".")
    assert entry.accepts
    assert "any" not in entry.accepts.split(), "a number needs bounds on both sides"


@pytest.mark.parametrize("name", NAMES)
def test_every_default_can_be_given_as_a_variable(monkeypatch, name):
    entry = catalog()[name]
    monkeypatch.setenv(entry.variable, entry.default)
    assert shown(load(), name) == entry.default


def test_what_a_setting_accepts_is_told_with_its_unit():
    assert catalog()["http.port"].accepts == "whole number 0 to 65535"
    assert catalog()["dedup.window_s"].accepts == "number 1 to 2592000 seconds"
    assert catalog()["kafka.request_timeout_s"].accepts == "number above 0 to 600 seconds"
    assert catalog()["dedup.mode"].accepts == "suppress | mark | off"


def test_passwords_are_the_secrets():
    assert [name for name in catalog() if catalog()[name].secret] == [
        "kafka.sasl_password",
        "kafka.ssl_key_password",
    ]


def test_a_secret_is_masked(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA__SASL_PASSWORD", "hunter2")
    assert shown(load(), "kafka.sasl_password") == "********"
