"""TOTP: turned on with a code that shows that it works, and off with another."""

from __future__ import annotations

import pyotp
import pytest

from hubbub.core.commands.accounts.two_factor import RECOVERY_CODES
from tests.core.commands.accounts.test_credentials import failure
from tests.core.commands.accounts.test_sasl import log_in, now_code, with_totp
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "sasl")


def test_two_factors_cannot_be_replaced(harness: Harness, ann: Client) -> None:
    thief = harness.attach(ann)
    keys = [client.send("TOTP BEGIN")[0].params[1] for client in (ann, thief)]
    codes = [now_code(harness, pyotp.TOTP(key)) for key in keys]
    harness.held = True
    for client, given in zip((ann, thief), codes, strict=True):
        client.send(f"TOTP CONFIRM {given}")
    harness.commit_all()
    harness.held = False
    assert failure(thief.take()) == "IN_USE"
    held = harness.account("ann").credentials["totp", ""]
    assert harness.secret(held.seq) == keys[0]
    assert len(list(harness.account("ann").of_kind("recovery"))) == 8
    assert failure(thief.send("TOTP BEGIN")) == "IN_USE"


def test_an_old_beginning_does_not_replace_it(harness: Harness, ann: Client) -> None:
    thief = harness.attach(ann)
    kept = pyotp.TOTP(thief.send("TOTP BEGIN")[0].params[1])
    own = pyotp.TOTP(ann.send("TOTP BEGIN")[0].params[1])
    ann.send(f"TOTP CONFIRM {now_code(harness, own)}")
    assert failure(thief.send(f"TOTP CONFIRM {now_code(harness, kept)}")) == "IN_USE"


def test_confirming_takes_a_beginning_and_the_code(ann: Client) -> None:
    assert failure(ann.send("TOTP CONFIRM 123456")) == "INVALID_PARAMS"
    ann.send("TOTP BEGIN")
    for wrong in ("000000", "", "x", "١٢٣٤٥٦"):
        assert failure(ann.send(f"TOTP CONFIRM {wrong}")) == "INVALID_CODE"


def test_it_is_turned_off_with_a_code_that_was_not_used(harness: Harness, ann: Client) -> None:
    totp, _ = with_totp(harness)
    used = now_code(harness, totp)
    log_in(harness.open(["sasl"]), password=f"secret:{used}")
    assert failure(ann.send(f"TOTP OFF {used}")) == "INVALID_CODE"
    assert failure(ann.send("TOTP OFF 000000")) == "INVALID_CODE"
    harness.time += 30_000_000
    assert shown(ann.send(f"TOTP OFF {now_code(harness, totp)}"))[0].startswith("TOTP REMOVED")
    assert set(harness.account("ann").credentials) == {("password", "")}
    assert failure(ann.send("TOTP OFF 123456")) == "NOT_FOUND"


def test_a_recovery_code_turns_it_off(harness: Harness, ann: Client) -> None:
    _, recovery = with_totp(harness)
    assert shown(ann.send(f"TOTP OFF {recovery[0]}"))[0].startswith("TOTP REMOVED")
    check(harness.world)


def test_an_address_for_apps_names_account_and_network(ann: Client) -> None:
    told = ann.send("TOTP BEGIN")[0].params
    assert told[2].startswith("otpauth://totp/Test:ann?secret=")


def test_each_recovery_code_is_another_and_works_once(harness: Harness, ann: Client) -> None:
    _, recovery = with_totp(harness)
    assert len(set(recovery)) == RECOVERY_CODES
    used = recovery[0].lower()
    assert log_in(harness.open(["sasl"]), password=f"secret:{used}")[-1] == "903"
    assert log_in(harness.open(["sasl"]), password=f"secret:{used}") == ["904"]
    assert len(list(harness.account("ann").of_kind("recovery"))) == RECOVERY_CODES - 1


def test_what_else_it_may_mean_is_said(ann: Client) -> None:
    (told,) = ann.send("TOTP ON")
    assert failure([told]) == "INVALID_PARAMS"
    assert told.params[-1] == "TOTP BEGIN, TOTP CONFIRM code, TOTP OFF code"


@pytest.mark.parametrize("line", ["TOTP BEGIN", "TOTP CONFIRM 123456", "TOTP OFF 123456"])
def test_a_guest_has_nothing_to_protect(harness: Harness, line: str) -> None:
    assert failure(harness.connect("guest").send(line)) == "ACCOUNT_REQUIRED"


def test_the_key_is_kept_apart_and_forgotten_by_the_session(harness: Harness, ann: Client) -> None:
    key = ann.send("TOTP BEGIN")[0].params[1]
    ann.send(f"TOTP CONFIRM {now_code(harness, pyotp.TOTP(key))}")
    held = harness.account("ann").credentials["totp", ""]
    assert harness.secret(held.seq) == key
    assert ann.session.totp_key == ""
