"""Tokens with which a node joins: each is good for one, for a while.

A token holds the fingerprint of the member that issued it, so that it is shown to nobody else, and
a secret, of which that member keeps the digest only.
"""

from __future__ import annotations

import binascii
import fcntl
import hashlib
import json
import os
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hubbub.cluster.errors import ClusterError, TokenRefused
from hubbub.cluster.members import FOLDER
from hubbub.whole_files import FileUnusable, read_whole, write_whole

SECRET_BYTES: Final = 16
SECONDS: Final = 3_600
"""How long a token is good, where nobody says otherwise."""
MOST: Final = 32
"""How many may be out at once; no more are issued until one was used or is over."""
FILE: Final = f"{FOLDER}/tokens.json"

_PREFIX: Final = "hub1-"
_FINGERPRINT: Final = 32
_CHECK: Final = 4
_MOST_BYTES: Final = 1 << 14
_UNREADABLE: Final = (
    "that is no token, or not the whole of one; copy it again, or have `hubbub cluster token` "
    "make another on a member"
)


@dataclass(frozen=True, slots=True)
class Token:
    """Hold the SHA-256 of the certificate (DER) of who issued it, and the secret."""

    fingerprint: bytes
    secret: bytes

    def __repr__(self) -> str:
        """Show no secret, in whatever a log quotes."""
        return f"<token of {self.fingerprint.hex()[:8]}>"

    def encode(self) -> str:
        """Return it as it is pasted."""
        held = self.fingerprint + self.secret
        check = zlib.crc32(held).to_bytes(_CHECK, "big")
        return _PREFIX + urlsafe_b64encode(held + check).rstrip(b"=").decode()


def decode(text: str) -> Token:
    """Return what was pasted. Raise ClusterError where it is no token, or part of one."""
    text = text.strip()
    try:
        body = text.removeprefix(_PREFIX)
        held = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        raise ClusterError(_UNREADABLE) from None
    size = _FINGERPRINT + SECRET_BYTES
    check = int.from_bytes(held[size:], "big")
    if len(held) != size + _CHECK or check != zlib.crc32(held[:size]) or body == text:
        raise ClusterError(_UNREADABLE)
    return Token(held[:_FINGERPRINT], held[_FINGERPRINT:size])


def issue(data_dir: Path, secret: bytes, now: float, seconds: float = SECONDS) -> None:
    """Note that a secret is good once until then. Raise ClusterError, OSError."""
    with _held(data_dir) as tokens:
        _drop_over(tokens, now)
        if len(tokens) >= MOST:
            raise ClusterError(
                f"{MOST} tokens are out already; use one, or wait until the first is over"
            )
        tokens[_digest(secret)] = now + seconds


def spend(data_dir: Path, secret: bytes, now: float) -> float:
    """Use up a secret; return until when it would have been good. Raise TokenRefused, OSError.

    It is durable before anything is handed over: a token that was lost on the way is made anew.
    """
    with _held(data_dir) as tokens:
        _drop_over(tokens, now)
        until = tokens.pop(_digest(secret), None)
    if until is None:
        raise TokenRefused(
            "the token is not good here, or not any more: it is for one node, once, for a while, "
            "and only at the member that made it; have `hubbub cluster token` make another there"
        )
    return until


def give_back(data_dir: Path, secret: bytes, until: float) -> None:
    """Let a secret be good again for which nothing was handed over. Raise OSError."""
    with _held(data_dir) as tokens:
        tokens[_digest(secret)] = until


@contextmanager
def _held(data_dir: Path) -> Iterator[dict[str, float]]:
    """Hand out what is noted, and note what became of it; one process at a time."""
    folder = os.open(data_dir / FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        tokens = _read(data_dir / FILE)
        before = dict(tokens)
        yield tokens
        if tokens != before:
            write_whole(data_dir / FILE, json.dumps(tokens).encode(), 0o600)
    finally:
        os.close(folder)


def _read(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    try:
        held: Any = json.loads(read_whole(path, _MOST_BYTES))
        return {str(digest): float(until) for digest, until in held.items()}
    except FileUnusable as error:
        raise ClusterError(f"{path} {error}") from None
    except (ValueError, TypeError, AttributeError):
        raise ClusterError(f"{path} is damaged; remove it: tokens that are out end then") from None


def _drop_over(tokens: dict[str, float], now: float) -> None:
    for digest in [each for each, until in tokens.items() if until <= now]:
        del tokens[digest]


def _digest(secret: bytes) -> str:
    return hashlib.sha256(b"hubbub token " + secret).hexdigest()
