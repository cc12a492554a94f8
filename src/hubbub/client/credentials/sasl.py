"""SASL, the client's side: PLAIN, EXTERNAL and SCRAM-SHA-256 (IRCv3 sasl-3.1)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final, Protocol

from hubbub.client.errors import ExchangeError

CHUNK: Final = 400
"""Bytes of one AUTHENTICATE; a shorter one ends the message."""
LONGEST: Final = 8192
"""Bytes of base64 that a server may send as one challenge."""


class Mechanism(Protocol):
    """Lead one exchange with the server."""

    mechanism: str

    def answer(self, challenge: bytes) -> bytes:
        """Return the answer to a challenge. Raises ExchangeError."""

    @property
    def is_proved(self) -> bool:
        """Say whether the server has proved whatever it has to prove."""


class Plain:
    """Send the password, or a token in its place (RFC 4616)."""

    mechanism = "PLAIN"
    is_proved = True

    def __init__(self, account: str, password: str) -> None:
        """Prove this account."""
        self._message = f"\0{account}\0{password}".encode()

    def answer(self, challenge: bytes) -> bytes:
        """Return the one message there is."""
        return self._message


class External:
    """Point at the certificate that the connection shows (RFC 4422, appendix A)."""

    mechanism = "EXTERNAL"
    is_proved = True

    def __init__(self, account: str) -> None:
        """Prove this account, or with "" the one that the certificate belongs to."""
        self._message = account.encode()

    def answer(self, challenge: bytes) -> bytes:
        """Return the one message there is."""
        return self._message


def chunks(message: bytes) -> Iterator[str]:
    """Return a message as the parameters of AUTHENTICATE that carry it."""
    text = base64.b64encode(message).decode()
    for start in range(0, len(text), CHUNK):
        yield text[start : start + CHUNK]
    if len(text) % CHUNK == 0:
        yield "+"


def decode(text: str) -> bytes:
    """Return a challenge that came as base64. Raises ExchangeError."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        # Also what is no ASCII: binascii's own error is one of these.
        raise ExchangeError("the server's challenge is no base64") from None
