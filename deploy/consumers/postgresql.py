"""Loads the streams and the duplicates into PostgreSQL, each record once, whenever and however this program ends.

    python deploy/consumers/postgresql.py "dbname=news" [127.0.0.1:9092]

Rows and offsets are written in one transaction, and it goes on where the table stream_offsets is: what was not
committed is read again, what was is not. An id that is there already is left as it is, so a repeat changes nothing, nor
does a load from the beginning (TRUNCATE stream_offsets). A second loader waits until the first one is gone.
"""

import sys
from pathlib import Path

import psycopg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from worker.reader import RoutedHeadline, decode

TABLES = Path(__file__).with_suffix(".sql").read_text()
ONE_LOADER = "SELECT pg_advisory_lock(hashtext('newswire'))"
HEADLINE = "INSERT INTO headlines VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
DUPLICATE = "INSERT INTO duplicates VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
OFFSET = """INSERT INTO stream_offsets VALUES (%s, %s, %s)
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"""
MOST = 500  # records a transaction


def main(database: str, bootstrap_servers: str = "127.0.0.1:9092") -> None:
    """Load until it is ended."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(ONE_LOADER)
        connection.execute(TABLES)
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "postgresql",  # only a name: nothing is committed to Kafka
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
            }
        )
        consumer.assign(beginnings(consumer, connection))
        while True:
            messages = consumer.consume(MOST, timeout=1)
            if messages:
                load(connection, messages)


def beginnings(consumer: Consumer, connection: psycopg.Connection) -> list[TopicPartition]:
    """Every partition of the streams and of the duplicates, at the offset that the table has for it."""
    rows = connection.execute("SELECT topic, partition, next_offset FROM stream_offsets")
    offsets = {(topic, partition): offset for topic, partition, offset in rows}
    topics = consumer.list_topics(timeout=30).topics.items()
    return [
        TopicPartition(topic, partition, offsets.get((topic, partition), OFFSET_BEGINNING))
        for topic, found in topics
        if topic.startswith("news.") or topic == "headlines.duplicates"
        for partition in found.partitions
    ]


def load(connection: psycopg.Connection, messages: list[Message]) -> None:
    """One transaction: the rows of some records, and where to go on behind them."""
    headlines, duplicates, offsets = [], [], {}
    for message in messages:
        if message.error():
            raise failure(message.error())
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
        cursor.executemany(OFFSET, [(*place, offset) for place, offset in offsets.items()])


def failure(error: KafkaError) -> BaseException:
    """What ends the load; records that Kafka does not have any more are not passed over in silence."""
    if error.name() == "_AUTO_OFFSET_RESET":
        return SystemExit(
            f"{error.str()}: Kafka does not have the next offset of a partition. Its records were too old and are"
            " deleted, or the topic was made anew; TRUNCATE stream_offsets, and all that is there is loaded"
        )
    return KafkaException(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
