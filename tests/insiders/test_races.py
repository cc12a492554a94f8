"""What was asked for in the moment in which somebody is sent away does not come true after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.deciding import login
from hubbub.core.policy.policy import OperBlock
from hubbub.core.world.accounts import NEW_EMAIL
from hubbub.irc.message import Message
from tests.core.world_harness import POLICY, Client, Harness, code, shown

NEW = "another-long-password"
KEY = "SHA256:" + "A" * 43


@pytest.fixture
def harness() -> Harness:
    operators = {"root": OperBlock("hash:secret", "owner")}
    return Harness(replace(POLICY, operators=operators, email="optional"))


def operator(harness: Harness, nick: str, operator_class: str) -> Client:
    harness.account(nick).operator = operator_class
    return harness.connect_as(nick, nick)


def overtaken(harness: Harness, late: Client, line: str, first: Client, before: str) -> None:
    """Have a line decided on, and another one come to the journal before what it asked for."""
    harness.held = True
    late.send(line)
    assert late.session.id in harness.pending, "or there is no race"
    first.send(before)
    while first.session.id in harness.pending:
        harness.commit(first.session.id)
    harness.held = False
    harness.settle()
    late.work()


def state(harness: Harness) -> list[object]:
    """Return what operators can change of accounts and codes."""
    accounts = [
        (a.name, a.operator, a.suspended, a.dropped, sorted(a.credentials))
        for a in harness.world.accounts.values()
        if a.name != "rogue"
    ]
    return [accounts, sorted(harness.world.invites)]


@pytest.mark.parametrize("end", ["ACCOUNT SUSPEND rogue :x", "ACCOUNT OPERATOR rogue none"])
@pytest.mark.parametrize(
    "line",
    [
        "ACCOUNT OPERATOR zed owner",
        "ACCOUNT ADD eve :correct-horse",
        "ACCOUNT PASSWORD zed",
        "ACCOUNT PASSWORD zed :correct-horse",
        "ACCOUNT RESTORE yan",
        "ACCOUNT SUSPEND zed :x",
        "ACCOUNT SURE DROP zed",
        "ACCOUNT SURE REVOKE zed ALL",
        "ACCOUNT EMAIL zed rogue@example.org",
        "ACCOUNT RENAME zed zoe",
        "OWNERCODE",
        "INVITECODE ADD 3",
        "INVITECODE DEL {invite}",
    ],
)
def test_an_operator_who_is_sent_away_leaves_nothing_behind(
    harness: Harness, line: str, end: str
) -> None:
    own, rogue = operator(harness, "own", "owner"), operator(harness, "rogue", "owner")
    harness.account("zed")
    harness.account("yan").suspended = "for good"
    own.send("INVITECODE ADD")
    before = state(harness)
    overtaken(harness, rogue, line.replace("{invite}", code(0)), own, end)
    assert state(harness) == before


def test_what_the_console_and_the_node_ask_for_comes_true(harness: Harness) -> None:
    # Both are no users of the World; the account was made by the node itself.
    assert harness.account("zed").by == "test"


@pytest.mark.parametrize("end", ["REVOKE ALL", f"PASSWD secret {NEW}", f"PASSWD secret {NEW} ALL"])
@pytest.mark.parametrize(
    "line",
    [
        "TOKEN ADD evil",
        "KEY ADD",
        f"KEY ADD {KEY[:-1]}B",
        "CERT ADD",
        "EMAIL SET evil@example.org secret",
        "PASSWD secret evil-password",
    ],
)
def test_who_is_sent_away_by_an_accounts_owner_adds_nothing_to_come_back_by(
    harness: Harness, line: str, end: str
) -> None:
    ann = harness.connect_as("ann", "ann")
    thief = harness.attach(ann)
    thief.session.proved_at = harness.time // 1_000_000
    thief.session.key, thief.session.certfp = KEY, "ab" * 32
    overtaken(harness, thief, line, ann, end)
    account = harness.world.accounts["ann"]
    assert [kind for kind, _ in account.credentials] == ["password"]
    password = account.credential("password")
    assert password is not None
    wanted = "hash:secret" if end == "REVOKE ALL" else f"hash:{NEW}"
    assert harness.secret(password.seq) == wanted


def test_who_stays_is_told_to_try_again(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    phone = harness.attach(ann)
    phone.session.credential = ("token", "x")
    phone.session.proved_at = harness.time // 1_000_000
    overtaken(harness, phone, "TOKEN ADD ci", ann, f"PASSWD secret {NEW}")
    assert shown(phone.take())[0].startswith("FAIL * TRY_AGAIN ann ")
    phone.send(f"REAUTH {NEW}")
    assert shown(phone.send("TOKEN ADD ci"))[0].startswith("TOKEN ADDED ci ")


@pytest.mark.parametrize("end", [f"PASSWD secret {NEW}", "REVOKE ALL"])
def test_what_would_set_a_password_later_ends_with_it(harness: Harness, end: str) -> None:
    ann, adm = harness.connect_as("ann", "ann"), operator(harness, "adm", "admin")
    adm.send("ACCOUNT PASSWORD ann")
    ann.send("EMAIL SET thief@example.org secret")
    account = harness.world.accounts["ann"]
    address = account.credential(NEW_EMAIL)
    assert address is not None
    ann.send(end)
    assert [kind for kind, _ in account.credentials] == ["password"]
    assert address.seq in harness.erased
    guest = harness.connect("guest")
    assert "INVALID_CODE" in shown(guest.send(f"RESETPASS ann {code(0)} {NEW}"))[0]


def test_a_login_that_a_door_vouches_for_is_none_after_all_was_ended(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    since = harness.world.applied
    new = harness.open()
    ctx = new.command_context(Message(""))
    harness.held = True
    failed: list[str] = []
    login.vouched_for(ctx, "ann", "password", "", 1, since, failed.append)
    new.carry_out(ctx)
    ann.send("REVOKE ALL")
    harness.commit(ann.session.id)
    harness.held = False
    harness.settle()
    assert failed == []
    assert new.session.account == ""


@pytest.mark.parametrize("command", ["LOGOUT", "NS IDENTIFY bob secret"])
def test_nothing_that_was_begun_for_one_account_goes_on_for_another(
    harness: Harness, command: str
) -> None:
    harness.account("bob")
    ann = harness.connect_as("ann", "ann")
    ann.send("KEY CHALLENGE")
    ann.send("TOTP BEGIN")
    assert ann.session.challenge
    assert ann.session.totp_key
    ann.send(command)
    assert (ann.session.challenge, ann.session.totp_key) == ("", "")
    assert ann.session.account != "ann"


@pytest.mark.parametrize("line", ["UNREGISTER two secret", "ACCOUNT OPERATOR two admin"])
@pytest.mark.parametrize(
    "before",
    ["UNREGISTER own secret", "ACCOUNT OPERATOR own none", "ACCOUNT SUSPEND own :I go"],
)
def test_of_two_owners_who_go_at_once_the_second_is_asked(
    harness: Harness, line: str, before: str
) -> None:
    own, two = operator(harness, "own", "owner"), operator(harness, "two", "owner")
    overtaken(harness, two, line, own, before)
    assert "NOT_CONFIRMED" in shown(two.take())[-1]
    account = harness.world.accounts["two"]
    assert (account.operator, account.dropped) == ("owner", False)
    words = line.split()
    two.send(f"{line} SURE" if words[0] == "UNREGISTER" else f"ACCOUNT SURE {' '.join(words[1:])}")
    assert account.operator != "owner" or account.dropped
