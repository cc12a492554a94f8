"""Classes of operators, and what each may do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.policy import OperBlock
from hubbub.core.policy.privileges import CLASSES, PRIVILEGES, privileges_of
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in (*CLASSES, "gone")}
    return Harness(replace(POLICY, operators=operators))


def operator(harness: Harness, operator_class: str) -> Client:
    client = harness.connect(operator_class)
    client.send(f"OPER {operator_class} secret")
    return client


def test_only_privileges_that_exist_are_asked_for_and_given() -> None:
    asked = {command.privilege for command in COMMANDS.values()} - {""}
    assert asked <= PRIVILEGES.keys()
    assert all(held <= PRIVILEGES.keys() for held in CLASSES.values())
    assert CLASSES["owner"] == PRIVILEGES.keys()


def test_each_class_has_all_that_the_next_one_has() -> None:
    assert all(higher > lower for higher, lower in pairwise(CLASSES.values()))


def test_a_class_that_is_no_more_may_nothing(harness: Harness) -> None:
    gone = operator(harness, "gone")
    assert gone.user.is_operator
    assert privileges_of("gone") == gone.user.privileges == frozenset()
    assert shown(gone.send("WALLOPS :x"))[0].startswith("481 ")


def test_a_command_needs_its_privilege(harness: Harness) -> None:
    harness.connect("ann")
    helper, moderator = operator(harness, "helper"), operator(harness, "moderator")
    assert shown(helper.send("KILL ann"))[0].startswith("481 ")
    assert helper.send("WALLOPS :hello") == []
    assert shown(moderator.send("REHASH"))[0].startswith("481 ")
    moderator.send("KILL ann")
    assert harness.world.user("ann") is None


def test_channels_are_open_to_those_with_the_privilege(harness: Harness) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    ann.send("MODE #a +s")
    helper, moderator = operator(harness, "helper"), operator(harness, "moderator")
    assert shown(helper.send("MODE #a"))[0].startswith("403 ")
    assert shown(moderator.send("MODE #a"))[0].startswith("324 ")
    moderator.send("MODE #a -s")
    assert shown(helper.send("TOPIC #a :x"))[0].startswith("442 ")
    moderator.send("TOPIC #a :x")
    assert harness.world.channels["#a"].topic == "x"


def test_who_is_no_operator_any_more_has_no_class(harness: Harness) -> None:
    moderator = operator(harness, "moderator")
    moderator.send("MODE moderator -o")
    assert moderator.user.operator_class == ""
    assert not moderator.user.may("kill")
