"""Who is let in by SSH, and that nothing follows from a key that is only offered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hubbub.terminal.ssh_login import NO_KEY, SSHLogin, Visitor
from hubbub.transport.ssh.login import Admitted, Key, Partly, Proven, Question, TurnedAway, Verdict

ADDRESS = ("192.0.2.1", 1)
KNOWN, NEW = Key("SHA256:known", "ssh-ed25519 AAAA"), Key("SHA256:new", "ssh-ed25519 BBBB")
ANN = Proven("ann", "ssh", "SHA256:known")


@dataclass
class Porter:
    """Know one account, and one invite code."""

    access: str = "open"
    two_factors: bool = False
    wants_password: bool = False
    given: list[str] = field(default_factory=list)

    async def is_server_password(self, address: tuple[str, int], password: str) -> bool:
        return password == "sesame"

    def is_account(self, name: str) -> bool:
        return name == "ann"

    def has_second_factor(self, name: str) -> bool:
        return self.two_factors

    def holder(self, fingerprint: str) -> Proven | None:
        return ANN if fingerprint == KNOWN.fingerprint else None

    def is_invited(self, code: str) -> bool:
        return code == "good"

    async def log_in(self, address: tuple[str, int], name: str, password: str) -> Proven | str:
        self.given.append(password)
        return Proven("ann", "password", "") if password in ("right", "right:123456") else "Wrong"

    async def register(
        self, address: tuple[str, int], name: str, fingerprint: str, code: str
    ) -> Proven | str:
        return Proven(name, "ssh", fingerprint)


def login(user: str, porter: Porter) -> SSHLogin:
    found = SSHLogin(porter, ADDRESS)
    found.begin(user)
    return found


def ask(found: SSHLogin, *answers: str) -> Verdict:
    async def conversation() -> Verdict:
        verdict = await found.ask()
        for answer in answers:
            assert isinstance(verdict, Question), verdict
            verdict = await found.answered((answer,))
        return verdict

    return asyncio.run(conversation())


def prove(found: SSHLogin, key: Key) -> Verdict:
    return asyncio.run(found.proven(key)) if found.refusal(key) else TurnedAway()


def test_a_guest_comes_in_without_a_question() -> None:
    assert ask(login("bob", Porter())) == Admitted(Visitor("bob", None))


def test_a_key_is_its_accounts_whatever_the_name() -> None:
    assert prove(login("root", Porter()), KNOWN) == Admitted(Visitor("root", ANN))


def test_a_key_that_was_only_offered_leaves_nothing() -> None:
    found = login("bob", Porter())
    assert found.refusal(KNOWN)
    assert ask(found) == Admitted(Visitor("bob", None))
    invited = login("bob", Porter("invite"))
    assert invited.takes(NEW)
    assert ask(invited) == TurnedAway(NO_KEY)


def test_an_accounts_name_needs_its_password() -> None:
    proven = Admitted(Visitor("ann", Proven("ann", "password", "")))
    assert ask(login("ann", Porter()), "right") == proven
    assert ask(login("ann", Porter()), "wrong") == TurnedAway("Wrong")
    assert ask(login("ann", Porter()), "") == TurnedAway()
    assert ask(login("ann", Porter(two_factors=True)), "right", "123456") == proven


def test_what_was_answered_before_another_name_or_attempt_is_forgotten() -> None:
    porter = Porter(two_factors=True)
    found = login("ann", porter)
    assert isinstance(ask(found, "right"), Question)
    assert isinstance(ask(found, "123456"), Question)
    assert porter.given == []
    invited = login("bob", Porter("invite"))
    assert prove(invited, NEW) == Partly()
    invited.begin("eve")
    assert ask(invited) == TurnedAway(NO_KEY)


def test_who_is_invited_owns_the_account_by_the_key_that_was_proved() -> None:
    found = login("bob", Porter("invite"))
    assert prove(found, NEW) == Partly()
    assert not found.refusal(NEW)
    assert ask(found, "bad") == TurnedAway("This invite code is not valid, or no longer.")
    assert ask(found, "good") == Admitted(Visitor("bob", Proven("bob", "ssh", NEW.fingerprint)))


def test_a_closed_server_takes_keys_of_accounts_alone() -> None:
    found = login("bob", Porter("closed"))
    assert not found.refusal(NEW)
    verdict = ask(found)
    assert isinstance(verdict, TurnedAway)
    assert "operators" in verdict.text


def test_a_servers_password_is_asked_of_everybody() -> None:
    porter = Porter(wants_password=True)
    assert ask(login("bob", porter), "sesame") == Admitted(Visitor("bob", None, "sesame"))
    assert ask(login("bob", porter), "wrong") == TurnedAway(
        "This is not the password of this server."
    )
    password = Proven("ann", "password", "")
    admitted = Admitted(Visitor("ann", password, "sesame"))
    assert ask(login("ann", porter), "right", "sesame") == admitted
    found = login("root", porter)
    assert prove(found, KNOWN) == Partly()
    assert not found.refusal(KNOWN)
    assert ask(found, "sesame") == Admitted(Visitor("root", ANN, "sesame"))
