"""The server's side of TLS: what is spoken, and what a pair of certificate and key has to be."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hubbub.transport import client_certificates
from hubbub.transport.errors import CertificateError, ClientCertificatesError
from hubbub.whole_files import FileUnusable, read_whole

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"
"""For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else."""

PEM_BYTES: Final = 1 << 20
"""How long the file of a certificate with its chain, or of a key, may be; more is refused."""

_log = structlog.get_logger(__name__)


Transmit = Callable[[bytes | memoryview], int]
"""Offer bytes, and return how many were taken."""
Receive = Callable[[int], bytes]
"""Take at most so many bytes of what has come; none at the end."""


def calls_of(connected: socket.socket) -> tuple[Transmit, Receive]:
    """Return what sends and receives over a socket.

    Under TLS that is what `SSLSocket.send` and `recv` call themselves, where it can be reached: the
    two layers of Python above it cost as much as encrypting a message. They are for as long as the
    connection is open: whoever has them keeps OpenSSL's part of it.
    """
    inner = getattr(connected, "_sslobj", None)
    return (connected.send, connected.recv) if inner is None else (inner.write, inner.read)


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
            read_whole(path, PEM_BYTES)
        except FileUnusable as error:
            raise CertificateError(f"{path} {error}") from error

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
