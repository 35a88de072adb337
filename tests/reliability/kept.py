"""What a run that failed leaves behind."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException

from . import verifier
from .log_entries import MAGIC

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.integration.deployment import Deployment
    from worker.broker import LocalBroker, LocalCluster

    from .verifier import Record

PATIENCE_S = 60


def keep(
    folder: Path, timeline: Sequence[str], deployment: Deployment, broker: LocalBroker | LocalCluster | None
) -> Path:
    """Write the timeline, logs and topics into a folder, in place of what an earlier run left there.

    Args:
        folder: where.
        timeline: what happened, line by line.
        deployment: whose workers' logs, and whose topics as far as Kafka hands them out.
        broker: whose nodes' logs; None for one that other tests use too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "timeline.txt").write_text("\n".join(timeline) + "\n")
    for number, worker in enumerate(deployment.workers):
        lines = "".join(json.dumps(line) + "\n" for line in worker.log)
        (folder / f"worker-{number}.log").write_text(lines)
    for node in broker.nodes if broker else ():
        with suppress(OSError):
            shutil.copyfile(node.log_path, folder / f"broker-{node.id}.log")
    deadline = time.monotonic() + PATIENCE_S
    with suppress(KafkaException):
        for topic in deployment.cluster.list_topics(timeout=30).topics:
            if topic.startswith(deployment.prefix):
                with suppress(KafkaException, TimeoutError, LookupError):
                    path = folder / f"{topic.removeprefix(deployment.prefix)}.jsonl"
                    _keep_topic(path, deployment, topic, max(1.0, deadline - time.monotonic()))
    return folder


def _keep_topic(path: Path, deployment: Deployment, topic: str, deadline_s: float) -> None:
    servers = deployment.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]
    records = verifier.read(servers, [topic], deadline_s=deadline_s)
    path.write_text("".join(json.dumps(_plain(record)) + "\n" for record in records))


def _plain(record: Record) -> dict[str, object]:
    def text(value: bytes | None) -> str | None:
        return None if value is None else value.decode(errors="backslashreplace")

    is_frame = record.value is not None and record.value.startswith(MAGIC)
    return {
        **record._asdict(),
        "key": text(record.key),
        "value": record.value.hex() if is_frame else text(record.value),
        "headers": [(name, text(value)) for name, value in record.headers],
    }
