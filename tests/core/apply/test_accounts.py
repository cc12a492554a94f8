"""Accounts come to be, are proved and end, in the order of the journal and not as it was hoped."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.core.apply import accounts
from hubbub.core.outcomes import Afterwards, Deliver, Erase, HistoryEnded
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountRegistered,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    InviteMade,
    InviteRevoked,
    LoggedIn,
    LoggedOut,
    Reauthenticated,
    Redeemed,
)
from hubbub.core.records.entries import Body
from hubbub.core.records.moderation import NetworkBanAdded, SwitchSet
from hubbub.core.world.accounts import UNVERIFIED_SECONDS
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Harness, refusal


def checked_with(harness: Harness, account: str) -> tuple[int, ...]:
    """Return the seqs of the secrets that a password of an account is checked with."""
    return harness.account(account).password_secrets


def test_who_registers_is_logged_in_and_those_around_hear_of_it(harness: Harness) -> None:
    ann = harness.connect("ann")
    secret = ("$ann",)
    found = harness.enter(AccountRegistered(ann.origin, "ann", histories=secret), Body("hash:x"))
    assert [type(one) for one in found] == [Deliver, Afterwards, HistoryEnded]
    assert ann.user.account == "ann"
    assert harness.world.accounts["ann"].users == [ann.user]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"account": "old"}, "ACCOUNT_EXISTS"),
        ({"account": "bob"}, "ACCOUNT_EXISTS"),
        ({"account": "new", "invite": "used"}, "INVALID_INVITE"),
        ({"account": "new", "invite": "none"}, "INVALID_INVITE"),
        ({"account": "new", "key": "SHA256:x"}, "IN_USE"),
        ({"account": "new"}, ""),
    ],
)
def test_a_registration_that_came_too_late_leaves_no_secret_behind(
    harness: Harness, record: dict[str, Any], code: str
) -> None:
    guest, _ = harness.connect("guest"), harness.connect("bob")
    harness.account("old")
    harness.enter(CredentialAdded(harness.console, "old", "ssh", "SHA256:x"))
    harness.enter(InviteMade(harness.console, "used", uses=0))
    made = AccountRegistered(guest.origin, histories=("$new",), **record)
    found = harness.enter(made, Body("hash:x"))
    assert refusal(found) == code
    assert (Erase((harness.entries[-1].seq,)) in found) == bool(code)
    assert bool(guest.user.account) == (not code)


def test_who_has_an_account_by_now_gets_no_second_one(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    assert refusal(harness.enter(AccountRegistered(ann.origin, "x"))) == "ALREADY_AUTHENTICATED"
    assert refusal(harness.enter(AccountRegistered(ann.origin, "x", by="ann"))) == "NO_PRIVILEGES"
    made = AccountRegistered(harness.console, "x", by="console")
    assert refusal(harness.enter(made)) == ""


def test_a_closed_server_lets_in_only_whom_a_code_makes_an_operator(harness: Harness) -> None:
    harness.enter(SwitchSet(harness.console, "registrations", True, "full", console=True))
    for code, grants in (("plain", ""), ("owner", "owner")):
        harness.enter(InviteMade(harness.console, code, grants=grants))
    guest = harness.connect("guest")
    for code, answer in (("plain", "TEMPORARILY_UNAVAILABLE"), ("owner", "")):
        record = AccountRegistered(guest.origin, "guest", invite=code)
        assert refusal(harness.enter(record)) == answer
    assert guest.user.operator_class == "owner"


def test_there_is_room_for_so_many_accounts(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "ACCOUNTS", 1)
    harness.account("ann")
    full = harness.enter(AccountRegistered(harness.console, "bob", by="console"))
    assert refusal(full) == "TEMPORARILY_UNAVAILABLE"


def test_a_name_that_nobody_verified_in_time_gives_its_invitation_back(harness: Harness) -> None:
    harness.enter(InviteMade(harness.console, "one"))
    guest, late = harness.connect("guest"), harness.connect("late")
    harness.enter(AccountRegistered(guest.origin, "new", invite="one", verified=False))
    assert harness.world.invites["one"].uses == 0
    taken = AccountRegistered(late.origin, "new", invite="one")
    assert refusal(harness.enter(taken)) == "ACCOUNT_EXISTS"
    harness.time += (UNVERIFIED_SECONDS + 1) * 1_000_000
    harness.account("other")
    assert harness.world.invites["one"].uses == 1
    assert refusal(harness.enter(taken)) == ""


def test_a_code_that_was_sent_lets_in_once_and_not_for_ever(harness: Harness) -> None:
    guest = harness.connect("guest")
    harness.enter(AccountRegistered(guest.origin, "guest", verified=False))
    over = harness.time // 1_000_000 + 60
    harness.enter(CredentialAdded(guest.origin, "guest", "verify", "v", expires=over))
    for code, answer in (("w", "INVALID_CODE"), ("v", ""), ("v", "INVALID_CODE")):
        assert refusal(harness.enter(AccountVerified(guest.origin, "guest", code))) == answer
    assert guest.user.account == "guest"


def test_who_is_somebody_else_by_now_verifies_nothing(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    harness.enter(AccountRegistered(harness.console, "new", by="console", verified=False))
    harness.enter(CredentialAdded(harness.console, "new", "verify", "v"))
    assert refusal(harness.enter(AccountVerified(ann.origin, "new", "v"))) == "INVALID_CODE"
    assert not harness.world.accounts["new"].verified


def test_an_operator_lets_in_whose_code_never_came_unless_outranked(harness: Harness) -> None:
    adm = operator(harness, "adm", "admin")
    for name in ("new", "boss"):
        harness.enter(AccountRegistered(harness.console, name, by="console", verified=False))
        harness.enter(CredentialAdded(harness.console, name, "verify", name))
    harness.world.accounts["boss"].operator = "owner"
    tried = {"none": "ACCOUNT_UNKNOWN", "boss": "NO_PRIVILEGES", "new": ""}
    for name, answer in tried.items():
        assert refusal(harness.enter(AccountVerified(adm.origin, name, "", by="adm"))) == answer
    assert list(harness.world.unverified) == ["boss"]
    assert harness.world.account_of("verify", "new") is None


def test_nothing_is_set_or_dropped_of_who_outranks_by_now(harness: Harness) -> None:
    adm = operator(harness, "adm", "admin")
    harness.account("boss").operator = "owner"
    changed = AccountSet(adm.origin, "boss", "suspended", "x", "adm")
    assert refusal(harness.enter(changed)) == "NO_PRIVILEGES"
    assert refusal(harness.enter(AccountDropped(adm.origin, "boss", "adm"))) == "NO_PRIVILEGES"
    assert refusal(harness.enter(AccountSet(adm.origin, "none", "persist", "on"))) == (
        "ACCOUNT_UNKNOWN"
    )
    assert harness.enter(AccountDropped(adm.origin, "none", "adm")) == []


def test_a_dropped_name_is_kept_from_others_if_somebody_used_it(harness: Harness) -> None:
    harness.disconnect(harness.connect_as("used", "used"))
    harness.account("unused")
    for name in ("used", "unused"):
        harness.enter(AccountDropped(harness.console, name, "console"))
    assert list(harness.world.accounts) == ["used"]
    assert harness.world.account("used") is None


LOGINS: dict[str, tuple[dict[str, Any], str]] = {
    "no such password": ({"kind": "certfp", "id": "x"}, "904"),
    "changed meanwhile": ({"checked": (99,)}, "904"),
    "a step that was used": ({"step": 7}, "904"),
    "a code that was used": ({"recovery": "x"}, "904"),
    "right": ({"step": 8}, ""),
}


@pytest.mark.parametrize("why", LOGINS)
def test_a_login_counts_if_what_proved_it_still_does(harness: Harness, why: str) -> None:
    fields, answer = LOGINS[why]
    harness.account("ann").step = 7
    guest = harness.connect("guest")
    given = {"kind": "password", "checked": checked_with(harness, "ann"), **fields}
    found = harness.enter(LoggedIn(guest.origin, "ann", **given))
    assert refusal(found) == answer
    assert guest.user.account == ("" if answer else "ann")


def test_who_is_banned_by_account_goes_instead_of_coming_in(harness: Harness) -> None:
    seqs = checked_with(harness, "ann")
    harness.enter(NetworkBanAdded(harness.console, "account", "ann", "root", console=True))
    guest = harness.connect("guest")
    assert refusal(harness.enter(LoggedIn(guest.origin, "ann", "password", checked=seqs))) == "465"
    assert guest.closed


def test_whom_a_guest_did_not_want_to_hear_it_does_not_hear_as_an_account(
    harness: Harness,
) -> None:
    seqs, guest = checked_with(harness, "ann"), harness.connect("guest")
    harness.world.silenced["a:ann"] = ("y!*@*", "x!*@*")
    guest.send("SILENCE +x,z")
    harness.enter(LoggedIn(guest.origin, "ann", "password", checked=seqs))
    assert harness.world.silenced == {"a:ann": ("y!*@*", "x!*@*", "z!*@*")}


def test_a_session_that_only_passes_by_leaves_waiting_what_waits(harness: Harness) -> None:
    seqs = checked_with(harness, "ann")
    harness.connect("bob").send("PRIVMSG ann :later")
    for caps, waiting in ((["hubbub/quiet"], {"g:1.1.1": 1}), ([], {})):
        guest = harness.connect("guest", *caps)
        harness.enter(LoggedIn(guest.origin, "ann", "password", checked=seqs))
        assert harness.world.accounts["ann"].waiting.counts == waiting
        harness.disconnect(guest)


def test_a_recovery_code_proves_once_whichever_way_it_is_used(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    codes = ("one", "two")
    harness.enter(CredentialAdded(ann.origin, "ann", "totp", histories=("$ann",), codes=codes))
    checked = checked_with(harness, "ann")
    again = Reauthenticated(ann.origin, "ann", recovery="one", checked=checked)
    logged_in = LoggedIn(ann.origin, "ann", "password", recovery="two", checked=checked)
    for record, answer in ((again, "WRONG_PASSWORD"), (logged_in, "904")):
        assert refusal(harness.enter(record)) == ""
        assert refusal(harness.enter(record)) == answer


def test_who_is_a_guest_already_has_nothing_to_log_out_of(harness: Harness) -> None:
    assert harness.enter(LoggedOut(harness.connect("ann").origin, "x")) == []


def test_who_leaves_its_account_leaves_what_it_was_by_it(harness: Harness) -> None:
    ann = operator(harness, "ann", "admin")
    for line in ("JOIN #a", "CHANNEL REGISTER #a"):
        ann.send(line)
    other = harness.attach(ann)
    assert refusal(harness.enter(LoggedOut(ann.origin, ann.user.source))) == "OTHER_SESSIONS"
    harness.disconnect(other)
    harness.enter(LoggedOut(ann.origin, ann.user.source))
    assert (ann.user.account, ann.user.operator_class) == ("", "")
    assert ann.user.nick.startswith("Guest"), "the nick is the account's"
    assert harness.world.channels["#a"].members[ann.user].statuses == "o", "as who began it"
    assert harness.world.accounts["ann"].users == []


def test_who_is_at_two_connections_is_not_logged_in_as_another(harness: Harness) -> None:
    seqs, bob = checked_with(harness, "ann"), harness.connect_as("bob", "bob")
    other = harness.attach(bob)
    record = LoggedIn(bob.origin, "ann", "password", checked=seqs)
    assert refusal(harness.enter(record)) == "904"
    harness.disconnect(other)
    assert refusal(harness.enter(record)) == ""
    assert (bob.user.account, harness.world.accounts["bob"].users) == ("ann", [])


def test_what_is_set_of_an_account_is_true_at_once(harness: Harness) -> None:
    ann, account = harness.connect_as("ann", "ann"), harness.account("ann")
    for what, value in (("persist", "on"), ("persist", "off"), ("operator", "helper")):
        harness.enter(AccountSet(harness.console, "ann", what, value, "console"))
    assert (account.persist, account.operator, account.operator_by) == (False, "helper", "console")
    assert ann.user.operator_class == "helper"
    harness.enter(AccountSet(harness.console, "ann", "suspended", "spam", "console"))
    assert ann.closed == "Account suspended: spam"
    harness.enter(AccountSet(harness.console, "ann", "suspended", "", "console"))
    assert account.suspended == ""


def test_invite_codes_have_a_bound_and_those_that_are_used_up_make_room(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "INVITES", 2)
    made = [harness.enter(InviteMade(harness.console, code)) for code in ("a", "b", "c")]
    assert [refusal(each) for each in made] == ["", "", "TOO_MANY"]
    harness.account("ann")
    harness.world.invites["a"].uses = 0
    assert refusal(harness.enter(InviteMade(harness.console, "c"))) == ""
    assert sorted(harness.world.invites) == ["b", "c"]


def test_a_code_is_revoked_by_nobody_lower_than_what_it_makes(harness: Harness) -> None:
    adm = operator(harness, "adm", "admin")
    for code, grants in (("owner", "owner"), ("helper", "helper")):
        harness.enter(InviteMade(harness.console, code, by="console", grants=grants))
    assert refusal(harness.enter(InviteRevoked(adm.origin, "owner", "adm"))) == "NO_PRIVILEGES"
    assert refusal(harness.enter(InviteRevoked(adm.origin, "helper", "adm"))) == ""
    assert refusal(harness.enter(InviteRevoked(adm.origin, "never made", "adm"))) == ""
    assert list(harness.world.invites) == ["owner"]


def test_of_two_who_redeem_one_code_one_becomes_an_operator(harness: Harness) -> None:
    harness.enter(InviteMade(harness.console, "code", grants="admin", by="console"))
    harness.enter(InviteMade(harness.console, "plain"))
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    found = [
        harness.enter(Redeemed(client.origin, client.user.account, code))
        for client, code in ((ann, "plain"), (ann, "code"), (bob, "code"))
    ]
    assert [refusal(each) for each in found] == ["INVALID_CODE", "", "INVALID_CODE"]
    assert (ann.user.operator_class, bob.user.operator_class) == ("admin", "")
