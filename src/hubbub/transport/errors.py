"""What can go wrong between a socket and its owner.

TransportError
 +-- ListenError               a door cannot be opened: in use, not permitted, no such address
 +-- CertificateError          a certificate or its key cannot be used
 +-- ClientCertificatesError   clients cannot be asked for certificates here
 +-- HostKeyError              a key of the SSH door cannot be used or made
 +-- MalformedHeader           what should be a PROXY header is none

Other faults of one connection are no exceptions: its owner is told, in words, by `Peer.closed`.
"""

from __future__ import annotations

import errno
import os
import ssl
from typing import Final


class TransportError(Exception):
    """Stand for all that goes wrong with doors and keys; it is never raised itself.

    The text of each is a sentence for the operator.
    """


class ListenError(TransportError):
    """Say that an address cannot be listened on; `code` is the errno of the refusal.

    The operator sees which door and why, and what to do; exit code 75 where that may pass, such as
    another program that has the address, else 2. What `localhost` is in IPv6 is passed over on a
    machine without it; without the control socket the server runs on, which stands in the log.
    """

    def __init__(self, message: str, code: int | None) -> None:
        super().__init__(message)
        self.code = code

    @property
    def in_use(self) -> bool:
        """Tell whether another socket already listens there."""
        return self.code == errno.EADDRINUSE

    @property
    def absent(self) -> bool:
        """Tell whether this machine does not have the address at all."""
        return self.code in _ABSENT


class CertificateError(TransportError):
    """Say which certificate or key cannot be used, and why.

    The operator sees that at a start, with exit code 2. While the server runs it stands in the log,
    and the doors keep the certificate that they have.
    """


class ClientCertificatesError(TransportError):
    """Say why clients cannot be asked for certificates, such as with an older OpenSSL.

    The operator sees a warning in the log; clients are asked for none, and SASL EXTERNAL finds
    none.
    """


class HostKeyError(TransportError):
    """Say which key of the SSH door cannot be used or made, and why.

    The operator sees that at a start, with exit code 2.
    """


class MalformedHeader(TransportError):
    """Say that a trusted proxy sent no PROXY header of version 1 or 2.

    The operator sees a warning in the log; the connection is closed, and its client is told
    nothing.
    """


_ABSENT: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def is_end(error: OSError) -> bool:
    """Tell whether a read failed because the peer closed without close_notify: a normal end."""
    return isinstance(error, ssl.SSLError) and error.reason == "UNEXPECTED_EOF_WHILE_READING"


def describe(error: OSError) -> str:
    """Return why a connection ended, in words fit for a quit message: no codes, no addresses."""
    if isinstance(error, ssl.SSLEOFError):
        # OpenSSL lost the cause: a reset, or a peer that could no longer be reached.
        return "Connection lost"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or "protocol error"
        return "TLS: " + reason.lower().replace("_", " ")
    if error.errno is not None:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
