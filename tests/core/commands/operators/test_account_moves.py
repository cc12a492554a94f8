"""What an account has, handing it over, and names that were mistyped."""

from __future__ import annotations

import pytest

from hubbub.core.commands.operators import account_moves
from tests.core.commands.accounts.test_sasl import log_in
from tests.core.commands.operators.test_account_rescue import make_token
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def admin(harness: Harness) -> Client:
    return operator(harness, "root", "admin")


@pytest.fixture
def leaver(harness: Harness) -> Client:
    """Return who owns #a and #b, is operator in #c, and has a bot's token."""
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for name in ("#a", "#b"):
        ann.send(f"JOIN {name}")
        ann.send(f"CHANNEL REGISTER {name}")
    bob.send("JOIN #c")
    bob.send("CHANNEL REGISTER #c")
    bob.send("CHANNEL ACCESS #c ann operator")
    ann.send("CHANNEL ACCESS #b bob operator")
    for client in (ann, bob):
        client.take()
    return ann


def test_what_somebody_has_is_listed(harness: Harness, admin: Client, leaver: Client) -> None:
    assert shown(admin.send("ACCOUNT CHANNELS ann"))[:-1] == [
        "ACCOUNT CHANNEL #a owner; next in line: nobody",
        "ACCOUNT CHANNEL #b owner; next in line: bob",
        "ACCOUNT CHANNEL #c operator",
    ]


def test_channels_and_bots_are_handed_over(harness: Harness, admin: Client, leaver: Client) -> None:
    token, own = make_token(leaver, "ci", "post:#a"), make_token(leaver, "phone")
    bot = harness.open(["sasl"])
    log_in(bot, password=token)
    told = shown(admin.send("ACCOUNT HANDOVER ann bob"))
    assert told == ["ACCOUNT HANDOVER ann bob has 2 channels and 1 tokens of it now"]
    for name in ("#a", "#b"):
        assert harness.world.channels[name].level("bob") == "q"
        assert harness.world.channels[name].level("ann") == ""
    assert bot.closed
    again = harness.open(["sasl"])
    assert log_in(again, "ann", token)[-1] == "903", "a bot goes on as it is configured"
    assert again.session.account == "bob"
    assert again.session.scope == "post:#a"
    assert log_in(harness.open(["sasl"]), "ann", own)[-1] == "903", "his own stay his own"
    admin.send("ACCOUNT SURE DROP ann")
    assert log_in(harness.open(["sasl"]), "ann", token)[-1] == "903"
    check(harness.world)


def test_or_some_of_them(harness: Harness, admin: Client, leaver: Client) -> None:
    admin.send("ACCOUNT HANDOVER ann bob #A")
    assert harness.world.channels["#a"].level("bob") == "q"
    assert harness.world.channels["#b"].level("ann") == "q"
    for line, why in (
        ("ann bob #c", "NOT_FOUND"),
        ("ann bob nothing", "NOT_FOUND"),
        ("ann nobody", "ACCOUNT_UNKNOWN"),
        ("ann ann", "ACCOUNT_UNKNOWN"),
        ("root bob", "NOT_FOUND"),
    ):
        assert failure(admin.send(f"ACCOUNT HANDOVER {line}")) == why


def test_a_name_that_nobody_used_is_free_again(harness: Harness, admin: Client) -> None:
    admin.send("ACCOUNT ADD amn :correct-horse")
    told = shown(admin.send("ACCOUNT DROP amn"))
    assert told == ["ACCOUNT DROPPED amn Account dropped; nobody had used it: its name is free"]
    admin.send("ACCOUNT ADD amn :correct-horse")
    assert log_in(harness.open(["sasl"]), "amn", "correct-horse")[-1] == "903"
    assert failure(admin.send("ACCOUNT DROP amn")) == "NOT_CONFIRMED"
    assert "not given again" in shown(admin.send("ACCOUNT SURE DROP amn"))[0]
    assert failure(admin.send("ACCOUNT ADD amn")) == "ACCOUNT_EXISTS"
    check(harness.world)


def test_or_is_given_the_name_that_was_meant(harness: Harness, admin: Client) -> None:
    admin.send("ACCOUNT ADD amn :correct-horse")
    told = admin.send("ACCOUNT RENAME amn ann")
    assert shown(told)[0] == "ACCOUNT RENAMED ann It was amn, which is free again"
    harness.open().send(f"RESETPASS ann {told[1].params[2]} battery-staple")
    assert log_in(harness.open(["sasl"]), "ann", "battery-staple")[-1] == "903"
    assert log_in(harness.open(["sasl"]), "amn", "correct-horse") == ["904"]
    for line, why in (("ann anna", "IN_USE"), ("amn x", "ACCOUNT_UNKNOWN")):
        assert failure(admin.send(f"ACCOUNT RENAME {line}")) == why
    admin.send("ACCOUNT ADD other")
    for name, why in (("ann", "ACCOUNT_EXISTS"), ("NickServ", "BAD_ACCOUNT_NAME")):
        assert failure(admin.send(f"ACCOUNT RENAME other {name}")) == why
    check(harness.world)


def test_an_account_shows_its_ban(harness: Harness, admin: Client) -> None:
    harness.account("eve")
    admin.send("UBAN ADD account:eve 7d :spam")
    assert any("banned by root until" in line for line in shown(admin.send("ACCOUNT SHOW eve")))


def test_a_ban_of_nobody_is_asked_about(harness: Harness, admin: Client) -> None:
    assert failure(admin.send("UBAN ADD account:nobody 7d :spam")) == "NOT_CONFIRMED"
    assert not list(harness.world.bans)
    admin.send("UBAN ADD SURE account:nobody 7d :spam")
    admin.send("UBAN ADD account:no* 7d :spam")
    assert len(list(harness.world.bans)) == 2


def test_whose_token_it_was_is_seen_by_its_new_owner(
    harness: Harness, admin: Client, leaver: Client
) -> None:
    make_token(leaver, "ci", "post:#a")
    admin.send("ACCOUNT HANDOVER ann bob")
    bob = harness.connect_as("bob", "bob")
    assert ", was ann's" in shown(bob.send("TOKEN LIST"))[0]


def test_nobody_is_made_the_heir_of_tokens_by_who_could_use_them_above_himself(
    harness: Harness, admin: Client, leaver: Client
) -> None:
    make_token(leaver, "ci", "post:#a")
    operator(harness, "boss", "owner")
    (told,) = admin.send("ACCOUNT HANDOVER ann boss")
    assert failure([told]) == "NO_PRIVILEGES"
    assert "hand over channels only" in told.params[-1]
    admin.send("ACCOUNT HANDOVER ann boss #a")
    assert harness.world.channels["#a"].level("boss") == "q"


def test_an_heir_has_no_more_credentials_than_anybody(
    harness: Harness, admin: Client, leaver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_token(leaver, "ci", "post:#a")
    monkeypatch.setattr(account_moves, "CREDENTIALS", 1)
    assert failure(admin.send("ACCOUNT HANDOVER ann bob")) == "TOO_MANY"


def test_a_secret_channel_is_not_listed_to_who_may_not_see_it(
    harness: Harness, admin: Client, leaver: Client
) -> None:
    helper = operator(harness, "hal", "helper")
    leaver.send("MODE #a +s")
    for asker, listed in ((admin, True), (helper, False)):
        told = shown(asker.send("ACCOUNT CHANNELS ann"))
        assert any("#a" in line for line in told) == listed
