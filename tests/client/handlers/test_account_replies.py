"""What the server answers about one's account, as a person reads it."""

from __future__ import annotations

import pytest

from hubbub.client.events import SecondFactorKey
from tests.client.desk import Account


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("TOKEN ADDED ci hub_x", "token ci: hub_x"),
        ("TOKEN NEXT :It stands in", None),
        ("TOKEN LIST ci :post:#c, made 2026-01-01", "ci: post:#c, made 2026-01-01"),
        ("TOKEN REMOVED abc :Removed from your account", "the token is removed from your account"),
        ("CERT ADDED ab12 :Added", "the certificate is added to your account: ab12"),
        ("KEY END :End of list", "you have no SSH key"),
        ("PASSWD SUCCESS :Your password is changed", "Your password is changed"),
        ("REDEEM SUCCESS owner :You are an operator now: owner", "You are an operator now: owner"),
        ("PERSISTENCE STATUS ON ON", None),
        ("TOTP REMOVED * :Removed", "two-factor authentication is off"),
        ("901 ann ann!u@h :You are now logged out", "you are logged out"),
        ("301 ann bob :Not connected", "bob is not connected; your message waits"),
        (
            "FAIL TOKEN NOT_FOUND ci :You have no such credential",
            "You have no such credential: check how it is written",
        ),
        ("FAIL LOGOUT ACCOUNT_REQUIRED :Only accounts may be here", "Only accounts may be here"),
    ],
)
def test_answers_are_sentences(line: str, shown: str | None) -> None:
    assert Account().hear(line)[:1] == ([shown] if shown else [])


def test_a_guest_is_told_how_to_log_in() -> None:
    desk = Account()
    desk.peer.session.state.login.account = ""
    shown = desk.hear("FAIL TOKEN ACCOUNT_REQUIRED :Log in first")
    assert shown == ["Log in first: /login NAME, or /register"]


def test_devices_are_all_that_can_log_in() -> None:
    desk = Account()
    desk.peer.session.state.login.credentials.token_name = "chat@here"
    desk.type("/devices")
    shown = desk.hear(
        "DEVICES LIST password * :made 2026-01-01, used 2026-01-02",
        "DEVICES LIST token chat@here :chat, never used",
        "DEVICES LIST session weechat :here now, by password",
        "DEVICES END :REVOKE ALL",
    )
    assert shown == [
        "password: made 2026-01-01, used 2026-01-02",
        "token chat@here (this device): chat, never used",
        "session weechat: here now, by password",
        "/revoke all ends all of these but this session and your password",
    ]


def test_two_factors_are_set_up_with_a_code_of_the_app() -> None:
    desk = Account()
    desk.type("/2fa on")
    shown = desk.hear("TOTP KEY ABCD otpauth://totp/x?secret=ABCD", "TOTP NEXT :Give it")
    assert shown[0].startswith("Scan this")
    assert shown[-1] == "its key is ABCD"
    assert desk.answer("Code that your app shows", "123 456", shown=True) == ["TOTP CONFIRM 123456"]
    desk.hear("FAIL TOTP INVALID_CODE :This code is wrong")
    desk.answer("Code that your app shows", "654321", shown=True)
    shown = desk.hear("TOTP RECOVERY :AAAA-BBBB CCCC-DDDD", "TOTP ON :On")
    assert [line.strip() for line in shown[1:3]] == ["AAAA-BBBB", "CCCC-DDDD"]
    assert "is on" in shown[3]
    desk.type("/2fa off")
    assert desk.answer("recovery code", "AAAA-BBBB") == ["TOTP OFF AAAA-BBBB"]


def test_a_key_that_nobody_asked_for_is_not_shown() -> None:
    desk = Account()
    desk.hear("TOTP KEY ABCD otpauth://totp/x")
    assert not any(isinstance(event, SecondFactorKey) for event in desk.peer.events)
    assert desk.peer.session.question is None
