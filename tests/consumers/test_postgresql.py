"""The loader of PostgreSQL: killed at any time it neither loses nor repeats a row."""

import random
import time
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic
from tests.wait import DEADLINE_S, until

from .conftest import CONSUMERS

HEADLINES = 2_000

# Every row that is tried is noted, in the same transaction: a record that were loaded twice would show here, whatever
# the tables' keys make of it. The sleeps make each step of a transaction long enough to be killed in.
NOTED = r"""
CREATE TABLE tried (id text, raw_partition integer, raw_offset bigint);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO tried SELECT NEW.id, place[1]::integer, place[2]::bigint
        FROM regexp_match(NEW.event::text, '"headlines.raw","partition":(\d+),"offset":(\d+)') place;
    RETURN NEW;
END $$;
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.0005); RETURN NEW; END $$;
CREATE TRIGGER note BEFORE INSERT ON headlines FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER note BEFORE INSERT ON duplicates FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER slow BEFORE INSERT ON headlines FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE TRIGGER slow BEFORE INSERT ON stream_offsets FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON headlines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
STEPS = ("INSERT INTO headlines", "INSERT INTO stream_offsets", "COMMIT", "INSERT INTO headlines")
AT_WORK = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND starts_with(query, %s)"""


@pytest.fixture
def tables(database):
    """A connection to the loader's tables, made as it makes them."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((CONSUMERS / "postgresql.sql").read_text())
        yield connection


@pytest.fixture(scope="session")
def much(live, newsroom):
    """Headlines enough for many transactions, and some that are odd."""
    # Duplicates of the same bytes, and text that jsonb does not take.
    odd = newsroom.event(HEADLINES, id="zero \0 in it", extra="\0")
    live.feed([newsroom.event(number) for number in range(HEADLINES)])
    live.feed([odd, odd, odd, *(newsroom.copy(number) for number in range(200))])
    return live


@pytest.fixture
def outputs(much):
    """Everything that there is to load, read by another client: headlines, updates, duplicates."""
    live = much
    live.wait_until_accounted(sum(live.raw_ends().values()))
    live.wait_until_committed()
    return [output for output in live.read() if output.outcome != "dead_letter"]


@pytest.fixture
def load(live, example, database):
    """Starts the loader."""
    address = live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]
    return lambda **constants: example("postgresql.py", database, address, **constants)


@pytest.fixture
def stream(live):
    """A stream of one partition that this test may change and make anew."""
    with Stream(live) as stream:
        yield stream


class Stream:
    """Within the `with`, a topic beside those of the worker, to which copies of headlines are written."""

    def __init__(self, live):
        brokers = {"bootstrap.servers": live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]}
        self.name = f"news.{uuid4().hex[:8]}"
        self._brokers, self._admin = brokers, AdminClient(brokers)
        self._copied = next(output for output in live.read() if output.outcome == "routed")

    def __enter__(self):
        self._done(self._admin.create_topics([NewTopic(self.name, 1)]))
        return self

    def __exit__(self, *_):
        self._done(self._admin.delete_topics([self.name]))
        until(lambda: self.name not in self._admin.list_topics(timeout=10).topics, "the topic is gone")

    def grow(self, partitions):
        self._done(self._admin.create_partitions([NewPartitions(self.name, partitions)]))

    def make_anew(self):
        self.__exit__()
        self.__enter__()

    def write(self, count, partition=0):
        of = self._copied
        producer = Producer(self._brokers)  # a new one: one that is old knows the partitions that were
        for _ in range(count):
            producer.produce(self.name, of.value, of.key, partition, headers=list(of.headers))
        assert producer.flush(DEADLINE_S) == 0

    def _done(self, futures):
        for future in futures.values():
            future.result()


def ends(outputs):
    """The next offset of each partition that holds something."""
    found = {}
    for output in outputs:
        found[output.stream, output.partition] = found.get((output.stream, output.partition), 0) + 1
    return found


def offsets(tables):
    rows = tables.execute("SELECT topic, partition, next_offset FROM stream_offsets")
    return {(topic, partition): offset for topic, partition, offset in rows}


def loaded(tables, outputs):
    """Wait until the table says that all is loaded."""
    until(lambda: offsets(tables) == ends(outputs), "everything is loaded")


def test_killed_at_any_time_it_neither_loses_nor_repeats_a_row(tables, outputs, load):
    tables.execute(NOTED)
    draw = random.Random(6)
    seen = []
    loader = load()
    for step in STEPS:
        until(
            lambda step=step: tables.execute(AT_WORK, [step]).fetchone()[0], f"it is at {step}", poll_s=0.005
        )
        time.sleep(draw.uniform(0, 0.02))
        # The next one is there already, and waits for its turn.
        following = load()
        loader.process.kill()
        loader.process.wait()
        seen.append(sum(offsets(tables).values()))
        loader = following
    loaded(tables, outputs)
    print(f"killed at {seen} of {len(outputs)} records")

    assert 0 < seen[-1] < len(outputs)
    tried = tables.execute("SELECT * FROM tried").fetchall()
    assert sorted(tried) == sorted((output.event["id"], *output.position) for output in outputs)
    same(tables, outputs)


def same(tables, outputs):
    """Every row is what another client has read, and there is no other one."""
    routed = {output.event["id"]: output for output in outputs if output.outcome == "routed"}
    rows = tables.execute(
        "SELECT id, topic, headline, verdict, update_of, confidence, published_at, ingested_at, event::text"
        " FROM headlines"
    )
    found = {row[0]: row[1:] for row in rows}
    assert found.keys() == routed.keys()
    # One of them holds what PostgreSQL does not take as text.
    assert any("\0" in output.event["event_id"] for output in routed.values())
    for each, output in routed.items():
        event = output.event
        said = (
            event["topic"],
            event["headline"],
            event["verdict"],
            event.get("update_of"),
            event["confidence"],
            instant(event["published_at"]) if "published_at" in event else None,
            instant(event["ingested_at"]),
        )
        assert found[each] == (*said, output.value.decode())

    duplicates = {
        (output.event["id"], *output.position): output for output in outputs if output.outcome == "duplicate"
    }
    rows = tables.execute("SELECT id, raw_partition, raw_offset, duplicate_of, event::text FROM duplicates")
    assert {row[:3]: row[3:] for row in rows} == {
        place: (output.event["duplicate_of"], output.value.decode()) for place, output in duplicates.items()
    }


def instant(text):
    return datetime.fromisoformat(text)


def test_a_load_from_the_beginning_changes_nothing(tables, outputs, load):
    first = load()
    loaded(tables, outputs)
    first.process.kill()
    first.process.wait()
    rows = "SELECT xmin, * FROM {} ORDER BY id, event::text"
    before = [tables.execute(rows.format(table)).fetchall() for table in ("headlines", "duplicates")]
    tables.execute("TRUNCATE stream_offsets")
    load()
    loaded(tables, outputs)

    assert [tables.execute(rows.format(table)).fetchall() for table in ("headlines", "duplicates")] == before


def test_records_that_kafka_does_not_have_any_more_are_not_passed_over(live, tables, load):
    first = load()
    until(lambda: ("news.sport", 0) in offsets(tables), "news.sport is loaded")
    first.process.kill()
    first.process.wait()
    tables.execute(
        "UPDATE stream_offsets SET next_offset = 1000000 WHERE (topic, partition) = ('news.sport', 0)"
    )
    loader = load()

    assert loader.process.wait(60) == 1
    assert "Kafka does not have the next offset of a partition" in loader.complaint
    assert "TRUNCATE stream_offsets" in loader.complaint


def test_partitions_that_are_new_are_loaded_and_a_topic_that_was_made_anew_ends_it(tables, stream, load):
    stream.write(6)
    loader = load(LOOK_EVERY_S=0.5)
    until(lambda: offsets(tables).get((stream.name, 0)) == 6, "the partition is loaded")
    stream.grow(2)
    stream.write(7, partition=1)
    until(lambda: offsets(tables).get((stream.name, 1)) == 7, "the new partition is loaded")
    assert loader.process.poll() is None

    stream.make_anew()
    assert loader.process.wait(DEADLINE_S) == 1
    stream.write(40)
    # The offset that is stored is one that the new topic has too.
    again = load()
    assert again.process.wait(DEADLINE_S) == 1
    assert f"{stream.name} was made anew, and stream_offsets is of the old one: TRUNCATE" in again.complaint
    assert offsets(tables)[stream.name, 0] == 6

    tables.execute("TRUNCATE stream_offsets")
    load()
    until(lambda: offsets(tables).get((stream.name, 0)) == 40, "all of the new topic is loaded")
