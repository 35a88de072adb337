"""Faults of a cluster of three: leaders that die, copies that are not in sync, a log that loses its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from tests.wait import until

from .acts import (
    AT_ONCE,
    NOTHING,
    OVER,
    close_chapter,
    disturbance,
    feed,
    feed_slowly,
    gone,
    later,
    out,
    start,
    together,
    working,
)
from .faults_kafka import GIVE_UP_S, RETURN_S, SMALL, configure, log, outputs, says
from .faults_network import PER_S, network
from .faults_worker import LARGE
from .load import Load
from .recovery import AllGoOn
from .scene import CRASH_COPIES, Act, Bars, Fault, Moment, Scene, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.broker import LocalNode

FENCED_S = 4
"""The local brokers' session: a broker that died is led over by another by then."""


def partition_of_log(scene: Scene) -> object:
    """The log's one partition, as the cluster tells it now."""
    return scene.deployment.cluster.list_topics(log(scene)[0], timeout=30).topics[log(scene)[0]].partitions[0]


def leader(scene: Scene) -> LocalNode:
    """The node that leads the log."""
    number = until(lambda: max(0, partition_of_log(scene).leader), "the log has a leader")
    return scene.broker.nodes[number - 1]


def followers(scene: Scene) -> list[LocalNode]:
    """The nodes that hold copies of the log and do not lead it."""
    leading = leader(scene)
    return [
        scene.broker.nodes[number - 1] for number in partition_of_log(scene).replicas if number != leading.id
    ]


def kill(what: str, whom: Callable[[Scene], list[LocalNode]]) -> Act:
    """Kill nodes."""

    def do(scene: Scene) -> None:
        nodes = whom(scene)
        scene.note("nodes killed: " + ", ".join(str(node.id) for node in nodes))
        for node in nodes:
            node.kill()

    return Act(what, do)


def unclean(value: str, what: str) -> Act:
    """Allow a copy of the log that is behind to lead it, or forbid it."""
    return configure(log, "unclean.leader.election.enable", value, what)


BACK = Act("all nodes are started", lambda scene: scene.broker.start())


def in_sync(scene: Scene, topics: Callable[[Scene], list[str]], copies: int) -> bool:
    """Whether each partition of topics has so many copies in sync."""
    try:
        known = scene.deployment.cluster.list_topics(timeout=10).topics
    except KafkaException:
        return False
    return all(
        len(part.isrs) == copies for topic in topics(scene) for part in known[topic].partitions.values()
    )


def everything(scene: Scene) -> list[str]:
    """Every topic of the deployment that is read or written."""
    return [scene.deployment.raw, *log(scene), *outputs(scene)]


IN_SYNC = Moment("all copies are in sync", lambda scene: in_sync(scene, everything, 3))


def led_by_others(scene: Scene, node: LocalNode) -> bool:
    """Whether no partition names a node as its leader."""
    try:
        known = scene.deployment.cluster.list_topics(timeout=10).topics.values()
    except KafkaException:
        return False
    return all(part.leader != node.id for topic in known for part in topic.partitions.values())


def kill_in_turn(scene: Scene) -> None:
    """Kill each of the nodes, and start it when others lead in its place; the next one when all copies are in sync."""
    for node in scene.broker.nodes:
        scene.note(f"node {node.id} is killed")
        node.kill()
        # A node that comes back sooner leads on, and nobody has had to take over.
        scene.wait_for(Moment("others lead", lambda scene, node=node: led_by_others(scene, node)))
        # How long that takes is Kafka's matter: its sessions, and its vote where the node led the controllers.
        scene.note("others lead in its place")
        scene.disturbed(AllGoOn)
        scene.wait_for(OVER)
        node.start()
        scene.wait_for(IN_SYNC)


def leader_unreachable(scene: Scene) -> None:
    """The worker no longer reaches the broker that leads the log, which leads on."""
    scene.proxies[leader(scene).id - 1].drop()
    scene.cuts.cut()  # a session may run out meanwhile


def power_off(scene: Scene) -> None:
    """End a broker as a power cut does: connections to it are neither answered nor refused."""
    scene.proxies[0].drop()
    scene.broker.nodes[0].kill()


def leave_behind(scene: Scene) -> tuple[LocalNode, LocalNode]:
    """Bring one of the log's two copies to be in sync with itself alone: the leader, and the copy that falls behind.

    Two copies on two of the nodes; the third keeps the quorum of controllers.
    """
    ahead, (behind,) = leader(scene), followers(scene)
    behind.kill()
    until(lambda: list(partition_of_log(scene).isrs) == [ahead.id], "the leader is in sync with itself alone")
    return ahead, behind


def end_of_log(scene: Scene) -> int:
    """The log's next offset."""
    return scene.deployment.ends(log(scene))[0]


def lose_the_end(scene: Scene, ahead: LocalNode, behind: LocalNode) -> None:
    """Make the copy that is behind the leader; what the other alone has is lost for good."""
    grown = end_of_log(scene)
    ahead.kill()
    behind.start()
    until(lambda: partition_of_log(scene).leader == behind.id, "the copy that was behind leads")
    scene.note(f"the log ended at {grown} and ends at {end_of_log(scene)}")


def truncate_at_rest(scene: Scene) -> None:
    """The log loses its end while the worker has nothing to do."""
    ahead, behind = leave_behind(scene)
    before = end_of_log(scene)
    scene.feed(scene.items[: len(scene.items) // 2])
    scene.wait_for(Moment("what was fed is committed", Scene.all_committed))
    assert end_of_log(scene) > before
    lose_the_end(scene, ahead, behind)


def truncate_under_load(scene: Scene) -> None:
    """The log loses its end while workers append to it, so that it soon is as long as before, with other frames."""
    ahead, behind = leave_behind(scene)
    before = end_of_log(scene)
    until(lambda: end_of_log(scene) > before + LOST_FRAMES, "the log has grown")
    lose_the_end(scene, ahead, behind)


LOST_FRAMES = 20
TWO_COPIES = {"NEWSWIRE_TOPICS__REPLICATION_FACTOR": "2", "NEWSWIRE_TOPICS__MIN_INSYNC_REPLICAS": "1"}
TRUSTED_AGAIN = (
    Step(AT_ONCE, unclean("false", "copies that are behind may lead no more")),
    Step(AT_ONCE, BACK),
)
TWO_IN_SYNC = Moment("all copies are in sync", lambda scene: in_sync(scene, everything, 2))

FAULTS = (
    Fault(
        "log-leader-killed",
        (
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(LARGE, PER_S)),
            Step(
                out(0.3),
                disturbance(kill("the leader of the log is killed", lambda scene: [leader(scene)]), AllGoOn),
            ),
            Step(OVER, BACK),
        ),
        load=SMALL,
        bars=Bars(recovery_s=RETURN_S),
        seeds=3,
        cluster=True,
    ),
    Fault(
        "each-node-killed-in-turn",
        (
            Step(AT_ONCE, together(start(), start(1))),
            Step(working(), feed_slowly(Load(singles=5_500, groups=1_200, updates=150, poison=60), 120)),
            Step(out(0.1), Act("each node is killed and started in its turn", kill_in_turn)),
        ),
        load=SMALL,
        bars=Bars(recovery_s=RETURN_S),
        cluster=True,
    ),
    Fault(
        "two-of-three-away",
        (
            Step(AT_ONCE, start()),
            Step(working(), feed(LARGE)),
            Step(out(0.2), kill("all but the leader of the log are killed", followers)),
            Step(later(15), together(BACK, disturbance(NOTHING))),
        ),
        load=SMALL,
        bars=Bars(recovery_s=RETURN_S),
        cluster=True,
    ),
    Fault(
        "too-few-in-sync",
        (
            Step(AT_ONCE, start()),
            Step(out(1), configure(log, "min.insync.replicas", "3", "the log needs three copies in sync")),
            Step(AT_ONCE, configure(outputs, "min.insync.replicas", "3", "so do the outputs")),
            Step(AT_ONCE, kill("a copy of the log is killed", lambda scene: followers(scene)[:1])),
            Step(
                Moment("two copies are in sync", lambda scene: in_sync(scene, everything, 2)),
                feed(LARGE),
            ),
            Step(later(10), NOTHING),
            Step(Moment("nothing was decided", lambda scene: scene.count() == len(scene.items)), NOTHING),
            Step(AT_ONCE, together(BACK, disturbance(NOTHING))),
        ),
        load=SMALL,
        bars=Bars(recovery_s=RETURN_S),
        cluster=True,
    ),
    Fault(
        "log-leader-unreachable",
        (
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(LARGE, PER_S)),
            Step(out(0.3), Act("bytes to and from the leader of the log vanish", leader_unreachable)),
            Step(
                later(15),
                together(
                    network("the network is well again", lambda proxy: proxy.heal()), disturbance(NOTHING)
                ),
            ),
        ),
        load=SMALL,
        # It may be the group's coordinator too, and the session runs out.
        bars=Bars(copies=CRASH_COPIES, recovery_s=RETURN_S),
        cluster=True,
        proxied=True,
    ),
    Fault(
        "one-of-three-powered-off-at-the-start",
        (
            Step(AT_ONCE, Act("the first broker is powered off: its address is silent", power_off)),
            Step(later(FENCED_S + 1), disturbance(start())),
            Step(working(), together(network("the network is well again", lambda proxy: proxy.heal()), BACK)),
        ),
        load=SMALL,
        settings={"NEWSWIRE_KAFKA__REQUEST_TIMEOUT_S": "40"},
        bars=Bars(recovery_s=RETURN_S),
        cluster=True,
        proxied=True,
    ),
    Fault(
        "log-truncated",
        (
            Step(AT_ONCE, feed(SMALL, 2)),
            Step(AT_ONCE, start()),
            Step(working(), close_chapter()),
            Step(AT_ONCE, start(1)),
            Step(working(1), unclean("true", "copies that are behind may lead")),
            Step(AT_ONCE, Act("the log loses its end", truncate_at_rest)),
            Step(gone(1, GIVE_UP_S), says("truncated", 1)),
            *TRUSTED_AGAIN,
            Step(TWO_IN_SYNC, close_chapter()),
            Step(AT_ONCE, together(start(2), feed(SMALL, 3))),
            Step(working(2), NOTHING),
        ),
        load=SMALL,
        settings=TWO_COPIES,
        # Of what came out on frames that the log has lost, half of the load, it holds nothing.
        bars=Bars(unlogged=450, exits=frozenset({6})),
        cluster=True,
        fed_by_steps=True,
    ),
    Fault(
        "log-truncated-under-load",
        (
            Step(AT_ONCE, together(start(), start(1))),
            Step(
                working(), NOTHING
            ),  # it has checked the topics, which are not as they should be from now on
            Step(working(1), unclean("true", "copies that are behind may lead")),
            Step(AT_ONCE, feed_slowly(LARGE, PER_S)),
            Step(later(2), Act("the log loses its end", truncate_under_load)),
            Step(gone(0, GIVE_UP_S), says("truncated", 0)),
            Step(gone(1, GIVE_UP_S), says("truncated", 1)),
            *TRUSTED_AGAIN,
            Step(TWO_IN_SYNC, start(2)),
        ),
        load=SMALL,
        settings=TWO_COPIES,
        # Duplicates of what the log has lost leak, those among them too that had been told and not committed.
        bars=Bars(copies=400, unstable=50, leaked=400, unlogged=1_500, exits=frozenset({6})),
        seeds=3,
        cluster=True,
    ),
)
