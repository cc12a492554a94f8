"""What operators end of an account, or hand on, is what there still is when its turn has come."""

from __future__ import annotations

import pytest

from hubbub.core.outcomes import CredentialGone, Erase, HistoryEnded, SessionEnded
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRenamed,
    AccountSet,
    CredentialAdded,
    InviteMade,
    Redeemed,
)
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, refusal, shown


@pytest.fixture
def adm(harness: Harness) -> Client:
    return operator(harness, "adm", "admin")


def token(harness: Harness, account: str, id: str) -> None:
    """Give an account an app token, by its digest."""
    harness.enter(CredentialAdded(harness.console, account, "token", id, label=id))


@pytest.mark.parametrize(
    ("account", "code"), [("nobody", "ACCOUNT_UNKNOWN"), ("boss", "NO_PRIVILEGES")]
)
def test_nothing_is_done_to_who_is_no_more_or_has_risen_meanwhile(
    harness: Harness, adm: Client, account: str, code: str
) -> None:
    harness.account("heir")
    operator(harness, "boss", "owner")
    for record in (
        AccountLoggedOut(adm.origin, account, "adm", revoked=True),
        AccountHandedOver(adm.origin, account, "heir", "adm"),
        AccountRenamed(adm.origin, account, "other", "adm"),
    ):
        assert refusal(harness.enter(record)) == code
    to_nobody = AccountHandedOver(adm.origin, "heir", "nobody", "adm")
    assert refusal(harness.enter(to_nobody)) == "ACCOUNT_UNKNOWN"
    assert harness.world.accounts["boss"].credential("password") is not None


def test_logging_out_ends_the_sessions_and_leaves_what_proves_the_account(
    harness: Harness, adm: Client
) -> None:
    ann = harness.connect_as("ann", "ann")
    ended = harness.enter(AccountLoggedOut(adm.origin, "ann", "adm"))
    assert [one.session for one in ended if isinstance(one, SessionEnded)] == [ann.session.id]
    assert "log in again" in ann.closed
    assert harness.world.accounts["ann"].credential("password") is not None


def test_revoking_erases_the_secrets_and_forgets_the_tokens(harness: Harness, adm: Client) -> None:
    harness.account("ann")
    token(harness, "ann", "t1")
    password = harness.world.accounts["ann"].credential("password")
    assert password is not None
    ended = harness.enter(AccountLoggedOut(adm.origin, "ann", "adm", revoked=True))
    assert Erase((password.seq,)) in ended
    assert harness.world.account_of("token", "t1") is None


def test_only_the_channels_that_are_still_its_own_are_handed_over(
    harness: Harness, adm: Client
) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for client, name in ((ann, "#own"), (bob, "#bobs"), (ann, "#plain"), (ann, "#anew")):
        client.send(f"JOIN {name}")
    for client, name in ((ann, "#own"), (bob, "#bobs"), (ann, "#anew")):
        client.send(f"CHANNEL REGISTER {name}")
    harness.account("heir")
    histories = {name: channel.history for name, channel in harness.world.channels.items()}
    histories |= {"#gone": "#gone", "#anew": "#anew,1.1.1.1"}
    record = AccountHandedOver(adm.origin, "ann", "heir", "adm", tuple(histories.items()))
    assert refusal(harness.enter(record)) == ""
    founders = {name: channel.registration for name, channel in harness.world.channels.items()}
    assert {name: held.founder for name, held in founders.items() if held is not None} == {
        "#own": "heir",
        "#bobs": "bob",
        "#anew": "ann",
    }


def test_a_token_goes_along_and_remembers_whose_it_was(harness: Harness, adm: Client) -> None:
    harness.account("ann")
    harness.account("heir")
    token(harness, "ann", "t1")
    found = harness.enter(
        AccountHandedOver(adm.origin, "ann", "heir", "adm", (), ("t1", "removed"))
    )
    heir = harness.world.accounts["heir"]
    assert harness.world.account_of("token", "t1") is heir
    assert heir.credentials["token", "t1"].was == "ann"
    assert found == [CredentialGone("ann", "token", "t1", adm.session.id)]


def test_a_token_goes_to_no_heir_who_outranks_who_gives_it(harness: Harness, adm: Client) -> None:
    operator(harness, "boss", "owner")
    harness.account("ann")
    token(harness, "ann", "t1")
    record = AccountHandedOver(adm.origin, "ann", "boss", "adm", (), ("t1",))
    assert refusal(harness.enter(record)) == "NO_PRIVILEGES"
    assert refusal(harness.enter(AccountHandedOver(adm.origin, "ann", "boss", "adm"))) == ""


def test_an_account_that_was_used_meanwhile_keeps_its_name(harness: Harness, adm: Client) -> None:
    harness.connect_as("ann", "ann")
    harness.account("bob")
    assert refusal(harness.enter(AccountRenamed(adm.origin, "ann", "anna", "adm"))) == "IN_USE"
    assert refusal(harness.enter(AccountRenamed(adm.origin, "bob", "ann", "adm"))) == "IN_USE"
    assert refusal(harness.enter(AccountRenamed(adm.origin, "bob", "Bob", "adm"))) == ""
    assert harness.world.accounts["bob"].name == "Bob"


def test_a_new_name_is_taken_from_the_guest_who_has_it_and_the_old_is_free(
    harness: Harness, adm: Client
) -> None:
    guest = harness.connect("zoe")
    harness.account("typo")
    found = harness.enter(AccountRenamed(adm.origin, "typo", "zoe", "adm"))
    assert HistoryEnded("$typo") in found
    assert guest.user.nick.startswith("Guest")
    assert "belongs to an account" in shown(guest.take())[0]
    assert harness.world.reserved_for("typo") is None


@pytest.mark.parametrize("kept_out", [True, False])
def test_what_a_thief_gave_out_ends_with_him(harness: Harness, kept_out: bool) -> None:
    operator(harness, "thief", "owner")
    operator(harness, "mate", "admin", by="thief")
    operator(harness, "boss", "owner", by="thief")
    for by in ("thief", "boss", "console"):
        harness.enter(InviteMade(harness.console, f"code-{by}", by=by))
    operator(harness, "loyal", "admin", by="boss")
    for name, by in (("ann", "thief"), ("bob", "boss")):
        harness.account(name)
        harness.enter(CredentialAdded(harness.console, name, "reset", by, by=by))
    if kept_out:
        harness.enter(AccountSet(harness.console, "thief", "suspended", "caught", "boss"))
    else:
        harness.enter(AccountDropped(harness.console, "thief", "boss"))
    accounts = harness.world.accounts
    assert sorted(harness.world.invites) == ["code-boss", "code-console"]
    assert accounts["ann"].credential("reset") is None
    assert accounts["bob"].credential("reset") is not None
    classes = {name: accounts[name].operator for name in ("mate", "boss", "loyal")}
    assert classes == {"mate": "", "boss": "owner", "loyal": "admin"}


def test_who_may_less_than_before_keeps_the_codes_that_it_may_still_give_out(
    harness: Harness,
) -> None:
    operator(harness, "sub", "owner")
    harness.account("ann")
    for code, grants in (("plain", ""), ("owner", "owner")):
        harness.enter(InviteMade(harness.console, code, by="sub", grants=grants))
    harness.enter(CredentialAdded(harness.console, "ann", "reset", "r", by="sub"))
    for operator_class, codes in (("admin", ["plain"]), ("moderator", [])):
        harness.enter(AccountSet(harness.console, "sub", "operator", operator_class, "boss"))
        assert list(harness.world.invites) == codes
        assert bool(harness.world.accounts["ann"].credential("reset")) == bool(codes)


@pytest.mark.parametrize("end", ["SUSPEND thief :caught", "SURE DROP thief"])
@pytest.mark.parametrize(
    "last", ["ACCOUNT OPERATOR mole admin", "ACCOUNT PASSWORD mole", "INVITECODE ADD", "OWNERCODE"]
)
def test_what_a_thief_has_on_its_way_when_he_is_caught_comes_to_nothing(
    harness: Harness, last: str, end: str
) -> None:
    thief, boss = operator(harness, "thief", "owner"), operator(harness, "boss", "owner")
    mole = harness.account("mole")
    harness.held = True
    thief.send(last)
    boss.send(f"ACCOUNT {end}")
    while boss.session.id in harness.pending:
        harness.commit(boss.session.id)
    harness.held = False
    harness.settle()
    assert thief.closed
    assert (mole.operator, mole.credential("reset"), harness.world.invites) == ("", None, {})


def test_who_is_suspended_meanwhile_redeems_nothing(harness: Harness) -> None:
    harness.account("ann")
    harness.enter(InviteMade(harness.console, "code", grants="admin", by="console"))
    harness.enter(AccountSet(harness.console, "ann", "suspended", "caught", "console"))
    redeemed = Redeemed(harness.console, "ann", "code")
    assert refusal(harness.enter(redeemed)) == "INVALID_CODE"
    assert harness.world.invites["code"].uses == 1
