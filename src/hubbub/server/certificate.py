"""The certificate that the TLS door shows: the operator's own, or one made on first start."""

import hashlib
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hubbub.server.checks.certificate import (
    Problem,
    Validity,
    check_validity,
    problems_of,
    read_validity,
    unreadable,
)
from hubbub.server.checks.finding import Finding
from hubbub.settings import Settings, SettingsError
from hubbub.transport.certificates import Certificates
from hubbub.transport.tls import PEM_BYTES
from hubbub.whole_files import FileUnusable, read_whole, write_whole

_DNS_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\Z")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Name the PEM files of a certificate with its chain, and of its private key."""

    certificate: Path
    key: Path
    self_signed: bool


def files_of(settings: Settings) -> CertificateFiles:
    """Return the files to serve TLS with, whether or not they are there.

    Those that the server makes are `certificate.pem` and `key.pem` in the data directory.
    """
    tls = settings.tls
    if tls.certificate is not None and tls.key is not None:
        return CertificateFiles(tls.certificate, tls.key, self_signed=False)
    directory = settings.data_dir
    return CertificateFiles(directory / "certificate.pem", directory / "key.pem", self_signed=True)


def certificate_files(settings: Settings) -> CertificateFiles:
    """Return the files to serve TLS with, and make them (the key mode 0600) where nobody named any.

    The data directory must exist. Raises SettingsError when they cannot be read or made, or do not
    belong together.
    """
    files = files_of(settings)
    if files.self_signed:
        _make_missing(files, settings.name)
    check_pair(files)
    return files


def check_pair(files: CertificateFiles) -> None:
    """Raise SettingsError unless certificate and key can be read and belong together."""
    names = (("tls.certificate", files.certificate), ("tls.key", files.key))
    for name, path in names:
        try:
            read_whole(path, PEM_BYTES)
        except FileUnusable as error:
            raise SettingsError(f"{name} {path} {error}") from None
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
    return shown_fingerprint(ssl.PEM_cert_to_DER_cert(first))


def shown_fingerprint(certificate: bytes) -> str:
    """Return the fingerprint of a certificate as it is shown (DER), written as above."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


class ServedCertificate:
    """Hold the certificate that is shown, by its files; renewed ones are taken up."""

    def __init__(self, files: CertificateFiles, name: str) -> None:
        """Load the pair of the server that is called `name`. Raises CertificateError."""
        self.files = files
        self.in_use = Certificates(files.certificate, files.key)
        self._name = name
        self._seen: tuple[int, int] | None = None
        self._validity: Validity | None = None
        self._why = "it was never there"

    def end(self) -> float:
        """Return when it ends, in seconds since 1970; 0 where that is not known."""
        found = self._read()
        return found.ends if found is not None else 0.0

    def findings(self, now: float) -> list[Finding]:
        """Look at it; one finding where all is well, else one for each thing wrong."""
        found = self._read()
        if found is None:
            return [unreadable(self.files.certificate, self._why)]
        return check_validity(found, self._name, now)

    def problems(self, now: float) -> dict[str, bool]:
        """Tell of each kind of problem whether it has it."""
        found = self._read()
        there = problems_of(found, self._name, now) if found is not None else ()
        return {each.value: each in there for each in Problem}

    def _read(self) -> Validity | None:
        """Return what stands in it; the file may hold one that is refused, and not shown."""
        if self.in_use.fault:
            return self._validity
        try:
            status = self.files.certificate.stat()
            stamp = status.st_mtime_ns, status.st_ino
            if stamp != self._seen:
                self._validity = read_validity(self.files.certificate)
                self._seen = stamp
        except (OSError, ValueError) as error:
            self._why = str(error)
        return self._validity


def _make_missing(files: CertificateFiles, name: str) -> None:
    if files.key.exists() and files.certificate.exists():
        return
    if files.certificate.exists():
        raise SettingsError(
            f"{files.key} is missing, the key of {files.certificate.name} beside it; restore it, "
            "or remove the certificate too and a new pair is made, which clients will be warned of"
        )
    try:
        make_certificate(files.certificate, files.key, _hosts(name))
    except OSError as error:
        raise SettingsError(
            f"data_dir {files.key.parent} cannot take the TLS key: {error.strerror or error}; "
            "make it writable, or choose another with --data"
        ) from None


def make_certificate(certificate: Path, key: Path, hosts: Iterable[str]) -> None:
    """Make a certificate that signs itself, for these hosts, and its key. Raise OSError."""
    # Imported here, for only a first start needs it: it takes longer than the rest of the start.
    from hubbub.server.self_signed import make_self_signed

    certificate_pem, key_pem = make_self_signed(hosts, datetime.now(UTC))
    write_whole(key, key_pem, 0o600)
    write_whole(certificate, certificate_pem, 0o644)


def is_host(text: str) -> bool:
    """Tell whether a certificate can be for this name or address."""
    return ":" in text or _DNS_NAME.match(text) is not None


def _hosts(name: str) -> list[str]:
    hosts = ["localhost", "127.0.0.1", "::1", socket.gethostname(), name]
    return [host for host in dict.fromkeys(hosts) if is_host(host)]


def _refuse_password() -> str:
    raise ValueError("the key is encrypted")
