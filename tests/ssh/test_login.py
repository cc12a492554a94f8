"""Who is let in by SSH, who is told what, and that an offered key proves nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from hubbub.ssh.login import CLOSED, NO_KEY, SSHLogin, Visitor
from hubbub.transport.ssh.login import (
    Admitted,
    CodeWanted,
    InfoRequest,
    Key,
    Partly,
    Proven,
    TurnedAway,
    Verdict,
)

ADDRESS = ("192.0.2.1", 1)
KNOWN, NEW = Key("SHA256:known", "ssh-ed25519 AAAA"), Key("SHA256:new", "ssh-ed25519 BBBB")
LISTED = Key("SHA256:listed", "ssh-ed25519 CCCC")
ANN = Proven("ann", "ssh", "SHA256:known")
BY_PASSWORD = Proven("ann", "password", "")
WRONG = "Wrong"


@dataclass
class Identifier:
    """Know one account, and one invite code."""

    access: str = "open"
    two_factors: bool = False
    wants_password: bool = False
    given: list[str] = field(default_factory=list)

    async def is_server_password(self, address: tuple[str, int], password: str) -> bool:
        return password == "sesame"

    def is_account(self, name: str) -> bool:
        return name in ("ann", "bea")

    def holder(self, fingerprint: str) -> Proven | None:
        return ANN if fingerprint == KNOWN.fingerprint else None

    def is_claimed(self, fingerprint: str) -> bool:
        return fingerprint == LISTED.fingerprint

    def is_invited(self, code: str) -> bool:
        return code == "good"

    async def log_in(
        self, address: tuple[str, int], name: str, password: str
    ) -> Proven | CodeWanted | str:
        self.given.append(password)
        if name == "ann" and password == "right" and self.two_factors:
            return CodeWanted()
        return BY_PASSWORD if name == "ann" and password in ("right", "right:123456") else WRONG

    async def register(
        self, address: tuple[str, int], name: str, fingerprint: str, code: str
    ) -> Proven | str:
        return "This name is taken" if name == "ann" else Proven(name, "ssh", fingerprint)


def login(user: str, identifier: Identifier) -> SSHLogin:
    found = SSHLogin(identifier, ADDRESS)
    found.begin(user)
    return found


def ask(found: SSHLogin, *answers: str) -> Verdict:
    async def conversation() -> Verdict:
        verdict = await found.ask()
        for answer in answers:
            assert isinstance(verdict, InfoRequest), verdict
            verdict = await found.answered((answer,))
        return verdict

    return asyncio.run(conversation())


def give(found: SSHLogin, password: str) -> Verdict:
    return asyncio.run(found.password(password))


def prove(found: SSHLogin, key: Key) -> Verdict:
    refusal = found.refusal(key)
    return asyncio.run(found.proven(key)) if refusal is None else refusal


def test_a_guest_comes_in_without_a_question() -> None:
    admitted = Admitted(Visitor("bob", None))
    assert ask(login("bob", Identifier())) == admitted
    with_key = Admitted(Visitor("bob", None, key=NEW.fingerprint))
    assert prove(login("bob", Identifier()), NEW) == with_key
    assert give(login("bob", Identifier()), "whatever") == admitted


def test_who_asks_to_be_a_guest_is_one_before_showing_anything() -> None:
    assert login("Guest-bob", Identifier()).unproven() == Admitted(Visitor("Guest-bob", None))
    told = login("bob", Identifier()).unproven()
    assert isinstance(told, TurnedAway)
    assert "ssh guest-bob@" in told.text
    for identifier in (Identifier("invite"), Identifier("closed"), Identifier(wants_password=True)):
        assert login("guest", identifier).unproven() == TurnedAway()
    assert login("ann", Identifier()).unproven() == TurnedAway()


def test_a_key_is_its_accounts_under_a_name_that_is_nobodys() -> None:
    admitted = Visitor("root", ANN, key=KNOWN.fingerprint)
    assert prove(login("root", Identifier()), KNOWN) == Admitted(admitted)
    assert admitted.is_somebody_else
    own = Visitor("Ann", ANN, key=KNOWN.fingerprint)
    assert prove(login("Ann", Identifier()), KNOWN) == Admitted(own)
    assert not own.is_somebody_else


@pytest.mark.parametrize("access", ["open", "invite", "closed"])
def test_a_key_is_not_another_account_than_the_one_that_was_asked_for(access: str) -> None:
    found = login("bea", Identifier(access))
    told = prove(found, KNOWN)
    assert isinstance(told, TurnedAway)
    assert "This key is the account ann's, and you asked for bea: ssh ann@" in told.text
    asked = asyncio.run(found.ask())
    assert isinstance(asked, InfoRequest)
    assert asked.prompts[0][0].startswith("Password of bea")


@pytest.mark.parametrize("access", ["open", "invite", "closed"])
def test_a_listed_key_takes_the_password_of_the_account_once(access: str) -> None:
    found = login("ann", Identifier(access))
    assert prove(found, LISTED) == Partly()
    assert found.refusal(LISTED) == TurnedAway(), "or OpenSSH shows it for ever"
    asked = asyncio.run(found.ask())
    assert isinstance(asked, InfoRequest)
    assert "not proved yet" in asked.text
    admitted = Admitted(Visitor("ann", BY_PASSWORD, key=LISTED.fingerprint))
    assert asyncio.run(found.answered(("right",))) == admitted
    # Another name is asked the same, so that nobody learns whose list it is on.
    assert prove(login("bea", Identifier(access)), LISTED) == Partly()


def test_a_key_that_was_only_offered_leaves_nothing() -> None:
    found = login("bob", Identifier())
    assert found.refusal(KNOWN) is None
    assert ask(found) == Admitted(Visitor("bob", None))
    invited = login("bob", Identifier("invite"))
    assert invited.refusal(NEW) is None
    assert ask(invited, "good") == TurnedAway(NO_KEY)


def test_an_accounts_name_needs_its_password() -> None:
    proven = Admitted(Visitor("ann", BY_PASSWORD))
    assert ask(login("ann", Identifier()), "right") == proven
    assert ask(login("ann", Identifier()), "wrong") == TurnedAway(WRONG)
    assert ask(login("ann", Identifier()), "") == TurnedAway()
    assert give(login("ann", Identifier()), "right") == proven
    assert give(login("ann", Identifier()), "wrong") == TurnedAway(WRONG)


def test_two_factors_are_told_of_when_the_first_is_proved() -> None:
    proven = Admitted(Visitor("ann", BY_PASSWORD))
    one, two = Identifier(), Identifier(two_factors=True)
    assert ask(login("ann", one), "wrong") == ask(login("ann", two), "wrong")
    assert ask(login("ann", two), "right", "123456") == proven
    assert ask(login("ann", two), "right:123456") == proven
    # A password alone, and then either way of asking for the code.
    found = login("ann", two)
    assert isinstance(give(found, "right"), InfoRequest)
    assert ask(found, "123456") == proven
    assert isinstance(give(found, "right"), InfoRequest)
    assert give(found, "123456") == proven
    assert ask(login("ann", two), "right", "000000") == TurnedAway(WRONG)


def test_what_was_answered_before_another_name_is_forgotten() -> None:
    identifier = Identifier(two_factors=True)
    found = login("ann", identifier)
    assert isinstance(ask(found, "right"), InfoRequest)
    found.begin("eve")
    assert ask(found) == Admitted(Visitor("eve", None))
    found.begin("ann")
    assert ask(found, "123456") == TurnedAway(WRONG)
    invited = login("bob", Identifier("invite"))
    assert prove(invited, NEW) == Partly()
    invited.begin("eve")
    assert ask(invited, "good") == TurnedAway(NO_KEY)


def test_who_is_invited_owns_the_account_by_the_key_that_was_proved() -> None:
    found = login("bob", Identifier("invite"))
    assert prove(found, NEW) == Partly()
    assert found.refusal(NEW) is not None
    assert ask(found, "bad") == TurnedAway(WRONG)
    proven = Proven("bob", "ssh", NEW.fingerprint)
    assert ask(found, "good") == Admitted(Visitor("bob", proven, key=NEW.fingerprint))


@pytest.mark.parametrize("access", ["invite", "closed"])
def test_every_name_is_the_same_where_guests_are_not_welcome(access: str) -> None:
    def story(name: str) -> list[object]:
        identifier = Identifier(access)
        found = login(name, identifier)
        told: list[object] = [found.unproven(), prove(found, NEW), prove(found, NEW)]
        told += [asyncio.run(found.ask()), ask(found, "wrong"), give(found, "wrong")]
        told += [ask(found, ""), ask(login(name, identifier), "good"), identifier.given]
        return told

    assert repr(story("ann")).replace("ann", "NAME") == repr(story("zoe")).replace("zoe", "NAME")


def test_a_closed_server_says_whom_it_is_for() -> None:
    question = ask(login("bob", Identifier("closed")))
    assert isinstance(question, InfoRequest)
    assert question.text == CLOSED


def test_a_key_that_opens_nothing_is_said_so_once() -> None:
    found = login("ann", Identifier("closed"))
    first = found.refusal(NEW)
    assert first is not None
    assert NEW.fingerprint in first.text
    assert found.refusal(NEW) == TurnedAway()


def test_a_servers_password_is_asked_of_everybody() -> None:
    identifier = Identifier(wants_password=True)
    assert ask(login("bob", identifier), "sesame") == Admitted(Visitor("bob", None, "sesame"))
    assert give(login("bob", identifier), "sesame") == Admitted(Visitor("bob", None, "sesame"))
    wrong = TurnedAway("This is not the password of this server.")
    assert ask(login("bob", identifier), "wrong") == wrong
    assert give(login("bob", identifier), "wrong") == wrong
    admitted = Admitted(Visitor("ann", BY_PASSWORD, "sesame"))
    assert ask(login("ann", identifier), "sesame", "right") == admitted
    assert ask(login("ann", identifier), "sesame", "wrong") == TurnedAway(WRONG)
    found = login("ann", identifier)
    assert isinstance(give(found, "sesame"), InfoRequest)
    assert give(found, "right") == admitted
    found = login("root", identifier)
    assert prove(found, KNOWN) == Partly()
    assert found.refusal(KNOWN) is not None
    assert ask(found, "sesame") == Admitted(Visitor("root", ANN, "sesame", KNOWN.fingerprint))


def test_who_does_not_know_the_servers_password_learns_of_no_names() -> None:
    def story(name: str) -> list[object]:
        found = login(name, Identifier(wants_password=True))
        told: list[object] = [found.unproven(), prove(found, NEW), asyncio.run(found.ask())]
        return [*told, ask(found, "wrong"), give(found, "wrong")]

    assert repr(story("ann")).replace("ann", "NAME") == repr(story("zoe")).replace("zoe", "NAME")
