from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.config import Settings, load, resolve
from worker.config.catalog import catalog
from worker.config.sources import nearest
from worker.errors import SettingsError


def complaint(options=None) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load(options)
    return [line.strip() for line in str(raised.value).splitlines()]


def test_without_an_environment_every_setting_has_its_default():
    resolved = resolve()
    assert resolved.settings == Settings()
    assert set(resolved.origins.values()) == {"default"}
    assert list(resolved.origins) == list(catalog())


def test_a_variable_sets_a_value_and_is_named_as_its_origin(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TOPICS__RAW_PARTITIONS", "12")
    resolved = resolve()
    assert resolved.settings.topics.raw_partitions == 12
    assert resolved.origins["topics.raw_partitions"] == "NEWSWIRE_TOPICS__RAW_PARTITIONS"
    assert resolved.origins["topics.output_partitions"] == "default"


def test_an_option_wins_over_a_variable_and_leaves_the_rest_of_the_section_alone(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "1111")
    monkeypatch.setenv("NEWSWIRE_HTTP__HOST", "0.0.0.0")
    resolved = resolve({"http.port": "2222"})
    assert (resolved.settings.http.host, resolved.settings.http.port) == ("0.0.0.0", 2222)
    assert resolved.origins["http.port"] == "command line"
    assert resolved.origins["http.host"] == "NEWSWIRE_HTTP__HOST"


def test_an_option_mends_a_variable_that_is_out_of_bounds(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "99999")
    assert load({"http.port": "2222"}).http.port == 2222


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSWIRE_PORT", "tcp://10.0.0.1:9464"),
        ("NEWSWIRE_SERVICE_HOST", "10.0.0.1"),
        ("NEWSWIRE_KAFKA", "not JSON"),
        ("NEWSWIRE_HTTP", '{"port": 1}'),
        ("NEWSWIRE_CACHE_DIR", "somewhere"),
    ],
)
def test_a_variable_without_a_double_underscore_is_no_setting(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert load() == Settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "")
    resolved = resolve()
    assert resolved.settings.http.port == 9464
    assert resolved.origins["http.port"] == "default"


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("NEWSWIRE_KAFKA__BOOTSTRAP_SERVER", "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"),
        ("NEWSWIRE_KAFAK__GROUP", "NEWSWIRE_KAFKA__GROUP"),
        ("NEWSWIRE_DEDUPE__WINDOW_S", "NEWSWIRE_DEDUP__WINDOW_S"),
        ("NEWSWIRE_DEDUP__WINDOW", "NEWSWIRE_DEDUP__WINDOW_S"),
        ("NEWSWIRE_WORKER__BOOTSTRAP_SERVERS", "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"),
        ("NEWSWIRE_LOG__LOG_LEVEL", "NEWSWIRE_LOG__LEVEL"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_right_one(monkeypatch, variable, meant):
    monkeypatch.setenv(variable, "anything")
    assert complaint()[0] == f"{variable}: there is no such setting; did you mean {meant}?"


def test_an_unknown_option_is_told_in_the_words_of_the_command_line():
    assert complaint({"kafka.grup": "x"})[0] == (
        "--set kafka.grup: there is no such setting; did you mean kafka.group?"
    )


def test_a_name_like_no_other_gets_no_suggestion():
    assert complaint({"zzzz": "x"})[0] == "--set zzzz: there is no such setting"


def test_the_value_of_an_unknown_setting_is_not_shown_since_it_may_be_a_secret(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA__PASSWORD", "hunter2")
    assert not any("hunter2" in line for line in complaint())


def test_all_problems_are_told_at_once(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA__BOOTSTRAP_SERVER", "x")
    monkeypatch.setenv("NEWSWIRE_HTTP__PORT", "99999")
    monkeypatch.setenv("NEWSWIRE_DEDUP__MODE", "surpress")
    monkeypatch.setenv("NEWSWIRE_TOPICS__MIN_INSYNC_REPLICAS", "2")
    lines = complaint({"dedup.epoch": "0"})
    assert lines[0] == "5 settings cannot be used:"
    told = "\n".join(lines[1:6])
    assert "NEWSWIRE_KAFKA__BOOTSTRAP_SERVER: there is no such setting" in told
    assert "NEWSWIRE_HTTP__PORT=99999: must be less than or equal to 65535" in told
    assert "NEWSWIRE_DEDUP__MODE=surpress: must be 'suppress', 'mark' or 'off'" in told
    assert "--set dedup.epoch=0: must be greater than or equal to 1" in told
    assert "topics.min_insync_replicas=2 must be at most topics.replication_factor=1" in told


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("dedup.window_s", "6h", "must be a number 1 to 2592000 seconds"),
        ("worker.batch_records", "many", "must be a whole number 1 to 100000 records"),
        ("worker.batch_records", "1.5", "must be a whole number 1 to 100000 records"),
        ("dedup.window_s", "0.5", "must be greater than or equal to 1 seconds"),
        ("kafka.request_timeout_s", "0", "must be greater than 0 seconds"),
        ("http.port", "web", "must be a whole number 0 to 65535"),
    ],
)
def test_what_is_wrong_with_a_number_is_told_with_its_unit(name, value, said):
    assert complaint({name: value})[0] == f"--set {name}={value}: {said}"


def test_a_secret_is_never_part_of_an_error(monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA__SASL_PASSWORD", "hunter2")
    monkeypatch.setenv("NEWSWIRE_KAFKA__SECURITY_PROTOCOL", "SASL_SSL")
    told = "\n".join(complaint())
    assert "needs kafka.sasl_username and kafka.sasl_password" in told
    assert "hunter2" not in told


def test_retention_that_followed_the_window_is_told_as_derived():
    resolved = resolve({"dedup.window_s": "604800"})
    assert resolved.settings.topics.log_retention_h == 672
    assert resolved.origins["topics.log_retention_h"] == "derived"


@given(st.sampled_from(sorted(catalog())), st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz_"))
def test_a_name_with_one_letter_mistyped_is_recognised(name, at, letter):
    at %= len(name)
    mistyped = name[:at] + letter + name[at + 1 :]
    assert name in nearest(mistyped) or mistyped in catalog()
