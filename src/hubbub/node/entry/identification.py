"""Identification: says who somebody is before there is a session, for a door that must know first.

What is decided is decided by the rules, on a connection that nobody talks through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hubbub.core.commands.accounts.registration import register_with_key
from hubbub.core.deciding import login
from hubbub.core.deciding.context import Context
from hubbub.core.requests import Verify
from hubbub.core.world.accounts import code_digest
from hubbub.core.world.session import Session
from hubbub.irc import numerics
from hubbub.irc.message import parse
from hubbub.node.connection import Connection
from hubbub.node.entry.cloak import cloak
from hubbub.node.entry.link import SSH
from hubbub.node.hub import Hub
from hubbub.transport.ssh.login import CodeWanted, Proven
from hubbub.transport.stream import Address

_FAILURES: Final = ("FAIL", numerics.ERR_SASLFAIL.code)
_RIGHT: Final = "right"
OVER: Final = "The connection was closed"
"""What is answered where a login came to no end."""


class Identification:
    """Answer who somebody is, and make accounts for who was invited."""

    def __init__(self, hub: Hub, cloak_key: bytes) -> None:
        self._decide = hub.decide
        self._sessions = hub.sessions
        self._cloak_key = cloak_key

    @property
    def access(self) -> str:
        """Return who may come in: `open`, `invite` or `closed`, as the settings say."""
        return self._sessions.policy.access

    @property
    def wants_password(self) -> bool:
        """Say whether the server has a password that everybody gives."""
        return bool(self._sessions.policy.password)

    async def is_server_password(self, address: Address, password: str) -> bool:
        """Say whether this is that password."""

        def decide(ctx: Context, failed: login.Failure) -> None:
            ctx.requests.append(
                Verify(
                    ctx.policy.password,
                    password,
                    lambda proof: failed(_RIGHT if proof.right else login.next_wait(proof)),
                )
            )

        return await self._ask(address, decide, lambda _: None) == _RIGHT

    def is_account(self, name: str) -> bool:
        """Say whether a name is an account's."""
        return self._sessions.world.account(name) is not None

    def holder(self, fingerprint: str) -> Proven | None:
        """Return whose an SSH key is, for when it has been proved."""
        account = self._sessions.world.account_of("ssh", fingerprint)
        held = account.credential("ssh", fingerprint) if account is not None else None
        if account is None or held is None:
            return None
        return Proven(account.name, "ssh", fingerprint, held.scope, self._sessions.seconds())

    def is_claimed(self, fingerprint: str) -> bool:
        """Say whether an account lists an SSH key that nobody has proved yet."""
        return ("ssh", fingerprint) in self._sessions.world.claims

    def is_invited(self, code: str) -> bool:
        """Say whether an invite code can be used now."""
        invite = self._sessions.world.invites.get(code_digest(code))
        return invite is not None and invite.is_good(self._sessions.seconds())

    async def log_in(self, address: Address, name: str, password: str) -> Proven | CodeWanted | str:
        """Check a password, `password:code` or an app token; return what it proves, or why not."""
        wanted: list[CodeWanted] = []

        def decide(ctx: Context, failed: login.Failure) -> None:
            def code_wanted() -> None:
                wanted.append(CodeWanted())
                failed("")

            login.with_password(ctx, name, password, failed, code_wanted)

        outcome = await self._ask(address, decide, self._logged_in)
        return wanted[0] if wanted else outcome

    def _logged_in(self, session: Session) -> Proven | None:
        proved = session.account and session.credential
        if not proved:
            return None
        scope, at = session.scope or "", self._sessions.seconds()
        return Proven(session.account, *proved, scope, at, session.since)

    async def register(
        self, address: Address, name: str, fingerprint: str, code: str
    ) -> Proven | str:
        """Make an account that a key proves, for who has an invite code; or return why not."""
        return await self._ask(
            address,
            lambda ctx, failed: register_with_key(ctx, name, fingerprint, code, failed),
            lambda _: self.holder(fingerprint),
        )

    async def _ask(
        self,
        address: Address,
        decide: Callable[[Context, login.Failure], None],
        result: Callable[[Session], Proven | None],
    ) -> Proven | str:
        attempt = _Attempt(result)
        host = cloak(self._cloak_key, address[0])
        connection = self._sessions.connect(attempt, address[0], host, secure=True)
        connection.door = SSH
        attempt.connection = connection
        self._decide(connection, lambda ctx: decide(ctx, attempt.failed))
        try:
            return await attempt.outcome
        finally:
            attempt.abort()


class _Attempt:
    """Be the link of a connection that nobody talks through, and notice what comes of it."""

    def __init__(self, result: Callable[[Session], Proven | None]) -> None:
        self._result = result
        self._loop = asyncio.get_running_loop()
        self.connection: Connection
        self.outcome: asyncio.Future[Proven | str] = self._loop.create_future()
        self._ended = False

    def failed(self, why: str) -> None:
        """Learn that nothing was proved."""
        self._settle(why)

    def _settle(self, outcome: Proven | str) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    @property
    def unsent(self) -> int:
        return 0

    @property
    def last_accepted(self) -> float:
        return self._loop.time()

    def send(self, data: bytes) -> bool:
        found = self._result(self.connection.session)
        if found is not None:
            self._settle(found)
            return True
        for line in data.splitlines():
            message = parse(line)
            if message.command in _FAILURES:
                self._settle(message.params[-1])
        return True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self, timeout: float = 0.0, last: bytes = b"") -> None:
        self._settle(OVER)
        self.abort()

    def abort(self) -> None:
        if not self._ended:
            self._ended = True
            self._loop.call_soon(self.connection.closed, None)
