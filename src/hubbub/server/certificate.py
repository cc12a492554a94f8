"""The certificate that the TLS door shows: the operator's own, or one made on first start."""

import contextlib
import hashlib
import os
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hubbub.settings import Settings, SettingsError
from hubbub.transport.certificates import Certificates

_DNS_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\Z")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Name the PEM files of a certificate with its chain, and of its private key."""

    certificate: Path
    key: Path
    self_signed: bool


def certificate_files(settings: Settings) -> CertificateFiles:
    """Return the files to serve TLS with, and make them where nobody named any.

    Made ones are `certificate.pem` and `key.pem` (mode 0600) in the data directory, which must
    exist. Raises SettingsError when they cannot be read or made, or do not belong together.
    """
    tls = settings.tls
    if tls.certificate is not None and tls.key is not None:
        files = CertificateFiles(tls.certificate, tls.key, self_signed=False)
    else:
        files = CertificateFiles(
            settings.data_dir / "certificate.pem", settings.data_dir / "key.pem", self_signed=True
        )
        _make_missing(files, settings.name)
    check_pair(files)
    return files


def check_pair(files: CertificateFiles) -> None:
    """Raise SettingsError unless certificate and key can be read and belong together."""
    names = (("tls.certificate", files.certificate), ("tls.key", files.key))
    for name, path in names:
        try:
            path.read_bytes()
        except OSError as error:
            reason = error.strerror or error
            raise SettingsError(f"{name} {path} cannot be read: {reason}") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(files.certificate, files.key, password=_refuse_password)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise SettingsError(
            f"tls.certificate {files.certificate} and tls.key {files.key} cannot be used "
            f"({reason}): they must be PEM files that belong together, the key not encrypted"
        ) from None


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 fingerprint of the first certificate in a PEM file.

    64 hexadecimal digits in pairs with colons, as `openssl x509 -fingerprint -sha256` prints them.
    """
    text = certificate.read_text(encoding="ascii", errors="replace")
    end = "-----END CERTIFICATE-----"
    first = text[text.index("-----BEGIN CERTIFICATE-----") : text.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).digest().hex(":").upper()


def end_of(certificate: Path) -> float:
    """Return when the first certificate in a PEM file ends, in seconds since 1970.

    Raise OSError or ValueError where it cannot be read.
    """
    # Imported here, as below.
    from hubbub.server.self_signed import end_of

    return end_of(certificate.read_bytes()).timestamp()


class ServedCertificate:
    """Hold the certificate that is shown, by its files; renewed ones are taken up."""

    def __init__(self, files: CertificateFiles) -> None:
        """Load the pair. Raises CertificateError."""
        self.files = files
        self.in_use = Certificates(files.certificate, files.key)
        self._end = 0.0

    def end(self) -> float:
        """Return when it ends, in seconds since 1970; the file may hold one that is refused."""
        if not self.in_use.fault:
            with contextlib.suppress(OSError, ValueError):
                self._end = end_of(self.files.certificate)
        return self._end


def _make_missing(files: CertificateFiles, name: str) -> None:
    if files.key.exists() and files.certificate.exists():
        return
    if files.certificate.exists():
        raise SettingsError(
            f"{files.key} is missing, the key of {files.certificate.name} beside it; restore it, "
            "or remove the certificate too and a new pair is made, which clients will be warned of"
        )
    # Imported here, for only a first start needs it: it takes longer than the rest of the start.
    from hubbub.server.self_signed import make_self_signed

    certificate, key = make_self_signed(_hosts(name), datetime.now(UTC))
    try:
        _write(files.key, key, 0o600)
        _write(files.certificate, certificate, 0o644)
    except OSError as error:
        raise SettingsError(
            f"data_dir {files.key.parent} cannot take the TLS key: {error.strerror or error}; "
            "make it writable, or choose another with --data"
        ) from None


def _hosts(name: str) -> list[str]:
    hosts = ["localhost", "127.0.0.1", "::1", socket.gethostname(), name]
    return [host for host in dict.fromkeys(hosts) if ":" in host or _DNS_NAME.match(host)]


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file at once or not at all; nobody else can read a secret one at any moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _refuse_password() -> str:
    raise ValueError("the key is encrypted")
