"""Checking secrets beside the loop: right, wrong, unknown, too many, and what it all costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Draft
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.requests import Later, Proof, Prove, Scram, Verify
from hubbub.journal.port import JournalError
from hubbub.node.auth.login_delays import FREE_CODES, LONGEST_SECONDS, PAIR_FREE, PAIR_SECONDS
from hubbub.node.auth.secret_checks import BUSY, SecretChecks, draw
from hubbub.node.auth.workers import Workers
from tests.node.memory_journal import MemoryArchive, MemoryJournal
from tests.node.node_harness import Guest, Node, PlainVault

HERE, PROXY = "127.0.0.1", "192.0.2.1"
KEY = pyotp.random_base32()
PASSWORD, TOTP = 2, 3
ORIGIN = Origin(SessionId(0, 1, 0), 0)


class Desk:
    """Check secrets, with a journal that has a password and a TOTP key, and count what is read."""

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
        self.secret_checks = SecretChecks(
            _Vault(self.checked), self.workers, self.archive, (PROXY,)
        )

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
    ) -> Proof | Later:
        """Check a password, and a code if one is given."""
        effect = Prove(account, seq, password, TOTP if code else 0, code, lambda proof: None)
        found: Proof | Later = await self._asked(
            lambda then: self.secret_checks.prove(effect, address, then)
        )
        return found

    async def verify(self, given: str, address: str, operator: str = "") -> Any:
        """Check the server's password, or an operator's."""
        effect = Verify("hash:secret", given, lambda proof: None, operator)
        return await self._asked(lambda then: self.secret_checks.verify(effect, address, then))


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
    await desk.secret_checks.stop()


async def test_who_does_not_exist_takes_a_check_too() -> None:
    desk = Desk()
    for seq in (0, PASSWORD):
        assert await desk.prove("wrong", seq=seq) == Proof(False)
    assert len(desk.checked) == 2
    assert desk.checked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await desk.secret_checks.stop()


async def test_two_factors_are_both_asked_for() -> None:
    desk = Desk()
    right = await desk.prove("secret", code())
    assert isinstance(right, Proof)
    assert right.right
    assert abs(right.step - time.time() // 30) <= 1
    assert await desk.prove("secret", "000000") == Proof(False, 0, code_wrong=True)
    wrong = await desk.prove("wrong", code())
    assert isinstance(wrong, Proof)
    assert not wrong.right
    alone = await desk.prove(code=code(), seq=None)
    assert isinstance(alone, Proof)
    assert alone.right
    await desk.secret_checks.stop()


async def test_after_many_wrong_codes_even_the_right_one_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept(monkeypatch)
    desk = Desk()
    for _ in range(FREE_CODES):
        await desk.prove("secret", "000000")
    outcome = await desk.prove("secret", code())
    assert isinstance(outcome, Proof)
    assert not outcome.right
    assert not outcome.code_wrong
    await desk.secret_checks.stop()


def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return for how long was waited before checks; nobody waits."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds:
            waits.append(round(seconds))

    monkeypatch.setattr("hubbub.node.auth.secret_checks.asyncio.sleep", sleep)
    return waits


async def test_guesses_at_once_are_counted_before_they_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = slept(monkeypatch)
    desk = Desk()
    guesses = [desk.prove(f"wrong{n}", address="192.0.2.9") for n in range(64)]
    outcomes = await asyncio.gather(*guesses)
    later = int(LONGEST_SECONDS / PAIR_SECONDS)
    assert len(desk.checked) == PAIR_FREE + later
    assert waits == [PAIR_SECONDS * n for n in range(1, later + 1)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Later)]
    assert len(refused) == 64 - PAIR_FREE - later
    assert "Too many wrong passwords; try again in" in refused[0].text
    # The owner is elsewhere, and waits for nothing of that.
    assert await desk.prove("secret", address="203.0.113.9") == Proof(True)
    assert len(waits) == later
    await desk.secret_checks.stop()


@pytest.mark.parametrize("seq", [0, PASSWORD])
async def test_who_is_wrong_is_told_how_long_the_next_one_waits(
    seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    told = [await desk.prove(f"wrong{n}", seq=seq, address="192.0.2.9") for n in range(PAIR_FREE)]
    assert told == [Proof(False)] * (PAIR_FREE - 1) + [Proof(False, wait=int(PAIR_SECONDS))]
    await desk.secret_checks.stop()


async def test_one_household_of_ipv6_is_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = slept(monkeypatch)
    desk = Desk()
    for number in range(PAIR_FREE):
        await desk.prove(f"wrong{number}", address=f"2001:db8::{number}")
    await desk.prove("wrong", address="2001:db9::1")
    await desk.prove("wrong", address="::ffff:192.0.2.7")
    assert waits == []
    await desk.prove("secret", address="2001:db8::ffff")
    assert waits == [PAIR_SECONDS]
    await desk.secret_checks.stop()


async def test_a_wrong_password_that_is_repeated_is_not_checked_again() -> None:
    desk = Desk()
    for _ in range(PAIR_FREE * 3):
        outcome = await desk.prove("old", address="192.0.2.9")
        assert outcome == Proof(False)
    assert len(desk.checked) == 1
    assert await desk.prove("secret", address="192.0.2.9") == Proof(True)
    # With another password of the account it may be the right one.
    assert await desk.prove("old", seq=0, address="192.0.2.9") == Proof(False)
    assert len(desk.checked) == 3
    await desk.secret_checks.stop()


async def test_a_one_time_password_that_was_wrong_may_be_right_later() -> None:
    desk = Desk()
    for _ in range(3):
        await desk.prove("secret", "000000")
    assert len(desk.checked) == 3
    await desk.secret_checks.stop()


async def test_what_cannot_be_guessed_is_not_counted() -> None:
    desk = Desk()
    for number in range(PAIR_FREE * 3):
        outcome = await desk.prove(f"{number}", seq=0, account="", address="192.0.2.9")
        assert outcome == Proof(False)
    await desk.secret_checks.stop()


@pytest.mark.parametrize("address", [HERE, "::1", PROXY])
async def test_those_behind_one_address_do_not_wait_for_each_other(address: str) -> None:
    desk = Desk()
    for number in range(100):
        outcome = await desk.prove("wrong", account=f"a{number}", address=address)
        assert outcome == Proof(False)
    await desk.secret_checks.stop()


@pytest.mark.parametrize("address", [HERE, PROXY])
async def test_nobody_is_kept_out_by_who_guesses_everybodys_password_at_everybodys_address(
    address: str,
) -> None:
    desk = Desk()
    for number in range(PAIR_FREE * 3):
        assert await desk.verify(f"wrong{number}", address) == Proof(False)
    assert await desk.verify("secret", address) == Proof(True)
    await desk.secret_checks.stop()


@pytest.mark.parametrize("operator", ["", "root"])
async def test_the_servers_and_operators_passwords_are_counted_too(
    operator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = slept(monkeypatch)
    desk = Desk()
    guesses = [desk.verify(f"wrong{n}", "192.0.2.9", operator) for n in range(64)]
    await asyncio.gather(*guesses)
    assert len(desk.checked) == PAIR_FREE + len(waits) == PAIR_FREE + 6
    assert await desk.verify("secret", "203.0.113.9", operator) == Proof(True)
    assert len(waits) == 6
    await desk.secret_checks.stop()


async def test_where_too_many_wait_nobody_is_said_to_be_wrong() -> None:
    desk = Desk(queue=0)
    for _ in range(PAIR_FREE * 2):
        outcome = await desk.prove("secret", address="192.0.2.9")
        assert outcome == BUSY, "and it counts nothing"
    await desk.secret_checks.stop()


async def test_where_the_archive_cannot_be_read_nobody_is_said_to_be_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(seqs: object) -> list[object]:
        raise JournalError("broken")

    desk = Desk()
    monkeypatch.setattr(desk.archive, "entries", broken)
    for _ in range(PAIR_FREE * 2):
        assert await desk.prove("secret", address="192.0.2.9") == BUSY
    await desk.secret_checks.stop()


async def test_the_servers_password_is_checked_as_well() -> None:
    desk = Desk()
    assert await desk.verify("secret", HERE) == Proof(True)
    assert await desk.verify("wrong", HERE) == Proof(False)
    await desk.secret_checks.stop()


async def test_an_exchange_ends_with_its_connection_and_after_one_proof() -> None:
    node = Node()
    connection = Guest(node).connection
    desk = Desk()

    async def scram(given: str, first: bool) -> Any:
        effect = Scram("ann", PASSWORD, given, first, lambda reply: None)
        return await desk._asked(lambda then: desk.secret_checks.scram(effect, connection, then))

    assert await scram("no exchange began", first=False) == Proof(False)
    for _ in range(2):
        assert (await scram("n,,n=ann,r=x", first=True)).startswith("r=x")
    assert len(desk.secret_checks._exchanges) == 1
    assert await scram("c=biws,r=x,p=AAAA", first=False) == Proof(False)
    assert not desk.secret_checks._exchanges
    await scram("n,,n=ann,r=x", first=True)
    desk.secret_checks.gone(connection)
    assert not desk.secret_checks._exchanges
    await desk.secret_checks.stop()


def test_codes_are_random_and_can_be_read_out() -> None:
    codes = draw(100)
    assert len(set(codes)) == 100
    assert all(len(one) == 16 and one.isalnum() and one.isupper() for one in codes)
