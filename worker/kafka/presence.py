"""Whether the topics that a running worker needs are still there.

A topic that was deleted shows in none of aiokafka's calls: a consumer waits for its partitions, a producer for its
leader, and both say so to the log only, for ever.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.protocol.metadata import MetadataRequest

from worker.errors import TopicDriftError
from worker.kafka import any_broker
from worker.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

log = get_logger(__name__)

_ANSWER_S: Final = 4.0
_PATIENCE_S: Final = 10.0
"""A topic may be made anew under a worker: for so long it may be missing meanwhile."""


class Presence:
    """Looks for topics, over one of the worker's connections.

    Args:
        client: an `AIOKafkaClient`.
        topics: their names.
        clock: seconds that only go forward.
    """

    def __init__(
        self, client: Any, topics: Collection[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._topics = list(topics)
        self._clock = clock
        self._missed_since: float | None = None

    async def check(self) -> None:
        """Ask Kafka for the topics; where it gives no answer in time, all is well as far as is known.

        Raises:
            TopicDriftError: some have been missing for too long.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                gone = await self._gone()
        except (KafkaError, TimeoutError):
            return
        if not gone:
            self._missed_since = None
        elif self._missed_since is None:
            self._missed_since = self._clock()
            log.warning("topics are gone; waiting for them", topics=gone, up_to_s=_PATIENCE_S)
        elif (missed_s := self._clock() - self._missed_since) > _PATIENCE_S:
            raise TopicDriftError(
                f"Kafka has had no topic {', '.join(gone)} for {missed_s:.0f} s: make it again (`newswire topics"
                " apply`), and where the raw topic or the fingerprint log was lost begin a new epoch (dedup.epoch);"
                " then start the worker again"
            )

    async def _gone(self) -> list[str]:
        request = MetadataRequest(self._topics, allow_auto_topic_creation=False)
        answer = await any_broker.ask(self._client, request, patience_s=_ANSWER_S)
        return sorted(topic[1] for topic in answer.topics if topic[0] == UnknownTopicOrPartitionError.errno)
