"""Commands about one's account: what they send, and what is never typed as part of one."""

from __future__ import annotations

import pytest

from hubbub.client.events import TokenGone
from tests.client.desk import Account


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/token", "TOKEN LIST"),
        ("/token add ci post:#c 30d", "TOKEN ADD ci post:#c 30d"),
        ("/token remove ci", "TOKEN DEL ci"),
        ("/cert add", "CERT ADD"),
        ("/key list", "KEY LIST"),
        ("/keys list", "KEY LIST"),
        ("/devices", "DEVICES"),
        ("/revoke all", "REVOKE ALL"),
        ("/redeem AAAA-BBBB", "REDEEM AAAA-BBBB"),
        ("/verify ann AAAA", "VERIFY ann AAAA"),
        ("/2fa on", "TOTP BEGIN"),
        ("/logout", "LOGOUT"),
    ],
)
def test_commands_about_the_account_send(typed: str, sent: str) -> None:
    assert Account().type(typed)[0] == [sent]


@pytest.mark.parametrize(
    "typed",
    ["/login ann secret", "/register a@b code more", "/password old", "/2fa maybe", "/token burn"],
)
def test_what_is_secret_is_not_typed_as_part_of_a_command(typed: str) -> None:
    desk = Account()
    sent, shown = desk.type(typed)
    assert sent == []
    assert "usage" in shown[0] or "you have the account" in shown[0]
    assert desk.peer.session.question is None


def test_the_password_is_changed_without_being_shown() -> None:
    desk = Account()
    assert desk.type("/password")[0] == []
    assert desk.answer("Old password", "old") == []
    assert desk.answer("New password", "quite-new-one") == []
    assert desk.answer("The same again", "quite-new-one") == []
    assert desk.answer("End everything else", "no", shown=True) == ["PASSWD old quite-new-one"]
    for prompt, given in (("Old", "old"), ("New", "quite-new-one"), ("The same", "quite-new-one")):
        if prompt == "Old":
            desk.type("/password")
        desk.answer(prompt, given)
    assert desk.answer("End everything", "yes", shown=True) == ["PASSWD old quite-new-one ALL"]


def test_who_logs_out_leaves_no_token_behind() -> None:
    desk = Account()
    held = desk.peer.session.state.login.credentials
    held.token, held.token_name = "hub_x", "chat@here"
    assert desk.type("/logout")[0] == ["TOKEN DEL chat@here", "LOGOUT"]
    assert desk.peer.session.take_events() == [TokenGone("ann", desk.peer.now)]
    assert held.token == ""


def test_one_logs_in_again_while_connected() -> None:
    desk = Account()
    desk.peer.session.state.capabilities |= {"sasl"}
    desk.peer.session.state.login.credentials.secure = True
    desk.type("/login bob")
    assert desk.answer("Password of bob", "pw") == ["AUTHENTICATE SCRAM-SHA-256"]
