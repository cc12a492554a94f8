"""ACCOUNT, INVITECODE, OWNERCODE and STATUS: what operators do with accounts."""

from __future__ import annotations

import re
from dataclasses import replace

import pyotp
import pytest

from hubbub.core.policy.policy import OperBlock
from hubbub.core.policy.privileges import ADMIN, OWNER
from hubbub.core.records.moderation import OperatorActed
from hubbub.irc.message import Message
from tests.core.commands.accounts.test_sasl import log_in, now_code
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, shown


def failure(messages: list[Message]) -> str:
    (fail,) = [message for message in messages if message.command == "FAIL"]
    return fail.params[1]


@pytest.fixture
def admin(harness: Harness) -> Client:
    return _operator(harness, ADMIN)


@pytest.fixture
def owner(harness: Harness) -> Client:
    return _operator(harness, OWNER)


def _operator(harness: Harness, kind: str) -> Client:
    operators = {"root": OperBlock("hash:secret", kind)}
    harness.policy = replace(POLICY, operators=operators)
    client = harness.connect(kind)
    client.send("OPER root secret")
    client.take()
    return client


@pytest.mark.parametrize("line", ["ACCOUNT LIST", "INVITECODE ADD", "OWNERCODE", "STATUS"])
def test_it_takes_an_operator(harness: Harness, line: str) -> None:
    assert harness.connect("guest").send(line)[0].command == "481"


def test_an_account_is_made_with_a_password(harness: Harness, admin: Client) -> None:
    assert shown(admin.send("ACCOUNT ADD ann :correct-horse")) == ["ACCOUNT ADDED ann Account made"]
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"


def test_or_with_a_code_that_its_owner_uses(harness: Harness, admin: Client) -> None:
    told = admin.send("ACCOUNT ADD ann")
    assert [message.params[0] for message in told] == ["ADDED", "RESET"]
    given = told[1].params[2]
    assert log_in(harness.open(["sasl"])) == ["904"]
    harness.open().send(f"RESETPASS ann {given} correct-horse")
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ACCOUNT ADD 1ann", "BAD_ACCOUNT_NAME"),
        ("ACCOUNT ADD NickServ", "BAD_ACCOUNT_NAME"),
        ("ACCOUNT ADD Guest12", "BAD_ACCOUNT_NAME"),
        ("ACCOUNT ADD", "BAD_ACCOUNT_NAME"),
        ("ACCOUNT ADD taken", "ACCOUNT_EXISTS"),
        ("ACCOUNT SHOW nobody", "ACCOUNT_UNKNOWN"),
        ("ACCOUNT SURE DROP nobody", "ACCOUNT_UNKNOWN"),
        ("ACCOUNT PASSWORD taken :", None),
        ("ACCOUNT OPERATOR taken admin", "NO_PRIVILEGES"),
        ("ACCOUNT FROB taken", "INVALID_PARAMS"),
        ("INVITECODE ADD 0", "INVALID_PARAMS"),
        ("INVITECODE ADD 1 never", "INVALID_PARAMS"),
        ("INVITECODE ADD ² 1d", "INVALID_PARAMS"),
        ("INVITECODE DEL", "NOT_FOUND"),
        ("INVITECODE DEL abc", "NOT_FOUND"),
        ("INVITECODE FROB", "INVALID_PARAMS"),
    ],
)
def test_what_is_refused(harness: Harness, admin: Client, line: str, why: str | None) -> None:
    harness.account("taken")
    told = admin.send(line)
    if why is None:
        assert told[0].params[0] == "RESET"
    else:
        assert failure(told) == why


def test_a_code_is_not_given_for_who_has_the_name_already(harness: Harness, admin: Client) -> None:
    harness.held = True
    ann = harness.open(["draft/account-registration"])
    ann.send("NICK ann")
    ann.send("REGISTER * * correct-horse")
    admin.send("ACCOUNT ADD ann")
    harness.commit(ann.session.id)
    harness.commit_all()
    assert failure(admin.take()) == "ACCOUNT_EXISTS"
    assert set(harness.account("ann").credentials) == {("password", "")}


def test_who_is_suspended_goes_and_comes_back_when_restored(
    harness: Harness, admin: Client
) -> None:
    ann = harness.connect_as("ann", "ann")
    second = harness.attach(ann)
    assert shown(admin.send("ACCOUNT SUSPEND ann :for now"))[-1] == (
        "ACCOUNT SET ann suspended: for now"
    )
    assert ann.closed == second.closed == "Account suspended: for now"
    assert "suspended: for now" in shown(admin.send("ACCOUNT SHOW ann"))[0]
    admin.send("ACCOUNT RESTORE ann")
    assert log_in(harness.open(["sasl"]))[-1] == "903"
    check(harness.world)


def test_nobody_acts_on_a_higher_operator(harness: Harness, admin: Client) -> None:
    harness.account("boss").operator = OWNER
    for line in ("SUSPEND boss", "DROP boss", "PASSWORD boss", "PASSWORD boss :correct-horse"):
        assert failure(admin.send(f"ACCOUNT {line}")) == "NO_PRIVILEGES"
    assert admin.send("OWNERCODE")[0].command == "481"


def test_an_erasure_is_asked_about_and_reaches_one_that_was_dropped(
    harness: Harness, admin: Client
) -> None:
    harness.connect_as("ann", "ann")
    assert failure(admin.send("ACCOUNT ERASE ann")) == "NOT_CONFIRMED"
    admin.send("ACCOUNT SURE DROP ann")
    assert harness.accounts_erased == []
    assert failure(admin.send("ACCOUNT SURE ERASE nobody")) == "ACCOUNT_UNKNOWN"
    admin.send("ACCOUNT SURE ERASE Ann")
    assert harness.accounts_erased == ["ann"]
    check(harness.world)


def test_an_owner_makes_operators_and_takes_it_back(harness: Harness, owner: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    assert failure(owner.send("ACCOUNT OPERATOR ann king")) == "INVALID_PARAMS"
    owner.send("ACCOUNT OPERATOR ann moderator")
    assert ann.user.operator_class == "moderator"
    owner.send("ACCOUNT OPERATOR ann none")
    assert not ann.user.is_operator
    assert shown(ann.take()) == ["MODE ann +o", "MODE ann -o"]


def test_an_account_is_shown_without_its_secrets(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("TOKEN ADD phone")
    ann.send(f"KEY ADD SHA256:{'k' * 43} ci post:#ci")
    key = ann.send("TOTP BEGIN")[0].params[1]
    ann.send(f"TOTP CONFIRM {now_code(harness, pyotp.TOTP(key))}")
    admin.send("ACCOUNT PASSWORD ann")
    told = "\n".join(shown(admin.send("ACCOUNT SHOW ann")))
    assert "token phone: chat" in told
    assert f"ssh ci: SHA256:{'k' * 43}, post:#ci, made " in told
    assert "recovery codes left: 8" in told
    assert re.search("[0-9a-f]{64}", told) is None, "the digest of a code"
    assert "present as ann!ann@cloak.test" in told
    assert "secret" not in told


def test_the_server_tells_how_it_does(admin: Client) -> None:
    told = shown(admin.send("STATUS"))
    assert told[0].startswith("STATUS server hub.test (Test)")
    assert told[-1] == "STATUS END End of status"


def test_two_factors_are_turned_off_for_who_lost_them(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    key = ann.send("TOTP BEGIN")[0].params[1]
    ann.send(f"TOTP CONFIRM {now_code(harness, pyotp.TOTP(key))}")
    assert log_in(harness.open(["sasl"])) == ["904"]
    assert shown(admin.send("ACCOUNT TOTP ann OFF")) == ["ACCOUNT SET ann totp removed"]
    assert log_in(harness.open(["sasl"]))[-1] == "903"
    assert failure(admin.send("ACCOUNT TOTP ann OFF")) == "NOT_FOUND"


@pytest.mark.parametrize("line", ["ACCOUNT ADD bob :bob", "ACCOUNT PASSWORD ann :ann"])
def test_a_name_is_no_password(harness: Harness, admin: Client, line: str) -> None:
    harness.account("ann")
    assert failure(admin.send(line)) == "WEAK_PASSWORD"
    assert harness.world.account("bob") is None


def test_a_password_is_set_for_who_lost_it_and_goes_on_record(
    harness: Harness, admin: Client
) -> None:
    harness.account("ann")
    admin.send("ACCOUNT PASSWORD ann :correct-horse")
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"
    acted = harness.records(OperatorActed)[-1]
    assert isinstance(acted, OperatorActed)
    assert (acted.action, acted.target) == ("ACCOUNT PASSWORD", "ann")
    assert "correct-horse" not in repr(acted)


def test_only_its_owner_turns_a_second_factor_on(harness: Harness, admin: Client) -> None:
    harness.account("ann")
    assert failure(admin.send("ACCOUNT TOTP ann ON")) == "INVALID_PARAMS"


def test_who_made_an_operator_is_shown(harness: Harness, owner: Client) -> None:
    harness.account("ann")
    owner.send("ACCOUNT OPERATOR ann moderator")
    told = shown(owner.send("ACCOUNT SHOW ann"))
    assert any(line.startswith("ACCOUNT SHOW ann made an operator by ") for line in told)


@pytest.mark.parametrize("line", ["SUSPEND ann", "SURE DROP ann", "OPERATOR ann none"])
def test_the_last_owner_is_not_ended_unasked(harness: Harness, owner: Client, line: str) -> None:
    harness.account("ann").operator = OWNER
    subcommand, *rest = line.removeprefix("SURE ").split()
    told = owner.send(f"ACCOUNT {subcommand} {' '.join(rest)}")
    assert failure(told) == "NOT_CONFIRMED"
    assert harness.account("ann").operator == OWNER
    assert not harness.account("ann").suspended
