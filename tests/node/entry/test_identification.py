"""Who somebody is, asked before there is a session: told to nobody who has not proved it."""

from __future__ import annotations

import asyncio

import pyotp
import pytest

from hubbub.core.deciding.login import WRONG
from hubbub.node.auth.login_delays import FREE_CODES, PAIR_FREE, Guess
from hubbub.node.entry.identification import Identification
from hubbub.node.limits.networks import network_of
from hubbub.transport.ssh.login import CodeWanted, Proven
from tests.node.node_harness import Guest, Node, PlainVault

ADDRESS = ("192.0.2.7", 5000)
PASSWORD = "correct horse battery"
GUESS = Guess(network_of(ADDRESS[0]), "ann")
ANN = Proven("ann", "password", "")


def who(outcome: Proven | CodeWanted | str) -> Proven:
    """Return who was proved, whenever that was."""
    assert isinstance(outcome, Proven)
    assert outcome.at > 0, "or a session an hour later would be a fresh proof"
    assert (outcome.since > 0) == (outcome.kind == "password"), "or it outlives the password"
    return outcome._replace(at=0, since=0)


async def desk() -> tuple[Node, Identification, Guest]:
    """Return a node with the account ann, who is there."""
    node = Node()
    ann = await node.guest("ann")
    assert any("SUCCESS" in m.params for m in await ann.ask(f"REGISTER * * :{PASSWORD}"))
    return node, Identification(node.hub, b"k" * 32), ann


async def second_factor(ann: Guest) -> tuple[str, list[str]]:
    """Turn two factors on; return the key of the codes, and the recovery codes."""
    begun = await ann.ask("TOTP BEGIN")
    words = [word for message in begun for param in message.params for word in param.split()]
    key = next(word for word in words if len(word) == 32 and word.isalnum())
    confirmed = await ann.ask(f"TOTP CONFIRM {pyotp.TOTP(key).now()}")
    codes = next(m.params[1] for m in confirmed if m.params[0] == "RECOVERY")
    return key, codes.split()


async def test_a_name_that_is_nobodys_costs_the_same_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node, identification, ann = await desk()
    await second_factor(ann)
    bob = await node.guest("bob")
    await bob.ask(f"REGISTER * * :{PASSWORD}")
    checked: list[str] = []
    monkeypatch.setattr(PlainVault, "check", lambda self, secret, given: checked.append(given))
    for name in ("ann", "bob", "nobody"):
        assert await identification.log_in(ADDRESS, name, "wrong") == WRONG
        assert len(checked) == 1, name
        checked.clear()
    await node.hub.stop(1.0)


async def test_failures_are_counted_by_account_and_door() -> None:
    node, identification, _ = await desk()
    for name in ("ann", "ANN", "nobody"):
        assert await identification.log_in(ADDRESS, name, "wrong") == WRONG
    failed = node.hub.sessions.failed_logins.of("ann")
    assert failed is not None
    assert (failed.unseen, failed.door, node.hub.sessions.failed_logins.total) == (2, "ssh", 3)
    assert who(await identification.log_in(ADDRESS, "ann", PASSWORD)) == ANN
    assert failed.unseen == 2, "nobody has been told yet"
    await node.hub.stop(1.0)


async def test_a_code_is_wanted_once_the_password_is_right() -> None:
    node, identification, ann = await desk()
    assert who(await identification.log_in(ADDRESS, "ann", PASSWORD)) == ANN
    _, codes = await second_factor(ann)
    assert await identification.log_in(ADDRESS, "ann", "wrong") == WRONG
    assert await identification.log_in(ADDRESS, "ann", PASSWORD) == CodeWanted()
    assert who(await identification.log_in(ADDRESS, "ann", f"{PASSWORD}:{codes[0]}")) == ANN
    # Used up, it is no code any more.
    assert await identification.log_in(ADDRESS, "ann", f"{PASSWORD}:{codes[0]}") == WRONG
    await node.hub.stop(1.0)


async def test_a_right_password_alone_is_no_failure_and_forgives_none() -> None:
    node, identification, ann = await desk()
    await second_factor(ann)
    async with asyncio.timeout(10):
        # None of these has to wait, as after failures.
        for _ in range(2 * PAIR_FREE):
            assert await identification.log_in(ADDRESS, "ann", PASSWORD) == CodeWanted()
        for _ in range(FREE_CODES):
            assert await identification.log_in(ADDRESS, "ann", PASSWORD) == CodeWanted()
            delays = node.hub.sessions.secret_checks.delays
            delays.code_failed(GUESS, asyncio.get_running_loop().time())
        assert not delays.takes_codes(GUESS, asyncio.get_running_loop().time())
        assert await identification.log_in(ADDRESS, "ann", PASSWORD) == CodeWanted()
        assert not delays.takes_codes(GUESS, asyncio.get_running_loop().time())
    await node.hub.stop(1.0)
