"""What a worker says of itself at its HTTP port: its metrics, and what it still waits for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from worker.errors import UsageError, WorkerUnreachableError

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

PATIENCE_S: Final = 5.0
"""How long a worker may take for its answer."""


class Answer(Struct, frozen=True):
    """Every sample of a worker's metrics; `unready` names what it waits for, and is empty when it is ready."""

    url: str
    unready: dict[str, str]
    samples: list[Sample]


def metrics_url(address: str) -> str:
    """The whole address of a worker's metrics, from one that may lack its scheme, its path or both.

    Raises:
        UsageError: it is no address of HTTP.
    """
    url = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:  # a port that is none, a bracket that is not closed
        usable = False
    if not usable:
        raise UsageError(f"--url {address}: give HOST:PORT, or http://HOST:PORT/metrics")
    return url if parts.path.strip("/") else parts._replace(path="/metrics").geturl()


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
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
        raise WorkerUnreachableError(url, _why(error)) from error
    return Answer(url, unready, samples)


def _why(error: Exception) -> str:
    """What was found where a worker's metrics should be, in words."""
    if isinstance(error, aiohttp.ClientConnectorError):
        # The system has words for its numbers; Python's repeat the address. A name server's numbers are negative.
        number = error.os_error.errno or 0
        why = os.strerror(number) if number > 0 else error.os_error.strerror or str(error.os_error)
        return f"no worker answers there ({why})"
    # What speaks no HTTP comes as an answer of 400, with a drawing of where its bytes go wrong.
    if isinstance(error, aiohttp.ClientResponseError) and error.message.isprintable():
        return f"no worker's metrics there (the answer is {error.status} {error.message})"
    if isinstance(error, TimeoutError):
        return f"no worker answers there (nothing within {PATIENCE_S:g} s)"
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError):
        return "no worker's metrics there (the connection was broken off)"
    return "no worker's metrics there (the answer is something else)"
