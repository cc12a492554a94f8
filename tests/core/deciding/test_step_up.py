"""What takes a fresh proof of the account: on every door, for whoever has only a token."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from hubbub.core.deciding import login
from hubbub.core.deciding.step_up import CODE
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRegistered,
    AccountRenamed,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    EmailConfirmed,
    InviteMade,
    OthersRevoked,
    Redeemed,
)
from hubbub.core.records.registered_channels import (
    ChannelPastOpened,
    ChannelTransferred,
    ChannelUnregistered,
)
from hubbub.core.world.accounts import digest
from hubbub.irc.message import Message
from tests.core.commands.accounts.test_credentials import by_token, come_in, token
from tests.core.commands.accounts.test_sasl import now_code, operator, with_totp
from tests.core.world_harness import Client, Harness, shown
from tests.fuzz.corpus import likely, verb

SSH = "SHA256:" + "a" * 43
GATED = [
    "TOKEN ADD thief",
    f"KEY ADD {SSH}",
    f"KEY DEL {SSH}",
    "CERT ADD " + "a" * 64,
    "CERT DEL " + "a" * 64,
    "TOTP BEGIN",
    "TOTP CONFIRM 123456",
    "REDEEM AAAA-BBBB-CCCC-DDDD",
    "REVOKE ALL",
]
"""What changes credentials, two factors, or what one may do."""


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "sasl")


@pytest.fixture
def thief(harness: Harness, ann: Client) -> Client:
    """Be somebody who has stolen a token."""
    return come_in(by_token(harness, token(ann, "phone")))


KEPT = (
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    OthersRevoked,
    Redeemed,
    AccountDropped,
    AccountSet,
    AccountRegistered,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRenamed,
    AccountVerified,
    EmailConfirmed,
    ChannelUnregistered,
    ChannelTransferred,
    ChannelPastOpened,
    InviteMade,
)
"""The records of what a proof is asked for."""


@pytest.mark.parametrize("kind", ["member", "owner"])
def test_nothing_that_can_be_said_gets_round_it(kind: str) -> None:
    harness = Harness()
    harness.account("ann").operator = "owner" if kind == "owner" else ""
    ann, _ = harness.connect_as("ann", "ann", "sasl"), harness.connect_as("bob", "bob")
    # The thief does not know what the lines below give for a password.
    ann.send("PASSWD secret another-secret")
    ann.send("JOIN #a"), ann.send("CHANNEL REGISTER #a")
    secret, spare = token(ann, "phone"), token(ann, "spare")
    for said in likely("#a", "ann"):
        if verb(said) in ("QUIT", "LOGOUT", "RESETPASS", "SENDPASS"):
            continue
        thief = come_in(by_token(harness, secret))
        before = len(harness.entries)
        for line in (said, f"NS {said}", f"PRIVMSG NickServ :{said}"):
            if not thief.closed:
                thief.send(line)
        done = [e.record for e in harness.entries[before:] if isinstance(e.record, KEPT)]
        allowed = [r for r in done if isinstance(r, AccountSet) and r.what == "persist"]
        assert done == allowed, said
        if not thief.closed:
            harness.disconnect(thief)
    assert spare


def codes(messages: list[Message]) -> list[str]:
    return [message.params[1] for message in messages if message.command == "FAIL"]


@pytest.mark.parametrize("line", GATED)
def test_a_stolen_token_changes_nothing(harness: Harness, thief: Client, line: str) -> None:
    before = len(harness.entries)
    assert codes(thief.send(line)) == [CODE]
    asked = shown(thief.send(f"PRIVMSG NickServ :{line}"))
    assert len(asked) == 1
    assert "once more" in asked[0]
    assert shown(thief.send(f"NS {line}")) == asked
    assert len(harness.entries) == before


def test_a_token_stays_a_token_however_often_it_is_shown(thief: Client, ann: Client) -> None:
    secret = token(ann, "other")
    thief.send(f"IDENTIFY ann {secret}")
    assert codes(thief.send("TOKEN ADD thief")) == [CODE]
    assert codes(thief.send(f"REAUTH :{secret}")) == ["WRONG_PASSWORD"]
    assert codes(thief.send("TOKEN ADD thief")) == [CODE]


def test_a_session_that_was_left_alone_asks_again(harness: Harness, ann: Client) -> None:
    assert codes(ann.send("TOKEN ADD first")) == []
    harness.time += 601_000_000
    assert codes(ann.send("TOKEN ADD second")) == [CODE]
    assert codes(ann.send("REAUTH :wrong")) == ["WRONG_PASSWORD"]
    assert codes(ann.send("TOKEN ADD second")) == [CODE]
    assert shown(ann.send("REAUTH :secret"))[0].startswith("REAUTH SUCCESS")
    assert codes(ann.send("TOKEN ADD second")) == []


def test_the_setting_says_for_how_long(harness: Harness, ann: Client) -> None:
    harness.policy = replace(harness.policy, step_up_seconds=60)
    harness.time += 61_000_000
    assert codes(ann.send("TOKEN ADD phone")) == [CODE]
    told = shown(ann.send("PRIVMSG NickServ :REAUTH secret"))
    assert "this holds for 1 minutes" in told[0]
    assert codes(ann.send("TOKEN ADD phone")) == []


def test_two_factors_take_one_of_their_codes_once(harness: Harness, ann: Client) -> None:
    key, recovery = with_totp(harness)
    harness.time += 900_000_000
    (fail,) = [one for one in ann.send("TOKEN ADD phone") if one.command == "FAIL"]
    assert fail.params[1:3] == (CODE, "code")
    used = now_code(harness, key)
    assert codes(ann.send("REAUTH :secret")) == ["WRONG_PASSWORD"]
    assert codes(ann.send(f"REAUTH wrong:{used}")) == ["WRONG_PASSWORD"]
    assert codes(ann.send(f"REAUTH {used}")) == []
    assert codes(ann.send("TOKEN ADD phone")) == []
    assert codes(ann.send(f"REAUTH secret:{used}")) == ["WRONG_PASSWORD"]
    assert codes(ann.send(f"REAUTH {recovery[0]}")) == []
    assert codes(ann.send(f"REAUTH {recovery[0]}")) == ["WRONG_PASSWORD"]


def test_who_has_no_password_gives_one_only_after_a_fresh_proof(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    account = harness.account("ann")
    account.credentials.pop(("password", ""))
    harness.time += 601_000_000
    for line in ("PASSWD any quite-new-one", "UNREGISTER ann"):
        (fail,) = [one for one in ann.send(line) if one.command == "FAIL"]
        assert fail.params[1:3] == (CODE, "key")


def test_other_peoples_accounts_take_a_fresh_proof_too(harness: Harness) -> None:
    root = operator(harness)
    assert codes(root.send("ACCOUNT ADD bob")) == []
    harness.time += 601_000_000
    assert codes(root.send("ACCOUNT PASSWORD bob")) == [CODE]
    for line in (
        "OWNERCODE",
        "INVITECODE SUSPEND SURE 1",
        "INVITECODE ADD",
        "ACCOUNT SURE DROP bob",
    ):
        assert codes(root.send(line)) == [CODE]
    assert codes(root.send("ACCOUNT SESSIONS bob")) == []
    assert codes(root.send("ACCOUNT LIST")) == []
    assert codes(root.send("PRIVMSG NickServ :SADROP bob")) == []
    assert harness.world.account("bob") is not None


def test_logging_in_to_another_account_by_token_brings_no_proof_along(
    harness: Harness, ann: Client
) -> None:
    bob = harness.connect_as("bob", "bob")
    secret = token(ann, "phone")
    bob.send(f"IDENTIFY ann {secret}")
    assert bob.user.account == "ann"
    assert codes(bob.send("TOKEN ADD thief")) == [CODE]


def test_an_owner_with_two_factors_gives_the_second_one(harness: Harness) -> None:
    harness.account("boss").operator = "owner"
    root = harness.connect_as("boss", "boss")
    key, _ = with_totp(harness, "boss")
    root.session.proved_at, root.session.code_at = harness.time // 1_000_000, 0
    told = [one for one in root.send("ACCOUNT ADD bob") if one.command == "FAIL"]
    assert [one.params[1:3] for one in told] == [(CODE, "code")], "a key alone is one factor"
    harness.time += 30_000_000
    root.send(f"REAUTH {now_code(harness, key)}")
    assert codes(root.send("ACCOUNT ADD bob")) == []
    harness.policy = replace(harness.policy, second_factor_for=frozenset())
    root.session.code_at = 0
    assert codes(root.send("ACCOUNT ADD cy")) == []


def test_an_owner_without_two_factors_is_told_to_have_them(harness: Harness) -> None:
    harness.account("boss").operator = "owner"
    again = harness.open(["sasl"])
    again.send("AUTHENTICATE PLAIN")
    told = shown(again.send("AUTHENTICATE " + b64encode(b"\0boss\0secret").decode()))
    assert any("no second factor" in line and "/2fa on" in line for line in told)


def test_a_session_on_an_old_connection_is_no_fresh_proof(harness: Harness) -> None:
    harness.account("ann")
    for minutes, fresh in ((60, False), (1, True)):
        proved_at = harness.time // 1_000_000 - 60 * minutes
        session = harness.open(["sasl"])
        ctx = session.command_context(Message(""))
        login.vouched_for(ctx, "ann", "password", "", proved_at, 0, lambda why: None)
        session.carry_out(ctx)
        assert codes(come_in(session).send("TOTP BEGIN")) == ([] if fresh else [CODE])


def test_a_certificate_that_is_shown_again_proves_nothing_new(harness: Harness) -> None:
    owner = harness.connect_as("ann", "ann")
    owner.session.certfp = "a" * 64
    owner.send("CERT ADD")
    client = harness.open(["sasl"])
    client.session.certfp = "a" * 64
    client.send("AUTHENTICATE EXTERNAL")
    client.send("AUTHENTICATE +")
    come_in(client)
    assert codes(client.send("TOKEN ADD one")) == []
    harness.time += 601_000_000
    client.send("AUTHENTICATE EXTERNAL")
    client.send("AUTHENTICATE +")
    assert codes(client.send("TOKEN ADD two")) == [CODE]


def test_a_token_that_was_vouched_for_dates_no_later_proof(harness: Harness, ann: Client) -> None:
    secret = token(ann, "phone")
    held = harness.world.account_of("token", digest(secret))
    assert held is harness.account("ann")
    session = harness.open(["sasl"])
    ctx = session.command_context(Message(""))
    long_ago = harness.time // 1_000_000 - 3600
    login.vouched_for(ctx, "ann", "token", digest(secret), long_ago, 0, lambda why: None)
    session.carry_out(ctx)
    come_in(session)
    assert codes(session.send("TOTP BEGIN")) == [CODE]
    session.send("IDENTIFY ann secret")
    assert codes(session.send("TOTP BEGIN")) == []


def test_who_proved_the_account_by_an_older_password_has_proved_nothing(
    harness: Harness, thief: Client, ann: Client
) -> None:
    assert shown(thief.send("REAUTH secret"))[0].startswith("REAUTH SUCCESS")
    ann.send("PASSWD secret another-password")
    assert "REAUTH_REQUIRED" in shown(thief.send("TOKEN ADD evil"))[0]
    assert "WRONG_PASSWORD" in shown(thief.send("REAUTH secret"))[0]
    assert shown(ann.send("TOKEN ADD mine"))[0].startswith("TOKEN ADDED"), "who changed it goes on"
    ann.send("REVOKE ALL")
    assert shown(ann.send("TOKEN ADD mine"))[0].startswith("TOKEN ADDED")


GUESSES = (
    "REAUTH wrong",
    "REAUTH 000000",
    "REAUTH wrong:000000",
    "TOTP OFF 000000",
    "PASSWD wrong another-password",
    "UNREGISTER ann wrong",
    "EMAIL SET ann@example.org wrong",
    "EMAIL CONFIRM AAAA-AAAA-AAAA-AAAA",
    "NS IDENTIFY ann wrong",
)
"""How a session that has come in by a token can try to prove more."""


@pytest.mark.parametrize("line", GUESSES)
def test_each_guess_is_counted_for_the_account(harness: Harness, thief: Client, line: str) -> None:
    with_totp(harness, "ann")
    harness.policy = replace(harness.policy, email="optional")
    before = harness.failed_logins.total
    thief.send(line)
    assert harness.failed_logins.total == before + 1
    failed = harness.failed_logins.of("ann")
    assert failed is not None
    assert failed.total == before + 1
