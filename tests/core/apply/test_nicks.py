"""Who has which nick: one at a time, an account before anybody else, and all who watch learn it."""

from __future__ import annotations

import pytest

from hubbub.core.outcomes import Present
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.users import Connected, Renamed
from hubbub.core.world.accounts import Account
from tests.core.world_harness import Client, Harness, refusal, shown


def renamed(client: Client, nick: str) -> Renamed:
    return Renamed(client.origin, client.user.source, nick)


def test_who_loses_the_race_for_a_nick_keeps_the_one_it_had(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    assert refusal(harness.enter(renamed(ann, "new"))) == ""
    assert refusal(harness.enter(renamed(bob, "NEW"))) == "433"
    assert set(harness.world.users) == {"new", "bob"}


def test_a_nick_that_became_an_accounts_is_refused_with_what_to_do(harness: Harness) -> None:
    bob = harness.connect("bob")
    harness.account("ann")
    assert refusal(harness.enter(renamed(bob, "ann"))) == "433"
    assert "if it is yours, log in" in shown(bob.take())[0]


def test_another_case_is_the_same_nick_to_who_watches_and_was_there_before(
    harness: Harness,
) -> None:
    ann = harness.connect("ann")
    assert [one for one in harness.enter(renamed(ann, "Ann")) if isinstance(one, Present)] == []
    gone, there = [one for one in harness.enter(renamed(ann, "eve")) if isinstance(one, Present)]
    assert (gone, there) == (Present("Ann", ""), Present("eve", "eve!ann@cloak.test"))
    assert [past.nick for past in harness.world.whowas] == ["Ann", "ann"]


def test_whoever_sits_on_an_accounts_nick_becomes_a_guest_of_a_free_name(
    harness: Harness,
) -> None:
    holder, watcher = harness.connect("ann"), harness.connect("eve")
    watcher.send("MONITOR + ann")
    free = f"Guest{len(harness.entries) + 2}"
    harness.connect(free)
    harness.enter(AccountRegistered(harness.console, "ann", by="console"))
    assert holder.user.nick == f"{free}_"
    warning, change = holder.take()
    assert "belongs to an account" in warning.params[1]
    assert (change.source, change.params) == ("ann!ann@cloak.test", (f"{free}_",))
    assert shown(watcher.take()) == ["731 eve ann"]


def test_a_guests_name_that_an_account_had_of_old_is_given_to_nobody(harness: Harness) -> None:
    holder, name = harness.connect("ann"), f"Guest{len(harness.entries) + 1}"
    harness.world.accounts[name.lower()] = Account(name, 0)
    harness.enter(AccountRegistered(harness.console, "ann", by="console"))
    assert holder.user.nick == f"{name}_"


@pytest.mark.parametrize("account", ["", "eve"])
def test_nobody_gives_way_to_who_only_asks_for_the_nick(harness: Harness, account: str) -> None:
    bob, client = harness.connect("bob"), harness.open()
    harness.account("eve")
    record = Connected(client.origin, "bob", "x", "host", "x", account)
    assert refusal(harness.enter(record)) == "433"
    assert bob.user.nick == "bob"


def test_the_owner_of_the_account_is_not_taken_for_somebody_else(harness: Harness) -> None:
    ann = harness.connect_as("eve", "ann")
    assert refusal(harness.enter(renamed(ann, "ann"))) == ""
    harness.enter(AccountRegistered(harness.console, "other", by="console"))
    assert ann.user.nick == "ann"


@pytest.mark.parametrize(("mask", "answer"), [("new!*@*", "432"), ("*!*@elsewhere", "")])
def test_a_nick_that_was_banned_meanwhile_is_not_taken(
    harness: Harness, mask: str, answer: str
) -> None:
    root, ann = harness.connect("root"), harness.connect("ann")
    root.send("OPER root secret")
    root.send(f"UBAN ADD {mask} 1h")
    assert refusal(harness.enter(renamed(ann, "new"))) == answer
