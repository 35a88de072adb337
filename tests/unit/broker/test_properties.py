import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.broker.properties import Node, Proxied, server_properties

ONE = Node(1, 9092, 9093)
LOGS = Path("/data/partitions")


def read(text):
    """As java.util.Properties reads it, for names without special characters."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: re.sub(r"\\u([0-9a-f]{4})|\\(.)", unescape, value.lstrip()) for name, _, value in pairs}


def unescape(match):
    return chr(int(match[1], 16)) if match[1] else {"n": "\n", "r": "\r", "t": "\t"}.get(match[2], match[2])


def test_a_node_listens_on_loopback_only():
    properties = read(server_properties(ONE, [ONE], LOGS, {}))
    addresses = re.findall(r"//([^:]+):", properties["listeners"] + properties["advertised.listeners"])
    assert set(addresses) == {"127.0.0.1"}
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:9093"


def test_topics_are_never_made_by_a_typing_error_and_groups_do_not_wait():
    properties = read(server_properties(ONE, [ONE], LOGS, {}))
    assert properties["auto.create.topics.enable"] == "false"
    assert properties["group.initial.rebalance.delay.ms"] == "0"


def test_every_node_of_a_cluster_votes():
    two = Node(2, 9094, 9095)
    properties = read(server_properties(two, [ONE, two], LOGS, {}))
    assert properties["node.id"] == "2"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:9093,2@127.0.0.1:9095"


@pytest.mark.parametrize(
    ("nodes", "copies", "in_sync"), [(1, "1", "1"), (2, "2", "1"), (3, "3", "2"), (5, "3", "2")]
)
def test_topics_kafkas_own_too_have_three_copies_where_there_are_nodes_for_them(nodes, copies, in_sync):
    cluster = [Node(number, 9000 + number, 9100 + number) for number in range(1, nodes + 1)]
    properties = read(server_properties(cluster[0], cluster, LOGS, {}))
    assert {value for name, value in properties.items() if name.endswith("replication.factor")} == {copies}
    assert {value for name, value in properties.items() if name.endswith(("min.isr", "insync.replicas"))} == {
        in_sync
    }


def test_who_comes_through_a_proxy_is_told_the_proxys_port_and_nobody_else_is():
    node = Node(1, 9092, 9093, Proxied(port=9094, advertised=7000))
    properties = read(server_properties(node, [node], LOGS, {}))
    assert "PROXIED://127.0.0.1:9094" in properties["listeners"].split(",")
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:7000"
    assert "PROXIED:PLAINTEXT" in properties["listener.security.protocol.map"].split(",")
    assert properties["inter.broker.listener.name"] == "PLAINTEXT"


def test_without_a_proxy_there_is_no_listener_for_one():
    assert "PROXIED" not in server_properties(ONE, [ONE], LOGS, {})


def test_extra_properties_win():
    properties = read(server_properties(ONE, [ONE], LOGS, {"num.partitions": "7", "log.dirs": "/other"}))
    assert properties["num.partitions"] == "7"
    assert properties["log.dirs"] == "/other"


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_any_value_reads_back_as_it_was(value):
    text = server_properties(ONE, [ONE], LOGS, {"some.value": value})
    assert text.isascii()
    assert read(text)["some.value"] == value
