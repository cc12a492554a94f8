"""What it may be that answers, when it is not what was expected."""

from __future__ import annotations

import re
from typing import Final

from hubbub.irc.text import visible
from hubbub.wire.seen import Way

_QUOTED: Final = 60
_KNOWN: Final = (
    (re.compile(rb"SSH-"), "ssh", "that is an SSH server: try ssh://"),
    (re.compile(rb"[\x14-\x17]\x03"), "ircs", "that is TLS: try ircs:// or wss://"),
    (
        re.compile(rb"HTTP/|(?i:<!DOCTYPE HTML|<html)"),
        "ws",
        "that is HTTP: a web server, or a door for ws:// or wss://",
    ),
    (re.compile(rb":|@|NOTICE |ERROR |PING "), "irc", "that is IRC without TLS: try irc://"),
)
"""How each begins, which scheme looks at it, and what to say of it."""
_CLIENTS: Final = (
    (re.compile(rb"SSH-"), "the client speaks SSH"),
    (re.compile(rb"[\x14-\x17]\x03"), "the client speaks TLS"),
    (re.compile(rb"[A-Z]+ \S+ HTTP/"), "the client speaks HTTP without TLS"),
    (
        re.compile(rb"(?i:CAP|PASS|NICK|USER|WEBIRC|AUTHENTICATE) "),
        "the client speaks IRC without TLS",
    ),
)


def guess(data: bytes, scheme: str = "", way: Way = Way.RECEIVED) -> str:
    """Return what the first bytes seem to be, and what to try instead of a scheme.

    Of what a client sent nothing is quoted: a password may be in it.
    """
    if way is Way.SENT:
        known = next((said for pattern, said in _CLIENTS if pattern.match(data)), "")
        return known or "what the client sent is not shown, for it may hold a secret"
    for pattern, known, sentence in _KNOWN:
        if known != scheme and pattern.match(data):
            return sentence
    quoted = visible(data[:_QUOTED].decode(errors="replace"))
    return f"it begins with {quoted!r}" if data else "not one byte came"
