"""The first words with a broker: waits for one that is not there yet, and says why one that is there turns us away.

aiokafka tries the next address and at the end says "unable to bootstrap", whatever the cause. What only an operator
can change (a wrong password, a certificate that has expired) is told at once; all else is tried again.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.admin import SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from worker.errors import BrokerUnavailableError, causes
from worker.logs import get_logger
from worker.rights import who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.config import KafkaSettings

log = get_logger(__name__)

_RETRY_S: Final = 0.25
_ANSWER_S: Final = 15.0
_LOOK_S: Final = 3.0


_UNANSWERED: Final = (OSError, TimeoutError, KafkaError, EOFError)
"""What a try to talk to a broker ends with that is not there, or says nothing."""


class _TurnedAwayError(Exception):
    """A broker is there and does not let us in, for a reason that waiting does not mend."""


async def wait_for_broker(kafka: KafkaSettings) -> None:
    """Wait until one of the brokers takes us for a client.

    Raises:
        BrokerUnavailableError: none did within `connect_patience_s`, or one turned us away for good.
        SettingsError: a certificate or key file is missing or cannot be used.
    """
    options = kafka.client_kwargs()
    addresses = [address.rpartition(":") for address in options.pop("bootstrap_servers").split(",")]
    deadline = time.monotonic() + kafka.connect_patience_s
    told = False
    while True:
        failures = await _greet_anyone(addresses, kafka, options)
        if not failures:
            return
        for failure in failures:
            if isinstance(failure, _TurnedAwayError):
                raise BrokerUnavailableError(str(failure)) from failure.__cause__
        unanswered = failures[-1]
        left = deadline - time.monotonic()
        if left <= 0:
            raise _unavailable(kafka, unanswered)
        if not told:
            told = True
            log.warning(
                "waiting for Kafka",
                address=kafka.bootstrap_servers,
                up_to_s=kafka.connect_patience_s,
                error=_reason(unanswered),
            )
        await asyncio.sleep(min(_RETRY_S, left))


async def _greet_anyone(
    addresses: Iterable[tuple[str, str, str]], kafka: KafkaSettings, options: dict[str, Any]
) -> list[Exception]:
    """Greet all brokers at once: one that is silent holds up nobody. None where one took us, else why each did not."""
    greetings = [
        asyncio.create_task(_greet(host.strip("[]"), int(port), kafka, options))
        for host, _, port in addresses
    ]
    failures: list[Exception] = []
    try:
        for greeting in asyncio.as_completed(greetings):
            try:
                await greeting
            except (_TurnedAwayError, *_UNANSWERED) as cause:
                failures.append(cause)
            else:
                return []
        return failures
    finally:
        for task in greetings:
            task.cancel()
        await asyncio.gather(*greetings, return_exceptions=True)


def _unavailable(kafka: KafkaSettings, unanswered: Exception) -> BrokerUnavailableError:
    """The end of waiting, by what the last try met."""
    somebody = isinstance(unanswered, TimeoutError | ConnectionResetError) or not isinstance(
        unanswered, OSError
    )
    return BrokerUnavailableError(
        f"no Kafka broker answers at {kafka.bootstrap_servers}"
        f" (waited {kafka.connect_patience_s:g} s: {_reason(unanswered)}); "
        + (
            "what is there gave no answer: check the address, kafka.security_protocol, and the broker's log"
            if somebody
            else "start one with `newswire broker`, or set kafka.bootstrap_servers"
        )
    )


async def explain(kafka: KafkaSettings, brokers: Iterable[tuple[str, int]]) -> None:
    """Look why these brokers, by host and port as the cluster names them, do not answer; nothing where that passes.

    Raises:
        BrokerUnavailableError: one turns us away for good.
    """
    options = kafka.client_kwargs()
    del options["bootstrap_servers"]
    for host, port in brokers:
        try:
            await _greet(host, port, kafka, options)
        except _TurnedAwayError as cause:
            raise BrokerUnavailableError(str(cause)) from cause.__cause__
        except _UNANSWERED:
            continue


async def _greet(host: str, port: int, kafka: KafkaSettings, options: dict[str, Any]) -> None:
    """Connect and ask as every client does: TLS, versions, SASL, metadata.

    Raises:
        _TurnedAwayError: the broker does not let us in, or does not speak what the settings say.
        OSError, TimeoutError, KafkaError: it is not there, or gives no answer.
    """
    where = f"Kafka at {host}:{port}"
    try:
        connection = await create_conn(
            host,
            port,
            client_id=f"{kafka.client_id}-greeting",
            request_timeout_ms=round(min(kafka.request_timeout_s, _ANSWER_S) * 1000),
            **options,
        )
        try:
            # Who has not given a name where one is wanted is told the versions, and hung up on at the next word.
            await connection.send(MetadataRequest([]))
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        raise _TurnedAwayError(f"{where} shows a certificate that {_unacceptable(error, host)}") from error
    except SaslAuthenticationFailed as error:
        raise _TurnedAwayError(
            f"{where} does not let {who(kafka)} in by {kafka.sasl_mechanism} ({_said(error)});"
            " check kafka.sasl_username, kafka.sasl_password and kafka.sasl_mechanism"
        ) from error
    except UnsupportedSaslMechanismError as error:
        raise _TurnedAwayError(
            f"{where} does not take kafka.sasl_mechanism={kafka.sasl_mechanism};"
            " set another, or enable it there (sasl.enabled.mechanisms)"
        ) from error
    except IllegalSaslStateError as error:
        raise _TurnedAwayError(
            f"{where} takes no user names and passwords on this port: set kafka.security_protocol to"
            f" {'SSL' if kafka.uses_tls else 'PLAINTEXT'}, or kafka.bootstrap_servers to its SASL port"
        ) from error
    except _UNANSWERED as error:
        if alert := next(filter(None, map(_alert, causes(error))), None):
            raise _TurnedAwayError(f"{where} does not accept {_ours(kafka)} ({alert})") from error
        if not isinstance(error, ConnectionRefusedError):
            await _look_closer(where, host, port, kafka, options)
        raise


async def _look_closer(
    where: str, host: str, port: int, kafka: KafkaSettings, options: dict[str, Any]
) -> None:
    """After a connection that led to nothing: raise if the port wants TLS or SASL and we do not, or the reverse."""
    speaks = await _speaks_tls(host, port)
    if speaks and not kafka.uses_tls:
        raise _TurnedAwayError(
            f"{where} speaks TLS on this port, and kafka.security_protocol={kafka.security_protocol} does not:"
            " set it to SASL_SSL or SSL, or kafka.bootstrap_servers to the plaintext port"
        )
    if speaks is False and kafka.uses_tls:
        raise _TurnedAwayError(
            f"{where} does not speak TLS on this port, and kafka.security_protocol={kafka.security_protocol} does:"
            " set kafka.bootstrap_servers to the TLS port, or the protocol to the one of this port"
        )
    if not kafka.uses_sasl and (mechanisms := await _sasl_mechanisms(host, port, options)):
        raise _TurnedAwayError(
            f"{where} wants a user name and a password: set kafka.security_protocol to"
            f" {'SASL_SSL' if kafka.uses_tls else 'SASL_PLAINTEXT'}, kafka.sasl_mechanism to one of"
            f" {', '.join(mechanisms)}, kafka.sasl_username and kafka.sasl_password"
        )


async def _sasl_mechanisms(host: str, port: int, options: dict[str, Any]) -> list[str]:
    """The ways to log in that a port offers; none where it asks for no login, or gives no answer."""
    try:
        connection = await create_conn(host, port, request_timeout_ms=round(_LOOK_S * 1000), **options)
        try:
            answer = await connection.send(SaslHandShakeRequest("SCRAM-SHA-512"))
        finally:
            connection.close()
    except _UNANSWERED:
        return []
    return [] if answer.error_code == IllegalSaslStateError.errno else list(answer.enabled_mechanisms)


async def _speaks_tls(host: str, port: int) -> bool | None:
    """Whether a server answers a TLS greeting in TLS; None where it is not there, or says nothing at all."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(_LOOK_S):
            _, writer = await asyncio.open_connection(host, port, ssl=anybody)
    except (ConnectionResetError, ConnectionAbortedError, ssl.SSLEOFError):
        # Kafka hangs up on what it can not read. Whoever hangs up on everybody is no sign of anything.
        return False if await _speaks_kafka(host, port) else None
    except ssl.SSLError as error:
        # An alert is TLS; "wrong version number" is what anything else looks like.
        return _alert(error) is not None
    except (OSError, TimeoutError):
        return None
    writer.close()
    return True


async def _speaks_kafka(host: str, port: int) -> bool:
    """Whether a server answers Kafka's first request in plain text."""
    try:
        connection = await create_conn(host, port, request_timeout_ms=round(_LOOK_S * 1000))
    except _UNANSWERED:
        return False
    connection.close()
    return True


_EXPIRED, _NOT_YET, _HOSTNAME, _ADDRESS = 10, 9, 62, 64
"""OpenSSL's numbers (X509_V_ERR_...) of what can be wrong with a certificate besides its issuer."""


def _unacceptable(error: ssl.SSLCertVerificationError, host: str) -> str:
    """What is wrong with the broker's certificate, and what to do."""
    said = error.verify_message.rstrip(".")
    if error.verify_code in {_EXPIRED, _NOT_YET}:
        return f"is out of date ({said}): have it renewed, or set this machine's clock right"
    if error.verify_code in {_HOSTNAME, _ADDRESS}:
        return (
            f"is not made out to {host} ({said}): name the broker as its certificate does, in"
            " kafka.bootstrap_servers or in its own advertised.listeners, or have one issued for this name"
        )
    return (
        f"no trusted authority has signed ({said}): set kafka.ssl_cafile to the certificate of the authority that"
        " signs the brokers"
    )


def _ours(kafka: KafkaSettings) -> str:
    """What of ours a TLS alert is about."""
    if kafka.ssl_certfile:
        return (
            f"the certificate kafka.ssl_certfile={kafka.ssl_certfile}: it may be out of date, or signed by an"
            " authority that the brokers do not trust; have it renewed"
        )
    return (
        "a client without a certificate, or nothing that our TLS offers: set kafka.ssl_certfile and"
        " kafka.ssl_keyfile for mutual TLS"
    )


def _alert(error: BaseException) -> str | None:
    """The alert by which the other side broke off TLS, such as `certificate expired`, if this is one."""
    if not isinstance(error, ssl.SSLError) or not error.reason or "ALERT_" not in error.reason:
        return None
    return error.reason.partition("ALERT_")[2].replace("_", " ").lower()


def _said(error: KafkaError) -> str:
    return str(error.args[0]) if error.args and error.args[0] else type(error).__name__


def _reason(error: BaseException) -> str:
    """Why a connection failed, in the system's words; asyncio's own repeat the address."""
    if isinstance(error, KafkaConnectionError):
        return "it closes the connection"
    if isinstance(error, OSError):
        known = error.errno is not None and not isinstance(error, socket.gaierror | ssl.SSLError)
        if text := os.strerror(error.errno) if known and error.errno else error.strerror:
            return text
    text = str(error)
    kind = type(error).__name__
    return text if kind in text else f"{kind}: {text}".removesuffix(": ")
