"""For programs that consume the streams: a record of `news.*` or `headlines.duplicates` as a typed event, each once.

    reader = Reader()
    async for record in consumer:                 # aiokafka; with confluent-kafka, what poll() gives
        event = reader.read(record)               # None: a repeat, or from before the place where this consumer began
        if isinstance(event, RoutedHeadline):
            print(event.topic, event.headline)

`decode` makes an event of one record and checks its version. `Reader` drops repeats too, also across restarts and
rebalances, when it is told where a partition begins: `Reader.begin`. Neither opens a connection, and
this package imports neither Kafka clients nor Faust nor the stages. Programs that use it: `deploy/consumers/`.

Set `auto.offset.reset=earliest`, and give `begin` the oldest offset that Kafka keeps. By `latest`, the default of both
clients, a consumer that is sent to an offset which is gone begins at the end, and all events in between are lost.

    events.py    what a consumer gets: the events as frozen structs
    records.py   records of either client, decoded and checked
    reader.py    each event once
"""

from worker.errors import OffsetBeyondEndError, UnknownVersionError, UnreadableRecordError
from worker.events import Further, Kind
from worker.reader.events import DuplicateHeadline, Event, Position, RoutedHeadline
from worker.reader.reader import Reader
from worker.reader.records import AttributeRecord, MethodRecord, Record, decode

__all__ = [
    "AttributeRecord",
    "DuplicateHeadline",
    "Event",
    "Further",
    "Kind",
    "MethodRecord",
    "OffsetBeyondEndError",
    "Position",
    "Reader",
    "Record",
    "RoutedHeadline",
    "UnknownVersionError",
    "UnreadableRecordError",
    "decode",
]
