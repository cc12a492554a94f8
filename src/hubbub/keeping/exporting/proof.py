"""A transcript that can be verified: each line is chained to the one before, the end is signed.

A line is an object as JSON Lines has them, with a `salt`. Its leaf is SHA-256 of the salt and the
text, and what the chain holds is the leaf: a line whose `text` and `salt` somebody has replaced by
the `leaf` can still be verified, and tells nothing of the text, not even to who guesses it.

    leaf  = SHA-256(salt, text and tags as JSON)
    chain = SHA-256(chain before, SHA-256(the other fields as JSON), leaf)

The last line is a checkpoint: the chain, how many lines there are, whose it is, and a signature.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from hubbub.keeping.errors import KeepingError
from hubbub.keeping.exporting.formats import encoded, object_of
from hubbub.keeping.exporting.lines import Line

NAMESPACE: Final = "hubbub-transcript"
"""What the signature is for, so that it stands for nothing else."""
BEGINNING: Final = hashlib.sha256(NAMESPACE.encode()).hexdigest()
SALT_BYTES: Final = 16
_WORDS: Final = ("text", "tags")
_CHECKPOINT: Final = "checkpoint"


class ProvedLines:
    """Write JSON Lines that are chained; `sign` signs the end. `state` is where the chain is."""

    def __init__(self, server: str, sign: Callable[[bytes], str]) -> None:
        """Begin a chain."""
        self._server, self._sign = server, sign
        self._title, self._chain, self._count = "", BEGINNING, 0

    @property
    def state(self) -> str:
        """Return where the chain is."""
        return json.dumps([self._title, self._chain, self._count])

    @state.setter
    def state(self, given: str) -> None:
        """Go on where the chain was."""
        self._title, self._chain, self._count = json.loads(given)

    def begin(self, title: str) -> str:
        """Return nothing: the end tells what it is."""
        self._title = title
        return ""

    def write(self, line: Line, before: Line | None) -> str:
        """Return an object with its salt."""
        held = {**object_of(line), "salt": secrets.token_hex(SALT_BYTES)}
        self._chain, self._count = _chained(self._chain, held), self._count + 1
        return encoded(held)

    def end(self) -> str:
        """Return the checkpoint."""
        held = {
            "what": self._title,
            "server": self._server,
            "lines": self._count,
            "chain": self._chain,
        }
        return f"{json.dumps({_CHECKPOINT: held, 'signature': self._sign(_canonical(held))})}\n"


@dataclass(frozen=True, slots=True)
class Verified:
    """Tell what a transcript is, by whose key it is signed, and how many texts are left out."""

    what: str
    server: str
    lines: int
    withheld: int
    signer: str


def verify(lines: Iterable[str], signer_of: Callable[[str, bytes], str | None]) -> Verified:
    """Return what a transcript is. Raise KeepingError with what is wrong with it.

    `signer_of` returns who signed, given a signature and what was signed, None where nobody did.
    """
    chain, count, withheld, end = BEGINNING, 0, 0, None
    for number, text in enumerate(lines, 1):
        if end is not None:
            raise KeepingError(f"line {number} comes after the end: it was added")
        try:
            held = json.loads(text)
            if _CHECKPOINT in held:
                end = held
                continue
            chain, count = _chained(chain, held), count + 1
            withheld += "leaf" in held
        except (ValueError, TypeError, KeyError, AttributeError):
            raise KeepingError(f"line {number} is none of a transcript with a proof") from None
    if end is None:
        raise KeepingError("it has no end: it was cut short, or is no transcript with a proof")
    return _ended(end, chain, count, withheld, signer_of)


def _ended(
    end: dict[str, Any],
    chain: str,
    count: int,
    withheld: int,
    signer_of: Callable[[str, bytes], str | None],
) -> Verified:
    held = end[_CHECKPOINT]
    try:
        signer = signer_of(str(end["signature"]), _canonical(held))
        what, server, said = str(held["what"]), str(held["server"]), (held["chain"], held["lines"])
    except (TypeError, KeyError):
        raise KeepingError("its end is damaged: nobody has signed it") from None
    if signer is None:
        raise KeepingError("its end is not signed by the key that it names")
    if said != (chain, count):
        raise KeepingError(
            f"it is not what was signed: {held['lines']} lines were, there are {count}, and one of "
            "them is changed, missing, added or in another place"
        )
    return Verified(what, server, count, withheld, signer)


def _chained(chain: str, held: dict[str, Any]) -> str:
    """Return the chain after an object."""
    if "leaf" in held:
        leaf = bytes.fromhex(held["leaf"])
        if len(leaf) != hashlib.sha256().digest_size or any(name in held for name in _WORDS):
            raise ValueError
    else:
        words: dict[str, Any] = {name: held[name] for name in _WORDS if name in held}
        leaf = hashlib.sha256(bytes.fromhex(held["salt"]) + _canonical(words)).digest()
    rest = {name: value for name, value in held.items() if name not in (*_WORDS, "salt", "leaf")}
    parts = bytes.fromhex(chain), hashlib.sha256(_canonical(rest)).digest(), leaf
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _canonical(held: dict[str, Any]) -> bytes:
    """Return an object in the one form that is hashed, however it was written."""
    return json.dumps(held, sort_keys=True, separators=(",", ":")).encode()
