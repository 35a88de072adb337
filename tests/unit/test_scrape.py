"""The address of a worker, as people write it, and what is said where no worker is found."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from worker import scrape
from worker.errors import UsageError, WorkerUnreachableError
from worker.scrape import ask, metrics_url

WHOLE = "http://127.0.0.1:9464/metrics"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:9464", WHOLE),
        ("http://127.0.0.1:9464", WHOLE),
        ("http://127.0.0.1:9464/", WHOLE),
        ("127.0.0.1:9464/metrics", WHOLE),
        (WHOLE, WHOLE),
        ("https://news.example/worker-2/metrics", "https://news.example/worker-2/metrics"),
        ("worker-2", "http://worker-2/metrics"),
        ("[::1]:9464", "http://[::1]:9464/metrics"),
    ],
)
def test_what_is_missing_of_an_address_is_completed(given, url):
    assert metrics_url(given) == url


@pytest.mark.parametrize(
    "given", ["", "ftp://host/x", "http://", "http://host:port", "host:99999", "http://[::1"]
)
def test_what_is_no_address_is_a_usage_error(given):
    with pytest.raises(UsageError, match="give HOST:PORT, or http://HOST:PORT/metrics"):
        metrics_url(given)


@asynccontextmanager
async def answering(answer):
    """A server that answers everything with these bytes, or not at all; gives its address."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/metrics"


def http(status, body):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("404 Not Found", ""), "no worker's metrics there (the answer is 404 Not Found)"),
        (http("200 OK", "<html>"), "no worker's metrics there (the answer is something else)"),
        (http("200 OK", "up 1\n"), "no worker's metrics there (the answer is something else)"),
        (b"", "no worker's metrics there (the connection was broken off)"),
        (b"220 mail\r\n", "no worker's metrics there (the answer is something else)"),
        (None, "no worker answers there (nothing within 0.2 s)"),
    ],
)
async def test_what_is_found_instead_of_a_worker_is_told_in_words(answer, said, monkeypatch):
    monkeypatch.setattr(scrape, "PATIENCE_S", 0.2)
    async with answering(answer) as url:
        with pytest.raises(WorkerUnreachableError) as refused:
            await ask(url)
    assert refused.value.why == said


async def test_where_nobody_listens_the_system_says_why():
    with pytest.raises(
        WorkerUnreachableError,
        match=r"^http://127.0.0.1:1/metrics: no worker answers there \(Connection refused\); start it",
    ):
        await ask("http://127.0.0.1:1/metrics")
