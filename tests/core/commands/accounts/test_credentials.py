"""PASSWD, TOKEN, CERT, KEY, and codes by e-mail for a lost password."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest

from hubbub.core import requests
from hubbub.core.world.accounts import CREDENTIALS
from hubbub.irc.message import Message
from tests.core.commands.accounts.test_reset_codes import reset_code
from tests.core.commands.accounts.test_sasl import log_in, now_code, with_totp
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, code, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "sasl")


def failure(messages: list[Message]) -> str:
    (fail,) = [message for message in messages if message.command == "FAIL"]
    return fail.params[1]


def token(client: Client, rest: str) -> str:
    """Return a new token."""
    told = client.send(f"TOKEN ADD {rest}")
    return next(message.params[2] for message in told if message.params[0] == "ADDED")


def by_token(harness: Harness, secret: str) -> Client:
    """Return a connection that a token logged in."""
    client = harness.open(["sasl"])
    client.send("CAP LS 302")
    log_in(client, password=secret)
    return client


def come_in(client: Client, nick: str = "bot") -> Client:
    for line in (f"NICK {nick}", "USER bot 0 * :bot", "CAP END"):
        client.send(line)
    client.take()
    return client


# Passwords


def test_a_password_is_changed_by_who_knows_it(harness: Harness, ann: Client) -> None:
    old = harness.account("ann").credentials["password", ""].seq
    assert failure(ann.send("PASSWD wrong correct-horse")) == "WRONG_PASSWORD"
    assert failure(ann.send("PASSWD secret short")) == "WEAK_PASSWORD"
    assert shown(ann.send("PASSWD secret correct-horse"))[0].startswith("PASSWD SUCCESS")
    assert old in harness.erased
    assert log_in(harness.open(["sasl"]), password="secret") == ["904"]
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"
    assert failure(harness.connect("guest").send("PASSWD a b")) == "ACCOUNT_REQUIRED"


def test_who_came_in_by_the_old_password_goes(harness: Harness, ann: Client) -> None:
    second, bob = harness.attach(ann), harness.connect_as("bob", "bob")
    device = come_in(by_token(harness, token(ann, "phone")))
    ann.send("PASSWD secret correct-horse")
    assert second.closed
    assert [client.closed for client in (ann, bob, device)] == ["", "", ""]


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_digest(harness: Harness, ann: Client) -> None:
    secret = token(ann, "phone")
    assert secret.startswith("hub_")
    assert secret not in repr(harness.entries)
    listed = shown(ann.send("TOKEN LIST"))
    assert listed[0].startswith("TOKEN LIST phone chat, made 2023-11-14, never used")
    assert secret not in str(listed)
    phone = come_in(by_token(harness, secret))
    assert phone.user is ann.user
    assert "used 2023-11-14" in shown(ann.send("TOKEN LIST"))[0]


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("", "INVALID_PARAMS"),
        ("x" * 41, "INVALID_PARAMS"),
        ("post:#chat", "INVALID_PARAMS"),
        ("bot all", "INVALID_SCOPE"),
        ("bot post:chat", "INVALID_SCOPE"),
        ("bot chat never", "INVALID_PARAMS"),
    ],
)
def test_tokens_that_cannot_be(ann: Client, rest: str, why: str) -> None:
    assert failure(ann.send(f"TOKEN ADD {rest}")) == why


def test_a_token_is_its_accounts_only(harness: Harness, ann: Client) -> None:
    harness.account("bob")
    secret = token(ann, "phone")
    assert log_in(harness.open(["sasl"]), "bob", secret) == ["904"]
    assert log_in(harness.open(["sasl"]), "ann", secret[:-1]) == ["904"]


def test_a_revoked_token_ends_what_came_in_by_it(harness: Harness, ann: Client) -> None:
    secret = token(ann, "phone")
    here, half = come_in(by_token(harness, secret)), by_token(harness, secret)
    assert shown(ann.send("TOKEN DEL phone"))[0].startswith("TOKEN REMOVED")
    assert here.closed
    assert half.closed
    assert log_in(harness.open(["sasl"]), password=secret) == ["904"]
    assert failure(ann.send("TOKEN DEL phone")) == "NOT_FOUND"
    check(harness.world)


def test_a_revocation_beats_a_login_on_its_way(harness: Harness, ann: Client) -> None:
    secret = token(ann, "phone")
    harness.held = True
    thief = by_token(harness, secret)
    ann.send("TOKEN DEL phone")
    harness.commit(ann.session.id)
    harness.commit_all()
    assert thief.session.account == ""


def test_a_token_lasts_as_long_as_it_was_to(harness: Harness, ann: Client) -> None:
    secret = token(ann, "phone chat 1h")
    assert by_token(harness, secret).session.expires == harness.time // 1_000_000 + 3_600
    harness.time += 3_600_000_000
    assert log_in(harness.open(["sasl"]), password=secret) == ["904"]


def test_an_account_has_so_many_credentials(harness: Harness, ann: Client) -> None:
    for number in range(CREDENTIALS - 1):
        token(ann, f"t{number}")
    assert failure(ann.send("TOKEN ADD more")) == "TOO_MANY"
    assert failure(ann.send(f"CERT ADD {'a' * 64}")) == "TOO_MANY"
    assert shown(ann.send("PASSWD secret correct-horse"))[0].startswith("PASSWD SUCCESS")
    key = ann.send("TOTP BEGIN")[0].params[1]
    answer = ann.send(f"TOTP CONFIRM {now_code(harness, pyotp.TOTP(key))}")
    assert failure(answer) == "TOO_MANY"
    assert not harness.account("ann").has_second_factor
    assert not list(harness.account("ann").of_kind("recovery")), "all of it or nothing"


# Certificates and keys


def test_a_certificate_belongs_to_one_account(harness: Harness, ann: Client) -> None:
    ann.session.certfp = "a" * 64
    assert shown(ann.send("CERT ADD"))[0].startswith("CERT ADDED " + "a" * 64)
    bob = harness.connect_as("bob", "bob")
    assert failure(bob.send(f"CERT ADD {'A' * 64}")) == "IN_USE"
    assert failure(bob.send("CERT ADD")) == "INVALID_PARAMS"
    assert failure(bob.send(f"CERT DEL {'a' * 64}")) == "NOT_FOUND"
    ann.send(f"CERT DEL {'a' * 64}")
    assert shown(bob.send(f"CERT ADD {'a' * 64}"))[0].startswith("CERT ADDED")


def test_a_key_belongs_to_one_account(harness: Harness, ann: Client) -> None:
    key = "SHA256:" + "a" * 43
    assert shown(ann.send(f"KEY ADD {key} laptop"))[0].startswith("KEY ADDED laptop")
    assert failure(ann.send(f"KEY ADD {key}")) == "IN_USE"
    ann.session.key = key
    assert shown(ann.send(f"KEY ADD {key} laptop"))[0].startswith("KEY ADDED laptop")
    assert failure(harness.connect_as("bob", "bob").send(f"KEY ADD {key}")) == "IN_USE"
    assert failure(ann.send("KEY ADD MD5:aa")) == "INVALID_PARAMS"
    assert failure(ann.send(f"KEY ADD {key[:-1]}x ci everything")) == "INVALID_SCOPE"
    assert failure(ann.send(f"KEY ADD {key[:-1]}x post:#ci")) == "INVALID_PARAMS"
    assert shown(ann.send("KEY DEL laptop"))[0].startswith("KEY REMOVED")


# Lost passwords


def test_a_code_is_sent_to_the_address_and_nobody_learns_whether(harness: Harness) -> None:
    assert failure(harness.open().send("SENDPASS ann")) == "UNAVAILABLE"
    harness.policy = replace(POLICY, email="optional")
    ann = harness.connect("ann")
    ann.send("REGISTER * ann@example.org correct-horse")
    ann.send(f"VERIFY ann {code(0)}")
    stranger = harness.open()
    answers = [shown(stranger.send(f"SENDPASS {name}"))[0] for name in ("ann", "nobody")]
    assert answers[0] == answers[1].replace("nobody", "ann")
    (mail,) = [one for one in stranger.taken_requests() if isinstance(one, requests.MailTo)]
    assert mail.seq == harness.account("ann").credentials["email", ""].seq
    assert failure(stranger.send("RESETPASS ann wrong correct-horse")) == "INVALID_CODE"


def test_a_stranger_fills_no_mailbox_and_takes_no_code_away(harness: Harness) -> None:
    harness.policy = replace(POLICY, email="optional")
    ann = harness.connect("ann")
    ann.send("REGISTER * ann@example.org correct-horse")
    ann.send(f"VERIFY ann {code(0)}")
    given = reset_code(harness)
    stranger = harness.open()
    for _ in range(3):
        stranger.send("SENDPASS ann")
    assert stranger.taken_requests() == []
    told = shown(stranger.send(f"RESETPASS ann {given} another-password"))
    assert told[0].startswith("PASSWD SUCCESS")


def test_who_came_by_a_key_sets_a_first_password(harness: Harness, ann: Client) -> None:
    harness.account("ann").credentials.pop(("password", ""))
    assert shown(ann.send("PASSWD any correct-horse"))[0].startswith("PASSWD SUCCESS")
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("TOKEN ADD phone", "IN_USE"),
        ("TOKEN SHOW phone", "INVALID_PARAMS"),
        ("KEY FROB", "INVALID_PARAMS"),
    ],
)
def test_what_is_no_way_to_ask(ann: Client, line: str, why: str) -> None:
    token(ann, "phone")
    ann.take()
    assert failure(ann.send(line)) == why


def test_a_new_password_that_is_not_enough_says_so(harness: Harness, ann: Client) -> None:
    with_totp(harness)
    stranger = harness.open()
    told = shown(stranger.send(f"RESETPASS ann {reset_code(harness)} correct-horse"))
    assert told[0].endswith("two-factor authentication is on: log in with password:code")
