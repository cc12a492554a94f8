"""Accounts: their names, what proves them, what waits for them, and codes as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.world.accounts import (
    DEVICES,
    TOLD,
    UNVERIFIED_SECONDS,
    Account,
    Credential,
    Invite,
    Waiting,
    code_digest,
    has_made,
    is_account_name,
    plain_code,
    shown_code,
)
from tests.core.world_harness import Harness

CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=1, max_size=32)


# Names


@pytest.mark.parametrize("name", ["ann", "Guest", "guestbook", "guest12x", "[away]", "consoles"])
def test_what_an_account_may_be_called(name: str) -> None:
    assert is_account_name(name)


@pytest.mark.parametrize(
    "name", ["", "1ann", "a b", "NickServ", "chanserv", "Console", "Guest12", "guest7__", "a" * 33]
)
def test_what_no_account_is_called(name: str) -> None:
    assert not is_account_name(name)


@pytest.mark.parametrize(
    ("seconds", "verified", "dropped", "is_free"),
    [
        (UNVERIFIED_SECONDS, False, False, False),
        (UNVERIFIED_SECONDS + 1, False, False, True),
        (UNVERIFIED_SECONDS + 1, True, False, False),
        (UNVERIFIED_SECONDS + 1, False, True, False),
    ],
)
def test_a_name_is_held_for_so_long_for_who_shows_no_code(
    seconds: int, verified: bool, dropped: bool, is_free: bool
) -> None:
    account = Account("ann", 1000, verified=verified, dropped=dropped)
    assert account.is_free(1000 + seconds) == is_free


# Codes


@given(CODES, st.lists(st.integers(0, 40), max_size=4))
def test_a_code_is_the_same_however_it_is_typed(code: str, blanks: list[int]) -> None:
    typed = shown_code(code).lower()
    for place in blanks:
        typed = f"{typed[:place]} {typed[place:]}"
    assert plain_code(typed) == code
    assert code_digest(typed) == code_digest(code)


@given(CODES)
def test_a_code_is_shown_in_groups_that_can_be_read_out(code: str) -> None:
    groups = shown_code(code).split("-")
    assert {len(group) for group in groups[:-1]} <= {4}
    assert 0 < len(groups[-1]) <= 4


@pytest.mark.parametrize(
    ("uses", "expires", "now", "is_good"),
    [(1, 0, 99, True), (0, 0, 1, False), (1, 10, 9, True), (1, 10, 10, False)],
)
def test_an_invite_is_good_for_so_often_and_so_long(
    uses: int, expires: int, now: int, is_good: bool
) -> None:
    assert Invite("code", uses, expires, "root", "", "", 0).is_good(now) == is_good


def test_who_made_something_is_known_but_not_of_who_is_at_the_machine() -> None:
    assert has_made(Account("Ann", 0), "ann")
    assert not has_made(Account("Ann", 0), "bob")
    assert not has_made(Account("console", 0), "console")


# Credentials


def test_what_an_owner_calls_a_credential() -> None:
    key = Credential("ssh", "SHA256:aBc", 1, label="Laptop")
    assert key.is_named("laptop")
    assert key.is_named("sha256:abc")
    assert not key.is_named("phone")
    assert not Credential("ssh", "SHA256:aBc", 1).is_named(""), "no label is no name"


@pytest.mark.parametrize(
    ("expires", "is_over"), [(0, False), (99, True), (100, True), (101, False)]
)
def test_a_credential_ends_when_its_time_has_come(expires: int, is_over: bool) -> None:
    assert Credential("token", "id", 1, expires=expires).is_over(100) == is_over


def test_of_some_kinds_there_is_one_whatever_it_is_called() -> None:
    account = Account("ann", 0)
    for kind, id in (("verify", "digest"), ("token", "one"), ("token", "two")):
        account.credentials[kind, id] = Credential(kind, id, 1)
    assert account.credential("verify") is account.credentials["verify", "digest"]
    assert account.credential("token") is None
    assert account.credential("token", "two") is account.credentials["token", "two"]
    assert [held.id for held in account.of_kind("token")] == ["one", "two"]


def test_a_password_is_checked_together_with_the_second_factor() -> None:
    account = Account("ann", 0)
    account.credentials["totp", ""] = Credential("totp", "", 7)
    assert account.has_second_factor
    assert list(account.password_secrets) == [7]
    account.credentials["password", ""] = Credential("password", "", 5)
    assert list(account.password_secrets) == [5, 7]


def test_an_account_is_unused_until_somebody_has_been_here_under_it(harness: Harness) -> None:
    account = harness.account("ann")
    assert account.is_unused
    ann = harness.connect_as("ann", "ann")
    assert not account.is_unused
    harness.disconnect(ann)
    assert not account.users
    assert not account.is_unused


def test_those_are_meant_who_are_connected_before_those_who_only_stay(harness: Harness) -> None:
    ann, other = harness.connect_as("ann", "ann"), harness.connect("other")
    other.send("IDENTIFY ann secret")
    for line in ("PERSISTENCE SET ON", "JOIN #a"):
        ann.send(line)
    account, stays = harness.account("ann"), ann.user
    harness.disconnect(ann)
    assert account.users == [stays, other.user]
    assert account.here == [other.user]
    harness.disconnect(other)
    assert account.here == [stays], "better than nobody"


# What waits


@given(st.lists(st.sampled_from(["a:ann", "a:bob", "g:1.1.1", "g:1.1.2"])))
def test_guests_share_one_bound_and_accounts_have_their_own(said: list[str]) -> None:
    waiting = Waiting()
    for presence in said:
        waiting.add(presence)
    guests = [presence for presence in said if presence.startswith("g:")]
    assert waiting.of("a:ann") == said.count("a:ann")
    assert waiting.of("g:1.1.1") == waiting.of("g:9.9.9") == len(guests)


def test_so_many_are_told_that_it_waits_and_each_of_the_first_reason() -> None:
    waiting = Waiting()
    for number in range(TOLD + 1):
        waiting.tell(f"a:{number}", number)
    waiting.tell("a:0", 9999)
    assert len(waiting.told) == TOLD
    assert waiting.told["a:0"] == 0


# Devices


def test_the_device_that_left_longest_ago_is_forgotten_first() -> None:
    account = Account("ann", 0)
    for number in range(1, DEVICES + 1):
        account.left(f"d{number}", number)
    account.left("d1", 100)
    account.left("new", 101)
    assert len(account.devices) == DEVICES
    assert account.told("d1") == 100
    assert account.told("d2") == account.told("never seen") == 101, "as much as any other"


def test_a_device_is_never_told_less_than_before() -> None:
    account = Account("ann", 0)
    account.left("laptop", 10)
    account.left("laptop", 5)
    assert account.told("laptop") == 10


def test_an_account_that_was_never_connected_is_told_everything() -> None:
    assert Account("ann", 0).told("laptop") == 0
