"""Tests of splitting what was typed into messages that fit."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import (
    Speech,
)
from hubbub.client.state.outgoing import (
    IN_FLIGHT,
    WAITING,
    Outgoing,
    OutgoingText,
    Wire,
    command,
    units,
)
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from tests.client.harness import Peer, line
from tests.client.test_graphemes import TEXTS

SOURCE = "somebody!username@host.example.org"


@given(TEXTS, st.sampled_from(Speech), st.booleans())
def test_every_line_fits_as_others_see_it(text: str, speech: Speech, multiline: bool) -> None:
    limits = {"multiline_bytes": 400, "multiline_lines": 5} if multiline else {}
    wire = Wire(SOURCE, tags=True, labels=True, echo=True, **limits)
    clean = text.replace("\0", "").replace("\r", "")
    numbers = count()
    outgoing = Outgoing(lambda: str(next(numbers)))
    for unit in units(OutgoingText("#channel", clean, speech), wire, outgoing.new_nonce):
        lines = 0
        for message in outgoing.messages(unit, wire, 0.0):
            if message.command == command(speech):
                seen = message.format().removeprefix("@").partition(" ")[2]
                assert len(f":{SOURCE} {seen}\r\n".encode()) <= LINE_BYTES
                lines += 1
        assert lines <= 5 or not multiline
        assert len(unit.text.encode()) <= 400 or len(unit.parts) == 1 or not multiline


@given(TEXTS)
def test_a_multiline_message_holds_what_was_typed(text: str) -> None:
    wire = Wire(SOURCE, echo=True, multiline_bytes=100_000, multiline_lines=100_000)
    clean = text.replace("\0", "").replace("\r", "")
    found = list(units(OutgoingText("#c", clean), wire, lambda: "n"))
    if clean.strip("\n"):
        assert [unit.text for unit in found] == [clean]
    else:
        assert found == []


def test_only_so_many_are_in_flight_and_only_so_many_wait() -> None:
    peer = Peer()
    peer.enter()
    taken = [peer.session.say("#c", f"line {number}") for number in range(WAITING + 5)]
    assert taken.count(True) == WAITING
    assert len(peer.sent()) == IN_FLIGHT
    peer.receive(line(1, "line 0", "ann", "label=n1"))
    assert [m.params[1] for m in peer.messages()] == [f"line {IN_FLIGHT}"]


PLAIN = Wire(SOURCE)
ECHO = Wire(SOURCE, tags=True, labels=True, echo=True)


def outgoing(wire: Wire, *texts: str) -> tuple[Outgoing, list[Message]]:
    """Return what these texts to #c are in flight as, and what was sent."""
    numbers = count(1)
    made = Outgoing(lambda: f"n{next(numbers)}")
    for text in texts:
        made.add(OutgoingText("#c", text))
    return made, made.write(wire, lambda target: True, 5.0)


def echo(text: str, **tags: str) -> Message:
    return Message("PRIVMSG", ("#c", text), "ann!u@h", tags)


def test_an_echo_confirms_by_its_label_or_nonce_and_once() -> None:
    made, _ = outgoing(ECHO, "one", "two")
    unit = made.confirm(echo("one", label="n1"))
    assert unit is not None
    assert (unit.text, unit.sent_at) == ("one", 5.0)
    assert made.confirm(echo("one", label="n1")) is None
    assert made.confirm(Message("PRIVMSG", ("#c", "two"), None, {"+hubbub/nonce": "n2"}))
    assert made.pending == 0


def test_an_echo_without_tags_confirms_the_oldest_of_this_text() -> None:
    made, _ = outgoing(ECHO, "same", "same")
    first, second = made.flight.values()
    assert made.confirm_text("#c", "other") is None
    assert made.confirm_text("#c", "same") is first
    second.unsure = True
    # What may have been lost is not confirmed by what somebody says now.
    assert made.confirm_text("#c", "same") is None


def test_where_nothing_is_echoed_a_ping_confirms() -> None:
    made, sent = outgoing(PLAIN, "one")
    assert [message.format() for message in sent] == ["PRIVMSG #c :one", "PING :n1"]
    assert made.confirm_mark("other") is None
    assert made.confirm_mark("n1") is not None
    assert made.confirm_mark("n1") is None


def test_a_refusal_is_of_what_it_names_or_of_the_oldest_to_its_target() -> None:
    made, _ = outgoing(ECHO, "one", "two", "three")
    second = made.fail("n2", "")
    assert second is not None
    assert second.text == "two"
    first = made.fail("", "#C")
    assert first is not None
    assert first.text == "one"
    assert made.fail("", "#elsewhere") is None
    assert made.fail("", "") is None


def test_what_is_for_a_target_that_is_not_ready_keeps_its_order() -> None:
    made = Outgoing(lambda: "n")
    for target, text in (("#a", "1"), ("#b", "2"), ("#a", "3")):
        made.add(OutgoingText(target, text))
    sent = made.write(ECHO, lambda target: target == "#b", 0.0)
    assert [message.params for message in sent] == [("#b", "2")]
    assert [draft.text for draft in made.waiting] == ["1", "3"]
    assert [draft.text for draft in made.drop(lambda target: target == "#a")] == ["1", "3"]


def test_what_is_in_flight_when_the_connection_is_lost_is_unsure() -> None:
    made, _ = outgoing(ECHO, "one")
    assert made.unsure(lambda target: True) == []
    made.lose()
    (unit,) = made.unsure(lambda target: target == "#c")
    made.rename(lambda target: target == "#c", "#d")
    assert unit.target == "#d"
    made.answered(unit.nonce)
    assert made.pending == 0


@pytest.mark.parametrize(
    ("speech", "sent"),
    [
        (Speech.MESSAGE, "PRIVMSG #c :a b"),
        (Speech.NOTICE, "NOTICE #c :a b"),
        (Speech.ACTION, "PRIVMSG #c :\x01ACTION a b\x01"),
    ],
)
def test_each_way_of_saying_has_its_form(speech: Speech, sent: str) -> None:
    made = Outgoing(lambda: "n")
    made.add(OutgoingText("#c", "a b", speech))
    assert made.write(Wire(SOURCE, echo=True), lambda target: True, 0.0)[0].format() == sent
