"""Loads the streams and the duplicates into PostgreSQL, each record once, whenever and however this program ends.

    python deploy/consumers/postgresql.py "dbname=news" [127.0.0.1:9092]

Rows and offsets are written in one transaction, and it goes on where the table stream_offsets is: what was not
committed is read again, what was is not. An id that is there already is left as it is, so a repeat changes nothing, nor
does a load from the beginning (TRUNCATE stream_offsets). A second loader waits until the first one is gone. A partition
that is new is loaded within a minute; a topic that was made anew ends the load.
"""

import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicCollection
from confluent_kafka import TopicPartition as Partition
from confluent_kafka.admin import AdminClient
from worker.reader import RoutedHeadline, decode

TABLES = Path(__file__).with_suffix(".sql").read_text()
ONE_LOADER = "SELECT pg_advisory_lock(hashtext('newswire'))"
HEADLINE = "INSERT INTO headlines VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
DUPLICATE = "INSERT INTO duplicates VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
OFFSET = """INSERT INTO stream_offsets VALUES (%s, %s, %s, %s)
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"""
MOST = 500  # records a transaction
LOOK_EVERY_S = 60  # for new partitions
ANEW = "TRUNCATE stream_offsets, and all that is there is loaded"
GONE = "Kafka does not have the next offset of a partition: deleted by age, or the topic was made anew"


def main(database: str, bootstrap_servers: str = "127.0.0.1:9092") -> None:
    """Load until it is ended."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(ONE_LOADER)
        connection.execute(TABLES)
        brokers = {"bootstrap.servers": bootstrap_servers}
        # The group is only a name: nothing is committed to Kafka.
        settings = {"group.id": "postgresql", "enable.auto.commit": False, "auto.offset.reset": "error"}
        consumer, admin = Consumer({**brokers, **settings}), AdminClient(brokers)
        consumer.assign(beginnings(connection, known := partitions(admin)))
        due = time.monotonic() + LOOK_EVERY_S
        while True:
            if messages := consumer.consume(MOST, timeout=1):
                load(connection, messages, known)
            if time.monotonic() > due:
                with suppress(KafkaException):  # while Kafka is away, which consume() waits out
                    if (found := partitions(admin)) != known:
                        consumer.assign(beginnings(connection, known := found))
                due = time.monotonic() + LOOK_EVERY_S


def partitions(admin: AdminClient) -> dict[tuple[str, int], str]:
    """Every partition of the streams and of the duplicates, with the id of its topic: one made anew has another."""
    topics = admin.list_topics(timeout=30).topics
    names = [name for name in topics if name.startswith("news.") or name == "headlines.duplicates"]
    if not names:
        raise SystemExit("Kafka has no streams: none of its topics is news.* or headlines.duplicates")
    found = [each.result() for each in admin.describe_topics(TopicCollection(names)).values()]
    return {(topic.name, each.id): str(topic.topic_id) for topic in found for each in topic.partitions}


def beginnings(connection: psycopg.Connection, found: dict[tuple[str, int], str]) -> list[Partition]:
    """These partitions, each at the offset that the table has for it."""
    offsets = {}
    for topic, partition, offset, topic_id in connection.execute("SELECT * FROM stream_offsets"):
        if found.get((topic, partition), topic_id) != topic_id:
            raise SystemExit(f"{topic} was made anew, and stream_offsets is of the old one: {ANEW}")
        offsets[topic, partition] = offset
    return [Partition(*place, offsets.get(place, OFFSET_BEGINNING)) for place in found]


def load(connection: psycopg.Connection, messages: list[Message], known: dict[tuple[str, int], str]) -> None:
    """One transaction: the rows of some records, and where to go on behind them."""
    headlines, duplicates, offsets = [], [], {}
    for message in messages:
        if error := message.error():
            gone = error.name() == "_AUTO_OFFSET_RESET"
            raise SystemExit(f"{error.str()}: {GONE}; {ANEW}") if gone else KafkaException(error)
        event, text = decode(message), message.value().decode()
        if isinstance(event, RoutedHeadline):
            times = event.published_at, event.ingested_at
            headline = event.id, event.topic, event.source, event.headline, *times
            headlines.append((*headline, event.confidence, event.verdict, event.update_of, text))
        else:
            place = event.id, event.position.partition, event.position.offset
            duplicates.append((*place, event.duplicate_of, event.reason, event.score, text))
        offsets[message.topic(), message.partition()] = message.offset() + 1
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(HEADLINE, headlines)
        cursor.executemany(DUPLICATE, duplicates)
        cursor.executemany(OFFSET, [(*place, offset, known[place]) for place, offset in offsets.items()])


if __name__ == "__main__":
    main(*sys.argv[1:])
