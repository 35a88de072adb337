"""The image's HEALTHCHECK: whom it asks, and what it makes of the answer."""

from __future__ import annotations

import importlib.util
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy" / "docker" / "healthcheck.py"


@pytest.fixture(scope="module")
def healthcheck():
    spec = importlib.util.spec_from_file_location("healthcheck", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serve():
    """Serves one status on a free port; gives the port."""
    servers = []

    def start(code):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(code if self.path == "/readyz" else 404)
                self.end_headers()
                self.wfile.write(b'{"ready":false}')

            def log_message(self, *_):
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1].server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def check(healthcheck, monkeypatch, tmp_path):
    """Runs the check in a container whose first process has a command line, with settings in the environment."""

    def run(*words, **environment):
        process = tmp_path / "cmdline"
        process.write_bytes(b"".join(word.encode() + b"\0" for word in words))
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        return healthcheck.main(process)

    return run


PYTHON = ("/opt/newswire/bin/python", "/opt/newswire/bin/newswire")
INIT = ("/sbin/docker-init", "--", "newswire")


@pytest.mark.parametrize("process", [PYTHON, INIT], ids=["alone", "with an init"])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_worker_is_as_healthy_as_it_is_ready(check, serve, capsys, process, status, code):
    assert check(*process, "worker", NEWSWIRE_HTTP__PORT=serve(status)) == code
    assert capsys.readouterr().out == '{"ready":false}\n'


def test_a_worker_that_does_not_answer_is_not_healthy(check, capsys):
    assert check(*PYTHON, "worker", NEWSWIRE_HTTP__PORT=1) == 1
    assert "http://127.0.0.1:1/readyz does not answer" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["--set http.port={}", "--set=http.port={}", "--set HTTP.Port={}"])
def test_the_command_line_names_the_port_before_the_environment(check, serve, form):
    options = ("--set", "kafka.group=g", *form.format(serve(200)).split())
    assert check(*PYTHON, "--debug", "worker", *options, NEWSWIRE_HTTP__PORT=1) == 0


@pytest.mark.parametrize(
    ("host", "asked"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("127.0.0.1", "127.0.0.1"), ("10.0.0.7", "10.0.0.7")],
)
def test_it_asks_where_the_worker_listens(healthcheck, host, asked):
    assert healthcheck.address(["worker"], {"NEWSWIRE_HTTP__HOST": host}) == (asked, 9464)


@pytest.mark.parametrize(
    "command", [("topics", "apply"), ("replay",), ("replay", "worker"), ("tail", "--json"), ()], ids=" ".join
)
def test_a_command_that_is_no_worker_is_healthy(check, command):
    assert check(*PYTHON, *command, NEWSWIRE_HTTP__PORT=1) == 0
    assert check(*INIT, *command, NEWSWIRE_HTTP__PORT=1) == 0
