"""Checking what is secret: passwords, one-time passwords, SCRAM; beside the loop, and slowed down.

Secrets are the bodies of entries; they are read for each check and kept nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Container, Sequence
from typing import Any, Final, Protocol

from hubbub.core import requests as req
from hubbub.core.access import second_factor
from hubbub.core.records.entries import Entry
from hubbub.irc.names import fold
from hubbub.journal.port import Archive, ArchiveBusy, JournalError
from hubbub.node.auth.login_delays import Guess, LoginDelays, Throttled, Turn
from hubbub.node.auth.workers import Workers
from hubbub.node.connection import Connection
from hubbub.node.limits.networks import is_loopback, network_of
from hubbub.passwords.vault import Exchange

CODE_BYTES: Final = 10
_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$UwjlP9ZEpyVtSYRdFL+KPw"
    "$uqhlCMJ88xyO4Lv7hMFkiAwOET4SLqEt1h3gAct79VU"
)
"""The hash of a password that nobody knows: who does not exist takes as long to refuse."""
BUSY: Final = req.Later("Too many people are logging in; try again shortly")
_ANY: Final = 1
"""An entry that every journal has."""
_SERVER, _OPERATOR = "*server", "*operator "
"""Whose passwords are guessed that are no account's; no account has such a name."""


def draw(count: int) -> Sequence[str]:
    """Return random codes of 16 characters each (80 bits, base32)."""
    return [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _ in range(count)]


class Vault(Protocol):
    """What makes and checks secrets; it takes long and touches nothing else."""

    def check(self, secret: str, password: str) -> bool:
        """Say whether a password belongs to a secret."""

    def make(self, password: str, scram: bool) -> str:
        """Return the secret of a password, with SCRAM keys if those are wanted."""

    def exchange(self, account: str, secret: str) -> Exchange:
        """Return a SCRAM exchange with the keys of a secret, or with keys that nobody has."""


class Delays(Protocol):
    """What guesses take their turns in (hubbub.node.auth.login_delays.LoginDelays)."""

    def take(self, guess: Guess, now: float) -> Turn | Throttled:
        """Count a guess, before it is checked, and say when it may be."""

    def give_back(self, turn: Turn, now: float) -> None:
        """Take back what a guess has used: it was not checked after all."""

    def right(self, turn: Turn, now: float) -> None:
        """Learn that a guess was right."""

    def wrong(self, turn: Turn, now: float) -> float:
        """Learn that a guess was wrong; return for how long the next one has to wait."""

    def logged_in(self, address: str, account: str) -> None:
        """Learn that an account has logged in from an address, by whatever means."""

    def takes_codes(self, guess: Guess, now: float) -> bool:
        """Say whether an account takes one-time passwords from an address now."""

    def code_failed(self, guess: Guess, now: float) -> None:
        """Count a one-time password that was wrong while all else was right."""

    def code_right(self, guess: Guess) -> None:
        """Forget the wrong one-time passwords of an account."""

    def may_register(self, address: str, now: float) -> bool:
        """Count a registration from an address, and say whether it may have one more."""


_Ready = Callable[[], Awaitable[Callable[[], Any]]]
"""Read what a check needs, when its turn has come, and return what is to be done in a worker."""


class SecretChecks:
    """Check proofs of accounts, at most as many at once and waiting as the workers take.

    The outcome of each is a Later where nothing was checked. `refused` counts those that were not
    since too many had been wrong.
    """

    def __init__(
        self, vault: Vault, workers: Workers, archive: Archive, shared: Container[str] = ()
    ) -> None:
        """Check with a vault; `shared` are addresses behind which anybody can be: proxies'."""
        self._vault = vault
        self._shared = shared
        self._workers = workers
        self._archive = archive
        self.delays: Delays = LoginDelays()
        self._digest_key = secrets.token_bytes(32)
        self._tasks: set[asyncio.Task[None]] = set()
        self._exchanges: dict[Connection, Exchange] = {}
        self.refused = 0

    def verify(
        self,
        effect: req.Verify,
        address: str,
        then: Callable[[req.Proof | req.Later], None],
    ) -> None:
        """Check a password against a hash of the settings."""

        async def ready() -> Callable[[], req.Proof]:
            return lambda: req.Proof(self._vault.check(effect.hash, effect.password))

        account = f"{_OPERATOR}{effect.operator}" if effect.operator else _SERVER
        digest = self._digest(effect.hash, effect.password)
        self._start(self._check(self._guess(address, account, digest), address, ready, then))

    def prove(
        self,
        effect: req.Prove,
        address: str,
        then: Callable[[req.Proof | req.Later], None],
    ) -> None:
        """Check a password, and a one-time password."""

        async def ready() -> Callable[[], req.Proof]:
            secret, key = await self._secrets(effect.password or 0, effect.totp)
            return lambda: self._proved(effect, secret, key)

        # A one-time password that was wrong can be right the next time.
        digest = b"" if effect.totp else self._digest(str(effect.password), effect.given)
        guess = self._guess(address, effect.account, digest)
        self._start(self._check(guess, address, ready, then))

    def _proved(self, effect: req.Prove, secret: str, key: str) -> req.Proof:
        right = effect.password is None
        if effect.password is not None:
            # One that does not exist takes as long.
            checked = self._vault.check(secret or _NOBODY, effect.given)
            right = checked and bool(secret)
        if not effect.totp:
            return req.Proof(right)
        if not effect.code:
            return req.Proof(False, code_missing=right)
        step = second_factor.step_of(key, effect.code, int(time.time())) if key else 0
        return req.Proof(right and step > 0, step, right and step == 0)

    async def _check(
        self, guess: Guess | None, address: str, ready: _Ready, then: Callable[[Any], None]
    ) -> None:
        """Count a guess, check it when it is its turn, and give it back where it was right."""
        loop = asyncio.get_running_loop()
        turn = self.delays.take(guess, loop.time()) if guess is not None else None
        if isinstance(turn, Throttled):
            self.refused += 1
            text = f"Too many wrong passwords; try again in {math.ceil(turn.seconds)} seconds"
            then(req.Later(text))
            return
        if turn is not None and turn.wait:
            await asyncio.sleep(turn.wait)
        # Answered after as long a wait as one that is checked, so that time tells nothing.
        if turn is not None and turn.repeats:
            then(self._counted(turn, req.Proof(False), loop.time()))
            return

        def done(outcome: req.Proof | str | None) -> None:
            # Nothing was checked: the workers had no room, or the secret could not be read. That is
            # no guess.
            if outcome is None:
                if turn is not None:
                    self.delays.give_back(turn, loop.time())
                then(BUSY)
            else:
                then(self._counted(turn, outcome, loop.time()))

        try:
            # Read only now, after the wait: a password may have been changed meanwhile, and secrets
            # are held no longer than they are needed.
            work = await ready()
        except JournalError:
            done(None)
            return
        self._workers.submit(work, done, self._line(address, guess.account if guess else ""))

    def _counted(self, turn: Turn | None, outcome: req.Proof | str, now: float) -> req.Proof | str:
        """Return an outcome, counted; a one-time password comes to nothing after many wrong."""
        if turn is None:
            return outcome
        delays, guess = self.delays, turn.guess
        if isinstance(outcome, req.Proof) and outcome.code_missing:
            delays.give_back(turn, now)
            return outcome
        if isinstance(outcome, req.Proof) and (outcome.step or outcome.code_wrong):
            if not delays.takes_codes(guess, now):
                outcome = req.Proof(False)
            elif outcome.code_wrong:
                delays.code_failed(guess, now)
        if isinstance(outcome, str) or outcome.right:
            delays.code_right(guess)
            delays.right(turn, now)
            return outcome
        wait = math.ceil(delays.wrong(turn, now))
        return req.Proof(False, outcome.step, outcome.code_wrong, wait=wait)

    def _guess(self, address: str, account: str, digest: bytes = b"") -> Guess | None:
        """Return who guesses what, or None where nothing is counted."""
        many, public = self._is_everybodys(address), account == _SERVER
        # Nobody's password at nobody's address: whoever guesses would keep all others waiting.
        if not account or (many and public):
            return None
        return Guess(network_of(address), account, many, public, digest)

    def _digest(self, secret: str, given: str) -> bytes:
        text = f"{secret} {given}".encode()
        return hashlib.blake2b(text, digest_size=16, key=self._digest_key).digest()

    def _is_everybodys(self, address: str) -> bool:
        """Say whether anybody can have an address: on the machine itself, and behind a proxy."""
        return is_loopback(address) or address in self._shared

    def _line(self, address: str, account: str) -> tuple[str, str]:
        """Return whose turn a check is; at everybody's address each account has one."""
        return (account if self._is_everybodys(address) else network_of(address), account)

    def logged_in(self, address: str, account: str) -> None:
        """Learn that an account has logged in from an address, by whatever means."""
        self.delays.logged_in(network_of(address), fold(account))

    def may_register(self, address: str) -> bool:
        """Count a new account of an address, and say whether it may have one more."""
        now = asyncio.get_running_loop().time()
        place = "" if self._is_everybodys(address) else network_of(address)
        return self.delays.may_register(place, now)

    def hash(
        self, password: str, scram: bool, address: str, then: Callable[[str | req.Later], None]
    ) -> None:
        """Make the secret of a password."""

        def done(secret: str | None) -> None:
            then(BUSY if secret is None else secret)

        line = self._line(address, "")
        self._workers.submit(lambda: self._vault.make(password, scram), done, line)

    def scram(
        self,
        effect: req.Scram,
        connection: Connection,
        then: Callable[[str | req.Proof | req.Later], None],
    ) -> None:
        """Take the next message of a connection's SCRAM exchange."""
        if effect.first:
            self._start(self._scram_first(effect, connection, then))
            return
        exchange = self._exchanges.pop(connection, None)

        async def ready() -> Callable[[], str | req.Proof]:
            return lambda: (exchange and exchange.final(effect.given)) or req.Proof(False)

        address = connection.address
        guess = self._guess(address, effect.account)
        self._start(self._check(guess, address, ready, then))

    async def _scram_first(
        self,
        effect: req.Scram,
        connection: Connection,
        then: Callable[[str | req.Proof | req.Later], None],
    ) -> None:
        try:
            (secret,) = await self._secrets(effect.seq)
        except JournalError:
            then(BUSY)
            return
        exchange = self._vault.exchange(effect.account, secret)
        reply = exchange.first(effect.given)
        if reply is not None and not connection.ended:
            self._exchanges[connection] = exchange
        then(reply or req.Proof(False))

    def gone(self, connection: Connection) -> None:
        """Forget the exchange of a connection that has ended."""
        self._exchanges.pop(connection, None)

    def secret(self, seq: int, then: Callable[[str | None], None]) -> None:
        """Read the secret of an entry; None where it is erased or cannot be read."""

        async def read() -> None:
            try:
                (found,) = await self._secrets(seq)
            except JournalError:
                found = ""
            then(found or None)

        self._start(read())

    async def _secrets(self, *seqs: int) -> list[str]:
        """Return the secrets of entries, "" where there is none (seq 0): that takes as long."""
        entries = await self._patiently([seq or _ANY for seq in seqs])
        found = {entry.seq: entry.body.text for entry in entries if entry.body is not None}
        return [found.get(seq, "") if seq else "" for seq in seqs]

    async def _patiently(self, seqs: Sequence[int]) -> list[Entry]:
        while True:
            try:
                return await self._archive.entries(seqs)
            except ArchiveBusy:
                await asyncio.sleep(0.1)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is being checked."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._workers.stop()
