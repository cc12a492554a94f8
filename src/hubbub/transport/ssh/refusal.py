"""How an SSH client is told why it is turned away, before keys are exchanged."""

from __future__ import annotations

from typing import Final

VERSION: Final = "Hubbub"
"""What follows `SSH-2.0-`; nobody needs to know more."""
_DISCONNECT: Final = 1
_TOO_MANY_CONNECTIONS: Final = 12
_BLOCK: Final = 8
_LEAST_PADDING: Final = 4


def refusal(reason: str) -> bytes:
    """Return all that a client is sent: the version, and SSH_MSG_DISCONNECT (RFC 4253 11.1).

    Clients show its text, which they do not of lines before the version.
    """
    text = reason.encode()
    payload = bytes([_DISCONNECT]) + _uint32(_TOO_MANY_CONNECTIONS)
    payload += _uint32(len(text)) + text + _uint32(0)
    padding = -(5 + len(payload)) % _BLOCK
    padding += _BLOCK if padding < _LEAST_PADDING else 0
    packet = _uint32(1 + len(payload) + padding) + bytes([padding]) + payload + bytes(padding)
    return f"SSH-2.0-{VERSION}\r\n".encode() + packet


def _uint32(number: int) -> bytes:
    return number.to_bytes(4, "big")
