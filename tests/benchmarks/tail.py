"""How many headlines a second `newswire tail --json` brings into a pipe, from the beginning and as they come.

    python tests/benchmarks/tail.py [--headlines 300000] [--rate 20000]

A local Kafka gets routed headlines as a worker sends them, on all 18 streams. First those that are there are read,
then as many again come at a rate, and a tail that follows has to keep up: printed is how long after the last
confirmation its last line came. CPU is the tail's own, its start included.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
from confluent_kafka import Producer
from tests.benchmarks.peers.job import headers_of
from worker.broker import LocalBroker
from worker.events import Further, Headline, Kind, Route, Verdict
from worker.mediatopics import CODES, STREAMS
from worker.route.envelope import Labels, Origin, routed_value
from worker.stages.stages import partition_of

LABELS = Labels("dedup-1", "topics-1.00000000", "deep-1.00000000")
STEP = 1000


def main() -> None:
    """Measure both, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headlines", type=int, default=300_000)
    parser.add_argument(
        "--rate", type=int, default=20_000, help="headlines a second, of those that come live"
    )
    options = parser.parse_args()
    count = options.headlines
    with LocalBroker() as broker:
        address = broker.bootstrap_servers
        subprocess.run(
            [sys.executable, "-m", "worker", "topics", "apply", "-b", address],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        send(address, count)
        began = time.time()
        spent, ended = drain(start(address, "--from-beginning", "--no-follow"), count)
        rate = count / (ended - began)
        print(f"there already: {rate:,.0f} headlines/s, {spent / count * 1e6:.1f} us of CPU each")
        process = start(address, "-n", str(count))
        wait_until_it_listens(process)
        with ThreadPoolExecutor() as reader:
            drained = reader.submit(drain, process, count)
            confirmed = send(address, count, options.rate)
            spent, ended = drained.result()
        print(
            f"live: {options.rate:,} headlines/s, the last one {ended - confirmed:.2f} s after its"
            f" confirmation, {spent / count * 1e6:.1f} us of CPU each"
        )


def send(address: str, count: int, rate: int | None = None) -> float:
    """Produce routed headlines, at a rate or as fast as it goes; when the last one was confirmed."""
    producer = Producer({"bootstrap.servers": address, "linger.ms": 20})
    draw = random.Random(1)
    began = time.time()
    for number in range(count):
        stream = draw.choice(STREAMS)
        value, headers = event(number, stream, draw)
        key = f"{number:032x}"
        producer.produce(f"news.{stream}", value, key, partition_of(key, 3), headers=headers)
        if number % STEP == 0:
            if rate is None:
                producer.flush()
            else:
                producer.poll(0)
                time.sleep(max(0.0, began + number / rate - time.time()))
    producer.flush()
    return time.time()


def event(number: int, stream: str, draw: random.Random) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers of a routed headline of some 520 bytes."""
    headline = Headline(
        f"{number:032x}",
        f"guid-{number}",
        f"agency-{number % 7}",
        f"Rain ends drought in region {number} as ministers meet to discuss the harvest",
        "",
        published_at="2026-01-09T10:00:00Z",
        url=f"https://news.example.com/2026/01/09/{number}",
        language="en",
    )
    also = (Further("weather", CODES["weather"], 0.31),) if number % 3 == 0 else ()
    route = Route(stream, stream, CODES.get(stream, CODES["sport"]), round(draw.random(), 3), also)
    origin = Origin("headlines.raw", number % 6, number // 6, 1_767_952_801_204 + number)
    value = routed_value(headline, Verdict(Kind.ORIGINAL, "first"), route, origin, LABELS)
    return value, headers_of(headline, origin, "routed")


def start(address: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A tail of all streams into a pipe."""
    command = [sys.executable, "-m", "worker", "tail", "--json", "-b", address, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def wait_until_it_listens(process: subprocess.Popen[bytes]) -> None:
    """Wait until it waits for records: it has used no CPU to speak of for a second, after its start."""
    deadline = time.monotonic() + 30
    spent = -1.0
    while (now := sum(psutil.Process(process.pid).cpu_times()[:2])) - spent > 0.05 or now < 0.2:
        if time.monotonic() > deadline:
            raise TimeoutError("the tail does not come to rest")
        spent = now
        time.sleep(1)


def drain(process: subprocess.Popen[bytes], count: int) -> tuple[float, float]:
    """Read all that a tail prints, which has to be so many lines; seconds of CPU that it took, and when it was done."""
    if process.stdout is None:
        raise TypeError("a tail without a pipe")
    lines = sum(1 for _ in process.stdout)
    ended = time.time()
    _, status, usage = os.wait4(process.pid, 0)
    if (lines, status) != (count, 0):
        raise ValueError(f"{lines} lines of {count}, status {status}")
    return usage.ru_utime + usage.ru_stime, ended


if __name__ == "__main__":
    main()
