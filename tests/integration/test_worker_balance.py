"""Promise 1: every source position has exactly one outcome; what is broken costs only itself."""

import asyncio
import json
import random
from collections import Counter, defaultdict

import jsonschema_rs
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, Producer
from confluent_kafka.admin import NewTopic
from worker.config import Settings
from worker.events import Reason
from worker.normalize.schema import load

from .deployment import Raw
from .odd_names import produced_with_odd_names
from .worker_process import DEADLINE_S

GOOD = 2500
GROUPS = 150
EACH_POISON = 3


def document(**fields):
    """A raw event, but for its fields that are None."""
    event = {"id": "p-1", "source": "newsroom", "headline": "Harbour reopens after the storm"} | fields
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode()


def nested(depth):
    return b'{"id":"p-1","source":"s","headline":"h","x":' + b"[" * depth + b"]" * depth + b"}"


POISON = {
    "null value": (None, "null"),
    "no bytes": (b"", "not_json"),
    "a byte that is not UTF-8": (document().replace(b"storm", b"st\xffrm"), "not_utf8"),
    "Latin-1": ('{"id":"p","source":"s","headline":"Caf\u00e9"}'.encode("latin-1"), "not_utf8"),
    "UTF-16": (document().decode().encode("utf-16"), "not_utf8"),
    "cut in the middle": (document()[:-9], "not_json"),
    "no JSON at all": (b"Harbour reopens after the storm", "not_json"),
    "two documents": (document() * 2, "not_json"),
    "not a number": (document().replace(b'"p-1"', b"NaN"), "not_json"),
    "single quotes": (document().replace(b'"', b"'"), "not_json"),
    "zero bytes": (bytes(64), "not_json"),
    "an array": (b"[" + document() + b"]", "schema"),
    "a string": (b'"Harbour reopens"', "schema"),
    "a number": (b"1e400", "not_json"),
    "null in JSON": (b"null", "schema"),
    "an empty object": (b"{}", "schema"),
    "no id": (document(id=None), "schema"),
    "no source": (document(source=None), "schema"),
    "no headline": (document(headline=None), "schema"),
    "a headline that is a number": (document(headline=7), "schema"),
    "a headline that is a list": (document(headline=["a", "b"]), "schema"),
    "an id that is a number": (document(id=7), "schema"),
    "a blank id": (document(id=" "), "schema"),
    "an id without end": (document(id="x" * 600), "too_large"),
    "a source with a line break": (document(source="a\nb"), "schema"),
    "a url that is an object": (document(url={"href": "x"}), "schema"),
    "a language that is none": (document(language="!!"), "schema"),
    "an empty headline": (document(headline=""), "empty"),
    "a blank headline": (document(headline=" \t\u00a0\u2003"), "empty"),
    "nothing but control characters": (document(headline="\x00\x07\x1b\x7f"), "empty"),
    "nothing but what is invisible": (document(headline="\u200b\u2060\ufeff\u202e"), "empty"),
    "nothing but tags": (document(headline="<b></b><br/>"), "empty"),
    "a huge headline": (document(headline="storm " * 400), "too_large"),
    "a headline of a megabyte": (document(headline="s" * 900_000), "too_large"),
    "a headline that grows by its repair": (document(headline="\ufdfa" * 1999 + "\u0344"), "too_large"),
    "a heap of unknown fields": (document(**{f"x{n}": "y" * 100 for n in range(200)}), "too_large"),
    "a nested bomb": (nested(400_000), "too_large"),
    "a smaller nested bomb": (nested(100_000), "not_json"),
    "one level too deep": (nested(32), "not_json"),
    "version 2": (document(schema_version=2), "version"),
    "a version that is a word": (document(schema_version="latest"), "version"),
    "the year 9999": (document(published_at="9999-12-31T23:59:59Z"), "timestamp"),
    "the year 1": (document(published_at="0001-01-01T00:00:00Z"), "timestamp"),
    "no time": (document(published_at="yesterday"), "timestamp"),
    "a time as a number": (document(published_at=1767945600), "schema"),
    "a record near the size limit": (document(body="b" * (1_048_576 - 8_000)), "too_large"),
}
# max.message.bytes of the raw topic, less what Kafka adds: 61 bytes for the batch, 12 for the record.
LARGEST = b"b" * (1_048_576 - 73)

ODD_KEYS = [None, b"", b"\xff\xfe", b"k" * 5000, "ключ".encode()]
ODD_HEADERS = [
    (),
    (("trace", b"\xff\x00"), ("trace", None), ("", b"no name")),
    (("newswire.reason", b"forged"), ("newswire.attempt", b"many")),
    (("h\u00e9", b"x" * 2000),),
]


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


def make_raw_topic_of_any_timestamp(deployment):
    """Make the raw topic as one that keeps what producers say; `newswire topics apply` ends that."""
    any_distance = str(2**63 - 1)
    config = {
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": any_distance,
        "message.timestamp.after.max.ms": any_distance,
    }
    for made in deployment.cluster.create_topics([NewTopic(deployment.raw, 6, 1, config=config)]).values():
        made.result(DEADLINE_S)


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
    make_raw_topic_of_any_timestamp(deployment)
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
