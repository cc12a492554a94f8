"""What the server answers about one's account, as a person reads it."""

from __future__ import annotations

import pytest

from hubbub.client.events import SecondFactorKey, TokenGone
from hubbub.client.timeline.transcript import text_of
from tests.client.commands.test_table import Desk


class Account(Desk):
    """Sit at a console, logged in as ann."""

    def __init__(self) -> None:
        super().__init__()
        state = self.peer.session.state
        state.login.credentials.account = state.login.account = "ann"

    def hear(self, *lines: str) -> list[str]:
        """Let the server say lines; return what is shown."""
        self.console.lines.clear()
        self.peer.receive(*(f":irc.test {line}" for line in lines))
        self.look()
        return [text_of(shown) for shown in self.console.lines]

    def answer(self, prompt: str, text: str, shown: bool = False) -> list[str]:
        """Answer the question that is asked; return what is sent."""
        question = self.peer.session.question
        assert question is not None
        assert prompt in question.prompt
        assert question.shown is shown
        self.peer.session.answer(text)
        return self.peer.sent()


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


def test_who_is_away_or_not_connected_is_told_with_the_names() -> None:
    desk = Account()
    desk.peer.receive(":bob!u@h AWAY :Not connected", ":carl!u@h AWAY :lunch")
    desk.type("/names")
    assert desk.hear("366 ann #c :End") == ["3 in #c: @ann, bob (not connected), carl (away)"]
    desk.peer.receive(":bob!u@h AWAY", ":carl!u@h NICK karl")
    desk.type("/names")
    assert desk.hear("366 ann #c :End")[-1] == "3 in #c: @ann, bob, karl (away)"


def test_another_account_than_the_nick_is_named_on_joining() -> None:
    desk = Account()
    desk.peer.receive(":dan!u@h JOIN #c robert :Dan", ":eve!u@h JOIN #c eve :Eve")
    desk.console.lines = []
    desk.look()
    desk.console.lines += desk.console.view.flush()
    assert [text_of(line) for line in desk.console.lines] == [
        *("→ dan joined (robert)", "→ eve joined"),
    ]
