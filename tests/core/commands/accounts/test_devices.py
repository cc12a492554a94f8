"""DEVICES, REVOKE and REAUTH: what can log in to one's account, and taking it away."""

from __future__ import annotations

import pytest

from hubbub.core.world.accounts import digest
from tests.core.commands.accounts.test_credentials import by_token, come_in, failure, token
from tests.core.commands.accounts.test_sasl import log_in
from tests.core.world_harness import Client, Harness, shown

SSH = "SHA256:" + "a" * 43


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "sasl")


def test_everything_else_is_ended_with_one_command(harness: Harness, ann: Client) -> None:
    ann.send(f"KEY ADD {SSH}")
    device = come_in(by_token(harness, token(ann, "phone")))
    second, half, bob = (
        harness.attach(ann),
        by_token(harness, token(ann, "tablet")),
        harness.connect_as("bob", "bob"),
    )
    assert "REVOKE SUCCESS" in shown(ann.send("REVOKE ALL"))[0]
    assert [bool(one.closed) for one in (device, second, half, ann, bob)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [kind for kind, _ in harness.account("ann").credentials] == ["password"]
    assert harness.world.account_of("ssh", SSH) is None


def test_what_one_has_come_in_with_stays(harness: Harness, ann: Client) -> None:
    phone = come_in(by_token(harness, token(ann, "phone")))
    token(ann, "tablet")
    phone.send("REAUTH :secret")
    phone.send("REVOKE ALL")
    assert ann.closed
    assert not phone.closed
    assert [held.label for held in harness.account("ann").of_kind("token")] == ["phone"]


def test_a_password_change_can_end_all_else(harness: Harness, ann: Client) -> None:
    device = come_in(by_token(harness, token(ann, "phone")))
    told = shown(ann.send("PRIVMSG NickServ :SET PASSWORD secret correct-horse ALL"))
    assert any("your other sessions ended" in line for line in told)
    assert device.closed
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"
    assert log_in(harness.open(["sasl"]), password="secret") == ["904"]


def test_devices_lists_everything_that_can_log_in(harness: Harness, ann: Client) -> None:
    ann.send(f"KEY ADD {SSH} laptop")
    come_in(by_token(harness, token(ann, "phone")))
    listed = shown(ann.send("DEVICES"))
    assert listed[-1].startswith("DEVICES END")
    text = "\n".join(listed)
    for part in (
        "LIST password * made 2023-11-14",
        "LIST two-factor * none",
        f"LIST key laptop {SSH}",
        "LIST token phone chat, made 2023-11-14, used 2023-11-14",
        "LIST session bot here now, by token phone",
        "(this one)",
    ):
        assert part in text


def test_what_nobody_sits_at_is_listed_too(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #a")
    script = by_token(harness, token(ann, "ci post:#a"))
    come_in(script, "ci")
    listed = shown(ann.send("DEVICES"))
    assert [line for line in listed if "LIST session" in line] == [
        "DEVICES LIST session ann here now, by password (this one)",
        "DEVICES LIST session ann here now, in passing",
    ]


def test_a_device_whose_key_is_gone_meanwhile_is_listed_by_its_kind(
    harness: Harness, ann: Client
) -> None:
    phone = come_in(by_token(harness, token(ann, "phone")))
    harness.world.devices[phone.session.id] = f"token:{digest('gone')} "
    listed = shown(ann.send("DEVICES"))
    assert "DEVICES LIST session ann here now, by token" in listed


def test_only_all_is_revoked_at_once(harness: Harness, ann: Client) -> None:
    second = harness.attach(ann)
    (told,) = ann.send("REVOKE phone")
    assert failure([told]) == "INVALID_PARAMS"
    assert "TOKEN DEL" in told.params[-1]
    assert not second.closed


@pytest.mark.parametrize("line", ["DEVICES", "REVOKE ALL", "REAUTH :secret"])
def test_a_guest_has_no_account_to_look_after(harness: Harness, line: str) -> None:
    assert failure(harness.connect("guest").send(line)) == "ACCOUNT_REQUIRED"


def test_who_proves_it_again_is_told_for_how_long_that_holds(harness: Harness, ann: Client) -> None:
    harness.time += 3600_000_000
    assert failure(ann.send("REAUTH :wrong")) == "WRONG_PASSWORD"
    assert shown(ann.send("REAUTH :secret")) == [
        "REAUTH SUCCESS Thank you; this holds for 10 minutes"
    ]
    assert ann.session.proved_at == ann.session.code_at == harness.time // 1_000_000


def test_a_proof_of_the_account_before_counts_for_none_after(harness: Harness, ann: Client) -> None:
    harness.account("bob")
    ann.session.proved_at = 0
    harness.held = True
    ann.send("REAUTH :secret")
    ann.session.account = "bob"
    harness.held = False
    harness.commit_all()
    assert ann.take() == []
    assert ann.session.proved_at == 0
