"""However an account is proved, what is missing is told in a sentence, and a login is a record."""

from __future__ import annotations

from typing import TypeVar

import pytest

from hubbub.core.apply.credentials import keep
from hubbub.core.deciding import login
from hubbub.core.deciding.context import Context
from hubbub.core.records.accounts import (
    CredentialAdded,
    CredentialProved,
    LoggedIn,
    Reauthenticated,
)
from hubbub.core.requests import Append, Proof, Prove
from hubbub.core.world.accounts import Account, Credential, code_digest, digest
from hubbub.irc.message import Message
from tests.core.world_harness import Client, Harness, shown

RIGHT, WRONG = Proof(True), Proof(False, wait=30)
R = TypeVar("R", LoggedIn, Reauthenticated)


@pytest.fixture
def account(harness: Harness) -> Account:
    return harness.account("ann")


@pytest.fixture
def guest(harness: Harness, account: Account) -> Client:
    return harness.connect("guest")


@pytest.fixture
def ctx(guest: Client) -> Context:
    return guest.command_context(Message("IDENTIFY"))


@pytest.fixture
def told() -> list[str]:
    """Collect why a login failed."""
    return []


def two_factors(harness: Harness) -> None:
    """Let ann have a one-time password, and a recovery code "recover"."""
    codes = (code_digest("recover"),)
    record = CredentialAdded(harness.console, "ann", "totp", histories=("$ann",), codes=codes)
    harness.enter(record)


def asked(ctx: Context) -> Prove:
    """Return the check that is asked for, and forget it."""
    [found] = [one for one in ctx.requests if isinstance(one, Prove)]
    ctx.requests.remove(found)
    return found


def recorded(ctx: Context, kind: type[R]) -> R:
    """Return the record that is asked for."""
    [found] = [one.draft.record for one in ctx.requests if isinstance(one, Append)]
    assert isinstance(found, kind)
    return found


def test_a_right_password_asks_for_a_record_and_a_wrong_one_says_how_long_to_wait(
    ctx: Context, account: Account, told: list[str]
) -> None:
    login.with_password(ctx, "ANN", "secret", told.append)
    prove = asked(ctx)
    assert (prove.account, prove.given, prove.totp) == ("ann", "secret", 0)
    prove.then(WRONG)
    assert told == [f"{login.WRONG}. The next attempt waits 30 seconds"]
    prove.then(RIGHT)
    assert recorded(ctx, LoggedIn).checked == account.password_secrets


def test_nobody_learns_which_names_there_are(ctx: Context, told: list[str]) -> None:
    login.with_password(ctx, "nobody", "secret", told.append)
    prove = asked(ctx)
    assert (prove.account, prove.password) == ("nobody", 0), "that takes as long and is wrong"
    prove.then(WRONG)
    assert login.WRONG in told[0]


@pytest.mark.parametrize(
    ("given", "password", "code"),
    [("secret:123456", "secret", "123456"), ("with:colon:123456", "with:colon", "123456")],
)
def test_with_two_factors_both_are_given_at_once(
    harness: Harness, ctx: Context, told: list[str], given: str, password: str, code: str
) -> None:
    two_factors(harness)
    login.with_password(ctx, "ann", given, told.append)
    prove = asked(ctx)
    assert (prove.given, prove.code, prove.totp > 0) == (password, code, True)
    prove.then(Proof(True, 77))
    assert recorded(ctx, LoggedIn).step == 77


def test_who_can_be_asked_for_the_code_is_once_the_password_was_right(
    harness: Harness, ctx: Context, told: list[str]
) -> None:
    two_factors(harness)
    wanted: list[str] = []
    login.with_password(ctx, "ann", "secret", told.append, lambda: wanted.append("code"))
    prove = asked(ctx)
    assert (prove.given, prove.code) == ("secret", "")
    prove.then(WRONG)
    assert (told, wanted) == ([login.WRONG], [])
    prove.then(Proof(False, code_missing=True))
    assert (len(told), wanted) == (1, ["code"])
    login.with_password(ctx, "ann", "secret:123456", told.append, lambda: wanted.append("code"))
    assert asked(ctx).code == "123456"


def test_a_recovery_code_stands_in_for_it_and_a_wrong_one_is_a_wrong_password(
    harness: Harness, ctx: Context, told: list[str]
) -> None:
    two_factors(harness)
    login.with_password(ctx, "ann", "secret:other", told.append)
    assert asked(ctx).password == 0
    login.with_password(ctx, "ann", "secret:RE-COVER", told.append)
    prove = asked(ctx)
    assert prove.totp == 0
    prove.then(RIGHT)
    assert recorded(ctx, LoggedIn).recovery == code_digest("recover")


@pytest.mark.parametrize(("name", "fits"), [("", True), ("Ann", True), ("old", True), ("x", False)])
def test_a_token_is_its_accounts_and_known_by_the_name_of_who_had_it_before(
    harness: Harness, account: Account, told: list[str], name: str, fits: bool
) -> None:
    keep(harness.world, account, Credential("token", digest("hub_x"), 0, was="old"))
    ctx = harness.open().command_context(Message("PASS"))
    login.with_password(ctx, name, "hub_x", told.append)
    assert any(isinstance(one, Append) for one in ctx.requests) == fits
    assert any(isinstance(one, Prove) for one in ctx.requests) != fits


def test_a_certificate_that_is_nobodys_is_told_apart_from_none(
    harness: Harness, guest: Client, ctx: Context, account: Account, told: list[str]
) -> None:
    login.with_certificate(ctx, "", told.append)
    guest.session.certfp = "f" * 64
    login.with_certificate(ctx, "", told.append)
    keep(harness.world, account, Credential("certfp", "f" * 64, 0))
    login.with_certificate(ctx, "bob", told.append)
    assert told == ["You sent no certificate", *["This certificate belongs to no account"] * 2]
    login.with_certificate(ctx, "", told.append)
    assert recorded(ctx, LoggedIn).kind == "certfp"


@pytest.mark.parametrize("why", ["gone", "not proved", "over"])
def test_what_a_door_vouched_for_has_to_be_there_still(
    harness: Harness, account: Account, told: list[str], why: str
) -> None:
    ctx = harness.open().context()
    held = Credential("ssh", "key", 0)
    keep(harness.world, account, held)
    login.vouched_for(ctx, "ann", "ssh", "key", 7, 0, told.append)
    assert (recorded(ctx, LoggedIn).id, ctx.session.vouched_at) == ("key", 7)
    held.proved, held.expires = why != "not proved", int(why == "over")
    login.vouched_for(ctx, "ann", "ssh", "other" if why == "gone" else "key", 7, 0, told.append)
    assert told == ["What you logged in with is no longer valid"]


HINDRANCES = {
    "suspended": "This account is suspended: spam",
    "unverified": "This account waits for its code: VERIFY account code",
    "token": "A token for one purpose can only be used while connecting",
}


@pytest.mark.parametrize("what", HINDRANCES)
def test_what_is_proved_may_still_not_be_used(
    ctx: Context, account: Account, told: list[str], what: str
) -> None:
    account.suspended, account.verified = "spam" * (what == "suspended"), what != "unverified"
    held = Credential("token", "x", 0, scope="post:#a" if what == "token" else "")
    login.log_in(ctx, account, held, told.append)
    assert (told, ctx.requests) == ([HINDRANCES[what]], [])


def test_who_has_other_connections_stays_who_it_is(harness: Harness, told: list[str]) -> None:
    bob = harness.connect_as("bob", "bob")
    harness.attach(bob)
    account = harness.account("ann")
    login.log_in(bob.context(), account, account.credentials["password", ""], told.append)
    assert told == [login.ELSEWHERE]


@pytest.mark.parametrize(
    ("given", "password", "code"),
    [("123456", None, "123456"), ("secret:123456", "secret", "123456")],
)
def test_a_fresh_proof_takes_one_factor_where_there_are_two(
    harness: Harness, ctx: Context, account: Account, told: list[str],
    given: str, password: str | None, code: str,
) -> None:  # fmt: skip
    two_factors(harness)
    login.again(ctx, account, given, told.append)
    prove = asked(ctx)
    assert (prove.code, prove.given) == (code, password or "")
    assert (prove.password is None) == (password is None)
    prove.then(WRONG)
    assert "30 seconds" in told[0]
    prove.then(Proof(True, 7))
    assert recorded(ctx, Reauthenticated).step == 7


def test_a_fresh_proof_is_no_token_and_nothing_without_a_password(
    harness: Harness, ctx: Context, account: Account, told: list[str]
) -> None:
    login.again(ctx, account, "hub_token", told.append)
    assert asked(ctx).password == 0
    account.credentials.clear()
    login.again(ctx, account, "secret", told.append)
    assert asked(ctx).password == 0
    two_factors(harness)
    login.again(ctx, account, "recover", told.append)
    assert recorded(ctx, Reauthenticated).recovery == code_digest("recover")


def test_who_logs_in_takes_scope_and_end_of_what_it_was_proved_with(
    harness: Harness, account: Account
) -> None:
    client = harness.open()
    keep(harness.world, account, Credential("token", "t", 0, scope="post:#a", expires=99))
    ctx = client.context()
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "token", "t"))
    session = client.session
    assert (session.account, session.scope, session.expires) == ("ann", "post:#a", 99)
    assert session.proved_at == 0, "a token is no proof of the person"
    account.credentials["token", "t"].scope = "post:#b"
    assert login.scope_of(harness.world, session) == "post:#b", "its channel was renamed"
    account.dropped = True
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "password"))
    assert session.credential == ("token", "t"), "there is no such account any more"


def test_the_owner_is_told_once_how_many_have_tried(harness: Harness, account: Account) -> None:
    ann = harness.connect_as("ann", "ann")
    for times, word in ((1, "1 login"), (2, "2 logins")):
        for _ in range(times):
            harness.failed_logins.failed("ann", "tls", 1_700_000_000)
        for expected in (1, 0):
            ctx = ann.context()
            login.tell_failures(ctx)
            ann.carry_out(ctx)
            told = shown(ann.take())
            assert len(told) == expected
            assert not told or f"{word} to your account failed since your last one" in told[0]


def test_a_password_that_was_checked_claims_what_the_transport_had_proved(
    harness: Harness, account: Account
) -> None:
    client = harness.open()
    client.session.key, client.session.certfp = "key", "f" * 64
    keep(harness.world, account, Credential("ssh", "key", 0, proved=False))
    keep(harness.world, account, Credential("certfp", "f" * 64, 0))
    ctx = client.context()
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "token", "t"))
    assert not [one for one in ctx.requests if isinstance(one, Append)], "a token claims nothing"
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "password"))
    [asked] = [one.draft.record for one in ctx.requests if isinstance(one, Append)]
    assert asked == CredentialProved(ctx.origin, "ann", "ssh", "key")


@pytest.mark.parametrize(
    ("operator_class", "two", "advised"),
    [("owner", False, True), ("owner", True, False), ("helper", False, False)],
)
def test_an_operator_of_a_high_class_is_advised_to_have_a_second_factor(
    harness: Harness, account: Account, operator_class: str, two: bool, advised: bool
) -> None:
    account.operator = operator_class
    if two:
        two_factors(harness)
    client = harness.open()
    ctx = client.context()
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "password"))
    client.carry_out(ctx)
    told = [line for line in shown(client.take()) if "second factor" in line]
    assert bool(told) == advised
    assert not told or "TOTP BEGIN" in told[0]


def test_a_proof_is_as_old_as_what_the_door_had_proved(harness: Harness, account: Account) -> None:
    client = harness.open()
    ctx, now = client.context(), harness.time // 1_000_000
    client.session.vouched_at = now - 3600
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "ssh", "key"))
    assert client.session.proved_at == now - 3600
    login.logged_in(ctx, LoggedIn(client.origin, "ann", "password"))
    assert client.session.proved_at == client.session.code_at == now
