"""Whoever does not get in at Kafka is told at once what is wrong, where, and what to do."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.broker

END_S = 60


@pytest.fixture(scope="module")
def doors(secured, tmp_path_factory):
    """Ways in that lead nowhere: by name the settings, the exit code, and what has to be said of it."""
    user = "visitor"
    secured.add_users(user)
    own = secured.authority.issue(user)
    encrypted = secured.authority.issue("encrypted", password="of the key")
    expired = secured.authority.issue("expired", expired=True)
    foreign = secured.stranger.issue(user)
    missing = tmp_path_factory.mktemp("nothing") / "there.pem"
    no_pem = missing.with_name("no.pem")
    no_pem.write_text("nothing of the kind\n")
    by_password, by_certificate = secured.by_password(user), secured.by_certificate(own)

    def at(address, settings):
        return {**settings, "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": address}

    def with_kafka(settings, **changed):
        return {
            **settings,
            **{f"NEWSWIRE_KAFKA__{name.upper()}": str(value) for name, value in changed.items()},
        }

    port = secured.sasl.rpartition(":")[2]
    return {
        "wrong password": (
            secured.by_password(user, "wrong horse"),
            4,
            (
                f"Kafka at {secured.sasl} does not let the user visitor in by SCRAM-SHA-512 .*invalid credentials.*"
                "check kafka.sasl_username, kafka.sasl_password"
            ),
        ),
        "unknown user": (
            secured.by_password("nobody"),
            4,
            "does not let the user nobody in .*invalid credentials",
        ),
        "mechanism that is not enabled": (
            with_kafka(by_password, sasl_mechanism="SCRAM-SHA-256"),
            4,
            "does not take kafka.sasl_mechanism=SCRAM-SHA-256; set another, or enable it there",
        ),
        "expired certificate": (
            secured.by_certificate(expired),
            4,
            (
                f"Kafka at {secured.tls} does not accept the certificate kafka.ssl_certfile={expired.certificate}:"
                " it may be out of date, .* have it renewed"
            ),
        ),
        "foreign certificate": (
            secured.by_certificate(foreign),
            4,
            f"does not accept the certificate kafka.ssl_certfile={foreign.certificate}: .* signed by an authority",
        ),
        "no certificate": (
            with_kafka(by_certificate, ssl_certfile="", ssl_keyfile=""),
            4,
            "does not accept a client without a certificate.*set kafka.ssl_certfile and kafka.ssl_keyfile",
        ),
        "broker of a foreign authority": (
            with_kafka(by_password, ssl_cafile=secured.stranger.cafile),
            4,
            "shows a certificate that no trusted authority has signed .* set kafka.ssl_cafile",
        ),
        "broker that the system does not know": (
            with_kafka(by_password, ssl_cafile=""),
            4,
            "shows a certificate that no trusted authority has signed .* set kafka.ssl_cafile",
        ),
        "wrong host name": (
            at(f"localhost:{port}", by_password),
            4,
            (
                f"Kafka at localhost:{port} shows a certificate that is not made out to localhost .*"
                "name the broker as its certificate does, in kafka.bootstrap_servers"
            ),
        ),
        "wrong host name in what the cluster says of its brokers": (
            at(secured.misnamed, by_password),
            4,
            "Kafka at localhost:.* is not made out to localhost .* advertised.listeners",
        ),
        "plain text to a TLS port": (
            {"NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": secured.tls},
            4,
            f"Kafka at {secured.tls} speaks TLS on this port, and kafka.security_protocol=PLAINTEXT does not: set it",
        ),
        "TLS to a port of plain text": (
            at(secured.plain, by_password),
            4,
            f"Kafka at {secured.plain} does not speak TLS on this port, and kafka.security_protocol=SASL_SSL does: set",
        ),
        "password to a port for certificates": (
            at(secured.tls, {**by_certificate, **by_password}),
            4,
            "takes no user names and passwords on this port: set kafka.security_protocol to SSL",
        ),
        "certificate to a port for passwords": (
            at(secured.sasl, by_certificate),
            4,
            (
                "wants a user name and a password: set kafka.security_protocol to SASL_SSL, kafka.sasl_mechanism to"
                " one of SCRAM-SHA-512"
            ),
        ),
        "missing file": (
            with_kafka(by_certificate, ssl_keyfile=missing),
            2,
            rf"kafka\.ssl_keyfile: {missing} cannot be read \(No such file or directory\)",
        ),
        "file that holds no certificate": (
            with_kafka(by_password, ssl_cafile=no_pem),
            2,
            rf"kafka\.ssl_cafile: {no_pem} holds no PEM certificates",
        ),
        "key of another certificate": (
            with_kafka(by_certificate, ssl_keyfile=foreign.key),
            2,
            "kafka.ssl_certfile: .* and its key cannot be used .*check that they belong together",
        ),
        "wrong password of a key": (
            secured.by_certificate(encrypted, "another"),
            2,
            "kafka.ssl_certfile: .* and its key cannot be used .*kafka.ssl_key_password is right",
        ),
        "no password": (
            with_kafka(by_password, sasl_password=""),
            2,
            "kafka.security_protocol=SASL_SSL needs kafka.sasl_username and kafka.sasl_password",
        ),
    }


def knock(command, settings):
    return subprocess.run(
        [sys.executable, "-m", "worker", *command.split()],
        env={**os.environ, "NEWSWIRE_HTTP__PORT": "0", "NEWSWIRE_LOG__FORMAT": "console", **settings},
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )


SOME = ["wrong password", "expired certificate", "plain text to a TLS port", "missing file"]


@pytest.mark.parametrize(
    ("command", "names"),
    [("topics plan", None), ("worker", SOME), ("replay", SOME), ("tail", SOME), ("status", SOME)],
    ids=["all doors", "worker", "replay", "tail", "status"],
)
def test_a_client_that_does_not_get_in_is_told_what_is_wrong_where_and_what_to_do(doors, command, names):
    tried = {name: doors[name] for name in names or doors}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda door: knock(command, door[0]), tried.values()))
    for (name, (_, code, said)), done in zip(tried.items(), answers, strict=True):
        text = done.stdout + done.stderr
        assert done.returncode == code, f"{name}: exit {done.returncode}: {text}"
        assert re.search(said, text), f"{name}: {text}"
        assert "Traceback" not in text, name
