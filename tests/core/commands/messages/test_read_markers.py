"""MARKREAD: only forwards, at most to now, told to one's own sessions and nobody else."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.world.world import READ_MARKERS
from hubbub.irc.timestamps import format_time
from tests.core.world_harness import START, Harness, shown

CAP = "draft/read-marker"
EARLY = "timestamp=2019-01-04T14:33:26.123Z"
LATE = "timestamp=2020-01-04T14:33:26.123Z"


def test_a_marker_moves_forwards_only(harness: Harness) -> None:
    ann = harness.connect("ann", CAP)
    assert shown(ann.send("MARKREAD #a")) == ["MARKREAD #a *"]
    assert shown(ann.send(f"MARKREAD #a {LATE}")) == [f"MARKREAD #a {LATE}"]
    [answer] = ann.send(f"MARKREAD #A {EARLY}")
    assert (answer.source, answer.params) == ("hub.test", ("#A", LATE))
    assert shown(ann.send("MARKREAD bob")) == ["MARKREAD bob *"]


def test_nobody_has_read_the_future(harness: Harness) -> None:
    ann = harness.connect("ann", CAP)
    [answer] = ann.send("MARKREAD bob timestamp=9999-01-01T00:00:00.000Z")
    assert answer.params == ("bob", f"timestamp={format_time(harness.time)}")
    assert harness.time > START


def test_what_has_a_time_ahead_of_the_clock_can_be_read(harness: Harness) -> None:
    ann, bob = harness.connect("ann", CAP), harness.connect("bob")
    for guest in (ann, bob):
        guest.send("JOIN #a")
    harness.lead = 60_000_000
    bob.send("PRIVMSG #a :far ahead")
    harness.lead = 0
    seen = f"timestamp={format_time(harness.entries[-1].time)}"
    ann.take()
    [answer] = ann.send(f"MARKREAD #a {seen}")
    assert answer.params == ("#a", seen)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("MARKREAD", "NEED_MORE_PARAMS"),
        ("MARKREAD #a *", "INVALID_PARAMS"),
        ("MARKREAD #a timestamp=yesterday", "INVALID_PARAMS"),
        ("MARKREAD #a msgid=x", "INVALID_PARAMS"),
        ("MARKREAD a,b", "INVALID_PARAMS"),
    ],
)
def test_what_is_wrong_is_said(harness: Harness, line: str, code: str) -> None:
    [answer] = harness.connect("ann", CAP).send(line)
    assert answer.command == "FAIL"
    assert answer.params[:2] == ("MARKREAD", code)


def test_the_accounts_other_sessions_are_told(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", CAP)
    other, plain = harness.attach(ann, CAP), harness.attach(ann)
    bob = harness.connect("bob", CAP)
    assert shown(ann.send(f"MARKREAD bob {EARLY}")) == [f"MARKREAD bob {EARLY}"]
    assert shown(other.take()) == [f"MARKREAD bob {EARLY}"]
    assert plain.take() == bob.take() == []
    ann.send(f"MARKREAD bob {EARLY}")
    assert other.take() == []


def test_a_join_brings_the_marker_before_the_end_of_names(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", CAP)
    other = harness.attach(ann, CAP)
    ann.send(f"MARKREAD #a {EARLY}")
    other.take()
    commands = [message.command for message in ann.send("JOIN #a")]
    assert commands[0] == "JOIN"
    assert commands.index("MARKREAD") < commands.index("366")
    seen = [message.command for message in other.take()]
    assert seen.index("JOIN") < seen.index("MARKREAD") < seen.index("366")
    assert "MARKREAD" not in [m.command for m in harness.connect("bob").send("JOIN #a")]


def test_an_accounts_marker_outlives_its_sessions_and_a_guests_does_not(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "Ann", CAP), harness.connect("bob", CAP)
    ann.send(f"MARKREAD #a {EARLY}")
    bob.send(f"MARKREAD #a {EARLY}")
    for client in (ann, bob):
        harness.disconnect(client)
    harness.world = snapshot.decode(snapshot.encode(harness.world))
    assert list(harness.world.read_markers) == ["a:ann"]
    ann, bob = harness.connect_as("ann", "Ann", CAP), harness.connect("bob", CAP)
    assert shown(ann.send("MARKREAD #a")) == [f"MARKREAD #a {EARLY}"]
    assert shown(bob.send("MARKREAD #a")) == ["MARKREAD #a *"]


def test_the_marker_set_longest_ago_is_forgotten_first(harness: Harness) -> None:
    ann = harness.connect("ann", CAP)
    for number in range(READ_MARKERS):
        ann.send(f"MARKREAD #{number} {EARLY}")
    ann.send(f"MARKREAD #0 {LATE}")
    ann.send(f"MARKREAD #more {EARLY}")
    assert shown(ann.send("MARKREAD #0")) == [f"MARKREAD #0 {LATE}"]
    assert shown(ann.send("MARKREAD #1")) == ["MARKREAD #1 *"]


def test_a_channel_that_ended_has_been_read_when_it_begins_anew(harness: Harness) -> None:
    ann = harness.connect("ann", CAP)
    for line in ("JOIN #a", f"MARKREAD #a {LATE}", "PART #a"):
        ann.send(line)
    assert f"MARKREAD #a {LATE}" in shown(ann.send("JOIN #a"))
