"""The server's side of TLS: what is spoken, and certificates that are renewed while it runs."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hubbub.transport import client_certificates
from hubbub.transport.errors import CertificateError, ClientCertificatesError

CHECK_SECONDS: Final = 10.0
"""How often, at most, the certificate files are looked at; only when a client comes."""

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"
"""For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else."""

_log = structlog.get_logger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


def version_of(connected: socket.socket) -> str | None:
    """Return the TLS version that a socket speaks, such as `TLSv1.3`; None without TLS."""
    return connected.version() if isinstance(connected, ssl.SSLSocket) else None


def cipher_of(connected: socket.socket) -> str | None:
    """Return a cipher's name, such as `TLS_AES_256_GCM_SHA384`; None without TLS."""
    cipher = connected.cipher() if isinstance(connected, ssl.SSLSocket) else None
    return cipher[0] if cipher is not None else None


def fingerprint_of(connected: socket.socket) -> str:
    """Return the SHA-256 of a peer's certificate (DER) in lower-case hex; "" where it has none."""
    if not isinstance(connected, ssl.SSLSocket):
        return ""
    certificate = connected.getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest() if certificate else ""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a context for servers from PEM files: TLS 1.2 or later, no tickets, ALPN `irc`.

    Clients are asked for a certificate and may have none (`verify_mode` CERT_OPTIONAL); where that
    cannot be had it is logged, and they are not (CERT_NONE). Raises CertificateError, which names
    the file and the fault. The file of the certificate holds its chain too.
    """
    try:
        context = client_certificates.asking_context()
        _prepare(context, certificate, key)
        client_certificates.check(context, certificate, key)
    except ClientCertificatesError as unavailable:
        _log.warning("clients cannot log in by certificate (SASL EXTERNAL)", why=str(unavailable))
        return silent_context(certificate, key)
    return context


def silent_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a context as above, which asks clients for no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _prepare(context, certificate, key)
    return context


def _prepare(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    # Chat connections live for hours: tickets would cost each of them time and memory, and keep
    # keys alive that forward secrecy wants gone.
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # An end without close_notify is told from a reset only where OpenSSL may complain about it.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    # Taken when a client offers it; a client that offers none, or others only, is served as well.
    context.set_alpn_protocols(["irc"])
    _load(context, certificate, key)


def _load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    # OpenSSL says that something cannot be read, but not which of the two.
    for path in (certificate, key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise CertificateError(f"cannot read {path}: {error.strerror}") from error

    def passphrase() -> str:
        # Without this OpenSSL asks at the terminal, and the server hangs.
        raise CertificateError(
            f"{key} is protected by a passphrase, which cannot be asked for here"
        )

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise CertificateError(f"{key} is not the key of {certificate}") from error
        fault = (error.reason or "not in PEM form").lower().replace("_", " ")
        raise CertificateError(f"cannot use {certificate} with {key}: {fault}") from error
    except OSError as error:
        raise CertificateError(f"cannot read {certificate} or {key}: {error.strerror}") from error


class Certificates:
    """Keep a server's contexts in step with the files of its certificate and key.

    Connections that stand keep what they began with. A new pair that cannot be used is logged, once
    for each state of the files, and the old one stays; `fault` says so in a sentence, "" while all
    is well. `changed` is called when a new pair was taken up or refused.
    """

    def __init__(
        self,
        certificate: Path,
        key: Path,
        *,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Load the pair. Raises CertificateError."""
        self._certificate = certificate
        self._key = key
        self._check_seconds = check_seconds
        self._clock = clock
        self._checked = clock()
        # Stamped before loading: what changes meanwhile is seen the next time.
        self._stamp = self._look()
        self._contexts = self._load()
        self.fault = ""
        self.changed: Callable[[], object] = bool

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection; notices renewed files."""
        self._check_in_time()
        return self._contexts[0]

    def context_for_browsers(self) -> ssl.SSLContext:
        """Return one that asks for no certificate: a browser would ask its user which to show."""
        self._check_in_time()
        return self._contexts[1]

    def _load(self) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        pair = self._certificate, self._key
        return server_context(*pair), silent_context(*pair)

    def _check_in_time(self) -> None:
        now = self._clock()
        if now - self._checked >= self._check_seconds:
            self._checked = now
            self.check()

    def check(self) -> bool:
        """Look at the files now; True if a new pair is in use from here on."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._contexts = self._load()
        except CertificateError as error:
            _log.error("the new certificate cannot be used, the old one stays", why=str(error))
            self.fault = f"The new certificate cannot be used, the old one stays: {error}"
            self.changed()
            return False
        _log.info("certificate renewed", certificate=str(self._certificate))
        self.fault = ""
        self.changed()
        return True

    def _look(self) -> _Stamp:
        """Return what tells one state of the files from another."""
        return tuple(_stat(path) for path in (self._certificate, self._key))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_ino, status.st_size)
