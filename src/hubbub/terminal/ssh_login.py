"""Who comes in through the SSH door: who has a key, a password, an invitation; or a guest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from hubbub.client.registration import nick_from
from hubbub.transport.ssh.login import (
    Admitted,
    Key,
    Partly,
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
NO_KEY: Final = (
    "This server is for those who have an account. Who is invited gets one, for an SSH key: "
    "ssh-keygen makes a key, then come again with your invite code."
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Name somebody who was let in: the user name that was asked for, and what was proved.

    `password` is the server's, where it has one.
    """

    user: str
    proven: Proven | None
    password: str = field(default="", repr=False)

    @property
    def scope(self) -> str:
        """Return all that the session may be for, "" for everything."""
        return self.proven.scope if self.proven is not None else ""

    @property
    def nick(self) -> str:
        """Return the nick to ask for."""
        return self.proven.account if self.proven is not None else nick_from(self.user)


class Porter(Protocol):
    """What is asked of the node about accounts."""

    @property
    def access(self) -> str:
        """Return who may come in: `open`, `invite` or `closed`."""

    @property
    def wants_password(self) -> bool:
        """Say whether the server has a password that everybody gives."""

    async def is_server_password(self, address: Address, password: str) -> bool:
        """Say whether this is that password."""

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
        self._key = ""
        self._waiting: Visitor | None = None

    def begin(self, user: str) -> None:
        """Begin anew under a name."""
        self._user, self._name = user, nick_from(user)
        self._password = self._key = ""
        self._waiting = None

    def takes(self, key: Key) -> bool:
        """Take a key that belongs to an account, and one that an invitation could be for."""
        if self._waiting is not None:
            return False
        if self._porter.holder(key.fingerprint) is not None:
            return True
        return self._may_be_invited() and not self._key

    async def proven(self, key: Key) -> Admitted | Partly | TurnedAway:
        """Let in whose the key is; who could be invited shows an invitation next.

        Other keys are still tried before that is asked: another one may have an account.
        """
        found = self._porter.holder(key.fingerprint)
        if found is not None:
            verdict = self._admit(found)
            return verdict if isinstance(verdict, Admitted) else Partly()
        if not self._may_be_invited():
            return TurnedAway()
        self._key = key.fingerprint
        return Partly()

    def _may_be_invited(self) -> bool:
        return self._porter.access == "invite" and not self._porter.is_account(self._name)

    async def ask(self) -> Verdict:
        """Ask for the password of an account or for an invitation, or let a guest in."""
        self._password = ""
        if self._waiting is not None:
            return _SERVER_PASSWORD
        if self._porter.is_account(self._name):
            return Question("", ((f"Password of {self._name}: ", False),))
        if self._porter.access == "open":
            return self._admit(None)
        if self._porter.access == "invite":
            if not self._key:
                return TurnedAway(NO_KEY)
            text = f"{self._name} has no account here yet. One needs an invitation."
            return Question(text, (("Invite code: ", True),))
        return TurnedAway(CLOSED)

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        """Take the answer to the last question."""
        if len(answers) != 1 or not answers[0]:
            return TurnedAway()
        (answer,) = answers
        if self._waiting is not None:
            return await self._server_password(self._waiting, answer)
        if not self._porter.is_account(self._name):
            return await self._invitation(answer)
        if not self._password and self._porter.has_second_factor(self._name):
            self._password = answer
            return Question("", (("One-time code: ", False),))
        given = f"{self._password}:{answer}" if self._password else answer
        self._password = ""
        found = await self._porter.log_in(self._address, self._name, given)
        return self._admit(found) if isinstance(found, Proven) else TurnedAway(found)

    async def _invitation(self, code: str) -> Verdict:
        """Make an account for the key that was proved."""
        if not self._key or not self._porter.is_invited(code):
            return TurnedAway("This invite code is not valid, or no longer.")
        found = await self._porter.register(self._address, self._name, self._key, code)
        return self._admit(found) if isinstance(found, Proven) else TurnedAway(found)

    def _admit(self, proven: Proven | None) -> Verdict:
        """Let somebody in, where the server has a password as soon as that is given."""
        visitor = Visitor(self._user, proven)
        if not self._porter.wants_password:
            return Admitted(visitor)
        self._waiting = visitor
        return _SERVER_PASSWORD

    async def _server_password(self, visitor: Visitor, password: str) -> Verdict:
        if await self._porter.is_server_password(self._address, password):
            return Admitted(replace(visitor, password=password))
        return TurnedAway("This is not the password of this server.")


_SERVER_PASSWORD: Final = Question("", (("Password of this server: ", False),))
