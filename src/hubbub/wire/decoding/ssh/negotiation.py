"""What both sides offer, and which algorithm is chosen and why (RFC 4253 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.seen import Details

LISTS: Final = (
    "key exchange",
    "host key",
    "cipher, client to server",
    "cipher, server to client",
    "MAC, client to server",
    "MAC, server to client",
    "compression, client to server",
    "compression, server to client",
)
_OWN_TAG: Final = ("chacha20-poly1305", "-gcm")
_MARKERS: Final = ("ext-info-", "kex-strict-")
"""Names among the key exchanges that are none, but say what a side can do besides."""


@dataclass(frozen=True, slots=True)
class KexOffer:
    """Hold the lists of one side's KEXINIT, in the order of LISTS."""

    lists: tuple[tuple[str, ...], ...]

    @property
    def details(self) -> Details:
        """Return the lists by name."""
        return tuple(zip(LISTS, self.lists, strict=True))


def read_offer(payload: bytes) -> KexOffer:
    """Return what a KEXINIT offers. Raise CutShort."""
    cursor = ByteCursor(payload[17:])
    return KexOffer(tuple(cursor.names() for _ in LISTS))


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold what was chosen from one pair of lists, "" for nothing, and why."""

    what: str
    name: str
    why: str


def choose(client: KexOffer, server: KexOffer) -> tuple[Choice, ...]:
    """Return what two offers come to: of each list the client's first that the server has, too."""
    pairs = zip(LISTS, client.lists, server.lists, strict=True)
    choices = [_choice(what, theirs, others) for what, theirs, others in pairs]
    ciphers = {choice.what.partition(", ")[2]: choice.name for choice in choices[2:4]}
    return tuple(
        _without_mac(choice, ciphers[choice.what.partition(", ")[2]])
        if choice.what.startswith("MAC")
        else choice
        for choice in choices
    )


def _choice(what: str, client: tuple[str, ...], server: tuple[str, ...]) -> Choice:
    offered = [name for name in client if not name.startswith(_MARKERS)]
    there = frozenset(server)
    for place, name in enumerate(offered):
        if name in there:
            return Choice(what, name, _why(offered[:place]))
    return Choice(what, "", "the two lists have nothing in common, so the connection ends")


def _why(passed_over: list[str]) -> str:
    if not passed_over:
        return "the client's first, and the server has it"
    return f"the client's first that the server has; it lacks {', '.join(passed_over)}"


def _without_mac(choice: Choice, cipher: str) -> Choice:
    if not any(mark in cipher for mark in _OWN_TAG):
        return choice
    return Choice(choice.what, "none", f"{cipher} brings a tag of its own, which does the same")
