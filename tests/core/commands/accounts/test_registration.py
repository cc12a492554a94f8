"""REGISTER, VERIFY, REDEEM, LOGOUT, PERSISTENCE: how an account comes to be, and whose it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core import requests
from hubbub.core.commands.accounts.registration import register_with_key
from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered, InviteMade
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.world.accounts import code_digest
from hubbub.irc.message import Message
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, code, shown

DAY = 86_400_000_000


def failure(messages: list[Message]) -> str:
    """Return the code of the one FAIL."""
    (fail,) = [message for message in messages if message.command == "FAIL"]
    return fail.params[1]


def with_policy(**settings: object) -> Harness:
    return Harness(replace(POLICY, **settings))  # type: ignore[arg-type]


def invite(harness: Harness, name: str, uses: int = 1, expires: int = 0, grants: str = "") -> None:
    """Make an invite code."""
    record = InviteMade(
        Origin(SessionId(1, harness.epoch, 0), 1), code_digest(name), uses, expires, "test", grants
    )
    harness.append(Draft(record))
    harness.commit(record.origin.session)


def unregistered(harness: Harness, nick: str = "ann") -> Client:
    client = harness.open(["sasl", "draft/account-registration"])
    client.send("CAP LS 302")
    client.send(f"NICK {nick}")
    client.take()
    return client


# REGISTER


def test_a_guest_registers_its_nick(harness: Harness) -> None:
    ann, witness = harness.connect("Ann"), harness.connect("wit", "account-notify")
    for client in (ann, witness):
        client.send("JOIN #a")
    ann.take(), witness.take()
    assert shown(ann.send("REGISTER * * correct-horse"))[0].startswith("REGISTER SUCCESS Ann")
    assert ann.user.account == "Ann"
    assert shown(witness.take()) == ["ACCOUNT Ann"]
    assert "correct-horse" not in repr(harness.records(AccountRegistered))
    check(harness.world)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("REGISTER bob * correct-horse", "ACCOUNT_NAME_MUST_BE_NICK"),
        ("REGISTER ann * short", "WEAK_PASSWORD"),
        ("REGISTER ann * ann", "WEAK_PASSWORD"),
        (f"REGISTER ann * {'x' * 301}", "UNACCEPTABLE_PASSWORD"),
        ("REGISTER ann * hub_token-like", "UNACCEPTABLE_PASSWORD"),
        ("REGISTER ann * :control\x1fcharacter", "UNACCEPTABLE_PASSWORD"),
        ("REGISTER ann * correct-horse no-such-code", "INVALID_INVITE"),
    ],
)
def test_what_cannot_be_registered(harness: Harness, line: str, why: str) -> None:
    assert failure(harness.connect("ann").send(line)) == why
    assert not harness.world.accounts


@pytest.mark.parametrize("nick", ["Guest12", "guest7_"])
def test_nobody_registers_what_guests_are_called(harness: Harness, nick: str) -> None:
    client = harness.connect(nick)
    assert failure(client.send("REGISTER * * correct-horse")) == "BAD_ACCOUNT_NAME"


def test_one_account_is_enough(harness: Harness) -> None:
    ann = harness.connect_as("eve", "ann")
    assert failure(ann.send("REGISTER * * correct-horse")) == "ALREADY_AUTHENTICATED"


def test_of_many_that_register_a_name_at_once_one_gets_it(harness: Harness) -> None:
    harness.held = True
    clients = [unregistered(harness) for _ in range(50)]
    for client in clients:
        client.send("REGISTER ann * correct-horse")
    harness.commit_all()
    harness.held = False
    answers = [client.take() for client in clients]
    assert sum(answer[0].command == "REGISTER" for answer in answers) == 1
    assert sum("ACCOUNT_EXISTS" in shown(answer)[0] for answer in answers) == 49
    assert [client.session.account for client in clients].count("ann") == 1
    registered = [e for e in harness.entries if isinstance(e.record, AccountRegistered)]
    assert {e.seq for e in registered[1:]} <= harness.erased, "their passwords are kept nowhere"


def test_a_nick_that_somebody_has_is_not_registered_before_connecting(harness: Harness) -> None:
    harness.connect("ann")
    assert failure(unregistered(harness).send("REGISTER ann * correct-horse")) == ("ACCOUNT_EXISTS")


def test_who_registers_and_had_all_else_comes_in(harness: Harness) -> None:
    harness.policy = replace(POLICY, access="invite")
    invite(harness, "welcome")
    client = unregistered(harness)
    client.send("USER ann 0 * :Ann")
    assert "ACCOUNT_REQUIRED" in shown(client.send("CAP END"))[0]
    answer = client.send("REGISTER * * correct-horse welcome")
    assert [message.command for message in answer][:3] == ["REGISTER", "900", "001"]
    assert client.user.account == "ann"


@pytest.mark.parametrize(
    ("policy", "given", "why"),
    [
        (Policy(access="closed"), "", "TEMPORARILY_UNAVAILABLE"),
        (Policy(access="closed"), "welcome", "TEMPORARILY_UNAVAILABLE"),
        (Policy(access="invite"), "", "INVITE_REQUIRED"),
        (Policy(access="invite"), "wrong", "INVALID_INVITE"),
        (Policy(access="invite"), "old", "INVALID_INVITE"),
        (Policy(access="invite"), "used", "INVALID_INVITE"),
        (Policy(register_before_connect=False), "welcome", "COMPLETE_CONNECTION_REQUIRED"),
    ],
)
def test_who_may_not_register(policy: Policy, given: str, why: str) -> None:
    harness = Harness(policy)
    invite(harness, "welcome")
    invite(harness, "old", expires=harness.time // 1_000_000)
    invite(harness, "used", uses=0)
    client = unregistered(harness)
    assert failure(client.send(f"REGISTER * * correct-horse {given}")) == why


def test_an_invite_for_one_is_for_one_of_two_at_once() -> None:
    harness = with_policy(access="invite")
    invite(harness, "WELCOME2")
    harness.held = True
    both = [unregistered(harness, nick) for nick in ("ann", "bob")]
    for client in both:
        client.send("REGISTER * * correct-horse welc-ome2")
    harness.commit_all()
    assert [client.session.account for client in both] == ["ann", ""]


def test_the_servers_password_comes_before_an_account() -> None:
    harness = with_policy(password="hash:open")
    stranger, friend = unregistered(harness, "eve"), unregistered(harness)
    stranger.send("REGISTER * * correct-horse")
    assert stranger.closed
    friend.send("PASS open")
    assert friend.send("REGISTER * * correct-horse")[0].command == "REGISTER"
    assert set(harness.world.accounts) == {"ann"}


def test_who_is_banned_does_not_register_before_connecting(harness: Harness) -> None:
    oper = harness.connect("oper", host="oper.test")
    oper.send("OPER root secret")
    oper.send("UBAN ADD *!*@cloak.test :enough")
    client = unregistered(harness)
    assert failure(client.send("REGISTER * * correct-horse")) == "TEMPORARILY_UNAVAILABLE"
    assert not harness.world.accounts


# E-mail


@pytest.fixture
def mailing() -> Harness:
    return with_policy(email="optional")


def mailed(client: Client) -> list[requests.SendMail]:
    return [one for one in client.taken_requests() if isinstance(one, requests.SendMail)]


def test_a_code_shows_that_an_address_is_the_owners(mailing: Harness) -> None:
    ann = mailing.connect("ann")
    told = shown(ann.send("REGISTER * ann@example.org correct-horse"))
    assert told[0].startswith("REGISTER VERIFICATION_REQUIRED ann")
    (mail,) = mailed(ann)
    assert mail.to == "ann@example.org"
    assert ann.user.account == ""
    assert failure(ann.send("VERIFY ann wrong")) == "INVALID_CODE"
    assert shown(ann.send(f"VERIFY ann {code(0).lower()}"))[0].startswith("VERIFY SUCCESS ann")
    assert ann.user.account == "ann"
    assert failure(mailing.connect("eve").send(f"VERIFY ann {code(0)}")) == "INVALID_CODE"
    check(mailing.world)


def test_who_loses_the_name_does_not_give_the_winner_an_address(mailing: Harness) -> None:
    mailing.held = True
    winner, loser = unregistered(mailing), unregistered(mailing)
    winner.send("REGISTER * * correct-horse")
    loser.send("REGISTER * mallory@example.org correct-horse")
    mailing.commit_all()
    mailing.held = False
    account = mailing.world.account("ann")
    assert account is not None
    assert set(account.credentials) == {("password", "")}
    assert mailed(loser) == []


def test_who_verifies_from_elsewhere_gets_the_nick(mailing: Harness) -> None:
    ann = mailing.connect("ann")
    ann.send("REGISTER * ann@example.org correct-horse")
    other = mailing.connect("other")
    other.send(f"VERIFY ann {code(0)}")
    assert other.user.account == "ann"
    assert ann.user.nick.startswith("Guest")
    check(mailing.world)


def test_a_suspended_account_is_not_verified(mailing: Harness) -> None:
    ann = mailing.connect("ann")
    ann.send("REGISTER * ann@example.org correct-horse")
    oper = mailing.connect("oper")
    oper.send("OPER root secret")
    oper.send("ACCOUNT SUSPEND ann :no")
    assert failure(ann.send(f"VERIFY ann {code(0)}")) == "INVALID_CODE"
    assert ann.user.account == ""
    check(mailing.world)


def test_a_name_that_nobody_verified_in_time_is_free_again(mailing: Harness) -> None:
    for nick in ("ann", "bob"):
        client = mailing.connect(nick)
        client.send("REGISTER * x@example.org correct-horse")
        client.send("QUIT")
    secrets = [e.seq for e in mailing.entries if e.body is not None]
    assert failure(unregistered(mailing).send("REGISTER * * correct-horse")) == ("ACCOUNT_EXISTS")
    mailing.time += 4 * DAY
    assert unregistered(mailing).send("REGISTER * * correct-horse")[0].params[0] == "SUCCESS"
    assert set(mailing.world.accounts) == {"ann"}, "the other one is gone too"
    assert set(secrets) <= mailing.erased
    check(mailing.world)


# REDEEM, LOGOUT, PERSISTENCE


def test_a_code_for_owners_makes_one_owner(harness: Harness) -> None:
    invite(harness, "CROWN", grants="owner")
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    harness.held = True
    ann.send("REDEEM crown")
    bob.send("REDEEM crown")
    harness.commit_all()
    assert [client.user.operator_class for client in (ann, bob)] == ["owner", ""]
    harness.held = False
    assert failure(harness.connect("guest").send("REDEEM crown")) == "ACCOUNT_REQUIRED"


def test_the_first_owner_comes_in_to_a_closed_server() -> None:
    harness = with_policy(access="closed")
    invite(harness, "CROWN", grants="owner")
    client = unregistered(harness)
    client.send("USER x 0 * :x")
    client.send("REGISTER * * correct-horse crown")
    client.send("CAP END")
    assert client.user.operator_class == "owner"


def test_who_logs_out_is_a_guest_without_powers_levels_or_the_name(harness: Harness) -> None:
    invite(harness, "CROWN", grants="owner")
    ann = harness.connect_as("ann", "ann")
    ann.send("REDEEM crown")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    told = shown(ann.send("LOGOUT"))
    assert any(line.startswith("901") for line in told)
    assert not ann.user.is_operator
    assert "q" not in harness.world.channels["#a"].members[ann.user].statuses
    assert ann.user.nick.startswith("Guest")
    assert failure(ann.send("TOKEN LIST")) == "ACCOUNT_REQUIRED"
    check(harness.world)


def test_logging_out_takes_a_server_for_guests_and_one_connection(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    second = harness.attach(ann)
    assert failure(ann.send("LOGOUT")) == "OTHER_SESSIONS"
    second.send("QUIT")
    harness.policy = replace(POLICY, access="invite")
    assert failure(ann.send("LOGOUT")) == "ACCOUNT_REQUIRED"


def test_who_logs_out_while_another_session_comes_is_told_that_it_has_not(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    harness.held = True
    second = harness.open()
    second.session.account = "ann"
    for line in ("NICK ann", "USER ann 0 * :ann"):
        second.send(line)
    ann.send("LOGOUT")
    harness.commit(second.session.id)
    harness.commit_all()
    assert failure(ann.take()) == "OTHER_SESSIONS"
    assert ann.session.account == ann.user.account == "ann"


def test_one_says_whether_one_stays(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "draft/persistence")
    assert shown(ann.send("PERSISTENCE GET")) == ["PERSISTENCE STATUS OFF OFF"]
    assert shown(ann.send("PERSISTENCE SET ON")) == ["PERSISTENCE STATUS ON ON"]
    assert failure(ann.send("PERSISTENCE SET MAYBE")) == "INVALID_PARAMS"
    assert failure(harness.connect("guest").send("PERSISTENCE GET")) == "ACCOUNT_REQUIRED"


# Nicks


def test_nobody_has_the_nick_of_another_account(harness: Harness) -> None:
    harness.account("ann")
    guest, bob = harness.connect("guest"), harness.connect_as("bob", "bob")
    for client in (guest, bob):
        for nick in ("ann", "ANN"):
            assert shown(client.send(f"NICK {nick}"))[0].startswith("433")
    late = harness.open()
    late.send("USER x 0 * :x")
    assert late.send("NICK ann")[0].command == "433"
    harness.connect("oper").send("OPER root secret")
    check(harness.world)


def test_whoever_sits_on_a_nick_that_becomes_an_account_is_renamed(harness: Harness) -> None:
    guest, bob = harness.connect("carol"), harness.connect_as("dave", "bob")
    oper = harness.connect("oper")
    oper.send("OPER root secret")
    for name in ("carol", "dave"):
        oper.send(f"ACCOUNT ADD {name} :correct-horse")
    for client in (guest, bob):
        assert client.user.nick.startswith("Guest")
        assert "NOTICE" in [message.command for message in client.take()]
    check(harness.world)


def test_the_name_of_a_dropped_account_is_not_given_again(harness: Harness) -> None:
    ann, oper = harness.connect_as("ann", "ann"), harness.connect("oper")
    oper.send("OPER root secret")
    oper.send("ACCOUNT SURE DROP ann")
    assert ann.closed
    assert "@a:ann/*" in harness.histories_ended
    assert "$ann" in harness.histories_ended
    late = harness.open()
    late.send("USER x 0 * :x")
    assert late.send("NICK ann")[0].command == "433"
    assert failure(unregistered(harness).send("REGISTER * * correct-horse")) == ("ACCOUNT_EXISTS")
    assert "ACCOUNT_EXISTS" in shown(oper.send("ACCOUNT ADD ann"))[0]
    check(harness.world)


def test_before_one_is_connected_a_name_is_needed() -> None:
    client = with_policy().open(["draft/account-registration"])
    client.send("CAP LS 302")
    assert failure(client.send("REGISTER * * correct-horse")) == "NEED_NICK"


@pytest.mark.parametrize(
    ("email", "given", "why"),
    [
        ("required", "*", "INVALID_EMAIL"),
        ("required", "nobody", "INVALID_EMAIL"),
        ("optional", "nobody", "INVALID_EMAIL"),
    ],
)
def test_an_address_has_to_be_one(email: str, given: str, why: str) -> None:
    ann = with_policy(email=email).connect("ann")
    assert failure(ann.send(f"REGISTER * {given} correct-horse")) == why


def test_where_one_registers_once_connected_one_verifies_then_too() -> None:
    client = unregistered(with_policy(register_before_connect=False))
    assert failure(client.send("VERIFY ann code")) == failure(client.send("REGISTER * * x-y-z-12"))


@pytest.mark.parametrize(
    ("name", "code", "letter", "why"),
    [
        ("new", "CODE", "a", "This key belongs to an account already"),
        ("NickServ", "CODE", "b", "name"),
        ("bob", "CODE", "b", "name"),
        ("new", "OTHER", "b", "This invite code is not valid"),
    ],
)
def test_a_key_registers_nothing_that_cannot_be_had(
    name: str, code: str, letter: str, why: str
) -> None:
    harness = with_policy()
    harness.account("bob")
    invite(harness, "CODE")
    origin = Origin(SessionId(1, harness.epoch, 0), 1)
    key = "SHA256:{}"
    owned = AccountRegistered(origin, "owner", by="test", key=key.format("a" * 43))
    harness.append(Draft(owned))
    harness.settle()
    ctx, told = harness.open().command_context(Message("")), list[str]()
    register_with_key(ctx, name, key.format(letter * 43), code, told.append)
    assert why in told[0]
    assert ctx.requests == []
