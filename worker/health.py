"""The worker's one HTTP port: /metrics for Prometheus, /livez and /readyz for whoever keeps it running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web
from prometheus_client.exposition import choose_encoder

from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry


class HealthServer:
    """Serves a registry and the answer to "are you ready".

    `unready` gives what is not ready yet, a name and a sentence each; an empty dict means ready.
    """

    def __init__(
        self, host: str, port: int, registry: CollectorRegistry, unready: Callable[[], dict[str, str]]
    ) -> None:
        self._host = host
        self._port = port
        self._registry = registry
        self._unready = unready
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; raises UsageError when the address can not be had."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise UsageError(
                f"http: cannot listen on {self._host}:{self._port}: {error.strerror}; set another port by "
                "--set http.port=0 (takes a free one) or NEWSWIRE_HTTP__PORT"
            ) from error

    @property
    def port(self) -> int:
        """The port that is listened on; differs from the setting where that is 0."""
        if self._runner is None or not self._runner.addresses:
            return self._port
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        unready = self._unready()
        body = orjson.dumps({"ready": not unready, **unready}, option=orjson.OPT_APPEND_NEWLINE)
        return web.Response(body=body, status=503 if unready else 200, content_type="application/json")
