"""/metrics, /livez and /readyz say what they are asked, and nothing else is served."""

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families
from worker.errors import UsageError
from worker.health import HealthServer


@pytest.fixture
def reasons():
    """What is not ready; a test may change it."""
    return {}


@pytest.fixture
async def server(reasons):
    registry = CollectorRegistry()
    Counter("headlines", "Headlines.", registry=registry).inc(3)
    server = HealthServer("127.0.0.1", 0, registry, lambda: dict(reasons))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def get(server):
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:

        async def ask(path, **headers):
            async with session.get(path, headers=headers) as answer:
                return answer.status, answer.headers["Content-Type"], await answer.text()

        yield ask


async def test_metrics_are_those_of_the_registry_and_no_others(get):
    status, kind, text = await get("/metrics")
    families = {family.name for family in text_string_to_metric_families(text)}

    assert status == 200
    assert {name.removesuffix("_created") for name in families} == {"headlines"}
    assert kind.startswith("text/plain")
    assert "headlines_total 3.0" in text


async def test_a_scraper_that_speaks_openmetrics_is_answered_in_it(get):
    _, kind, text = await get("/metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert kind.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


async def test_it_is_ready_when_nothing_is_missing(get):
    assert await get("/readyz") == (200, "application/json", '{"ready":true}\n')


async def test_it_says_what_it_is_not_ready_for(get, reasons):
    reasons["log"] = "has not caught up yet"

    status, _, text = await get("/readyz")
    assert (status, text) == (503, '{"ready":false,"log":"has not caught up yet"}\n')

    reasons.clear()
    assert (await get("/readyz"))[0] == 200


async def test_it_lives_whether_it_is_ready_or_not(get, reasons):
    reasons["log"] = "has not caught up yet"

    assert (await get("/livez"))[::2] == (200, "ok\n")


@pytest.mark.parametrize("path", ["/", "/table", "/router", "/stats"])
async def test_nothing_of_fausts_own_web_server_is_there(get, path):
    assert (await get(path))[0] == 404


async def test_a_port_that_is_taken_is_told_with_the_setting_that_helps(server):
    second = HealthServer("127.0.0.1", server.port, CollectorRegistry(), dict)
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{server.port}.*--set http.port=0"):
        await second.start()


async def test_the_port_is_free_again_after_a_stop(server):
    port = server.port
    await server.stop()
    again = HealthServer("127.0.0.1", port, CollectorRegistry(), dict)
    await again.start()

    assert again.port == port
    await again.stop()
