"""Proving the account once more, and going on with what was wanted."""

from __future__ import annotations

import pytest

from tests.client.desk import Account


def test_a_password_is_asked_for_once_more_and_the_command_goes_on() -> None:
    desk = Account()
    desk.peer.session.state.login.credentials.secure = True
    desk.type("/token add ci post:#c")
    assert desk.hear(REAUTH) == []
    assert desk.answer("your password once more", "wrong") == ["REAUTH wrong"]
    assert desk.hear("FAIL REAUTH WRONG_PASSWORD :Wrong") != []
    assert desk.answer("your password once more", "right one") == ["REAUTH :right one"]
    assert desk.hear("REAUTH SUCCESS :Thank you") == []
    assert desk.peer.sent() == ["TOKEN ADD ci post:#c"]


def test_who_gives_no_password_changes_nothing() -> None:
    desk = Account()
    desk.peer.session.state.login.credentials.secure = True
    desk.type("/2fa on")
    desk.hear("FAIL TOTP REAUTH_REQUIRED password :This takes your password once more")
    assert desk.answer("your password once more", "") == []
    assert desk.hear("PING x") == ["nothing was changed"]
    assert not desk.peer.session.state.login.confirming


@pytest.mark.parametrize(("way", "secure"), [("key", True), ("password", False)])
def test_what_cannot_be_asked_for_is_told(way: str, secure: bool) -> None:
    desk = Account()
    desk.peer.session.state.login.credentials.secure = secure
    desk.type("/token add ci")
    shown = desk.hear(f"FAIL TOKEN REAUTH_REQUIRED {way} :This takes more")
    assert shown[0].startswith("This takes more")
    assert desk.peer.session.question is None


REAUTH = "FAIL TOKEN REAUTH_REQUIRED password :This takes your password once more"
