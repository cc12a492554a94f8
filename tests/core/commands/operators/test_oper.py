"""OPER, KILL, REHASH, WALLOPS, STATS."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.deciding.context import Context
from hubbub.core.dispatch import dispatch
from hubbub.core.records.users import Killed, UserModesSet
from hubbub.core.requests import Append, Proof, Reload, Report, Reread, Verify
from hubbub.irc.message import Message, parse
from hubbub.passwords.argon2 import hash_password
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


@pytest.fixture
def oper(harness: Harness) -> Client:
    oper = harness.connect("op")
    oper.send("OPER root secret")
    return oper


def test_becoming_an_operator(ann: Client) -> None:
    assert shown(ann.send("OPER root secret")) == [
        "MODE ann +o",
        "381 ann You are now a server operator",
    ]
    assert ann.user.operator == "root"


@pytest.mark.parametrize("credentials", ["root wrong", "Root secret", "nobody secret"])
def test_wrong_credentials_are_all_answered_alike(ann: Client, credentials: str) -> None:
    assert shown(ann.send(f"OPER {credentials}")) == ["464 ann Password incorrect"]
    assert not ann.user.is_operator


def verification(harness: Harness, client: Client, line: str) -> tuple[Context, Verify]:
    """Return the check that a command asks for, not carried out."""
    ctx = client.command_context(parse(line.encode()))
    dispatch(ctx)
    [effect] = ctx.requests
    assert isinstance(effect, Verify)
    ctx.requests.clear()
    return ctx, effect


def test_an_unknown_name_costs_the_same_check(harness: Harness, ann: Client) -> None:
    _, effect = verification(harness, ann, "OPER nobody secret")
    assert effect.hash.split("$")[:4] == hash_password("x").split("$")[:4]


def test_even_the_right_password_of_nobody_opens_nothing(harness: Harness, ann: Client) -> None:
    ctx, effect = verification(harness, ann, "OPER nobody secret")
    effect.then(Proof(True))
    assert not any(isinstance(effect, Append) for effect in ctx.requests)


def test_who_left_during_the_check_becomes_nothing(harness: Harness, ann: Client) -> None:
    ctx, effect = verification(harness, ann, "OPER root secret")
    harness.disconnect(ann)
    effect.then(Proof(True))
    assert ctx.requests == []
    assert harness.records(UserModesSet) == []


def test_killing(harness: Harness, ann: Client, oper: Client) -> None:
    bob = harness.connect("bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.take()
    assert oper.send("KILL bob :spam") == []
    assert bob.closed == "Killed (op (spam))"
    assert [message.format() for message in ann.take()] == [
        ":bob!bob@cloak.test QUIT :Killed (op (spam))"
    ]
    assert harness.world.user("bob") is None
    assert shown(oper.send("KILL bob")) == ["401 op bob No such nick"]
    assert shown(oper.send("KILL hub.test")) == ["483 op You can't kill a server"]


def test_all_sessions_of_a_user_are_killed(harness: Harness, oper: Client) -> None:
    bob = harness.connect_as("bob", "bob")
    second = harness.attach(bob)
    oper.send("KILL bob")
    assert bob.closed == second.closed == "Killed (op (No reason given))"


@pytest.mark.parametrize("line", ["KILL ann :x", "WALLOPS :x", "REHASH"])
def test_others_may_not(ann: Client, line: str) -> None:
    assert shown(ann.send(line)) == ["481 ann Permission denied: you are not a server operator"]


def test_who_lost_the_right_meanwhile_is_refused(
    harness: Harness, ann: Client, oper: Client
) -> None:
    second = harness.connect("second")
    second.send("OPER root secret")
    second.take()
    harness.held = True
    second.send("KILL ann")
    harness.world.users["second"].modes -= {"o"}
    harness.commit_all()
    assert shown(second.take()) == ["481 second Permission denied: you are not a server operator"]
    assert not ann.closed


def test_rehashing(oper: Client) -> None:
    assert shown(oper.send("REHASH")) == ["382 op settings Rehashing"]
    report, reload = oper.taken_requests()[-2:]
    assert report == Report("REHASH", {})
    assert isinstance(reload, Reload)


def test_wallops_reaches_those_who_want_it(harness: Harness, ann: Client, oper: Client) -> None:
    bob = harness.connect("bob")
    bob.send("MODE bob +w")
    assert oper.send("WALLOPS :hello everyone") == []
    assert [message.format() for message in bob.take()] == [
        ":op!op@cloak.test WALLOPS :hello everyone"
    ]
    assert ann.take() == []
    assert shown(oper.send("WALLOPS :")) == ["461 op WALLOPS Not enough parameters"]


def test_statistics(harness: Harness, ann: Client, oper: Client) -> None:
    harness.time = POLICY.started * 1_000_000 + 90_061_000_000
    assert shown(ann.send("STATS u")) == [
        "242 ann Server up 1 days 1:01:01",
        "219 ann u End of STATS report",
    ]
    assert shown(ann.send("STATS o"))[0].startswith("481 ")
    assert shown(oper.send("STATS o")) == [
        "243 op O * * root admin",
        "219 op o End of STATS report",
    ]
    assert shown(ann.send("STATS z")) == ["219 ann z End of STATS report"]


def test_oper_in_one_session_makes_no_other_an_operator(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    phone, bob = harness.attach(ann), harness.connect("bob")
    bob.send("JOIN #closed")
    bob.send("MODE #closed +sk key")
    ann.send("OPER root secret")
    ann.take()
    for line in ("KILL bob", "REHASH", "WALLOPS :hi", "MODE #closed +m", "UBAN ADD x!*@* :no"):
        answered = phone.send(line)
        assert not harness.records(Killed)
        assert {one.command for one in answered} & {"481", "442", "403", "482"}, (line, answered)
    assert [one.command for one in phone.send("NAMES #closed")] == ["366"]
    assert "353" in [one.command for one in ann.send("NAMES #closed")]
    assert [one.command for one in phone.send("NAMES #closed")] == ["366"]
    assert "481" not in [one.command for one in ann.send("WALLOPS :hi")]


def test_what_oper_gave_goes_with_its_session(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    phone = harness.attach(ann)
    phone.send("OPER root secret")
    assert "o" in ann.user.modes
    world = snapshot.decode(snapshot.encode(harness.world))
    assert world.users["ann"].opered == {phone.session.id: "admin"}
    harness.disconnect(phone)
    assert [one.params[1] for one in ann.take() if one.command == "MODE"][-1] == "-o"
    assert not ann.user.is_operator
    assert not ann.user.opered


def test_an_account_that_is_an_operator_is_that_in_every_session(harness: Harness) -> None:
    harness.account("boss").operator = "helper"
    boss = harness.connect_as("boss", "boss")
    other = harness.attach(boss)
    boss.send("OPER root secret")
    assert [boss.user.may("kill"), boss.user.may("wallops")] == [True, True]
    assert "481" in [one.command for one in other.send("KILL nobody")]
    assert "481" not in [one.command for one in other.send("WALLOPS :hi")]
    harness.disconnect(boss)
    assert other.user.operator_class == "helper"


def test_who_guesses_too_often_is_told_how_long_to_wait(harness: Harness, ann: Client) -> None:
    ctx, effect = verification(harness, ann, "OPER root wrong")
    effect.then(Proof(False, wait=30))
    ann.carry_out(ctx)
    told = shown(ann.take())
    assert told[0].startswith("464 ")
    assert "30 seconds" in told[1]


def test_what_came_of_rehashing_is_told(harness: Harness, oper: Client) -> None:
    ctx = oper.command_context(Message("REHASH"))
    dispatch(ctx)
    (reload,) = [one for one in ctx.requests if isinstance(one, Reload)]
    ctx.requests.clear()
    reload.then(Reread(("reread", "limits.flood needs a restart"), ("port is no number",)))
    oper.carry_out(ctx)
    assert shown(oper.take()) == [
        "NOTICE op reread",
        "NOTICE op limits.flood needs a restart",
        "FAIL REHASH NOT_REREAD port is no number",
    ]
