"""Tests of splitting what was typed into messages that fit."""

from __future__ import annotations

from itertools import count

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
