"""What consumer groups have committed, asked and told directly; and how far a group has come, past any reset.

aiokafka looks at the errors of single partitions alone. While a group's coordinator moves or loads, Kafka answers with
one error for the whole group and no partitions (OffsetFetch from version 2 on), which aiokafka takes for "never
committed": a partition would be read from its beginning.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from aiokafka import TopicPartition
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest

from worker.logs import get_logger
from worker.rights import PROGRESS_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

log = get_logger(__name__)

OURS = "newswire"
"""The metadata of a commit that a worker made."""

_PATIENCE_S = 60.0
_PROGRESS_PATIENCE_S = 5.0
_PAUSE_S = 0.1

P = TypeVar("P", bound=TopicPartition)
"""aiokafka's `TopicPartition`, or Faust's, which is one."""


class Commit(NamedTuple):
    """A committed offset, and what its committer said of it."""

    offset: int
    metadata: str


class GroupOffsets:
    """The commits of a consumer group, over the connections of a consumer of any group."""

    def __init__(self, consumer: Any, group: str, *, patience_s: float = _PATIENCE_S) -> None:
        self.group = group
        self._client = consumer._client
        self._patience_s = patience_s
        self._coordinator: int | None = None

    async def read(self, partitions: Collection[P]) -> dict[P, Commit]:
        """The commits of those partitions that have one.

        Raises:
            KafkaError: the group's coordinator refuses, or gives no answer for so long as the patience lasts.
        """
        by_topic: dict[str, list[int]] = defaultdict(list)
        for tp in partitions:
            by_topic[tp.topic].append(tp.partition)
        response = await self._ask(OffsetFetchRequest(self.group, list(by_topic.items())))
        found = {
            (topic, partition): Commit(offset, metadata)
            for topic, answers in response.topics
            for partition, offset, metadata, _ in answers
            if offset >= 0
        }
        return {tp: found[tp.topic, tp.partition] for tp in partitions if (tp.topic, tp.partition) in found}

    async def write(self, offsets: Mapping[P, int]) -> None:
        """Commit offsets to a group without members.

        Raises:
            KafkaError: as for `read`.
        """
        by_topic: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for tp, offset in offsets.items():
            by_topic[tp.topic].append((tp.partition, offset, OURS))
        no_member = (OffsetCommitRequest.DEFAULT_GENERATION_ID, "")
        await self._ask(OffsetCommitRequest(self.group, *no_member, -1, list(by_topic.items())))

    async def _ask(self, request: Any) -> Any:
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return await self._try(request)
            except KafkaError as error:
                self._coordinator = None
                if not error.retriable or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_PAUSE_S)

    async def _try(self, request: Any) -> Any:
        if self._coordinator is None:
            self._coordinator = await self._client.coordinator_lookup(CoordinationType.GROUP, self.group)
        response = await self._client.send(self._coordinator, request, group=ConnectionGroup.COORDINATION)
        codes = [getattr(response, "error_code", 0)]
        codes += [code for _, partitions in response.topics for *_, code in partitions]
        for code in codes:
            if code:
                raise for_code(code)(self.group)
        return response


class Progress:
    """How far a group has come, kept where a reset of its offsets does not reach.

    An operator may move a group's offsets forward, over records that nobody has read, and Kafka keeps no trace of
    where they stood. So each commit is repeated under a second group, `<group>.progress`, which has no members and
    which no reset of the first one touches. A commit of the worker's own is told from an operator's by its metadata.

    The second commit follows the first and is not fenced by it: after a crash between the two it lags behind, which
    does no harm, since it is only looked at where the first is somebody else's.
    """

    def __init__(self, consumer: Any, group: str) -> None:
        self._offsets = GroupOffsets(consumer, group + PROGRESS_SUFFIX, patience_s=_PROGRESS_PATIENCE_S)

    async def read(self, partitions: Collection[P]) -> dict[P, int]:
        """By partition the next offset that was not done yet; without those of which nothing is known."""
        try:
            async with asyncio.timeout(_PROGRESS_PATIENCE_S):
                commits = await self._offsets.read(partitions)
        except (KafkaError, TimeoutError) as error:
            self._tell(error)
            return {}
        return {tp: commit.offset for tp, commit in commits.items()}

    async def write(self, offsets: Mapping[P, int]) -> None:
        """Note how far the group has come; work does not wait for it long."""
        try:
            async with asyncio.timeout(_PROGRESS_PATIENCE_S):
                await self._offsets.write(offsets)
        except (KafkaError, TimeoutError) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        log.warning(
            "no record of how far the group has come; an offset reset could pass over records uncounted",
            group=self._offsets.group,
            error=repr(error),
        )
