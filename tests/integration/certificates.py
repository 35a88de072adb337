"""An authority of a test's own, and the certificates that it signs, as PEM files for Kafka, OpenSSL and Python."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate with its key, each in a file, and both in one."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates into a folder; `cafile` is what those who trust it need."""

    def __init__(self, folder):
        self._folder = folder
        folder.mkdir(parents=True)
        self._authority = trustme.CA()
        self.cafile = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.cafile)

    def issue(self, name, *hosts, expired=False, password=None):
        """A certificate for a common name, made out to hosts; its key is under a password where there is one."""
        past = datetime.now(UTC) - timedelta(days=1)
        end = {"not_before": past - timedelta(days=1), "not_after": past} if expired else {}
        issued = self._authority.issue_cert(
            *(hosts or [f"{name}.invalid"]),  # Java takes no certificate that is made out to nothing at all
            common_name=name,
            organization_unit_name="newswire",  # one by chance otherwise; a renewed certificate has the same subject
            **end,
        )
        key = load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,  # the one that Kafka reads
            BestAvailableEncryption(password.encode()) if password else NoEncryption(),
        )
        chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
        made = Identity(*(self._folder / f"{name}{end}" for end in (".pem", ".key", ".both.pem")))
        made.certificate.write_bytes(chain)
        made.key.write_bytes(key)
        made.both.write_bytes(key + chain)
        return made
