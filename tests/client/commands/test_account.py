"""Commands about one's account: what they send, and what is never typed as part of one."""

from __future__ import annotations

import pytest

from hubbub.client.events import TokenGone
from tests.client.desk import Account


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/token", "TOKEN LIST"),
        ("/token add ci post:#ci 90d", "TOKEN ADD ci post:#ci 90d"),
        ("/key add SHA256:x ci post:#ci", "KEY ADD SHA256:x ci post:#ci"),
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


def test_who_has_an_account_registers_no_other() -> None:
    desk = Account()
    assert desk.type("/register") == ([], ["you have the account ann"])
    desk.peer.session.state.login.account = ""
    assert desk.type("/register a@b.test AAAA BBBB")[1][0].startswith("usage: /register")


@pytest.mark.parametrize("typed", ["/password", "/2fa on", "/logout"])
def test_what_takes_a_connection_says_so(typed: str) -> None:
    desk = Account()
    desk.peer.session.disconnected(desk.peer.now)
    assert desk.type(typed) == ([], ["not connected"])
    assert desk.peer.session.question is None


def test_no_old_password_is_no_change() -> None:
    desk = Account()
    desk.type("/password")
    assert desk.answer("Old password", "") == []
    assert desk.peer.session.question is None


def test_a_lost_password_is_reset_with_a_code_that_is_sent_or_given() -> None:
    desk = Account()
    assert desk.type("/reset ann")[0] == ["SENDPASS ann"]
    assert "nothing secret is sent" in desk.type("/reset ann AAAA-BBBB")[1][0]
    desk.peer.session.state.login.credentials.secure = True
    desk.type("/reset ann AAAA-BBBB")
    assert desk.answer("New password", "") == []
    assert desk.peer.session.state.login.reset is None


def test_a_signature_is_proved_in_parts_without_what_frames_it() -> None:
    desk = Account()
    body = "A" * 1000
    begin, end = (f"-----{word} SSH SIGNATURE-----" for word in ("BEGIN", "END"))
    sent, _ = desk.type(f"/key prove {begin} {body[:70]} {body[70:]} {end}")
    parts = [each.rpartition(" ")[2] for each in sent]
    assert all(each.startswith("KEY PROVE ") for each in sent)
    assert ("".join(parts), [len(part) for part in parts]) == (body, [400, 400, 200])


def test_a_code_that_is_asked_for_is_not_shown_and_may_be_left_away() -> None:
    desk = Account()
    desk.type("/redeem")
    assert desk.answer("Code: ", " AAAA BBBB ") == ["REDEEM AAAABBBB"]
    desk.type("/redeem")
    assert desk.answer("Code: ", "") == []


@pytest.mark.parametrize("typed", ["/revoke ann", "/2fa maybe", "/key burn", "/cert add a b"])
def test_what_is_not_understood_is_explained(typed: str) -> None:
    sent, shown = Account().type(typed)
    assert sent == []
    assert shown[0].startswith("usage: /")


def test_two_factors_end_with_a_code() -> None:
    desk = Account()
    desk.type("/2fa off")
    assert desk.answer("Code", "123456")[0].startswith("TOTP ")
