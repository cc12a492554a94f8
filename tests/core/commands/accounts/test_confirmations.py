"""What an operator is told once what it did with an account has been applied."""

from __future__ import annotations

import pytest

from tests.core.commands.operators_at_hand import failure, operator
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def admin(harness: Harness) -> Client:
    return operator(harness, "root", "admin")


def test_an_account_is_made_with_a_password_or_with_a_code(harness: Harness, admin: Client) -> None:
    assert shown(admin.send("ACCOUNT ADD ann :correct-horse")) == ["ACCOUNT ADDED ann Account made"]
    made, code = admin.send("ACCOUNT ADD bob")
    assert shown([made]) == ["ACCOUNT ADDED bob Account made"]
    assert code.params[:2] == ("RESET", "bob")
    assert not list(harness.account("ann").of_kind("reset"))


def test_what_changed_is_said_and_what_is_no_more(harness: Harness, admin: Client) -> None:
    harness.account("ann")
    for line, told in (
        ("SUSPEND ann :spam", "suspended: spam"),
        ("RESTORE ann", "suspended no more"),
    ):
        assert shown(admin.send(f"ACCOUNT {line}"))[-1] == f"ACCOUNT SET ann {told}"


def test_whether_a_name_is_free_again_is_said(harness: Harness, admin: Client) -> None:
    harness.disconnect(harness.connect_as("used", "used"))
    for name in ("fresh", "used"):
        harness.account(name)
    told = [shown(admin.send(f"ACCOUNT SURE DROP {name}"))[-1] for name in ("fresh", "used")]
    assert told == [
        "ACCOUNT DROPPED fresh Account dropped; nobody had used it: its name is free",
        "ACCOUNT DROPPED used Account dropped; its name is not given again",
    ]


def test_a_renamed_account_has_a_code_of_its_own(harness: Harness, admin: Client) -> None:
    harness.account("amn")
    renamed, code = admin.send("ACCOUNT RENAME amn ann")
    assert shown([renamed]) == ["ACCOUNT RENAMED ann It was amn, which is free again"]
    assert code.params[:2] == ("RESET", "ann")
    stranger = harness.open()
    assert stranger.send(f"RESETPASS ann {code.params[2]} correct-horse")[0].command != "FAIL"


def test_what_lost_a_race_is_confirmed_to_nobody(harness: Harness, admin: Client) -> None:
    other = operator(harness, "other", "admin")
    harness.held = True
    for client in (other, admin):
        client.send("ACCOUNT ADD ann :correct-horse")
    harness.commit(other.session.id)
    harness.held = False
    harness.settle()
    assert shown(other.take()) == ["ACCOUNT ADDED ann Account made"]
    assert failure(admin.take()) == "ACCOUNT_EXISTS"
