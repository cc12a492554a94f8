"""What ends with an account that is kept out, and that it is said before."""

from __future__ import annotations

import pytest

from hubbub.core.commands.operators import back_doors
from hubbub.irc.message import Message
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


def told(asker: Client, name: str) -> list[str]:
    """Return what somebody is told that ends with an account."""
    ctx = asker.command_context(Message(""))
    account = ctx.world.account(name)
    assert account is not None
    back_doors.tell(ctx, account)
    asker.carry_out(ctx)
    return [message.params[-1] for message in asker.take()]


@pytest.fixture
def good(harness: Harness) -> Client:
    return operator(harness, "good", "owner")


def test_who_made_nothing_leaves_nothing_behind(harness: Harness, good: Client) -> None:
    operator(harness, "evil", "owner")
    good.send("INVITECODE ADD")
    operator(harness, "other", "admin", by="good")
    assert told(good, "evil") == []


def test_codes_are_counted_and_operators_named(harness: Harness, good: Client) -> None:
    evil = operator(harness, "Evil", "owner")
    for line in ("INVITECODE ADD", "OWNERCODE"):
        evil.send(line)
    operator(harness, "friend", "admin", by="evil")
    operator(harness, "helper", "helper", by="EVIL")
    assert told(good, "evil") == [
        "2 codes that it made end with it",
        "it made these operators, who are none any more: friend (admin), helper (helper)",
    ]


def test_who_keeps_somebody_out_stays_what_he_is(harness: Harness) -> None:
    operator(harness, "evil", "owner")
    good = operator(harness, "good", "owner", by="evil")
    assert told(good, "evil") == []


def test_one_who_is_no_operator_any_more_is_not_named(harness: Harness, good: Client) -> None:
    operator(harness, "evil", "owner")
    operator(harness, "friend", "admin", by="evil")
    good.send("ACCOUNT OPERATOR friend none")
    good.take()
    assert told(good, "evil") == []


def test_what_the_machine_made_ends_with_nobody(harness: Harness, good: Client) -> None:
    operator(harness, "friend", "admin", by="console")
    harness.account("evil")
    assert told(good, "evil") == []


def test_the_back_doors_of_an_owner_end_with_him(harness: Harness) -> None:
    evil, good = operator(harness, "evil", "owner"), operator(harness, "good", "owner", by="evil")
    harness.account("friend"), harness.account("victim")
    evil.send("ACCOUNT OPERATOR friend admin")
    invite = evil.send("INVITECODE ADD")[0].params[-1]
    owner_code = evil.send("OWNERCODE")[0].params[-1]
    reset = evil.send("ACCOUNT PASSWORD victim")[0].params[-1]
    kept = good.send("INVITECODE ADD")[0].params[-1]
    told = shown(good.send("ACCOUNT SUSPEND evil :traitor"))
    assert "2 codes that it made end with it" in told[0]
    assert "friend (admin)" in told[1]
    assert harness.account("friend").operator == ""
    assert harness.account("good").operator == "owner", "but for the one who keeps him out"
    assert failure(harness.connect("x").send(f"REGISTER x * secret {invite}")) == "INVALID_INVITE"
    friend = harness.connect_as("friend", "friend")
    assert failure(friend.send(f"REDEEM {owner_code}")) == "INVALID_CODE"
    assert failure(harness.open().send(f"RESETPASS victim {reset} long-enough")) == "INVALID_CODE"
    assert harness.connect("y").send(f"REGISTER y * long-enough {kept}")[0].command != "FAIL"
    good.send("ACCOUNT RESTORE evil")
    assert harness.account("friend").operator == "", "that is given again by hand"
    check(harness.world)


def test_codes_end_with_the_right_to_make_them(harness: Harness) -> None:
    boss, sub = operator(harness, "boss", "owner"), operator(harness, "sub", "owner")
    sub.send("INVITECODE ADD"), sub.send("OWNERCODE")
    boss.send("ACCOUNT OPERATOR sub admin")
    assert [invite.grants for invite in harness.world.invites.values()] == [""]
    boss.send("ACCOUNT OPERATOR sub none")
    assert not harness.world.invites
