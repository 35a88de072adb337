"""A TLS context for Kafka clients, from files named in the settings."""

from __future__ import annotations

import ssl
from pathlib import Path

from worker.errors import SettingsError


def client_context(
    *, cafile: str | None, certfile: str | None, keyfile: str | None, password: str | None
) -> ssl.SSLContext:
    """A context that checks the broker's certificate and name, and shows the client's own where there is one.

    Args:
        cafile: PEM file of trusted authorities; the system's store when None.
        certfile: PEM file of the client's certificate chain.
        keyfile: PEM file of the client's key, when it is not in `certfile`.
        password: of the key. Without one an encrypted key is an error, never a prompt.

    Raises:
        SettingsError: a file is missing, cannot be read, or does not hold what it should.
    """
    for name, path in (("ssl_cafile", cafile), ("ssl_certfile", certfile), ("ssl_keyfile", keyfile)):
        _require(name, path)
    try:
        context = ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise SettingsError(
            f"kafka.ssl_cafile: {cafile} holds no PEM certificates ({error.reason})"
        ) from error
    if certfile is None:
        return context
    try:
        context.load_cert_chain(certfile, keyfile, password or "")
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"kafka.ssl_certfile: {certfile} and its key cannot be used"
            f" ({getattr(error, 'reason', None) or error});"
            " check that they belong together, are PEM, and that kafka.ssl_key_password is right"
        ) from error
    return context


def _require(name: str, path: str | None) -> None:
    if path is None:
        return
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise SettingsError(f"kafka.{name}: {path} cannot be read ({error.strerror})") from error
