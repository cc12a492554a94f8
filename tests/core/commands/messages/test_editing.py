"""EDITMSG: one's own messages only, where one may still speak; others are told as they can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.messages import Edited
from hubbub.core.rules import CATCHING_UP
from tests.core.world_harness import POLICY, Client, Harness, shown

CAPS = ("message-tags", "echo-message", "hubbub/message-edit")


def said(harness: Harness, who: Client, text: str = "teh", target: str = "#c") -> str:
    """Say something, and return its msgid."""
    who.send(f"PRIVMSG {target} :{text}")
    return harness.entries[-1].msgid


@pytest.fixture
def pair(harness: Harness) -> tuple[Client, Client]:
    """Return ann and bob, who are in #c; ann operates it."""
    ann, bob = harness.connect_as("ann", "ann", *CAPS), harness.connect_as("bob", "bob", *CAPS)
    for one in (ann, bob):
        one.send("JOIN #c")
    ann.take()
    return ann, bob


def test_an_edit_is_told_to_all_who_hear_the_channel(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    ann, bob = pair
    old = harness.connect("old")
    old.send("JOIN #c")
    msgid = said(harness, ann)
    for one in (ann, bob, old):
        one.take()
    assert shown(ann.send(f"EDITMSG #C {msgid} :the word")) == [f"EDITMSG #c {msgid} the word"]
    assert shown(bob.take()) == [f"EDITMSG #c {msgid} the word"]
    (line,) = old.take()
    assert (line.nick, line.params) == ("ann", ("#c", "\x01ACTION edited: the word\x01"))
    (edited,) = harness.records(Edited)
    assert isinstance(edited, Edited)
    body = harness.entries[edited.seq - 1].body
    assert body is not None
    assert body.text == "the word"
    assert body.edited > 0


def test_what_one_does_is_edited_as_that_and_keeps_what_it_answers(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    ann, bob = pair
    ann.send("@+draft/reply=x PRIVMSG #c :\x01ACTION wvaes\x01")
    entry = harness.entries[-1]
    bob.take()
    ann.send(f"EDITMSG #c {entry.msgid} :waves at bob")
    (line,) = bob.take()
    assert (line.params[-1], line.tags["+draft/reply"]) == ("waves at bob", "x")
    body = harness.entries[entry.seq - 1].body
    assert body is not None
    assert (body.text, body.mentions) == ("\x01ACTION waves at bob\x01", ("bob",))


def test_a_direct_message_is_edited_for_both(harness: Harness, pair: tuple[Client, Client]) -> None:
    ann, bob = pair
    msgid = said(harness, ann, target="bob")
    bob.take()
    ann.send(f"EDITMSG bob {msgid} :the")
    assert shown(bob.take()) == [f"EDITMSG bob {msgid} the"]


@pytest.mark.parametrize(
    ("who", "line", "code"),
    [
        ("bob", "#c {} :mine", "UNKNOWN_MSGID"),
        ("ann", "#c nothing :x", "UNKNOWN_MSGID"),
        ("ann", "bob {} :elsewhere", "UNKNOWN_MSGID"),
        ("ann", "#nowhere {} :x", "INVALID_TARGET"),
        ("ann", "#c {} :\x01VERSION\x01", "EDIT_FORBIDDEN"),
    ],
)
def test_only_what_is_ones_own_and_there(
    harness: Harness, pair: tuple[Client, Client], who: str, line: str, code: str
) -> None:
    ann, bob = pair
    msgid = said(harness, ann)
    bob.take()
    (answer,) = {"ann": ann, "bob": bob}[who].send(f"EDITMSG {line.format(msgid)}")[-1:]
    assert (answer.command, answer.params[1]) == ("FAIL", code)
    assert harness.records(Edited) == []


def test_who_may_not_speak_edits_nothing(harness: Harness, pair: tuple[Client, Client]) -> None:
    ann, bob = pair
    msgid = said(harness, bob)
    ann.send("MODE #c +m")
    bob.take()
    assert bob.send(f"EDITMSG #c {msgid} :x")[-1].command == "404"
    # And who was silenced while the edit was on its way neither.
    ann.send("MODE #c -m")
    harness.held = True
    bob.send(f"EDITMSG #c {msgid} :x")
    ann.send("MODE #c +m")
    harness.commit(ann.session.id)
    harness.commit(bob.session.id)
    body = harness.entries[next(e.seq for e in harness.entries if e.msgid == msgid) - 1].body
    assert body is not None
    assert body.text == "teh"


def test_there_is_a_time_for_it(pair: tuple[Client, Client]) -> None:
    harness = Harness(replace(POLICY, redact_seconds=60))
    ann = harness.connect_as("ann", "ann", *CAPS)
    ann.send("JOIN #c")
    msgid = said(harness, ann)
    harness.time += 61_000_000
    assert ann.send(f"EDITMSG #c {msgid} :x")[-1].params[1] == "EDIT_WINDOW_EXPIRED"


def test_it_takes_the_capability_a_text_and_rules_that_all_nodes_know(harness: Harness) -> None:
    plain = harness.connect("plain")
    assert plain.send("EDITMSG #c x :y")[-1].command == "421"
    ann = harness.connect_as("ann", "ann", *CAPS)
    assert ann.send("EDITMSG #c x")[-1].command == "412"
    harness.world.rules = CATCHING_UP - 1
    assert ann.send("EDITMSG #c x :y")[-1].params[1] == "EDIT_FORBIDDEN"


def test_earlier_texts_are_for_who_moderates(harness: Harness, pair: tuple[Client, Client]) -> None:
    ann, bob = pair
    msgid = said(harness, bob)
    ann.take()
    assert bob.send(f"EDITS #c {msgid}")[-1].params[1] == "EDITS_FORBIDDEN"
    assert ann.send("EDITS #c nothing")[-1].params[1] == "UNKNOWN_MSGID"
    assert ann.send("EDITS #nowhere x")[-1].params[1] == "INVALID_TARGET"


def test_who_is_silenced_changes_nothing_that_the_other_has(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    ann, bob = pair
    msgid = said(harness, ann, target="bob")
    bob.send("SILENCE +ann!*@*")
    bob.take()
    assert ann.send(f"EDITMSG bob {msgid} :x")[-1].params[1] == "UNKNOWN_MSGID"
    unheard = said(harness, ann, target="bob")
    assert shown(ann.send(f"EDITMSG bob {unheard} :x")) == [f"EDITMSG bob {unheard} x"]
    assert bob.take() == []
    bob.send("SILENCE -ann!*@*")
    bob.take()
    assert shown(ann.send(f"EDITMSG bob {msgid} :x")) == [f"EDITMSG bob {msgid} x"]
    assert shown(bob.take()) == [f"EDITMSG bob {msgid} x"]


def test_who_moderates_sees_earlier_texts_as_far_back_as_the_rest(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    ann, bob = pair
    ann.send("MODE #c +i")
    msgid = said(harness, bob, "before cy came")
    ann.send("INVITE cy #c")
    cy = harness.connect_as("cy", "cy", *CAPS)
    ann.send("INVITE cy #c")
    cy.send("JOIN #c")
    ann.send("MODE #c +o cy")
    cy.take()
    assert cy.send(f"EDITS #c {msgid}")[-1].params[1] == "UNKNOWN_MSGID"


def test_the_setting_goes_with_the_record() -> None:
    harness = Harness(Policy(flood=None, keep_edits=True))
    ann = harness.connect_as("ann", "ann", *CAPS)
    ann.send("JOIN #c")
    ann.send(f"EDITMSG #c {said(harness, ann)} :x")
    (edited,) = harness.records(Edited)
    assert isinstance(edited, Edited)
    assert edited.keeps
