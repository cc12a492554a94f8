"""E-mail addresses later, wrong ones, and a mail server that is broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.dispatch import dispatch
from hubbub.core.records.accounts import AccountRegistered, CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Draft
from hubbub.core.requests import MailTo, SendMail
from hubbub.core.world.accounts import code_digest
from hubbub.irc.message import Message
from tests.core.commands.accounts.test_sasl import log_in
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def admin(harness: Harness) -> Client:
    harness.policy = replace(POLICY, email="optional")
    return operator(harness, "root", "admin")


def mails(client: Client) -> list[SendMail | MailTo]:
    return [one for one in client.taken_requests() if isinstance(one, SendMail | MailTo)]


def address(harness: Harness, account: str) -> str:
    held = harness.account(account).credential("email")
    return harness.secret(held.seq) if held is not None else ""


def code_in(mail: SendMail | MailTo) -> str:
    return mail.text.split("CONFIRM ")[1].split()[0]


def test_an_address_is_ones_own_once_its_code_is_shown(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    assert failure(ann.send("EMAIL SET ann@example.org wrong")) == "WRONG_PASSWORD"
    assert failure(ann.send("EMAIL SET nonsense secret")) == "INVALID_EMAIL"
    assert failure(ann.send("EMAIL SET ann@example.org")) == "WRONG_PASSWORD"
    ann.send("EMAIL SET ann@example.org secret")
    (mail,) = mails(ann)
    assert isinstance(mail, SendMail)
    assert mail.to == "ann@example.org"
    assert address(harness, "ann") == "", "anybody's could be named"
    assert failure(ann.send("EMAIL CONFIRM AAAA-AAAA-AAAA-AAAA")) == "INVALID_CODE"
    assert shown(ann.send(f"EMAIL CONFIRM {code_in(mail)}"))[-1].startswith("EMAIL SUCCESS")
    assert address(harness, "ann") == "ann@example.org"
    assert failure(ann.send(f"EMAIL CONFIRM {code_in(mail)}")) == "INVALID_CODE"
    check(harness.world)


def test_the_old_address_is_warned_and_erased(harness: Harness, admin: Client) -> None:
    admin.send("ACCOUNT ADD ann :secret"), admin.send("ACCOUNT EMAIL ann old@example.org")
    harness.account("ann")
    ann = harness.connect_as("ann", "ann")
    old = harness.account("ann").credential("email")
    assert old is not None
    ann.send("EMAIL SET new@example.org secret")
    new, warned = mails(ann)
    assert isinstance(warned, MailTo)
    assert warned.seq == old.seq
    assert address(harness, "ann") == "old@example.org"
    ann.send(f"EMAIL CONFIRM {code_in(new)}")
    assert address(harness, "ann") == "new@example.org"
    assert old.seq in harness.erased


def test_no_mailbox_is_filled(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("EMAIL SET one@example.org secret")
    assert failure(ann.send("EMAIL SET two@example.org secret")) == "TRY_AGAIN"
    assert len(mails(ann)) == 1
    harness.time += 601 * 1_000_000
    ann.send("EMAIL SET two@example.org secret")
    assert len(mails(ann)) == 1


def test_a_code_for_an_address_ends(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("EMAIL SET ann@example.org secret")
    (mail,) = mails(ann)
    harness.time += 90_000 * 1_000_000
    assert failure(ann.send(f"EMAIL CONFIRM {code_in(mail)}")) == "INVALID_CODE"


def test_a_server_without_email_keeps_no_address(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    assert failure(ann.send("EMAIL SET ann@example.org secret")) == "UNAVAILABLE"


def test_an_operator_sets_it_and_takes_it_away(harness: Harness, admin: Client) -> None:
    harness.account("ann")
    assert failure(admin.send("ACCOUNT EMAIL ann none")) == "NOT_FOUND"
    assert failure(admin.send("ACCOUNT EMAIL ann nonsense")) == "INVALID_EMAIL"
    admin.send("ACCOUNT EMAIL ann ann@example.org")
    assert address(harness, "ann") == "ann@example.org"
    admin.send("ACCOUNT EMAIL ann none")
    assert harness.account("ann").credential("email") is None
    assert all("@" not in str(one) for one in admin.taken_requests()), "no address in the log"


def wait_for_code(harness: Harness, name: str) -> None:
    """Let an account wait for a code that never comes."""
    origin = Origin(SessionId(1, harness.epoch, 0), 1)
    histories = (f"${name}",)
    record = AccountRegistered(origin, name, verified=False, histories=histories)
    harness.append(Draft(record, Body("hash:secret")))
    code = code_digest("AAAA")
    harness.append(Draft(CredentialAdded(origin, name, "verify", code, expires=1 << 40)))
    harness.settle()


def test_who_waits_for_a_code_that_never_came_is_let_in(harness: Harness, admin: Client) -> None:
    wait_for_code(harness, "ann")
    assert log_in(harness.open(["sasl"]))[-1] == "904"
    told = shown(admin.send("ACCOUNT VERIFY ann"))
    assert told == ["ACCOUNT VERIFIED ann It can be used now"]
    assert admin.user.account == "root", "who lets in is not let in as the other"
    assert log_in(harness.open(["sasl"]))[-1] == "903"
    assert failure(admin.send("ACCOUNT VERIFY ann")) == "ALREADY_VERIFIED"
    check(harness.world)


def test_the_mail_server_is_tried(harness: Harness, admin: Client) -> None:
    assert failure(admin.send("MAIL TEST nonsense")) == "INVALID_PARAMS"
    admin.send("MAIL TEST ann@example.org")
    (mail,) = mails(admin)
    assert isinstance(mail, SendMail)
    assert mail.tried is not None
    assert mail.to == "ann@example.org"


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ("ACCOUNT SUSPEND ann :stolen", "the account is suspended: stolen"),
        ("UBAN ADD account:ann 7d :spam", "the account is banned: spam"),
        ("", "Your password is changed"),
    ],
)
def test_who_resets_a_password_learns_why_it_will_not_do(
    harness: Harness, admin: Client, then: str, why: str
) -> None:
    harness.account("ann")
    code = admin.send("ACCOUNT PASSWORD ann")[0].params[2]
    admin.send(then or "PING x")
    told = shown(harness.open().send(f"RESETPASS ann {code} correct-horse"))
    assert told[0].endswith(why)


def test_who_waits_for_a_code_learns_it_when_resetting(harness: Harness, admin: Client) -> None:
    wait_for_code(harness, "ann")
    code = admin.send("ACCOUNT PASSWORD ann")[0].params[2]
    told = shown(harness.open().send(f"RESETPASS ann {code} correct-horse"))
    assert "the account waits for its code" in told[0]


def test_the_reason_of_a_suspension_is_told_at_each_way_in(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    token = ann.send("TOKEN ADD phone")[0].params[2]
    admin.send("ACCOUNT SUSPEND ann :left the company")
    for password in ("secret", token):
        answers = log_in(harness.open(["sasl"]), password=password)
        assert answers == ["NOTICE", "902"]
    for password in ("secret", token):
        passed = harness.open()
        passed.send(f"PASS ann:{password}"), passed.send("NICK ann")
        passed.send("USER x 0 * :x")
        assert passed.closed == "This account is suspended: left the company"
    guest = harness.connect("guest")
    assert "left the company" in shown(guest.send("IDENTIFY ann secret"))[0]


def test_an_address_sets_another_password_and_so_needs_one(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    harness.account("ann").credentials.pop(("password", ""))
    assert failure(ann.send("EMAIL SET ann@example.org")) == "NOT_FOUND"
    assert failure(ann.send("EMAIL GIVE ann@example.org")) == "INVALID_PARAMS"


def test_how_the_mail_server_took_a_test_is_told(admin: Client) -> None:
    for why, told in (
        ("no route to host", "FAIL MAIL NOT_SENT It was not sent: no route to host"),
        ("", "MAIL SENT The mail server took it"),
    ):
        ctx = admin.command_context(Message("MAIL", ("TEST", "ann@example.org")))
        dispatch(ctx)
        (mail,) = [one for one in ctx.requests if isinstance(one, SendMail)]
        ctx.requests.clear()
        assert mail.tried is not None
        mail.tried(why)
        admin.carry_out(ctx)
        assert shown(admin.take()) == [told]
