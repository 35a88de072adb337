from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from worker.config import (
    DedupSettings,
    DeepMode,
    KafkaSettings,
    NormalizeSettings,
    Settings,
    TopicSettings,
    load,
)
from worker.config.settings import LOG_WINDOWS
from worker.deduplicate.rule import MOST_JUDGED
from worker.errors import SettingsError
from worker.normalize import Limits, limits
from worker.route.router import DEEP_THRESHOLD
from worker.route.train.__main__ import ALSO_THRESHOLD, THRESHOLD


@given(st.floats(1, 2_592_000))
def test_the_log_is_kept_for_four_windows_whatever_the_window(window_s):
    settings = Settings(dedup=DedupSettings(window_s=window_s))
    assert settings.topics.log_retention_h * 3600 >= LOG_WINDOWS * window_s * (1 - 1e-12)
    assert settings.topics.log_retention_h >= 168


def test_a_log_retention_that_was_set_too_short_is_an_error_and_not_raised():
    with pytest.raises(SettingsError, match=r"topics\.log_retention_h=10 must be at least 24: 4 windows"):
        load({"topics.log_retention_h": "10"})


def test_a_log_retention_of_just_four_windows_is_enough():
    assert load({"topics.log_retention_h": "24"}).topics.log_retention_h == 24


def test_a_window_for_trials_is_taken_with_a_warning():
    assert not list(Settings().warnings())
    assert not list(load({"dedup.window_s": "60"}).warnings())
    (warning,) = load({"dedup.window_s": "59"}).warnings()
    assert "dedup.window_s=59" in warning
    assert not list(load({"dedup.window_s": "59", "dedup.mode": "off"}).warnings())


def test_a_worker_can_not_have_more_under_way_than_the_log_waits_for():
    assert load({"worker.in_flight_batches": "524"}).worker.in_flight_batches == 524
    with pytest.raises(
        SettingsError, match=r"worker\.in_flight_batches=525 times .*=2000 is 1050000, and at most"
    ):
        load({"worker.in_flight_batches": "525"})


def test_the_deep_tier_needs_the_log_that_records_its_word():
    assert load({"deep.mode": "on", "dedup.mode": "mark"}).deep.mode is DeepMode.ON
    with pytest.raises(SettingsError, match=r"deep\.mode=on needs dedup\.mode=suppress or mark"):
        load({"deep.mode": "on", "dedup.mode": "off"})


def test_no_headline_can_have_more_pairs_scored_than_are_judged():
    assert load({"deep.max_pairs": str(MOST_JUDGED)}).deep.max_pairs == MOST_JUDGED
    with pytest.raises(SettingsError, match=r"deep\.max_pairs"):
        load({"deep.max_pairs": str(MOST_JUDGED + 1)})


def test_the_stages_are_set_by_default_to_what_they_are_made_for():
    settings = Settings()
    assert Limits(**settings.normalize.model_dump()) == Limits()
    assert settings.route.model_dump(exclude_none=True) == {
        "threshold": THRESHOLD,
        "deep_threshold": DEEP_THRESHOLD,
        "also_threshold": ALSO_THRESHOLD,
    }


def test_the_highest_limits_that_can_be_set_are_those_that_normalize_allows():
    assert Limits(
        **{name: bound.metadata[1].le for name, bound in NormalizeSettings.model_fields.items()}
    ) == Limits(limits.MAX_VALUE_BYTES, limits.MAX_HEADLINE_CHARS, limits.MAX_EXTRA_BYTES)


def test_settings_cannot_be_changed_after_the_fact():
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.http.port = 1
    with pytest.raises(ValidationError, match="frozen"):
        settings.topics = TopicSettings()


def test_secrets_are_listed_for_the_log_and_shown_nowhere():
    settings = Settings(kafka=KafkaSettings(sasl_password="hunter2", ssl_key_password=""))
    assert settings.secrets() == {"hunter2"}
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown
