"""Checking what is secret: passwords, one-time passwords, SCRAM; beside the loop, and slowed down.

Secrets are the bodies of entries; they are read for each check and kept nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Awaitable, Callable, Container, Sequence
from typing import Any, Final, Protocol

from hubbub.core import effects as fx
from hubbub.core import second_factor
from hubbub.core.records import Entry
from hubbub.journal.port import Archive, ArchiveBusy, JournalError
from hubbub.node.cloak import is_loopback, network_of
from hubbub.node.connection import Connection
from hubbub.node.login_delays import LoginDelays
from hubbub.node.workers import Workers
from hubbub.vault import Exchange

CODE_BYTES: Final = 10
_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$UwjlP9ZEpyVtSYRdFL+KPw"
    "$uqhlCMJ88xyO4Lv7hMFkiAwOET4SLqEt1h3gAct79VU"
)
"""The hash of a password that nobody knows: who does not exist takes as long to refuse."""
_ANY: Final = 1
"""An entry that every journal has."""


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


class Proofs:
    """Check proofs of accounts, at most as many at once and waiting as the workers take."""

    def __init__(
        self, vault: Vault, workers: Workers, archive: Archive, shared: Container[str] = ()
    ) -> None:
        """Check with a vault; `shared` are addresses behind which anybody can be: proxies'."""
        self._vault = vault
        self._shared = shared
        self._workers = workers
        self._archive = archive
        self._delays = LoginDelays()
        self._tasks: set[asyncio.Task[None]] = set()
        self._exchanges: dict[Connection, Exchange] = {}

    def verify(self, effect: fx.Verify, address: str, then: Callable[[bool | None], None]) -> None:
        """Check a password against a hash of the settings; None where too many wait."""

        def work() -> bool:
            return self._vault.check(effect.hash, effect.password)

        self._start(self._check(address, "", work, then))

    def prove(
        self, effect: fx.Prove, address: str, then: Callable[[fx.Proof | None], None]
    ) -> None:
        """Check a password, and a one-time password; None where too many wait."""

        async def ready() -> Callable[[], fx.Proof]:
            secret, key = await self._secrets(effect.password or 0, effect.totp)
            now = int(time.time())

            def work() -> fx.Proof:
                right = effect.password is None
                if effect.password is not None:
                    # One that does not exist takes as long.
                    checked = self._vault.check(secret or _NOBODY, effect.given)
                    right = checked and bool(secret)
                if not effect.totp:
                    return fx.Proof(right)
                if not effect.code:
                    return fx.Proof(False, code_missing=right)
                step = second_factor.step_of(key, effect.code, now) if key else 0
                return fx.Proof(right and step > 0, step, right and step == 0)

            return work

        self._start(self._prove(effect, address, ready, then))

    async def _prove(
        self,
        effect: fx.Prove,
        address: str,
        ready: Callable[[], Awaitable[Callable[[], fx.Proof]]],
        then: Callable[[fx.Proof | None], None],
    ) -> None:
        try:
            work = await ready()
        except JournalError:
            then(None)
            return
        await self._check(address, effect.account, work, then)

    async def _check(
        self, address: str, account: str, work: Callable[[], Any], then: Callable[[Any], None]
    ) -> None:
        """Do work when it is its turn, and count a failure."""
        loop = asyncio.get_running_loop()
        address = self._place(address)
        delay = self._delays.wait(address, account, loop.time())
        if delay is None:
            then(None)
            return
        if delay:
            await asyncio.sleep(delay)

        def done(outcome: Any) -> None:
            then(self._counted(outcome, address, account, loop.time()))

        if not self._workers.submit(work, done):
            then(None)

    def _counted(self, outcome: Any, address: str, account: str, now: float) -> Any:
        """Return an outcome, counted; a one-time password comes to nothing after many wrong."""
        delays = self._delays
        if isinstance(outcome, fx.Proof) and outcome.code_missing:
            return outcome
        if isinstance(outcome, fx.Proof) and (outcome.step or outcome.code_wrong):
            if not delays.takes_codes(account, now):
                outcome = fx.Proof(False)
            elif outcome.code_wrong:
                delays.code_failed(account, now)
        if outcome.right if isinstance(outcome, fx.Proof) else outcome:
            delays.succeeded(account)
        else:
            delays.failed(address, account, now)
        return outcome

    def _place(self, address: str) -> str:
        """Return whose failures are counted together, "" where that would meet everybody."""
        # On the machine itself, and behind a proxy, everybody has the same address.
        return "" if is_loopback(address) or address in self._shared else network_of(address)

    def may_register(self, address: str) -> bool:
        """Count a new account of an address, and say whether it may have one more."""
        now = asyncio.get_running_loop().time()
        return self._delays.may_register(self._place(address), now)

    def hash(self, password: str, scram: bool, then: Callable[[str | None], None]) -> None:
        """Make the secret of a password; None where too many wait."""
        if not self._workers.submit(lambda: self._vault.make(password, scram), then):
            then(None)

    def scram(
        self, effect: fx.Scram, connection: Connection, then: Callable[[str | None], None]
    ) -> None:
        """Take the next message of a connection's SCRAM exchange; None where it has failed."""
        if effect.first:
            self._start(self._scram_first(effect, connection, then))
            return
        exchange = self._exchanges.pop(connection, None)
        address = connection.address

        def work() -> str | None:
            return exchange.final(effect.given) if exchange is not None else None

        self._start(self._check(address, effect.account, work, then))

    async def _scram_first(
        self, effect: fx.Scram, connection: Connection, then: Callable[[str | None], None]
    ) -> None:
        try:
            (secret,) = await self._secrets(effect.seq)
        except JournalError:
            then(None)
            return
        exchange = self._vault.exchange(effect.account, secret)
        reply = exchange.first(effect.given)
        if reply is not None and not connection.ended:
            self._exchanges[connection] = exchange
        then(reply)

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
