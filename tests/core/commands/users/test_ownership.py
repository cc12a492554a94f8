"""IDENTIFY, GHOST, REGAIN, ACCOUNTINFO and UNREGISTER: what comes with owning an account."""

from __future__ import annotations

import pytest

from hubbub.core.world.bans import MASK, NetworkBan
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.commands.services.test_asking import ask
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return somebody who is logged in as Ann, and is operator of #a."""
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    return ann


def test_others_learn_little_of_an_account(harness: Harness, ann: Client) -> None:
    guest = harness.connect("guest")
    assert ask(guest, "INFO ann") == ["Ann: Registered 2023-11-14", "End of account"]


def test_a_ghost_is_sent_away_by_its_owner(harness: Harness, ann: Client) -> None:
    other = harness.connect("ann_")
    ask(other, "IDENTIFY Ann secret")
    assert ask(other, "GHOST ann") == ["ann: Gone"]
    assert ann.closed == "Killed (ann_ (GHOST))"
    assert other.user.nick == "ann_"


def test_a_nick_is_regained(harness: Harness, ann: Client) -> None:
    other = harness.connect("ann_")
    ask(other, "IDENTIFY Ann secret")
    ask(other, "REGAIN ann")
    assert other.user.nick == "ann"
    assert ann.closed
    assert ask(other, "REGAIN ann") == ["This is you"]


def test_nobody_sends_others_away(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    guest = harness.connect("guest")
    refusal = "Neither this nick nor who has it is your account's"
    assert ask(bob, "GHOST ann") == ask(bob, "GHOST guest") == [refusal]
    assert ask(bob, "REGAIN ann") == [refusal]
    assert ask(bob, "GHOST bob") == ["This is you"]
    assert not ann.closed
    assert not guest.closed


def test_a_ghost_that_is_nobodys_any_more_stays(harness: Harness, ann: Client) -> None:
    other = harness.connect("ann_")
    ask(other, "IDENTIFY Ann secret")
    ann.send("NICK free")
    harness.held = True
    ann.send("LOGOUT")
    other.send("GHOST free")
    harness.held = False
    harness.commit_all()
    assert not ann.closed


def test_an_account_is_dropped_with_its_password(harness: Harness, ann: Client) -> None:
    assert ask(ann, "DROP Bob secret") == ["This is not your account"]
    assert ask(ann, "DROP Ann wrong") == ["The password is wrong; your account is as it was"]
    assert harness.world.account("Ann") is not None
    ask(ann, "DROP Ann secret")
    assert harness.world.account("Ann") is None
    assert ann.closed == "Account dropped"


def test_an_account_without_a_password_is_dropped_with_a_code(
    harness: Harness, ann: Client
) -> None:
    account = harness.account("Ann")
    account.credentials.clear()
    [told] = ask(ann, "DROP Ann")
    code = told.rpartition(" ")[2]
    assert ask(ann, "DROP Ann 00000000") == [told]
    ask(ann, f"DROP Ann {code}")
    assert harness.world.account("Ann") is None


def test_a_nick_that_is_free_is_just_taken(harness: Harness, ann: Client) -> None:
    ann.send("NICK away")
    ann.send("REGAIN ann")
    assert ann.user.nick == "ann"


def test_a_nick_that_is_banned_is_not_regained_and_nobody_goes(
    harness: Harness, ann: Client
) -> None:
    other = harness.connect("ann_")
    ask(other, "IDENTIFY Ann secret")
    harness.world.bans.add(NetworkBan(MASK, "ann!*@*", "root", 1))
    assert [message.command for message in other.send("REGAIN ann")] == ["432"]
    assert not ann.closed


def test_what_ones_account_has_is_told_to_its_owner_only(harness: Harness, ann: Client) -> None:
    ann.send("TOKEN ADD phone")
    told = shown(ann.send("ACCOUNTINFO"))
    assert told[0] == "ACCOUNTINFO INFO Ann Registered 2023-11-14"
    assert told[1] == "ACCOUNTINFO INFO Ann Leaves in its channels when it disconnects"
    assert [line.split()[2] for line in told[2:-1]] == ["password", "token"]
    assert len(shown(harness.connect("eve").send("ACCOUNTINFO ann"))) == 2
    harness.account("Ann").verified = False
    assert failure(ann.send("ACCOUNTINFO")) == "ACCOUNT_UNKNOWN"


def test_the_last_owner_confirms_to_be_one_no_more(harness: Harness) -> None:
    boss = operator(harness, "boss", "owner")
    assert failure(boss.send("UNREGISTER boss secret")) == "NOT_CONFIRMED"
    assert failure(boss.send("UNREGISTER boss wrong SURE")) == "WRONG_PASSWORD"
    boss.send("UNREGISTER boss secret sure")
    assert harness.world.account("boss") is None
    check(harness.world)


def test_of_two_owners_one_goes_without_more_ado(harness: Harness) -> None:
    boss, _ = operator(harness, "boss", "owner"), operator(harness, "other", "owner")
    boss.send("UNREGISTER boss secret")
    assert harness.world.account("boss") is None


def test_an_operator_who_kills_is_not_told_what_an_owner_is(harness: Harness, ann: Client) -> None:
    oper = harness.connect("oper")
    oper.send("OPER root secret")
    oper.take()
    assert not any(line.startswith("GHOST") for line in shown(oper.send("KILL ann :bye")))
    assert ann.closed


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("GHOST nobody", "NOT_FOUND"),
        ("GHOST ann", "ACCOUNT_REQUIRED"),
        ("REGAIN ann", "ACCOUNT_REQUIRED"),
        ("UNREGISTER ann secret", "ACCOUNT_REQUIRED"),
        ("IDENTIFY ann wrong", "INVALID_CREDENTIALS"),
        ("ACCOUNTINFO nobody", "ACCOUNT_UNKNOWN"),
    ],
)
def test_a_guest_owns_nothing(harness: Harness, ann: Client, line: str, why: str) -> None:
    assert failure(harness.connect("guest").send(line)) == why
