"""SAJOIN, SAPART, SANICK and SAMODE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.policy.policy import OperBlock
from tests.core import invariants
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in ("owner", "moderator", "helper")}
    return Harness(replace(POLICY, operators=operators))


@pytest.fixture
def mod(harness: Harness) -> Client:
    client = harness.connect("mod")
    client.send("OPER moderator secret")
    return client


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


def test_joining_whatever_keeps_out(harness: Harness, mod: Client, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    bob.send("MODE #a +ikb key ann!*@*")
    bob.take()
    assert mod.send("SAJOIN ann #A") == []
    told = shown(ann.take())
    assert told[0] == "JOIN #a"
    assert "NOTICE ann The operator mod made you join #a" in told
    assert any(line.startswith("353 ann = #a") for line in told)
    assert "366 ann #a End of NAMES list" in told
    assert shown(bob.take()) == ["JOIN #a"]
    assert shown(mod.send("SAJOIN ann #a")) == ["443 mod ann #a is already on channel"]
    invariants.check(harness.world)


def test_it_is_not_told_as_the_operators_own(harness: Harness, mod: Client, ann: Client) -> None:
    ann.send("CAP REQ :account-tag message-tags draft/oper-tag")
    ann.take()
    mod.send("SAJOIN ann #a")
    assert ann.take()[0].tags.keys() == {"msgid"}


def test_joining_a_channel_that_begins(harness: Harness, mod: Client, ann: Client) -> None:
    mod.send("SAJOIN ann #new")
    assert harness.world.channels["#new"].members[ann.user].statuses == "o"
    assert mod.user not in harness.world.channels["#new"].members


def test_leaving(harness: Harness, mod: Client, ann: Client) -> None:
    ann.send("JOIN #a")
    assert mod.send("SAPART ann #a :enough") == []
    assert shown(ann.take()) == [
        "PART #a enough",
        "NOTICE ann The operator mod made you leave #a",
    ]
    assert "#a" not in harness.world.channels
    ann.send("JOIN #b")
    assert shown(mod.send("SAPART mod #b")) == ["441 mod mod #b They aren't on that channel"]
    assert shown(mod.send("SAPART ann #none"))[0].startswith("403 ")


def test_another_nick(harness: Harness, mod: Client, ann: Client) -> None:
    assert mod.send("SANICK ann anna") == []
    assert shown(ann.take()) == ["NICK anna", "NOTICE anna The operator mod gave you the nick anna"]
    assert shown(mod.send("SANICK anna mod")) == ["433 mod mod Nickname is already in use"]
    assert shown(mod.send("SANICK anna 1x")) == ["432 mod 1x Erroneous nickname"]
    harness.account("Cy")
    (told,) = shown(mod.send("SANICK anna cy"))
    assert told.startswith("433 mod cy This nick belongs to an account")


def test_modes(harness: Harness, mod: Client, ann: Client) -> None:
    ann.send("JOIN #a")
    ann.take()
    mod.send("SAMODE #a +m-o ann")
    assert shown(ann.take()) == ["MODE #a +m-o ann"]


@pytest.mark.parametrize("line", ["SAJOIN {} #a", "SAPART {} #a", "SANICK {} x"])
def test_nobody_acts_on_who_may_do_more(harness: Harness, mod: Client, line: str) -> None:
    owner = harness.connect("boss")
    owner.send("OPER owner secret")
    assert shown(mod.send(line.format("boss")))[0].startswith("481 ")
    assert shown(mod.send(line.format("nobody")))[0].startswith("401 ")
    helper = harness.connect("helper")
    helper.send("OPER helper secret")
    assert shown(helper.send(line.format("boss")))[0].startswith("481 ")


@pytest.mark.parametrize("line", ["SAJOIN ann #a", "SAPART ann #old", "SANICK ann x"])
def test_who_lost_the_right_or_the_victim_meanwhile(
    harness: Harness, mod: Client, ann: Client, line: str
) -> None:
    ann.send("JOIN #old")
    harness.held = True
    mod.send(line)
    harness.world.users["mod"].modes -= {"o"}
    harness.commit_all()
    assert shown(mod.take()) == ["401 mod ann No such nick"]
    assert list(ann.user.channels) == ["#old"]
    assert ann.user.nick == "ann"


def test_who_took_the_nick_meanwhile_is_left_alone(
    harness: Harness, mod: Client, ann: Client
) -> None:
    harness.held = True
    mod.send("SAJOIN ann #a")
    ann.send("NICK other")
    harness.commit(ann.session.id)
    late = harness.open()
    late.send("NICK ann")
    late.send("USER x 0 * :x")
    harness.commit(late.session.id)
    harness.commit_all()
    assert list(late.user.channels) == []
    assert list(ann.user.channels) == ["#a"], "it is the same user, under another nick"


@pytest.mark.parametrize("line", ["SAJOIN ann x", "SAJOIN ann", "SANICK ann"])
def test_without_sense(mod: Client, ann: Client, line: str) -> None:
    assert shown(mod.send(line))[0].startswith(("403 ", "461 "))


def test_nobody_is_made_to_enter_more_channels_than_it_may() -> None:
    harness = Harness(replace(POLICY, channels_per_user=1))
    ann, oper = harness.connect("ann"), harness.connect("oper")
    oper.send("OPER root secret")
    ann.send("JOIN #a")
    assert shown(oper.send("SAJOIN ann #b"))[-1] == "405 oper #b You have joined too many channels"
    assert list(ann.user.channels) == ["#a"]
