"""What proves an account: added, shown and taken away, each secret erased with what it was for."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.core.apply.credentials import forget_credentials, keep
from hubbub.core.outcomes import CredentialGone, Erase, Notify, OthersGone
from hubbub.core.records.accounts import (
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    EmailConfirmed,
    OthersRevoked,
)
from hubbub.core.world.accounts import CREDENTIALS, Account, Credential
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Harness, refusal


@pytest.fixture
def ann(harness: Harness) -> Account:
    return harness.account("ann")


def added(harness: Harness, kind: str, id: str = "", **fields: Any) -> str:
    """Give ann one more credential, and return why that was refused, or ""."""
    record = CredentialAdded(harness.console, "ann", kind, id, histories=("$ann",), **fields)
    return refusal(harness.enter(record))


def test_what_comes_too_late_leaves_no_secret_behind(harness: Harness) -> None:
    adm = operator(harness, "adm", "admin")
    harness.account("boss").operator = "owner"
    for name, answer in (("gone", "ACCOUNT_UNKNOWN"), ("boss", "NO_PRIVILEGES")):
        secret = CredentialAdded(adm.origin, name, "password", by="adm", histories=(f"${name}",))
        found = harness.enter(secret)
        assert refusal(found) == answer
        assert Erase((harness.entries[-1].seq,)) in found
        plain = CredentialAdded(adm.origin, name, "token", "x", by="adm")
        assert not [one for one in harness.enter(plain) if isinstance(one, Erase)]


def test_a_new_password_erases_the_old_one_and_ends_who_came_by_it(
    harness: Harness, ann: Account
) -> None:
    old = ann.credentials["password", ""].seq
    record = CredentialAdded(harness.console, "ann", "password", histories=("$ann",))
    gone = CredentialGone("ann", "password", "", harness.console.session)
    assert harness.enter(record) == [Erase((old,)), gone]
    assert ann.password_secrets == (harness.entries[-1].seq,)


def test_a_new_code_replaces_the_one_that_was_sent_before(harness: Harness, ann: Account) -> None:
    assert [added(harness, "verify", id) for id in ("first", "second")] == ["", ""]
    assert harness.world.account_of("verify", "first") is None
    assert harness.world.account_of("verify", "second") is ann


def test_of_two_strangers_who_ask_for_a_reset_the_first_is_sent_a_code(
    harness: Harness, ann: Account
) -> None:
    for id in ("first", "second"):
        assert harness.enter(CredentialAdded(harness.console, "ann", "reset", id)) == []
    assert [held.id for held in ann.of_kind("reset")] == ["first"]
    added(harness, "reset", "operators", by="console")
    assert [held.id for held in ann.of_kind("reset")] == ["operators"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "anothers": ({"kind": "ssh", "id": "bobs"}, "IN_USE"),
    "its own already": ({"kind": "ssh", "id": "own"}, "IN_USE"),
    "listed already": ({"kind": "ssh", "id": "listed", "proved": False}, "IN_USE"),
    "listed, and proved now": ({"kind": "ssh", "id": "listed"}, ""),
    "a second factor too many": ({"kind": "totp"}, "IN_USE"),
    "a code that there is not": ({"kind": "password", "reset": "none"}, "INVALID_CODE"),
    "what anybody may list": ({"kind": "ssh", "id": "free", "proved": False}, ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_one_key_proves_one_account(harness: Harness, ann: Account, what: str) -> None:
    keep(harness.world, harness.account("bob"), Credential("ssh", "bobs", 0))
    keep(harness.world, ann, Credential("ssh", "own", 0))
    keep(harness.world, ann, Credential("ssh", "listed", 0, label="desk", proved=False))
    keep(harness.world, ann, Credential("totp", "", 0))
    fields, answer = REFUSED[what]
    assert added(harness, **fields) == answer
    assert ann.credentials["ssh", "listed"].label == "desk", "whatever proves it"


def test_what_is_over_makes_room_in_a_full_account(harness: Harness, ann: Account) -> None:
    soon = harness.time // 1_000_000 + 60
    for number in range(CREDENTIALS - len(ann.credentials)):
        keep(harness.world, ann, Credential("token", f"t{number}", 0, expires=soon * (number < 2)))
    assert added(harness, "token", "new") == "TOO_MANY"
    harness.time += 61_000_000
    assert added(harness, "token", "new") == ""
    assert added(harness, "totp", codes=("one",)) == "TOO_MANY"
    assert harness.world.account_of("token", "t0") is None


def test_who_shows_a_key_takes_it_from_all_who_only_listed_it(
    harness: Harness, ann: Account
) -> None:
    bob = harness.connect_as("bob", "bob")
    for name in ("ann", "bob", "cat"):
        claim = Credential("ssh", "key", 0, proved=False)
        keep(harness.world, harness.account(name), claim)
    [told] = harness.enter(CredentialProved(harness.console, "ann", "ssh", "key"))
    assert isinstance(told, Notify)
    assert list(told.users) == [bob.user]
    assert harness.world.claims == {}
    assert harness.world.account_of("ssh", "key") is ann
    late = CredentialProved(harness.console, "bob", "ssh", "key")
    assert refusal(harness.enter(late)) == "IN_USE"


def test_what_is_taken_away_has_to_be_there_and_in_reach(harness: Harness) -> None:
    adm = operator(harness, "adm", "admin")
    harness.account("boss").operator = "owner"
    for name, id, answer in (
        ("none", "", "ACCOUNT_UNKNOWN"),
        ("boss", "other", "ACCOUNT_UNKNOWN"),
        ("boss", "", "NO_PRIVILEGES"),
    ):
        record = CredentialRemoved(adm.origin, name, "password", id, by="adm")
        assert refusal(harness.enter(record)) == answer


def test_the_second_factor_goes_with_its_recovery_codes_and_by_a_fresh_code(
    harness: Harness, ann: Account
) -> None:
    added(harness, "totp", codes=("one", "two"), step=7)
    seq = ann.credentials["totp", ""].seq
    used = CredentialRemoved(harness.console, "ann", "totp", step=7)
    assert refusal(harness.enter(used)) == "INVALID_CODE"
    found = harness.enter(CredentialRemoved(harness.console, "ann", "totp", step=8))
    assert found == [Erase((seq,)), CredentialGone("ann", "totp", "", harness.console.session)]
    assert (list(ann.credentials), ann.step) == ([("password", "")], 8)


def test_everything_else_that_logs_in_is_taken_at_once(harness: Harness, ann: Account) -> None:
    for kind, id in (("ssh", "key"), ("token", "this"), ("token", "that"), ("email", "")):
        added(harness, kind, id)
    session = harness.console.session
    revoked = OthersRevoked(harness.console, "ann", "token", "this")
    assert harness.enter(revoked) == [OthersGone("ann", session)]
    assert sorted(ann.credentials) == [("email", ""), ("password", ""), ("token", "this")]
    assert harness.enter(OthersRevoked(harness.console, "none")) == []


def test_an_address_counts_when_its_code_was_shown_in_time(harness: Harness, ann: Account) -> None:
    confirmed = EmailConfirmed(harness.console, "ann", "code")
    assert refusal(harness.enter(confirmed)) == "INVALID_CODE"
    for earlier in (False, True):
        added(harness, "new-email", "code", expires=harness.time // 1_000_000 + 60)
        seq = harness.entries[-1].seq
        held = ann.credential("email")
        found = harness.enter(confirmed)
        assert found == ([Erase((held.seq,))] if held is not None else [])
        assert (held is not None, ann.credentials["email", ""].seq) == (earlier, seq)
    added(harness, "new-email", "code", expires=harness.time // 1_000_000 + 60)
    harness.time += 61_000_000
    assert refusal(harness.enter(confirmed)) == "INVALID_CODE"


def test_a_reset_code_sets_a_password_once(harness: Harness, ann: Account) -> None:
    added(harness, "reset", "r")
    assert added(harness, "password", reset="r") == ""
    assert ann.credential("reset") is None
    assert added(harness, "password", reset="r") == "INVALID_CODE"


def test_whoever_is_here_stays_when_it_is_no_password_that_is_replaced(
    harness: Harness, ann: Account
) -> None:
    added(harness, "email")
    earlier, second = ann.credentials["email", ""].seq, harness.console
    record = CredentialAdded(second, "ann", "email", histories=("$ann",))
    assert harness.enter(record) == [Erase((earlier,))]
    del ann.credentials["password", ""]
    first = CredentialAdded(second, "ann", "password", histories=("$ann",))
    assert harness.enter(first) == [], "there was none to know"


def test_a_full_account_still_changes_what_it_has(harness: Harness, ann: Account) -> None:
    for number in range(CREDENTIALS - 1):
        keep(harness.world, ann, Credential("ssh", f"k{number}", 0, proved=False))
    assert len(ann.credentials) == CREDENTIALS
    assert added(harness, "password") == ""
    assert added(harness, "ssh", "k0", label="new") == ""
    assert ann.credentials["ssh", "k0"].label == "new"
    assert added(harness, "ssh", "more") == "TOO_MANY"


def test_what_is_only_listed_takes_nothing_from_who_else_lists_it(
    harness: Harness, ann: Account
) -> None:
    keep(harness.world, harness.account("bob"), Credential("ssh", "key", 0, proved=False))
    assert added(harness, "ssh", "key", proved=False) == ""
    assert len(harness.world.claims["ssh", "key"]) == 2
    for name in ("none", "cat"):
        proved = CredentialProved(harness.console, name, "ssh", "key")
        assert refusal(harness.enter(proved)) == "IN_USE"


def test_what_takes_no_code_is_removed_whatever_was_used_before(
    harness: Harness, ann: Account
) -> None:
    added(harness, "token", "t")
    ann.step = 7
    found = harness.enter(CredentialRemoved(harness.console, "ann", "token", "t"))
    assert found == [CredentialGone("ann", "token", "t", harness.console.session)]
    other = CredentialRemoved(harness.console, "ann", "password", "other")
    assert refusal(harness.enter(other)) == "ACCOUNT_UNKNOWN"


def test_who_had_no_secret_has_none_erased(harness: Harness, ann: Account) -> None:
    del ann.credentials["password", ""]
    keep(harness.world, ann, Credential("token", "t", 5))
    assert forget_credentials(harness.world, ann) == []
    assert harness.world.account_of("token", "t") is None
    for number, kind in enumerate(("email", "token")):
        keep(harness.world, ann, Credential(kind, "", number))
    assert forget_credentials(harness.world, ann) == [Erase((0,))]
