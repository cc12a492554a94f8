"""Who comes in through the SSH door: who has a key, a password, an invitation; or a guest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from hubbub.client.handlers.registration import nick_from
from hubbub.irc.names import fold
from hubbub.transport.ssh.login import (
    Admitted,
    CodeWanted,
    InfoRequest,
    Key,
    Partly,
    Proven,
    TurnedAway,
    Verdict,
)
from hubbub.transport.stream import Address

CLOSED: Final = "This server is for those who have an account; its operators make them."
INVITED: Final = (
    "This server is for those who have an account. An invite code makes one for the SSH key that "
    "you come with."
)
NO_KEY: Final = (
    "An invite code makes an account for an SSH key, and you have shown none: make one "
    "(ssh-keygen), then come again with your code."
)
GUEST: Final = "guest"
"""What names begin with under which one is a guest at once, whatever keys there are."""
_ANOTHERS: Final = (
    "This key is the account {owner}'s, and you asked for {asked}: ssh {owner}@... is you. To come "
    "in as {asked} give its password, or its key alone (ssh -o IdentitiesOnly=yes -i KEYFILE)."
)
_CLAIMS: Final = (
    "This key is listed, and not proved yet: with the account's password, this once, it is."
)
NOT_OPEN: Final = {"closed": CLOSED, "invite": INVITED}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Name somebody who was let in: the user name that was asked for, and what was proved.

    `password` is the server's, where it has one, `key` the fingerprint of the key that was shown,
    whether or not it is an account's.
    """

    user: str
    proven: Proven | None
    password: str = field(default="", repr=False)
    key: str = ""

    @property
    def scope(self) -> str:
        """Return all that the session may be for, "" for everything."""
        return self.proven.scope if self.proven is not None else ""

    @property
    def is_somebody_else(self) -> bool:
        """Say whether a key made this another account than the name that was asked for."""
        return self.proven is not None and fold(nick_from(self.user)) != fold(self.proven.account)

    @property
    def nick(self) -> str:
        """Return the nick to ask for."""
        return self.proven.account if self.proven is not None else nick_from(self.user)


class Identifier(Protocol):
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

    def holder(self, fingerprint: str) -> Proven | None:
        """Return whose an SSH key is, for when it has been proved."""

    def is_claimed(self, fingerprint: str) -> bool:
        """Say whether an account lists an SSH key that nobody has proved yet."""

    def is_invited(self, code: str) -> bool:
        """Say whether an invite code can be used now."""

    async def log_in(self, address: Address, name: str, password: str) -> Proven | CodeWanted | str:
        """Check a password, or `password:code`; return what it proves, or why not."""

    async def register(
        self, address: Address, name: str, fingerprint: str, code: str
    ) -> Proven | str:
        """Make an account that a key proves, for who has an invite code; or return why not."""


class SSHLogin:
    """Decide who one connection is.

    Where guests are not welcome every name is treated alike, an account's or nobody's: nothing that
    is asked, taken or refused before somebody is in tells which of them it is.
    """

    def __init__(self, identifier: Identifier, address: Address) -> None:
        self._identifier = identifier
        self._address = address
        self._told = False
        self.begin("")

    def begin(self, user: str) -> None:
        """Begin anew under a name."""
        self._user, self._name = user, nick_from(user)
        self._key = self._password = self._servers = ""
        self._waiting: Proven | None = None
        self._claims = False

    @property
    def _is_outside(self) -> bool:
        """Say whether the server's password is still to be given: first of all, of everybody."""
        return self._identifier.wants_password and not self._servers

    @property
    def _is_guest(self) -> bool:
        """Say whether somebody of this name comes in without proving anything."""
        is_open = self._identifier.access == "open" and not self._is_outside
        return is_open and not self._identifier.is_account(self._name)

    def unproven(self) -> Verdict:
        """Let in who asks to be a guest by name; of others a key may be an account's, and counts.

        All clients begin with this, before they show the keys that they have.
        """
        if not self._is_guest:
            return TurnedAway()
        if fold(self._name).startswith(GUEST):
            return self._admit(None)
        return TurnedAway(
            f"{self._name} is nobody's account here: the key of an account makes you that account, "
            f"and you are a guest without. (A script without a key: ssh {GUEST}-{self._name}@...)"
        )

    def refusal(self, key: Key) -> TurnedAway | None:
        """Take a key that belongs to an account or is listed, a guest's, and an invited one's."""
        if self._waiting is not None or key.fingerprint == self._key:
            # OpenSSH shows one that was right in part again, as long as that is taken.
            return TurnedAway()
        if self._identifier.holder(key.fingerprint) is not None or self._is_guest:
            return None
        if self._identifier.is_claimed(key.fingerprint):
            return None
        if self._identifier.access == "invite" and not self._key:
            return None
        return self._no_account(key)

    def _no_account(self, key: Key) -> TurnedAway:
        """Say once that a key opens nothing: a client shows all that it has."""
        if self._told or self._key:
            return TurnedAway()
        self._told = True
        return TurnedAway(
            f"The key {key.fingerprint} is no account's here. Another key, or a password, may be; "
            "once you are in, /key add adds this one."
        )

    async def proven(self, key: Key) -> Admitted | Partly | TurnedAway:
        """Let in whose the key is, and guests; who could be invited shows an invitation next.

        Other keys are still tried before that is asked: another one may have an account. The name
        that was asked for counts: under another account's a key opens nothing. With one that is
        only listed goes the password of its account, once.
        """
        found = self._identifier.holder(key.fingerprint)
        if found is not None and self._identifier.is_account(self._name) and not self._is(found):
            return TurnedAway(_ANOTHERS.format(owner=found.account, asked=self._name))
        self._key = key.fingerprint
        if found is not None and self._is_outside:
            self._waiting = found
            return Partly()
        if found is not None or self._is_guest:
            return self._admit(found)
        listed = self._identifier.is_claimed(key.fingerprint)
        self._claims = listed
        return Partly() if listed or self._identifier.access == "invite" else TurnedAway()

    def _is(self, found: Proven) -> bool:
        return fold(found.account) == fold(self._name)

    async def ask(self) -> Verdict:
        """Ask for a password, or for an invitation; or let a guest in."""
        if self._is_outside:
            return _SERVER_PASSWORD
        if self._password:
            return _CODE
        if self._is_guest:
            return self._admit(None)
        code = ", or invite code" if self._identifier.access == "invite" else ""
        prompt = f"Password of {self._name}{code}: "
        text = _CLAIMS if self._claims else NOT_OPEN.get(self._identifier.access, "")
        return InfoRequest(text, ((prompt, False),))

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        """Take the answer to the last question."""
        return await self._secret(answers[0]) if len(answers) == 1 else TurnedAway()

    async def password(self, password: str) -> Verdict:
        """Take a password, which nobody was asked for; a guest's can be anything."""
        return self._admit(None) if self._is_guest else await self._secret(password)

    async def _secret(self, given: str) -> Verdict:
        """Take what answers the question that is open."""
        if not given:
            return TurnedAway()
        if self._is_outside:
            return await self._server_password(given)
        if self._password:
            given, self._password = f"{self._password}:{given}", ""
        elif self._identifier.access == "invite" and self._identifier.is_invited(given):
            return await self._invitation(given)
        found = await self._identifier.log_in(self._address, self._name, given)
        if isinstance(found, CodeWanted):
            self._password = given
            return _CODE
        return self._admit(found) if isinstance(found, Proven) else TurnedAway(found)

    async def _invitation(self, code: str) -> Verdict:
        """Make an account for the key that was proved."""
        if not self._key:
            return TurnedAway(NO_KEY)
        found = await self._identifier.register(self._address, self._name, self._key, code)
        return self._admit(found) if isinstance(found, Proven) else TurnedAway(found)

    async def _server_password(self, password: str) -> Verdict:
        """Go on to who somebody is, once the server's password is right."""
        if not await self._identifier.is_server_password(self._address, password):
            return TurnedAway("This is not the password of this server.")
        self._servers = password
        return self._admit(self._waiting) if self._waiting is not None else await self.ask()

    def _admit(self, proven: Proven | None) -> Admitted:
        return Admitted(Visitor(self._user, proven, self._servers, self._key))


_SERVER_PASSWORD: Final = InfoRequest("", (("Password of this server: ", False),))
_CODE: Final = InfoRequest("", (("One-time code: ", False),))
