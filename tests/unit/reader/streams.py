"""Records of the streams as the clients give them, made by the stages themselves."""

from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import ConsumerRecord
from confluent_kafka import Message
from worker.events import Headline, Kind, Route, Verdict
from worker.kafka.records import RecordBatch
from worker.route.envelope import Labels, Origin, duplicate, routed

LABELS = Labels("dedup-1", "topics-1", "deep-1")


def routed_parts(number=1, *, kind=Kind.ORIGINAL, **fields):
    """Value and headers of a routed headline; what differs from another number is its id and its position."""
    headline = Headline(
        f"{number:032x}", f"guid-{number}", "agency", "Rain ends drought", "rain ends drought", **fields
    )
    of = None if kind is Kind.ORIGINAL else f"{0:032x}"
    route = Route("weather", "weather", "medtop:17000000", 0.75)
    origin = Origin("headlines.raw", 4, number % 10_000, 1_767_952_801_204)
    return _parts(routed(headline, Verdict(kind, "reason", of), route, origin, LABELS))


def duplicate_parts(number=1, offset=7):
    """Value and headers of a duplicate, of the raw record at an offset."""
    headline = Headline(
        f"{number:032x}", f"guid-{number}", "agency", "Rain ends drought", "rain ends drought"
    )
    verdict = Verdict(Kind.DUPLICATE, "exact", f"{0:032x}", 1.0)
    return _parts(duplicate(headline, verdict, Origin("headlines.raw", 4, offset, 1_767_952_801_204), LABELS))


def _parts(record):
    (read,) = MemoryRecords(bytes(RecordBatch([record])._build())).next_batch()
    return read.value, list(read.headers)


def of_aiokafka(parts, *, topic="news.weather", partition=0, offset=0):
    value, headers = parts
    return ConsumerRecord(
        topic, partition, offset, 1, 0, b"key", value, None, 3, len(value or b""), tuple(headers)
    )


def of_confluent(parts, *, topic="news.weather", partition=0, offset=0):
    value, headers = parts
    return Message(topic=topic, partition=partition, offset=offset, value=value, headers=list(headers))
