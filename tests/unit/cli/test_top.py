"""`newswire top`: a screen of a worker that answers, a picture of it, and what it says when nobody does."""

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from contextlib import contextmanager

import pytest
from worker.health import HealthServer
from worker.metrics import Metrics, Outcome

DEADLINE_S = 60


@contextmanager
def worker():
    """A worker's HTTP port, in a thread of its own; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    metrics = Metrics()
    metrics.outcome(Outcome.ROUTED, 60)
    metrics.build(rule="dedup-1", model="topics-1")
    server = HealthServer("127.0.0.1", 0, metrics.registry, dict)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(DEADLINE_S)
    try:
        yield f"http://127.0.0.1:{server.port}/metrics"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(DEADLINE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def url():
    with worker() as url:
        yield url


def top(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "worker", "top", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.mark.parametrize("left_out", ["", "/metrics", "http://"])
def test_one_screen_after_one_interval(url, left_out):
    done = top("--once", "--interval", "0.1", "--url", url.replace(left_out, ""))

    assert (done.returncode, done.stderr) == (0, "")
    assert "newswire top" in done.stdout
    assert "1 of 1 ready" in done.stdout
    assert "60 since the start" in done.stdout


def test_a_picture_of_it_that_asks_no_server_for_anything(url, tmp_path):
    picture = tmp_path / "top.svg"
    done = top("--once", "--interval", "0.1", "--url", url, "--svg", str(picture))

    assert (done.returncode, done.stderr) == (0, "")
    text = picture.read_text("utf-8")
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "60&#160;since&#160;the&#160;start" in text
    assert "url(" not in text.replace("url(#", "")
    assert "@font-face" not in text


def test_without_a_terminal_screen_follows_screen_until_it_is_interrupted(url):
    with subprocess.Popen(
        [sys.executable, "-m", "worker", "top", "--interval", "0.1", "--url", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "120", "PYTHONUNBUFFERED": "1"},
    ) as process:
        heads = 0
        for line in process.stdout:
            heads += "newswire top" in line
            if heads == 2:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.stderr.read() == ""
        assert process.wait(DEADLINE_S) == 130


@pytest.mark.parametrize("once", [(), ("--once",)])
def test_a_terminal_is_told_at_once_what_is_waited_for(url, once):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "worker", "top", "--interval", "600", "--url", url, *once],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        while b"waiting for the first interval, 600 s" not in shown:
            ready, _, _ = select.select([ours], [], [], DEADLINE_S)
            assert ready, shown
            shown += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_S) == 130
    os.close(ours)


def test_where_no_worker_answers_it_says_so_and_ends_with_1():
    done = top("--once", "--url", "http://127.0.0.1:1/metrics")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: http://127.0.0.1:1/metrics: no worker answers there (")
    assert "--url" in done.stderr


def test_what_is_no_worker_is_told_from_one(url):
    done = top("--once", "--url", url.replace("/metrics", "/nothing"))

    assert done.returncode == 1
    assert "no worker's metrics there" in done.stderr


def test_a_picture_is_of_one_screen(tmp_path):
    done = top("--svg", str(tmp_path / "top.svg"))

    assert done.returncode == 2
    assert "--once" in done.stderr
