"""What NickServ can be asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core import dispatch
from hubbub.irc.message import Message
from tests.core.commands.services.test_asking import SOURCE, ask, said
from tests.core.world_harness import POLICY, Client, Harness, code


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return somebody who is logged in as Ann, and is operator of #a."""
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def operator(harness: Harness) -> Client:
    operator = harness.connect("oper")
    operator.send("OPER root secret")
    operator.take()
    return operator


def test_an_invite_code_and_an_address_are_told_apart(harness: Harness) -> None:
    face = dispatch.SERVICES.words["NickServ"]["REGISTER"].face
    ctx = harness.connect("x").command_context(Message(""))
    assert face.translate(ctx, ["pw", "CODE"]) == ("*", "*", "pw", "CODE")
    assert face.translate(ctx, ["pw", "a@b.c", "CODE"]) == ("*", "a@b.c", "pw", "CODE")
    assert face.translate(ctx, ["pw", "CODE", "a@b.c"]) == ("*", "a@b.c", "pw", "CODE")
    assert face.translate(ctx, ["pw"]) == ("*", "*", "pw")


def test_somebody_manages_the_account(harness: Harness, ann: Client) -> None:
    assert ask(ann, "SET PASSWORD secret another-one") == ["Your password is changed"]
    assert ask(ann, "PASSWD wrong another-one") == ["The old password is wrong"]
    token = ask(ann, "TOKEN ADD phone")[0]
    assert token.startswith("phone: hub_")
    assert ask(ann, "TOKEN LIST")[0].startswith("phone: chat, made ")
    assert ask(ann, "TOKEN DEL phone") == [f"{removed(harness)}: Removed from your account"]
    assert ask(ann, f"CERT ADD {'a' * 64}") == [
        f"{'a' * 64}: Listed, but not proved: log in with it and your password once"
    ]
    assert ask(ann, "PERSIST ON") == ["You stay in your channels when you disconnect"]
    assert ask(ann, "PERSIST") == ["You stay in your channels when you disconnect"]
    info = ask(ann, "INFO")
    assert info[0] == "Ann: Registered 2023-11-14"
    assert [line.split(":")[0] for line in info[2:]] == ["password", "certfp", "End of account"]


def removed(harness: Harness) -> str:
    record = harness.entries[-1].record
    id = getattr(record, "id", "")
    assert isinstance(id, str)
    return id


def test_operators_look_after_accounts(harness: Harness, ann: Client, operator: Client) -> None:
    assert ask(operator, "SAREGISTER bob secret-word") == ["bob: Account made"]
    assert [line.split(":")[0] for line in ask(operator, "LIST")] == ["Ann", "bob", "End of list"]
    assert ask(operator, "SUSPEND Ann :for a while") == ["Ann: suspended: for a while"]
    assert ann.closed


def test_a_guest_registers_and_is_logged_in(harness: Harness) -> None:
    bob = harness.connect("bob")
    told = bob.send("PRIVMSG NickServ :REGISTER correct-horse")
    assert "900" in [message.command for message in told]
    assert [message.source for message in told if message.command == "NOTICE"] == [SOURCE]
    assert said(told) == ["bob: Account registered"]
    assert bob.user.account == "bob"


@pytest.mark.parametrize("asked", ["VERIFY {}", "VERIFY bob {}"])
def test_the_code_that_came_by_mail_is_for_ones_own_nick_unless_one_says_otherwise(
    harness: Harness, asked: str
) -> None:
    harness.policy = replace(POLICY, email="required")
    bob = harness.connect("bob")
    ask(bob, "REGISTER correct-horse bob@mail.example")
    assert not harness.world.accounts["bob"].verified
    ask(bob, asked.format(code(0)))
    assert harness.world.accounts["bob"].verified
    assert bob.user.account == "bob"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("SET PASSWORD secret", "This needs more: SET PASSWORD old new [ALL]"),
        ("SET email a b", "That is a word of its own: EMAIL SET address password"),
        ("SET PERSIST on off", "Only PASSWORD can be set here; EMAIL, PERSIST and TOTP are words"),
        ("RELEASE nobody", "Nobody is here under this nick"),
        ("PERSIST OFF", "You leave your channels when you disconnect"),
        ("DROP", "The password is wrong; your account is as it was"),
        ("DEVICES now", "password"),
    ],
)
def test_what_its_owner_hears(harness: Harness, ann: Client, asked: str, answer: str) -> None:
    assert ask(ann, asked)[0].startswith(answer)


def test_operators_show_restore_and_drop_accounts(
    harness: Harness, ann: Client, operator: Client
) -> None:
    ask(operator, "SUSPEND Ann")
    assert harness.account("Ann").suspended
    ask(operator, "UNSUSPEND Ann")
    assert not harness.account("Ann").suspended
    assert ask(operator, "SHOW Ann")[0].startswith("Ann: ")
    assert "would end Ann for good" in ask(operator, "SADROP Ann")[0]
    assert ask(operator, "SADROP SURE Ann")[-1].startswith("Ann: Account dropped")
    assert harness.world.account("Ann") is None
