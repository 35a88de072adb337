from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.config import Settings
from worker.topics import Action, ClusterTopic, Config, Role, Severity, breaking, declaration, differences

SPECS = declaration(Settings())
RAW, LOG = SPECS[0], SPECS[1]
OUTPUT = SPECS[2]
LETTERS, STATUS = SPECS[-2], SPECS[-1]
HOUR_MS = 3_600_000


def as_declared() -> dict[str, ClusterTopic]:
    """A cluster that has what is declared, and configurations that newswire does not speak of."""
    return {
        spec.name: ClusterTopic(
            spec.name,
            spec.partitions,
            spec.replication_factor,
            {config.value: value for config, value in spec.configs.items()} | {"segment.ms": "604800000"},
        )
        for spec in SPECS
    }


def with_config(spec, config, value):
    cluster = as_declared()
    topic = cluster[spec.name]
    cluster[spec.name] = replace(topic, configs={**topic.configs, config: value})
    return cluster


def only(cluster, **options):
    (found,) = differences(SPECS, cluster, **options)
    return found


def test_a_cluster_as_declared_has_no_difference():
    assert differences(SPECS, as_declared()) == ()


def test_topics_of_others_are_none_of_our_business():
    others = {"orders": ClusterTopic("orders", 3, 1, {"cleanup.policy": "compact"})}
    assert differences(SPECS, as_declared() | others) == ()


def test_on_an_empty_cluster_everything_is_to_be_created():
    found = differences(SPECS, {})
    assert [each.topic for each in found] == [spec.name for spec in SPECS]
    assert {(each.action, each.severity, each.actual) for each in found} == {
        (Action.CREATE, Severity.BREAKING, None)
    }


@pytest.mark.parametrize(
    ("spec", "config", "value"),
    [
        (RAW, Config.CLEANUP, "compact"),
        (RAW, Config.CLEANUP, "compact,delete"),
        (STATUS, Config.CLEANUP, "delete"),
        (RAW, Config.TIMESTAMP, "CreateTime"),
        (LOG, Config.TIMESTAMP, "CreateTime"),
        (LOG, Config.RETENTION_BYTES, "1073741824"),
        (LOG, Config.RETENTION_MS, str(24 * HOUR_MS - 1)),
        (LOG, Config.MAX_BYTES, "1048575"),
        (OUTPUT, Config.MAX_BYTES, "1048575"),
        (LETTERS, Config.MAX_BYTES, "1048576"),
        (LETTERS, Config.MAX_BYTES, "2097151"),
        (OUTPUT, Config.UNCLEAN, "true"),
        (OUTPUT, Config.MIN_ISR, "2"),
    ],
)
def test_what_breaks_a_promise_is_breaking_says_why_and_can_be_set(spec, config, value):
    found = only(with_config(spec, config, value))
    assert (found.topic, found.what, found.actual) == (spec.name, config.value, value)
    assert found.declared == spec.configs[config]
    assert found.severity is Severity.BREAKING
    assert found.action is Action.SET
    assert found.note


@pytest.mark.parametrize(
    ("spec", "config", "value"),
    [
        (RAW, Config.RETENTION_MS, str(24 * HOUR_MS)),
        (LOG, Config.RETENTION_MS, str(24 * HOUR_MS)),
        (RAW, Config.MAX_BYTES, "524288"),
        (OUTPUT, Config.MAX_BYTES, "10485760"),
        (LETTERS, Config.MAX_BYTES, "10485760"),
    ],
)
def test_what_breaks_no_promise_is_a_warning_and_can_be_set(spec, config, value):
    found = only(with_config(spec, config, value))
    assert (found.severity, found.action) == (Severity.WARNING, Action.SET)


def test_the_parts_of_a_cleanup_policy_have_no_order():
    spec = replace(RAW, configs={Config.CLEANUP: "compact,delete"})
    topic = ClusterTopic(
        spec.name, spec.partitions, spec.replication_factor, {"cleanup.policy": "delete, compact"}
    )
    assert differences([spec], {spec.name: topic}) == ()


@pytest.mark.parametrize("value", ["-1", str(1_000 * HOUR_MS)])
@pytest.mark.parametrize("spec", [RAW, LOG, OUTPUT, LETTERS], ids=lambda spec: spec.role.value)
def test_a_longer_retention_is_left_unless_lowering_is_asked_for(spec, value):
    cluster = with_config(spec, Config.RETENTION_MS, value)
    assert (only(cluster).severity, only(cluster).action) == (Severity.WARNING, Action.LEFT)
    assert "--lower-retention" in only(cluster).note
    asked = only(cluster, lower_retention=True)
    assert (asked.action, asked.note) == (Action.SET, "deletes what is older")


def with_partitions(spec, count):
    cluster = as_declared()
    cluster[spec.name] = replace(cluster[spec.name], partitions=count)
    return cluster


def test_missing_partitions_can_be_added_and_keys_then_move():
    found = only(with_partitions(RAW, 5))
    assert (found.action, found.severity) == (Action.ADD_PARTITIONS, Severity.WARNING)
    assert "keys move" in found.note


def test_partitions_are_never_taken_away():
    found = only(with_partitions(RAW, 7))
    assert (found.action, found.severity) == (Action.LEFT, Severity.WARNING)
    assert "cannot be taken away" in found.note


def test_a_log_of_several_partitions_breaks_the_order_and_cannot_be_mended_here():
    found = only(with_partitions(LOG, 2))
    assert (found.action, found.severity) == (Action.LEFT, Severity.BREAKING)


def test_another_replication_factor_is_left_with_a_hint():
    cluster = as_declared()
    cluster[OUTPUT.name] = replace(cluster[OUTPUT.name], replication_factor=3)
    found = only(cluster)
    assert (found.action, found.severity) == (Action.LEFT, Severity.WARNING)
    assert "kafka-reassign-partitions.sh" in found.note


def test_more_copies_asked_for_than_there_are_is_breaking_by_what_the_cluster_has():
    cluster = with_config(OUTPUT, Config.MIN_ISR, "2")
    cluster[OUTPUT.name] = replace(cluster[OUTPUT.name], replication_factor=3)
    by_config = {each.what: each for each in differences(SPECS, cluster)}
    assert by_config["min.insync.replicas"].severity is Severity.WARNING


def test_breaking_picks_what_breaks_a_promise():
    cluster = with_config(RAW, Config.RETENTION_MS, "1") | {
        LOG.name: with_config(LOG, Config.TIMESTAMP, "CreateTime")[LOG.name]
    }
    assert len(differences(SPECS, cluster)) == 2
    assert [each.topic for each in breaking(differences(SPECS, cluster))] == [LOG.name]


numbers = st.one_of(st.just("-1"), st.integers(0, 10**12).map(str))


@st.composite
def clusters(draw):
    """Declared topics, each absent or somehow different."""
    cluster = {}
    for spec in draw(st.lists(st.sampled_from(SPECS), unique_by=lambda spec: spec.name)):
        configs = {config.value: value for config, value in spec.configs.items()}
        for config in draw(st.sets(st.sampled_from(sorted(spec.configs)))):
            configs[config.value] = draw(
                {
                    Config.CLEANUP: st.sampled_from(["delete", "compact", "compact,delete"]),
                    Config.TIMESTAMP: st.sampled_from(["CreateTime", "LogAppendTime"]),
                    Config.UNCLEAN: st.sampled_from(["true", "false"]),
                }.get(config, numbers)
            )
        cluster[spec.name] = ClusterTopic(
            spec.name, draw(st.integers(1, 9)), draw(st.integers(1, 4)), configs
        )
    return cluster


def mended(cluster, found):
    """What the cluster is after `apply` did what it says."""
    cluster = dict(cluster)
    specs = {spec.name: spec for spec in SPECS}
    for each in found:
        spec = specs[each.topic]
        if each.action is Action.CREATE:
            cluster[spec.name] = as_declared()[spec.name]
        topic = cluster[spec.name]
        if each.action is Action.SET:
            cluster[spec.name] = replace(topic, configs={**topic.configs, each.what: each.declared})
        if each.action is Action.ADD_PARTITIONS:
            cluster[spec.name] = replace(topic, partitions=int(each.declared))
    return cluster


@given(clusters(), st.booleans())
def test_applying_once_leaves_only_what_cannot_be_changed(cluster, lower_retention):
    found = differences(SPECS, cluster, lower_retention=lower_retention)
    after = differences(SPECS, mended(cluster, found), lower_retention=lower_retention)
    assert {each.action for each in after} <= {Action.LEFT}
    assert {(each.topic, each.what) for each in after} == {
        (each.topic, each.what) for each in found if each.action is Action.LEFT
    }


@given(clusters())
def test_applying_never_shrinks_a_topic(cluster):
    after = mended(cluster, differences(SPECS, cluster))
    for name, topic in cluster.items():
        assert after[name].partitions >= topic.partitions
        for config in ("retention.ms", "retention.bytes"):
            before, now = topic.configs.get(config), after[name].configs.get(config)
            assert before == now or now == "-1" or (before != "-1" and int(before) < int(now))


def test_the_roles_of_the_declaration_are_all_used():
    assert {spec.role for spec in SPECS} == set(Role)
