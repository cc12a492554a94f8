"""Proving the account once more, and going on with what was wanted."""

from __future__ import annotations

import pytest

from hubbub.client.handlers.step_up import TRIES
from tests.client.desk import Account

REAUTH = "FAIL TOKEN REAUTH_REQUIRED password :This takes your password once more"


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


def secure(typed: str) -> Account:
    """Return a desk at which something was typed that takes another proof."""
    desk = Account()
    desk.peer.session.state.login.credentials.secure = True
    desk.type(typed)
    return desk


def test_after_so_many_wrong_answers_nothing_is_asked_any_more() -> None:
    desk = secure("/token add ci post:#c")
    desk.hear(REAUTH)
    for _ in range(TRIES):
        desk.answer("your password once more", "wrong")
        shown = desk.hear("FAIL REAUTH WRONG_PASSWORD :Wrong")
    assert shown[-1].endswith("nothing was changed")
    assert desk.peer.session.question is None
    # And a proof that comes after all begins nothing again.
    assert desk.hear("REAUTH SUCCESS :Proved") == ["Proved"]
    assert desk.peer.sent() == []


def test_a_code_of_the_app_is_asked_for_where_the_server_takes_that() -> None:
    desk = secure("/token add ci post:#c")
    desk.hear("FAIL TOKEN REAUTH_REQUIRED code :This takes a code")
    assert desk.answer("a code of your app", " 123456 ") == ["REAUTH 123456"]


def test_what_somebody_else_was_refused_asks_nothing() -> None:
    desk = secure("/token add ci post:#c")
    shown = desk.hear("FAIL PASSWD REAUTH_REQUIRED password :This takes more")
    assert shown[0].startswith("This takes more")
    assert desk.peer.session.question is None


def test_a_proof_that_was_typed_is_answered_without_a_question() -> None:
    desk = secure("/raw REAUTH right")
    assert desk.hear("FAIL REAUTH WRONG_PASSWORD :Wrong")[0].startswith("Wrong")
    assert desk.peer.session.question is None
    assert desk.hear("REAUTH SUCCESS :Thank you") == ["Thank you"]


def test_an_answer_after_the_connection_was_lost_changes_nothing() -> None:
    desk = secure("/token add ci post:#c")
    desk.hear(REAUTH)
    desk.peer.session.disconnected(desk.peer.now)
    assert desk.answer("your password once more", "right") == []
