"""How far a group has come, kept where a reset of its offsets does not reach.

An operator may move a group's offsets forward, over records that nobody has read, and Kafka keeps no trace of where
they stood. So each commit is repeated under a second group, `<group>.progress`, which has no members and which no
reset of the first one touches. A commit of the worker's own is told from an operator's by its metadata.

The second commit follows the first and is not fenced by it: after a crash between the two it lags behind, which
does no harm, since it is only looked at where the first is somebody else's.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest

from worker.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from faust.types import TP

log = get_logger(__name__)

OURS = "newswire"
"""The metadata of a commit that a worker made."""

_SUFFIX = ".progress"
_TRIES = 3
_PATIENCE_S = 5


class Progress:
    """The commits of the second group, over the connections of a consumer of the first."""

    def __init__(self, client: Any, group: str) -> None:
        self._client = client
        self._group = group + _SUFFIX
        self._coordinator: int | None = None

    async def read(self, partitions: Collection[TP]) -> dict[TP, int]:
        """By partition the next offset that was not done yet; without those of which nothing is known."""
        by_topic: dict[str, list[TP]] = defaultdict(list)
        for tp in partitions:
            by_topic[tp.topic].append(tp)
        request = OffsetFetchRequest(
            self._group, [(topic, [tp.partition for tp in tps]) for topic, tps in by_topic.items()]
        )
        response = await self._ask(request)
        if response is None:
            return {}
        found = {(topic, p): offset for topic, answers in response.topics for p, offset, _, _ in answers}
        return {tp: offset for tp in partitions if (offset := found.get((tp.topic, tp.partition), -1)) >= 0}

    async def write(self, offsets: Mapping[TP, int]) -> None:
        """Note how far the group has come."""
        by_topic: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for tp, offset in offsets.items():
            by_topic[tp.topic].append((tp.partition, offset, OURS))
        no_member = (OffsetCommitRequest.DEFAULT_GENERATION_ID, "")
        await self._ask(OffsetCommitRequest(self._group, *no_member, -1, list(by_topic.items())))

    async def _ask(self, request: Any) -> Any:
        """The answer, or None where there is none to be had: work does not wait for the second group."""
        failure = f"no answer within {_PATIENCE_S} s"
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                for _ in range(_TRIES):
                    try:
                        return await self._try(request)
                    except KafkaError as error:
                        self._coordinator = None
                        failure = repr(error)
        log.warning(
            "no record of how far the group has come; an offset reset could pass over records uncounted",
            group=self._group,
            error=failure,
        )
        return None

    async def _try(self, request: Any) -> Any:
        if self._coordinator is None:
            self._coordinator = await self._client.coordinator_lookup(CoordinationType.GROUP, self._group)
        response = await self._client.send(self._coordinator, request, group=ConnectionGroup.COORDINATION)
        for _, partitions in response.topics:
            for *_, code in partitions:
                if code:
                    raise for_code(code)(self._group)
        return response
