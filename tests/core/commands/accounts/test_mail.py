"""Codes that go out by e-mail: to whom, and for how long and how often they are good."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hubbub.core import requests
from hubbub.core.commands.accounts.credentials import RESET_SECONDS
from hubbub.core.commands.accounts.mail import is_address
from hubbub.core.commands.accounts.registration import VERIFY_SECONDS
from tests.core.world_harness import POLICY, Client, Harness, shown

REQUIRED = replace(POLICY, email="required")
_CODE = re.compile(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){3}")


@pytest.fixture
def harness() -> Harness:
    return Harness(REQUIRED)


def code_of(client: Client) -> str:
    """Return the code of the one e-mail that a client's commands had sent."""
    [mail] = client.taken_requests()
    assert isinstance(mail, requests.SendMail | requests.MailTo)
    found = _CODE.search(mail.text)
    assert found is not None
    return found.group()


def registered(harness: Harness) -> tuple[Client, str]:
    ann = harness.connect("ann")
    [told] = shown(ann.send("REGISTER * ann@example.org correct-horse"))
    assert told.startswith("REGISTER VERIFICATION_REQUIRED ann ")
    return ann, code_of(ann)


def test_a_code_verifies_an_account_once(harness: Harness) -> None:
    ann, code = registered(harness)
    assert shown(ann.send("VERIFY ann AAAA-AAAA")) == [
        "FAIL VERIFY INVALID_CODE ann This code is not valid, or no longer"
    ]
    assert ann.user.account == ""
    assert "VERIFY SUCCESS ann Account registered" in shown(ann.send(f"VERIFY ann {code}"))
    assert ann.user.account == "ann"
    other = harness.connect("other")
    assert shown(other.send(f"VERIFY ann {code}"))[0].startswith("FAIL VERIFY INVALID_CODE")


def test_a_code_is_over_after_a_day(harness: Harness) -> None:
    ann, code = registered(harness)
    harness.time += VERIFY_SECONDS * 1_000_000
    assert shown(ann.send(f"VERIFY ann {code}"))[0].startswith("FAIL VERIFY INVALID_CODE")
    assert ann.user.account == ""


def verified(harness: Harness) -> Client:
    ann, code = registered(harness)
    ann.send(f"VERIFY ann {code}")
    assert ann.user.account == "ann"
    return ann


def test_a_lost_password_is_reset_once(harness: Harness) -> None:
    verified(harness)
    guest = harness.connect("guest")
    guest.send("SENDPASS ann")
    code = code_of(guest)
    assert shown(guest.send(f"RESETPASS ann {code} battery-staple")) == [
        "PASSWD SUCCESS Your password is changed"
    ]
    again = shown(guest.send(f"RESETPASS ann {code} another-staple"))
    assert again == ["FAIL RESETPASS INVALID_CODE This code is not valid, or no longer"]
    account = harness.world.account("ann")
    assert account is not None
    held = account.credential("password")
    assert held is not None
    assert harness.secret(held.seq) == "hash:battery-staple"


def test_a_reset_code_is_over_after_an_hour_and_for_one_account(harness: Harness) -> None:
    verified(harness)
    harness.account("bob")
    guest = harness.connect("guest")
    guest.send("SENDPASS ann")
    code = code_of(guest)
    refusal = ["FAIL RESETPASS INVALID_CODE This code is not valid, or no longer"]
    assert shown(guest.send(f"RESETPASS bob {code} battery-staple")) == refusal
    harness.time += RESET_SECONDS * 1_000_000
    assert shown(guest.send(f"RESETPASS ann {code} battery-staple")) == refusal


def test_nobody_learns_who_has_an_address(harness: Harness) -> None:
    verified(harness)
    harness.account("bob")
    guest = harness.connect("guest")
    answers = {name: shown(guest.send(f"SENDPASS {name}")) for name in ("ann", "bob", "nobody")}
    assert len({str(told).replace(name, "X") for name, told in answers.items()}) == 1


@pytest.mark.parametrize(
    "text",
    ["", "ann", "ann@", "@example.org", "ann@example", "a b@example.org", "a@b.org\r\nBcc: x@y.org",
     "a@b.org\n", "<a@b.org>", "a@b.org,c@d.org", "a@" + "b" * 300 + ".org", "ä@example.org"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize("text", ["ann@example.org", "a.b+c@mail.example.co.uk"])
def test_what_is_an_address(text: str) -> None:
    assert is_address(text)
