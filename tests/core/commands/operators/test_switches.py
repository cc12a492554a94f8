"""SWITCH and AUDIT."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.commands.operators.switches import AUDIT_MOST
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.moderation import AUDIT
from hubbub.core.requests import Audit
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in ("moderator", "helper")}
    return Harness(replace(POLICY, operators=operators))


@pytest.fixture
def mod(harness: Harness) -> Client:
    client = harness.connect_as("mod", "molly")
    client.send("OPER moderator secret")
    return client


def came_in(harness: Harness) -> bool:
    client = harness.open()
    client.send("NICK new")
    client.send("USER x 0 * :x")
    harness.disconnect(client)
    return client.closed == "gone"


def test_no_guests(harness: Harness, mod: Client) -> None:
    here = harness.connect("here")
    assert shown(mod.send("SWITCH guests off :a raid")) == [
        "NOTICE mod guests are off: nobody new comes in without an account (a raid)"
    ]
    late = harness.open()
    late.send("NICK late")
    text = "Only those with an account may come in now: a raid"
    assert shown(late.send("USER x 0 * :x")) == [f"465 late {text}"]
    assert late.closed == text
    assert not here.closed, "who is here stays"
    assert harness.connect_as("ann", "ann").user.nick == "ann"
    assert shown(mod.send("SWITCH guests on")) == ["NOTICE mod guests are on"]
    assert came_in(harness)


def test_guests_who_were_on_their_way(harness: Harness, mod: Client) -> None:
    harness.held = True
    late = harness.open()
    late.send("NICK late")
    late.send("USER x 0 * :x")
    mod.send("SWITCH guests off")
    harness.commit(mod.session.id)
    harness.commit_all()
    assert late.closed == "Only those with an account may come in now"
    assert harness.world.user("late") is None


def test_no_registrations(harness: Harness, mod: Client) -> None:
    mod.send("SWITCH registrations off :later")
    assert "registrations" in harness.world.closed
    assert shown(mod.send("SWITCH")) == [
        "NOTICE mod registrations are off: nobody new can register an account (later)",
        "NOTICE mod guests are on",
    ]
    assert shown(mod.send("SWITCH guests")) == ["NOTICE mod guests are on"]
    new = harness.connect("new")
    assert shown(new.send("REGISTER new * correct-horse")) == [
        "FAIL REGISTER TEMPORARILY_UNAVAILABLE new Nobody new can register now: later"
    ]
    mod.send("SWITCH registrations on")
    new.send("REGISTER new * correct-horse")
    assert harness.world.account("new") is not None


def test_a_registration_that_was_on_its_way(harness: Harness, mod: Client) -> None:
    new = harness.connect("new")
    harness.held = True
    new.send("REGISTER new * correct-horse")
    mod.send("SWITCH registrations off")
    harness.commit(mod.session.id)
    harness.commit_all()
    assert shown(new.take()) == [
        "FAIL REGISTER TEMPORARILY_UNAVAILABLE new Nobody new can register now"
    ]
    assert harness.world.account("new") is None


def test_who_could_not_come_back_has_to_be_sure(harness: Harness) -> None:
    guest = harness.connect("guest")
    guest.send("OPER moderator secret")
    assert shown(guest.send("SWITCH guests off"))[0].startswith("FAIL SWITCH NOT_CONFIRMED")
    assert harness.world.closed == {}
    guest.send("SWITCH SURE guests off")
    assert "guests" in harness.world.closed


@pytest.mark.parametrize("line", ["SWITCH all off", "SWITCH guests maybe", "SWITCH SURE"])
def test_what_is_no_switch(mod: Client, line: str) -> None:
    assert shown(mod.send(line))[0].startswith("FAIL SWITCH INVALID_PARAMS")


def test_rights(harness: Harness, mod: Client) -> None:
    helper = harness.connect("helper")
    helper.send("OPER helper secret")
    for line in ("SWITCH guests off", "SWITCH", "AUDIT"):
        assert shown(helper.send(line))[0].startswith("481 ")
    harness.held = True
    mod.send("SWITCH guests off")
    harness.world.users["mod"].modes -= {"o"}
    harness.commit_all()
    assert harness.world.closed == {}


def test_reading_the_audit(mod: Client) -> None:
    mod.taken_requests()
    for line, limit in (("AUDIT", 20), ("AUDIT 5", 5), ("AUDIT 9999", AUDIT_MOST)):
        mod.send(line)
        assert mod.taken_requests() == [Audit(limit)]
    assert shown(mod.send("AUDIT x"))[0].startswith("FAIL AUDIT INVALID_PARAMS")


def test_the_audit_is_no_history_of_a_client(harness: Harness, mod: Client) -> None:
    assert AUDIT == "!audit"
    for target in ("!audit", "$ann"):
        answer = shown(mod.send(f"CHATHISTORY LATEST {target} * 10"))
        assert answer[0].startswith("FAIL CHATHISTORY INVALID_TARGET")
