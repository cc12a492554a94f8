"""MODE on oneself."""

from __future__ import annotations

from tests.core.world_harness import Harness, shown


def test_modes_are_shown_and_changed(harness: Harness) -> None:
    ann = harness.connect("ann")
    assert shown(ann.send("MODE ann")) == ["221 ann +"]
    assert shown(ann.send("MODE ANN +iwB-w+w")) == ["MODE ann +iBw"]
    assert shown(ann.send("MODE ann")) == ["221 ann +Biw"]
    assert shown(ann.send("MODE ann -B")) == ["MODE ann -B"]
    assert ann.send("MODE ann -B+i") == []


def test_operator_can_be_given_up_but_not_taken(harness: Harness) -> None:
    ann = harness.connect("ann")
    assert ann.send("MODE ann +o") == []
    assert not ann.user.is_operator
    ann.send("OPER root secret")
    assert shown(ann.send("MODE ann -o")) == ["MODE ann -o"]
    assert not ann.user.is_operator
    assert ann.user.operator == ""


def test_unknown_letters_are_answered_and_the_rest_applies(harness: Harness) -> None:
    ann = harness.connect("ann")
    assert shown(ann.send("MODE ann +iZX")) == ["501 ann Unknown user mode", "MODE ann +i"]


def test_others_are_not_ones_own(harness: Harness) -> None:
    ann = harness.connect("ann")
    harness.connect("bob")
    assert shown(ann.send("MODE bob")) == ["502 ann Cannot change mode for other users"]
    assert shown(ann.send("MODE nobody +i")) == ["401 ann nobody No such nick"]


def test_all_sessions_of_a_user_hear_of_it(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    second = harness.attach(ann)
    ann.send("MODE ann +i")
    assert shown(second.take()) == ["MODE ann +i"]
