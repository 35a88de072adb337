"""Promise 1: every source position has exactly one outcome; what is broken costs only itself."""

import asyncio
import random
from collections import Counter, defaultdict

import jsonschema_rs
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, Producer
from worker.config import Settings
from worker.events import Reason
from worker.normalize.schema import load

from .deployment import Raw, disordered
from .odd_names import produced_with_odd_names
from .poison import LARGEST, ODD_HEADERS, ODD_KEYS, POISON, document
from .worker_process import DEADLINE_S

GOOD = 2500
GROUPS = 150
EACH_POISON = 3


@pytest.fixture
def records(newsroom):
    """Good headlines, groups that say the same, and poison, in random order: (kind, group or reason, record)."""
    draw = random.Random(20)

    def odd(value):
        return Raw(value, draw.choice(ODD_KEYS), draw.choice(ODD_HEADERS))

    made = [("good", None, Raw(newsroom.event(n), b"n-%d" % n)) for n in range(GOOD)]
    made += [("odd", None, odd(newsroom.event(n))) for n in range(GOOD, GOOD + 40)]
    # As large as the limits allow.
    made += [("odd", None, odd(newsroom.event(GOOD + 50, body="b" * 261_900)))]
    made += [("odd", None, odd(newsroom.event(GOOD + 51, headline="\U0001f30a" * 2000)))]
    for n in range(GOOD + 100, GOOD + 100 + GROUPS):
        made += [("group", n, odd(newsroom.event(n))), ("group", n, odd(newsroom.copy(n)))]
    made += [("poison", reason, odd(value)) for value, reason in POISON.values() for _ in range(EACH_POISON)]
    made += [("poison", "too_large", Raw(LARGEST))]
    draw.shuffle(made)
    return made


def test_every_position_has_one_outcome_and_what_is_broken_costs_only_itself(deployment, records):
    chosen = random.Random(21)
    positions = deployment.feed([record for _, _, record in records], partition=lambda _: chosen.randrange(6))
    worker = deployment.start()
    outputs = deployment.wait_until_accounted(len(records))
    deployment.wait_until_committed()

    # The balance: metrics, the topics' offsets and what came out say the same.
    outcomes = worker.outcomes()
    assert sum(outcomes.values()) == sum(deployment.raw_ends().values()) == len(records)
    assert Counter(output.position for output in outputs) == Counter(positions)
    assert Counter(output.outcome for output in outputs) == outcomes
    poison = sum(kind == "poison" for kind, _, _ in records)
    assert outcomes == {"routed": len(records) - GROUPS - poison, "duplicate": GROUPS, "dead_letter": poison}
    assert disordered(outputs) == []

    by_position = {output.position: output for output in outputs}
    groups = defaultdict(list)
    schema = jsonschema_rs.Draft202012Validator(load("deadletter.headers"))
    for position, (kind, detail, record) in zip(positions, records, strict=True):
        output = by_position[position]
        if kind == "poison":
            assert output.outcome == "dead_letter"
            assert (output.key, output.value) == (record.key, record.value)
            kept = [header for header in record.headers if not header[0].startswith("newswire.")]
            assert list(output.headers[: len(kept)]) == kept
            cause = {name: text.decode() for name, text in output.headers[len(kept) :]}
            schema.validate(cause)
            assert (cause["newswire.reason"], cause["newswire.topic"]) == (detail, deployment.raw)
        elif kind == "group":
            groups[detail].append(output.event)
        else:
            assert output.event["verdict"] in {"original", "update"}
    for group in groups.values():
        original, duplicate = sorted(group, key=lambda event: event["verdict"] == "duplicate")
        assert original["verdict"] in {"original", "update"}
        assert duplicate["duplicate_of"] == original["id"]

    metrics = worker.metrics()
    reasons = Counter(reason for kind, reason, _ in records if kind == "poison")
    assert {reason: metrics["newswire_dead_letters_total", reason] for reason in Reason} == reasons
    routed = Counter(output.stream.removeprefix("news.") for output in outputs if output.outcome == "routed")
    assert {topic: metrics["newswire_routed_total", topic] for topic in routed} == routed
    assert sum(v for n, v in metrics.items() if n[0] == "newswire_verdicts_total") == len(records) - poison
    assert (
        sum(v for n, v in metrics.items() if n[0] == "newswire_source_headlines_total")
        == len(records) - poison
    )
    assert sum(v for n, v in metrics.items() if n[0] == "newswire_consumer_lag_records") == 0
    assert metrics["newswire_consumer_lag_seconds"] == 0
    assert metrics["newswire_index_entries_limit"] == Settings().dedup.max_entries
    assert metrics["newswire_event_loop_delay_seconds_count"] > 0
    assert metrics["newswire_end_to_end_seconds_count"] == len(records)


def test_a_header_name_that_is_not_utf_8_costs_nothing(deployment, newsroom):
    """The client library cannot decode it, gives up on all that was fetched, and would do so for ever."""
    odd = (("caf\u00e9", b"1"), ("plain", None))
    positions = []
    sent = []
    for turn in range(4):
        plain = [Raw(newsroom.event(1000 * turn + n)) for n in range(300)]
        positions += deployment.feed(plain, partition=lambda n: n % 6)
        named = [Raw(newsroom.event(1000 * turn + 400 + n), b"k", odd if n % 3 else ()) for n in range(20)]
        named.append(Raw(b"no JSON", b"k", odd))
        for partition in (0, 1, 4):
            records = [Raw(r.value.replace(b'"n-', b'"%d-' % partition), r.key, r.headers) for r in named]
            positions += asyncio.run(
                produced_with_odd_names(
                    deployment.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"],
                    deployment.raw,
                    records,
                    partition,
                )
            )
        sent.append(named)

    worker = deployment.start(NEWSWIRE_WORKER__BATCH_RECORDS="50", NEWSWIRE_DEDUP__MODE="off")
    outputs = deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()

    assert Counter(output.position for output in outputs) == Counter(positions)
    assert worker.outcomes() == {"routed": len(positions) - 12, "dead_letter": 12}
    letters = [output for output in outputs if output.outcome == "dead_letter"]
    assert {letter.headers[:2] for letter in letters} == {((r"caf\xe9", b"1"), ("plain", None))}


ABSURD_MS = {
    "before 1970": -86_400_000,
    "after 2100": 4_133_980_800_000,
    "microseconds": 1_795_000_000_000_000,
    "nanoseconds": 1_795_000_000_000_000_000,
    "the largest": 2**63 - 1,
}


def produced_at(deployment, value, timestamp):
    """Produce a raw record with a timestamp of the producer's; its position, and the timestamp that Kafka gave it."""
    told = []
    producer = Producer({"bootstrap.servers": deployment.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]})
    producer.produce(
        deployment.raw,
        value,
        partition=0,
        timestamp=timestamp,
        on_delivery=lambda error, message: told.append((error, message)),
    )
    assert producer.flush(DEADLINE_S) == 0
    [(error, message)] = told
    assert error is None, error
    return (message.partition(), message.offset()), message.timestamp()


def test_a_kafka_timestamp_that_no_calendar_has_costs_only_its_record(deploy, newsroom):
    """Only a topic with CreateTime takes one; what it took stays when the topic stamps records again."""
    deployment = deploy()
    deployment.make_raw_topic_of_any_timestamp()
    absurd = {}
    for n, timestamp in enumerate(ABSURD_MS.values()):
        position, stamped = produced_at(deployment, newsroom.event(n), timestamp)
        assert stamped == (TIMESTAMP_CREATE_TIME, timestamp)
        absurd[position] = timestamp
    deployment.apply_topics()
    positions = [*absurd, *deployment.feed([newsroom.event(100 + n) for n in range(50)], partition=0)]

    worker = deployment.start()
    outputs = deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()

    assert Counter(output.position for output in outputs) == Counter(positions)
    assert worker.outcomes() == {"routed": 50, "dead_letter": len(absurd)}
    for output in outputs:
        if output.outcome == "dead_letter":
            cause = {name: text.decode() for name, text in output.headers}
            jsonschema_rs.Draft202012Validator(load("deadletter.headers")).validate(cause)
            assert cause["newswire.reason"] == "timestamp"
            assert cause["newswire.timestamp"] == str(absurd[output.position])
    assert worker.metrics()["newswire_end_to_end_seconds_count"] == 50


def test_a_record_that_came_compressed_is_dead_lettered_whole_however_large_it_is(deployment, newsroom):
    large = Raw(document(body="storm " * 3_000_000), b"k", (("trace", b"1"),))
    positions = deployment.feed([large, *map(newsroom.event, range(50))], partition=0, compression="gzip")
    deployment.start()
    outputs = deployment.wait_until_accounted(len(positions))

    [letter] = [output for output in outputs if output.outcome == "dead_letter"]
    assert letter.position == positions[0]
    assert (letter.key, letter.value, letter.headers[0]) == (large.key, large.value, ("trace", b"1"))
