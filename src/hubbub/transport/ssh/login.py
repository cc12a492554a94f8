"""What the SSH door asks of whoever decides who comes in; it knows no accounts itself.

An offered key proves nothing: clients ask first whether a key would do, and show only then that
they hold it. So an identity is what a `Login` returns for a key that was proven, or after its last
question, and it is bound when authentication has succeeded, never before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Key:
    """Hold a public key: its fingerprint (`SHA256:...`) and its line in authorized_keys."""

    fingerprint: str
    line: str


class Proven(NamedTuple):
    """Name the account that was proved, and with which of its credentials: kind and id.

    `scope` is all that this credential is for, "" for everything; `at` is when it was proved, in
    seconds since 1970, and `since` the place of that in the journal, 0 for what is asked for again
    with each session: a key, a token.
    """

    account: str
    kind: str
    id: str
    scope: str = ""
    at: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """Say that a password is right, and a one-time code is wanted beside it."""


@dataclass(frozen=True, slots=True)
class InfoRequest:
    """Ask a person something before they are let in; each prompt says whether it is echoed."""

    text: str
    prompts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Let somebody in, as whom the owner of the door knows."""

    identity: object


@dataclass(frozen=True, slots=True)
class Partly:
    """Go on (RFC 4252 5.1, partial success): this was right, and more is asked."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Let nobody in for this answer; `text` is shown, "" for nothing."""

    text: str = ""


Verdict = InfoRequest | Admitted | Partly | TurnedAway


class Login(Protocol):
    """Decide who one connection is."""

    def begin(self, user: str) -> None:
        """Learn the requested user name; it may change until somebody is admitted."""

    def unproven(self) -> Verdict:
        """Say what becomes of somebody who has shown nothing yet (method `none`)."""

    async def password(self, password: str) -> Verdict:
        """Take a password; an InfoRequest is asked next, by keyboard-interactive."""

    def refusal(self, key: Key) -> TurnedAway | None:
        """Say why a key would not do; nothing may be concluded from its having been offered."""

    async def proven(self, key: Key) -> Admitted | Partly | TurnedAway:
        """Return who holds a key that was not refused."""

    async def ask(self) -> Verdict:
        """Begin a conversation by keyboard-interactive (RFC 4256)."""

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        """Go on with the answers to the last question."""
