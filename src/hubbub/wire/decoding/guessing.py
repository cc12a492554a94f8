"""What it may be that answers, when it is not what was expected."""

from __future__ import annotations

from typing import Final

from hubbub.irc.text import visible

_QUOTED: Final = 60
_IRC: Final = (b":", b"NOTICE", b"ERROR", b"PING", b"@")


def guess(data: bytes) -> str:
    """Return a sentence about the first bytes that came: what they are, and what to try."""
    if data.startswith(b"SSH-"):
        return "that is an SSH server: try ssh://"
    if data[:1] in (b"\x14", b"\x15", b"\x16", b"\x17") and data[1:2] == b"\x03":
        return "that is TLS: try ircs:// or wss://"
    if data.startswith(b"HTTP/"):
        return "that is HTTP: a web server, or a door for WebSocket: try ws:// or wss://"
    if data.startswith(_IRC):
        return "that is IRC without TLS: try irc://"
    quoted = visible(data[:_QUOTED].decode(errors="replace"))
    return f"it begins with {quoted!r}" if data else "nothing came"
