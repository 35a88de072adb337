from __future__ import annotations

from worker.config import DedupSettings, Settings, TopicSettings
from worker.mediatopics import STREAMS
from worker.topics import Config, Role, declaration

DAY_MS = 86_400_000


def by_role(role, settings=None):
    return [spec for spec in declaration(settings or Settings()) if spec.role is role]


def test_every_topic_is_declared_once():
    names = [spec.name for spec in declaration(Settings())]
    assert names == [
        "headlines.raw",
        "headlines.fingerprints",
        *(f"news.{slug}" for slug in STREAMS),
        "headlines.duplicates",
        "headlines.deadletter",
        "headlines.deadletter.status",
    ]
    assert len(set(names)) == 23


def test_raw_and_log_are_stamped_by_the_broker():
    stamped = [
        spec.role for spec in declaration(Settings()) if spec.configs.get(Config.TIMESTAMP) == "LogAppendTime"
    ]
    assert stamped == [Role.RAW, Role.LOG]


def test_the_log_has_one_partition_no_byte_limit_and_keeps_four_windows():
    (log,) = by_role(Role.LOG)
    assert log.partitions == 1
    assert log.configs[Config.RETENTION_BYTES] == "-1"
    assert log.configs[Config.RETENTION_MS] == str(7 * DAY_MS)
    assert log.min_retention_ms == 4 * 6 * 3_600_000


def test_the_log_follows_a_long_window():
    (log,) = by_role(Role.LOG, Settings(dedup=DedupSettings(window_s=7 * 86_400)))
    assert int(log.configs[Config.RETENTION_MS]) == 28 * DAY_MS
    assert log.min_retention_ms == 28 * DAY_MS


def test_a_dead_letter_may_be_larger_than_a_raw_record_and_is_kept_for_a_month():
    (raw,), (letters,) = by_role(Role.RAW), by_role(Role.DEADLETTER)
    assert int(letters.configs[Config.MAX_BYTES]) > int(raw.configs[Config.MAX_BYTES])
    assert int(letters.configs[Config.RETENTION_MS]) == 30 * DAY_MS


def test_the_status_of_dead_letters_is_compacted_and_nothing_else_is():
    compacted = [spec.role for spec in declaration(Settings()) if spec.configs[Config.CLEANUP] == "compact"]
    assert compacted == [Role.STATUS]


def test_safety_is_declared_for_every_topic():
    settings = Settings(topics=TopicSettings(replication_factor=3, min_insync_replicas=2))
    for spec in declaration(settings):
        assert spec.replication_factor == 3
        assert spec.configs[Config.MIN_ISR] == "2"
        assert spec.configs[Config.UNCLEAN] == "false"


def test_partitions_and_names_follow_the_settings():
    settings = Settings(
        topics=TopicSettings(raw="in", raw_partitions=12, output_prefix="out-", output_partitions=4)
    )
    specs = {spec.name: spec for spec in declaration(settings)}
    assert specs["in"].partitions == 12
    assert specs["out-sport"].partitions == 4
    assert specs["headlines.duplicates"].partitions == 4
    assert specs["headlines.deadletter"].partitions == 1
