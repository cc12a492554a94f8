"""Who comes in through the SSH door: who has a key, a password, an invitation; or a guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from hubbub.client.registration import nick_from
from hubbub.transport.ssh.login import (
    Admitted,
    Key,
    ProveKey,
    Proven,
    Question,
    TurnedAway,
    Verdict,
)
from hubbub.transport.stream import Address

CLOSED: Final = (
    "This server is for those who have an account; its operators make them. If you have one, log "
    "in with its name, and its key or password."
)
SHOW_KEY: Final = (
    "The code is good. The account will belong to the SSH key that you show now; "
    "without one, ssh-keygen makes one."
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Name somebody who was let in: the user name that was asked for, and what was proved."""

    user: str
    proven: Proven | None

    @property
    def nick(self) -> str:
        """Return the nick to ask for."""
        return self.proven.account if self.proven is not None else nick_from(self.user)


class Porter(Protocol):
    """What is asked of the node about accounts."""

    @property
    def access(self) -> str:
        """Return who may come in: `open`, `invite` or `closed`."""

    def is_account(self, name: str) -> bool:
        """Say whether a name is an account's."""

    def has_second_factor(self, name: str) -> bool:
        """Say whether an account's password needs a one-time password beside it."""

    def holder(self, fingerprint: str) -> Proven | None:
        """Return whose an SSH key is, for when it has been proved."""

    def is_invited(self, code: str) -> bool:
        """Say whether an invite code can be used now."""

    async def log_in(self, address: Address, name: str, password: str) -> Proven | str:
        """Check a password; return what it proves, or why not."""

    async def register(
        self, address: Address, name: str, fingerprint: str, code: str
    ) -> Proven | str:
        """Make an account that a key proves, for who has an invite code; or return why not."""


class SSHLogin:
    """Decide who one connection is."""

    def __init__(self, porter: Porter, address: Address) -> None:
        self._porter = porter
        self._address = address
        self._user = self._name = ""
        self._password = ""
        self._code = ""

    def begin(self, user: str) -> None:
        """Begin anew under a name."""
        self._user, self._name = user, nick_from(user)
        self._password = self._code = ""

    def takes(self, key: Key) -> bool:
        """Take a key that belongs to an account, and any from who is invited."""
        return bool(self._code) or self._porter.holder(key.fingerprint) is not None

    async def proven(self, key: Key) -> Admitted | TurnedAway:
        """Let in whose the key is; who is invited gets an account with it."""
        found: Proven | str | None = self._porter.holder(key.fingerprint)
        if found is None and self._code:
            found = await self._porter.register(
                self._address, self._name, key.fingerprint, self._code
            )
        if isinstance(found, Proven):
            return Admitted(Visitor(self._user, found))
        return TurnedAway(found or "")

    async def ask(self) -> Verdict:
        """Ask for the password of an account or for an invitation, or let a guest in."""
        self._password = ""
        if self._porter.is_account(self._name):
            return Question("", ((f"Password of {self._name}: ", False),))
        if self._porter.access == "open":
            return Admitted(Visitor(self._user, None))
        if self._porter.access == "invite":
            text = f"{self._name} has no account here yet. One needs an invitation."
            return Question(text, (("Invite code: ", True),))
        return TurnedAway(CLOSED)

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        """Take the answer to the last question."""
        if len(answers) != 1 or not answers[0]:
            return TurnedAway()
        (answer,) = answers
        if not self._porter.is_account(self._name):
            return self._invitation(answer)
        if not self._password and self._porter.has_second_factor(self._name):
            self._password = answer
            return Question("", (("One-time code: ", False),))
        given = f"{self._password}:{answer}" if self._password else answer
        self._password = ""
        found = await self._porter.log_in(self._address, self._name, given)
        if isinstance(found, Proven):
            return Admitted(Visitor(self._user, found))
        return TurnedAway(found)

    def _invitation(self, code: str) -> Verdict:
        if self._porter.access != "invite" or not self._porter.is_invited(code):
            return TurnedAway("This invite code is not valid, or no longer.")
        self._code = code
        return ProveKey(SHOW_KEY)
