"""Checking secrets beside the loop: right, wrong, unknown, too many, and what it all costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from hubbub.core.account_records import CredentialAdded
from hubbub.core.effects import Proof, Prove, Scram, Verify
from hubbub.core.records import Body, Draft, NodeStarted, Origin, SessionId
from hubbub.journal.port import JournalError
from hubbub.node.login_delays import FREE_CODES, FREE_FAILURES
from hubbub.node.proofs import Proofs, draw
from hubbub.node.workers import Workers
from tests.node.memory_journal import MemoryArchive, MemoryJournal
from tests.node.node_harness import Guest, Node, PlainVault

HERE, PROXY = "127.0.0.1", "192.0.2.1"
KEY = pyotp.random_base32()
PASSWORD, TOTP = 2, 3
ORIGIN = Origin(SessionId(0, 1, 0), 0)


class Desk:
    """Hold proofs, with a journal that has a password and a TOTP key, and count what is read."""

    def __init__(self, queue: int = 100) -> None:
        self.journal = MemoryJournal()
        self.journal.start(lambda entries: None, lambda drafts, error: None)
        for draft in (
            Draft(NodeStarted(ORIGIN)),
            Draft(CredentialAdded(ORIGIN, "ann", "password"), Body("hash:secret")),
            Draft(CredentialAdded(ORIGIN, "ann", "totp"), Body(KEY)),
        ):
            self.journal.append(draft)
        self.archive = MemoryArchive(self.journal)
        self.checked: list[str] = []
        self.workers = Workers(1, queue)
        self.proofs = Proofs(_Vault(self.checked), self.workers, self.archive, (PROXY,))

    async def _asked(self, ask: Callable[[Callable[[Any], None]], None]) -> Any:
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ask(outcome.set_result)
        return await asyncio.wait_for(outcome, 20)

    async def prove(
        self,
        password: str = "",
        code: str = "",
        *,
        seq: int | None = PASSWORD,
        address: str = HERE,
        account: str = "ann",
    ) -> Proof | None:
        """Check a password, and a code if one is given."""
        effect = Prove(account, seq, password, TOTP if code else 0, code, lambda proof: None)
        found: Proof | None = await self._asked(
            lambda then: self.proofs.prove(effect, address, then)
        )
        return found


class _Vault(PlainVault):
    def __init__(self, checked: list[str]) -> None:
        super().__init__(b"disguise")
        self._checked = checked

    def check(self, secret: str, password: str) -> bool:
        self._checked.append(secret)
        return super().check(secret, password)


def code() -> str:
    return pyotp.TOTP(KEY).now()


async def test_a_password_is_right_or_wrong() -> None:
    desk = Desk()
    assert await desk.prove("secret") == Proof(True)
    assert await desk.prove("wrong") == Proof(False)
    await desk.proofs.stop()


async def test_who_does_not_exist_takes_a_check_too() -> None:
    desk = Desk()
    for seq in (0, PASSWORD):
        assert await desk.prove("wrong", seq=seq) == Proof(False)
    assert len(desk.checked) == 2
    assert desk.checked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await desk.proofs.stop()


async def test_two_factors_are_both_asked_for() -> None:
    desk = Desk()
    right = await desk.prove("secret", code())
    assert right is not None
    assert right.right
    assert abs(right.step - time.time() // 30) <= 1
    assert await desk.prove("secret", "000000") == Proof(False, 0, code_wrong=True)
    wrong = await desk.prove("wrong", code())
    assert wrong is not None
    assert not wrong.right
    alone = await desk.prove(code=code(), seq=None)
    assert alone is not None
    assert alone.right
    await desk.proofs.stop()


async def test_after_many_wrong_codes_even_the_right_one_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hubbub.node.login_delays.ACCOUNT_SECONDS", 0.0)
    desk = Desk()
    for _ in range(FREE_CODES):
        await desk.prove("secret", "000000")
    assert await desk.prove("secret", code()) == Proof(False)
    await desk.proofs.stop()


async def test_failures_slow_an_address_down(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    desk = Desk()
    for number in range(FREE_FAILURES):
        await desk.prove("wrong", address=f"2001:db8::{number}", account="")
    monkeypatch.setattr("hubbub.node.proofs.asyncio.sleep", sleep)
    await desk.prove("secret", address="2001:db8::ffff", account="")
    await desk.prove("secret", address="2001:db9::1", account="")
    assert [one for one in slept if one] == [1.0], (
        "one household of IPv6 is one address, and others do not wait"
    )
    await desk.proofs.stop()


@pytest.mark.parametrize("address", [HERE, "::1", PROXY])
async def test_those_behind_one_address_do_not_wait_for_each_other(address: str) -> None:
    desk = Desk()
    for _ in range(FREE_FAILURES + 8):
        assert await desk.prove("wrong", account="", address=address) == Proof(False)
    await desk.proofs.stop()


async def test_where_too_many_wait_nobody_is_said_to_be_wrong() -> None:
    desk = Desk(queue=0)
    assert await desk.prove("secret") is None
    await desk.proofs.stop()


async def test_where_the_archive_cannot_be_read_nobody_is_said_to_be_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(seqs: object) -> list[object]:
        raise JournalError("broken")

    desk = Desk()
    monkeypatch.setattr(desk.archive, "entries", broken)
    assert await desk.prove("secret") is None
    await desk.proofs.stop()


async def test_the_servers_password_is_checked_as_well() -> None:
    desk = Desk()
    for given, right in (("secret", True), ("wrong", False)):
        effect = Verify("hash:secret", given, lambda right: None)
        asked = desk._asked(lambda then, effect=effect: desk.proofs.verify(effect, HERE, then))  # type: ignore[misc]
        assert await asked is right
    await desk.proofs.stop()


async def test_an_exchange_ends_with_its_connection_and_after_one_proof() -> None:
    node = Node()
    connection = Guest(node).connection
    desk = Desk()

    async def scram(given: str, first: bool) -> Any:
        effect = Scram("ann", PASSWORD, given, first, lambda reply: None)
        return await desk._asked(lambda then: desk.proofs.scram(effect, connection, then))

    assert await scram("no exchange began", first=False) is None
    for _ in range(2):
        assert (await scram("n,,n=ann,r=x", first=True)).startswith("r=x")
    assert len(desk.proofs._exchanges) == 1
    assert await scram("c=biws,r=x,p=AAAA", first=False) is None
    assert not desk.proofs._exchanges
    await scram("n,,n=ann,r=x", first=True)
    desk.proofs.gone(connection)
    assert not desk.proofs._exchanges
    await desk.proofs.stop()


def test_codes_are_random_and_can_be_read_out() -> None:
    codes = draw(100)
    assert len(set(codes)) == 100
    assert all(len(one) == 16 and one.isalnum() and one.isupper() for one in codes)
