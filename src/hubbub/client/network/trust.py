"""Which certificates are trusted: the lines of `known_servers`, and what to say about a stranger.

A line is `HOST:PORT SHA256:HEX`. As with SSH's known_hosts, the first certificate that is seen is
remembered and another one is refused.
"""

from __future__ import annotations

import re
from typing import Final

_SHA256_DIGITS: Final = 64
_NOT_HEX = re.compile(r"[^0-9a-f]")


def parse_fingerprint(text: str) -> str:
    """Return a SHA-256 fingerprint as 64 lower-case digits; raise ValueError for anything else.

    `SHA256:` in front, colons and blanks are passed over.
    """
    bare = text.strip().lower().removeprefix("sha256:").removeprefix("sha256 fingerprint=")
    digits = bare.replace(":", "").replace(" ", "")
    if len(digits) != _SHA256_DIGITS or _NOT_HEX.search(digits):
        raise ValueError("a fingerprint is SHA-256: 64 hexadecimal digits, colons are allowed")
    return digits


def display(fingerprint: str) -> str:
    """Return a fingerprint as `openssl x509 -fingerprint -sha256` prints it."""
    digits = fingerprint.upper()
    return ":".join(digits[start : start + 2] for start in range(0, len(digits), 2))


def lookup(known_servers: str, server: str) -> str | None:
    """Return the fingerprint remembered for `HOST:PORT`, or None; broken lines are passed over."""
    found = None
    for line in known_servers.splitlines():
        words = line.split()
        if len(words) == 2 and words[0].lower() == server.lower():
            try:
                found = parse_fingerprint(words[1])
            except ValueError:
                continue
    return found


def remember(known_servers: str, server: str, fingerprint: str) -> str:
    """Return the file's text with one line for this server, in the place of any other."""
    lines = [
        line
        for line in known_servers.splitlines()
        if not line.strip() or line.split()[0].lower() != server.lower()
    ]
    return "\n".join([*lines, f"{server} SHA256:{fingerprint}", ""])
