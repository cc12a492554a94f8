"""What can go wrong between a socket and its owner, in words."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from hubbub.transport.errors import (
    CertificateError,
    HostKeyError,
    ListenError,
    TransportError,
    describe,
    is_end,
)


def test_a_port_that_is_taken_is_told_from_an_address_that_is_not_here() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as other:
        with pytest.raises(OSError, match="in use") as failed:
            other.bind(taken.getsockname())
        error = ListenError("x", failed.value.errno)
        assert (error.in_use, error.absent) == (True, False)
    # An address for documentation (RFC 5737).
    with socket.socket() as elsewhere:
        with pytest.raises(OSError, match="assign") as failed:
            elsewhere.bind(("192.0.2.1", 0))
        error = ListenError("x", failed.value.errno)
        assert (error.in_use, error.absent) == (False, True)
    assert not ListenError("x", None).absent


def test_all_are_one_tree() -> None:
    assert all(issubclass(each, TransportError) for each in
               (ListenError, CertificateError, HostKeyError))  # fmt: skip


def tls_error(reason: str | None) -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL] something of OpenSSL (_ssl.c:1000)")
    error.reason = reason or ""
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionResetError(errno.ECONNRESET, "x"), "Connection reset by peer"),
        (TimeoutError(errno.ETIMEDOUT, "x"), "Connection timed out"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "Connection lost"),
        (tls_error("WRONG_VERSION_NUMBER"), "TLS: wrong version number"),
        (tls_error(None), "TLS: protocol error"),
        (OSError("the pipe is broken"), "the pipe is broken"),
        (BrokenPipeError(), "BrokenPipeError"),
    ],
)
def test_why_a_connection_ended_is_told_without_codes(error: OSError, words: str) -> None:
    assert describe(error) == words


def test_a_peer_that_just_goes_has_ended_normally() -> None:
    assert is_end(tls_error("UNEXPECTED_EOF_WHILE_READING"))
    assert not is_end(tls_error("WRONG_VERSION_NUMBER"))
    assert not is_end(ConnectionResetError(errno.ECONNRESET, "x"))
