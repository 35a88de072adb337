"""What a worker asks Kafka and the kernel for while it works off 20,000 headlines that wait: counted, not timed."""

import json
from collections import Counter
from pathlib import Path

from tests.bounds import Bound
from tests.unit.guards.workload import FETCH, values

from .counted import VARIABLE

COUNTED = Path(__file__).with_name("counted.py")
FETCHES = 10
HEADLINES = FETCHES * FETCH

SETTINGS = {
    "NEWSWIRE_WORKER__HELPER": "on",
    # A fetch that brings nothing waits for long, so that hardly any is counted.
    "NEWSWIRE_KAFKA__FETCH_MIN_BYTES": "1",
    "NEWSWIRE_KAFKA__FETCH_MAX_WAIT_MS": "10000",
}

# Of the whole run, its start and end included. What is ready while something else is under way differs from run to run,
# by a fifth between a machine that does nothing else and one that has far too much to do: bounds leave room for that.
BOUNDS = {
    "requests: all": Bound(120, 175),
    "requests: ProduceRequest": Bound(21, 32),
    "requests: FetchRequest": Bound(20, 32),
    "requests: OffsetCommitRequest": Bound(10, 18),
    "messages to the helper": Bound(21, 29),
    # Calls of sockets, and turns of the two event loops. Local: the helper, and what wakes a loop; network: Kafka.
    "system calls: read, network": Bound(137, 200),
    "system calls: write, network": Bound(120, 175),
    "system calls: read, local": Bound(207, 290),
    "system calls: write, local": Bound(90, 125),
    "system calls: wait": Bound(1450, 2100),
    # 57 partitions of outputs and 10 fetches; what waits while a record batch is under way leaves with the next.
    "record batches: outputs": Bound(440, 570),
    "record batches: log": Bound(10, 14),
    # A headline.
    "bytes appended: outputs": Bound(733, 757),
    "bytes appended: log": Bound(113.5, 119),
}


def test_a_worker_asks_kafka_and_the_kernel_for_no_more_than_it_did(deploy, broker, tmp_path):
    deployment = deploy(**SETTINGS).apply_topics()
    deployment.feed(values(HEADLINES), partition=lambda number: number % 6)
    told = tmp_path / "counts.json"
    worker = deployment.start(command=(str(COUNTED),), **{VARIABLE: str(told)})
    deployment.wait_until_count(HEADLINES)
    worker.stop()

    counted = json.loads(told.read_text())
    counted["requests: all"] = sum(
        number for name, number in counted.items() if name.startswith("requests: ")
    )
    counted |= appended(broker.data_dir, deployment)
    print(json.dumps(counted, indent=1))
    broken = {name: bound.broken_by(counted.get(name, 0)) for name, bound in BOUNDS.items()}
    assert not any(broken.values()), "\n".join(f"{name}: {what}" for name, what in broken.items() if what)


def appended(folder, deployment):
    """Record batches of a run, and bytes a headline, by what they are: as they lie in Kafka's own files."""
    sizes, batches = Counter(), Counter()
    for file in folder.rglob(f"{deployment.prefix}*/*.log"):
        topic, _, _ = file.parent.name.rpartition("-")
        if topic == deployment.environment["NEWSWIRE_TOPICS__FINGERPRINTS"]:
            group = "log"
        elif topic in deployment.output_topics:
            group = "outputs"
        else:
            continue
        found = record_batches(file.read_bytes())
        batches[f"record batches: {group}"] += len(found)
        sizes[f"bytes appended: {group}"] += sum(found)
    return {**batches, **{name: size / HEADLINES for name, size in sizes.items()}}


def record_batches(segment):
    """The size of each record batch of a log segment."""
    found, at = [], 0
    while at < len(segment):
        # Its base offset in 8 bytes, and the length of what follows in 4.
        found.append(12 + int.from_bytes(segment[at + 8 : at + 12], "big"))
        at += found[-1]
    return found
