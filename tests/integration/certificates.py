"""Authorities and the certificates that they sign, made by the keytool of the Java runtime that Kafka runs on."""

import subprocess
from pathlib import Path

from worker.broker import java

PASSWORD = "of-the-store"


class Authority:
    """An authority; `pem` is its certificate, for those who trust it."""

    def __init__(self, name, folder):
        self._store = folder / f"{name}.p12"
        self.pem = folder / f"{name}.pem"
        _new_key(self._store, name, "-ext", "bc:c", "-ext", "ku:c=keyCertSign")
        keytool("-exportcert", "-rfc", "-alias", "key", "-file", self.pem, *_of(self._store))

    def certify(self, store):
        """Make a key and a certificate for 127.0.0.1 in a new file of the form PKCS12."""
        store.unlink(missing_ok=True)
        request, certificate = store.with_suffix(".csr"), store.with_suffix(".crt")
        _new_key(store, "broker")
        keytool("-certreq", "-alias", "key", "-file", request, *_of(store))
        signed = ("-infile", request, "-outfile", certificate, "-ext", "san=ip:127.0.0.1")
        keytool("-gencert", "-rfc", "-alias", "key", *signed, *_of(self._store))
        keytool("-importcert", "-noprompt", "-alias", "authority", "-file", self.pem, *_of(store))
        keytool("-importcert", "-alias", "key", "-file", certificate, *_of(store))


def keytool(*arguments):
    """Run keytool to its end."""
    program = Path(java.java()).with_name("keytool")
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def _new_key(store, name, *extensions):
    keytool("-genkeypair", "-alias", "key", "-keyalg", "EC", "-dname", f"CN={name}", *extensions, *_of(store))


def _of(store):
    return ("-keystore", store, "-storetype", "PKCS12", "-storepass", PASSWORD)
