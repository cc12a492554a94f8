"""Registering an account, against a server that the test plays."""

from __future__ import annotations

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.events import ConnectionRefused, Told
from hubbub.client.handlers import account_registration
from tests.client.door import SASL, Door

PASSWORD = "hard-to-guess"


class Registrar(Door):
    """Register an account while connecting."""

    def __init__(self, capabilities: str = SASL) -> None:
        self.asked = False
        super().__init__(Credentials(device="chat@here"), capabilities)

    def knock(self) -> None:
        """Answer the first questions before there is a connection."""
        if not self.asked:
            self.asked = True
            self.session.prepare(0.0, register=True)
            self.choose()
        super().knock()

    def choose(self, first: str = PASSWORD, second: str = PASSWORD) -> None:
        """Choose a password."""
        self.answer("New password", first)
        self.answer("The same again", second)

    def refuse(self, code: str) -> None:
        """Let the server refuse REGISTER."""
        self.receive(f":irc.test FAIL REGISTER {code} ann :This is why")

    def told(self) -> list[str]:
        """Return what the person was told."""
        return [event.text for event in self.events if isinstance(event, Told)]


def test_the_password_is_chosen_before_there_is_a_connection() -> None:
    door = Registrar()
    assert door.sent() == [f"REGISTER * * {PASSWORD}"]
    door.receive(
        ":irc.test REGISTER SUCCESS ann :Account registered",
        ":irc.test 900 ann ann!u@h ann :You are now logged in as ann",
    )
    assert door.sent() == ["CAP END"]
    door.enter_hall()
    assert door.sent() == ["TOKEN ADD chat@here"]
    assert PASSWORD not in str(door.told())


def test_an_invite_code_is_asked_for_until_it_is_good() -> None:
    door = Registrar()
    door.sent()
    door.refuse("INVITE_REQUIRED")
    door.answer("Invite code", "AAAA BBBB")
    assert door.sent() == [f"REGISTER * * {PASSWORD} AAAABBBB"]
    door.refuse("INVALID_INVITE")
    door.answer("Invite code", "CCCC-DDDD")
    assert door.sent() == [f"REGISTER * * {PASSWORD} CCCC-DDDD"]
    door.refuse("INVALID_INVITE")
    door.answer("Invite code", "")
    assert "invite code" in str(door.last(ConnectionRefused))


def test_what_else_is_missing_is_asked_for() -> None:
    door = Registrar()
    door.sent()
    door.refuse("INVALID_EMAIL")
    door.answer("E-mail", " ann@example.org ")
    assert door.sent() == [f"REGISTER * ann@example.org {PASSWORD}"]
    door.refuse("WEAK_PASSWORD")
    door.choose("better-password", "better-password")
    assert door.sent() == ["REGISTER * ann@example.org better-password"]
    door.refuse("ACCOUNT_EXISTS")
    assert door.last(ConnectionRefused) == ConnectionRefused(
        "This is why: take another nick first with /nick, or /login if it is yours", door.now
    )


def test_passwords_that_differ_or_fit_no_line_are_asked_for_again() -> None:
    door = Registrar()
    door.session.state.login.registration = None
    door.session.prepare(1234.5, register=True)
    door.choose("one-of-two", "two-of-two")
    door.answer("New password", "with blank")
    door.answer("New password", ":colon-in-front")
    # Before it is typed again, though there is no server yet.
    door.answer("New password", "short")
    assert door.session.question is not None
    assert door.session.question.prompt == "New password: "
    assert door.last(Told) == Told("a password has at least 8 letters", 1234.5, error=True)
    door.session.answer("", 1300.0)
    assert door.session.question is None
    assert door.session.state.now == 1300.0


def test_a_code_that_came_by_mail_is_shown_before_one_is_let_in() -> None:
    door = Registrar()
    door.sent()
    door.receive(":irc.test REGISTER VERIFICATION_REQUIRED ann :A code was sent")
    door.answer("Code from the e-mail", "ABCD")
    assert door.sent() == ["VERIFY ann ABCD"]
    door.receive(":irc.test FAIL VERIFY INVALID_CODE ann :This code is not valid, or no longer")
    door.answer("Code from the e-mail", "EFGH")
    door.receive(":irc.test VERIFY SUCCESS ann :Account registered")
    assert door.sent() == ["VERIFY ann EFGH", "CAP END"]


def test_where_it_must_wait_for_the_welcome_it_does() -> None:
    door = Registrar(SASL.replace("=before-connect", ""))
    assert door.sent() == ["CAP END"]
    door.enter_hall()
    assert door.sent() == [f"REGISTER * * {PASSWORD}"]
    door = Registrar()
    door.sent()
    door.receive(":irc.test FAIL REGISTER COMPLETE_CONNECTION_REQUIRED :Later")
    assert door.sent() == ["CAP END"]
    door.enter_hall()
    assert door.sent() == [f"REGISTER * * {PASSWORD}"]


def test_after_having_been_barred_the_nick_is_what_lets_one_in() -> None:
    door = Door(Credentials())
    door.sent()
    door.receive(":irc.test FAIL * ACCOUNT_REQUIRED :An account is needed here")
    account_registration.register(door.session.state, code="AAAA")
    door.answer("New password", PASSWORD)
    door.answer("The same again", PASSWORD)
    assert door.sent() == [f"REGISTER * * {PASSWORD} AAAA"]
    door.receive(":irc.test REGISTER SUCCESS ann :Account registered")
    assert door.sent() == ["NICK ann"]
    assert not door.session.waits_for_person


def test_a_refusal_leaves_who_was_barred_where_they_are() -> None:
    door = Door(Credentials())
    door.receive(":irc.test FAIL * ACCOUNT_REQUIRED :An account is needed here")
    door.session.prepare(0.0, register=True)
    door.answer("New password", PASSWORD)
    door.answer("The same again", PASSWORD)
    door.receive(":irc.test FAIL REGISTER ACCOUNT_EXISTS ann :This name is taken")
    assert not any(isinstance(event, ConnectionRefused) for event in door.events)
    assert door.session.waits_for_person
