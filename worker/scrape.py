"""What a worker says of itself at its HTTP port: its metrics, and what it still waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import aiohttp
import orjson
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from worker.errors import WorkerUnreachableError

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

PATIENCE_S: Final = 5.0
"""How long a worker may take for its answer."""


class Answer(Struct, frozen=True):
    """Every sample of a worker's metrics; `unready` names what it waits for, and is empty when it is ready."""

    url: str
    unready: dict[str, str]
    samples: list[Sample]


async def ask(url: str) -> Answer:
    """What the worker whose metrics are at `url` says now.

    Raises:
        WorkerUnreachableError: nobody answers there, or somebody who is no worker.
    """
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as http:
            async with http.get(url, raise_for_status=True) as response:
                text = await response.text()
            async with http.get(urljoin(url, "readyz")) as response:
                readiness = orjson.loads(await response.read())
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        unready = {name: str(why) for name, why in readiness.items() if name != "ready"}
    except aiohttp.ClientConnectorError as error:
        why = f"no worker answers there ({error.os_error.strerror or error.os_error})"
        raise WorkerUnreachableError(url, why) from error
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
        why = f"no worker's metrics there ({type(error).__name__}: {error})"
        raise WorkerUnreachableError(url, why) from error
    return Answer(url, unready, samples)
