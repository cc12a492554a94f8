"""CHATHISTORY: what is asked of the archive, and who may ask."""

from __future__ import annotations

import pytest

from hubbub.core.access.history import EVERYTHING, Reach
from hubbub.core.requests import History, HistoryTargets, Msgid, Timestamp
from tests.core.world_harness import Client, Harness, shown

CAPS = ("batch", "draft/chathistory")
NOON = "timestamp=2026-01-31T12:00:00.000Z"
NOON_VALUE = 1_769_860_800_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann", *CAPS)
    ann.send("JOIN #a")
    ann.taken_requests()
    return ann


def asked(client: Client, line: str) -> History:
    """Return the page that a command asks for."""
    assert client.send(line) == []
    [request] = client.taken_requests()
    assert isinstance(request, History)
    return request


def test_the_latest(harness: Harness, ann: Client) -> None:
    history = harness.world.channels["#a"].history
    assert asked(ann, "CHATHISTORY LATEST #A * 10") == History(history, "#a", 10)
    page = asked(ann, "chathistory latest #a msgid=xyz 10")
    assert (page.after, page.latest) == (Msgid("xyz"), True)


def test_before_after_and_around(ann: Client) -> None:
    page = asked(ann, f"CHATHISTORY BEFORE #a {NOON} 5")
    assert (page.before, page.after, page.latest) == (Timestamp(NOON_VALUE), None, True)
    page = asked(ann, "CHATHISTORY AFTER #a msgid=x 5")
    assert (page.before, page.after, page.latest) == (None, Msgid("x"), False)
    page = asked(ann, "CHATHISTORY AROUND #a msgid=a=b 5")
    assert (page.around, page.before, page.after) == (Msgid("a=b"), None, None)


def test_between_counts_from_the_first(ann: Client) -> None:
    page = asked(ann, f"CHATHISTORY BETWEEN #a msgid=x {NOON} 5")
    assert (page.after, page.before, page.latest) == (Msgid("x"), Timestamp(NOON_VALUE), False)


def test_a_page_is_clamped(ann: Client) -> None:
    assert asked(ann, "CHATHISTORY LATEST #a * 999999").limit == 200


def test_events_are_for_those_who_negotiated_them(harness: Harness, ann: Client) -> None:
    assert not asked(ann, "CHATHISTORY LATEST #a * 5").events
    bob = harness.connect("bob", *CAPS, "draft/event-playback")
    bob.send("JOIN #a")
    bob.take(), bob.taken_requests()
    assert asked(bob, "CHATHISTORY LATEST #a * 5").events


@pytest.mark.parametrize("mode", ["+i", "+k key", "+s"])
def test_members_of_closed_channels_read_from_their_join_on(
    harness: Harness, ann: Client, mode: str
) -> None:
    assert asked(ann, "CHATHISTORY LATEST #a * 5").reach == EVERYTHING
    ann.send(f"MODE #a {mode}")
    ann.take()
    since = harness.world.channels["#a"].members[ann.user].since
    assert asked(ann, "CHATHISTORY LATEST #a * 5").reach == Reach(since)


def test_direct_messages_are_found_by_presence(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    harness.connect_as("cy", "Cyril")
    page = asked(ann, "CHATHISTORY LATEST BOB * 5")
    assert (page.history, page.shown) == ("@g:1.1.1/g:1.1.2", "BOB")
    page = asked(ann, "CHATHISTORY LATEST cy * 5")
    assert (page.history, page.shown) == ("@g:1.1.1/a:cyril", "cy")


def test_an_account_that_is_not_here_is_found_by_its_name(harness: Harness, ann: Client) -> None:
    harness.account("Bob")
    assert asked(ann, "CHATHISTORY LATEST bob * 5").history == "@g:1.1.1/a:bob"


def test_who_is_gone_has_to_be_found_in_the_archive(harness: Harness, ann: Client) -> None:
    for name in ("nobody", "nobody/123abc"):
        page = asked(ann, f"CHATHISTORY LATEST {name} * 5")
        assert (page.history, page.shown) == ("@g:1.1.1/", name)


def test_a_nick_taken_over_gives_no_access(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    before = asked(ann, "CHATHISTORY LATEST bob * 5").history
    bob.send("QUIT")
    bob = harness.connect("bob", *CAPS)
    assert asked(ann, "CHATHISTORY LATEST bob * 5").history != before
    assert asked(bob, "CHATHISTORY LATEST ann * 5").history == "@g:1.1.3/g:1.1.1"


FAILURES = [
    ("LATEST #none * 5", "INVALID_TARGET LATEST #none Nothing there that you may read"),
    ("LATEST #b * 5", "INVALID_TARGET LATEST #b Nothing there that you may read"),
    ("LATEST no,body * 5", "INVALID_TARGET LATEST no,body Nothing there that you may read"),
    ("LATEST :a b * 5", "INVALID_PARAMS LATEST Insufficient parameters"),
    ("NEWEST #a * 5", "INVALID_PARAMS NEWEST Unknown command"),
    ("LATEST #a *", "INVALID_PARAMS LATEST Insufficient parameters"),
    ("LATEST #a * 5 6", "INVALID_PARAMS LATEST Too many parameters"),
    ("BETWEEN #a * 5", "INVALID_PARAMS BETWEEN Insufficient parameters"),
    ("LATEST #a * 0", "INVALID_PARAMS LATEST 0 Invalid limit"),
    ("LATEST #a * -1", "INVALID_PARAMS LATEST -1 Invalid limit"),
    ("LATEST #a * ten", "INVALID_PARAMS LATEST ten Invalid limit"),
    ("LATEST #a * :", "INVALID_PARAMS LATEST * Invalid limit"),
    ("BEFORE #a * 5", "INVALID_PARAMS BEFORE * Invalid reference"),
    ("BEFORE #a msgid= 5", "INVALID_PARAMS BEFORE msgid= Invalid reference"),
    ("BEFORE #a timestamp=noon 5", "INVALID_PARAMS BEFORE timestamp=noon Invalid reference"),
    ("BEFORE #a seq=5 5", "INVALID_MSGREFTYPE BEFORE #a References are msgid= or timestamp="),
    ("TARGETS msgid=x msgid=y 5", "INVALID_MSGREFTYPE TARGETS TARGETS takes timestamps only"),
    (f"TARGETS {NOON} 5", "INVALID_PARAMS TARGETS Insufficient parameters"),
]


@pytest.mark.parametrize(("parameters", "failure"), FAILURES)
def test_what_cannot_be_answered(
    harness: Harness, ann: Client, parameters: str, failure: str
) -> None:
    harness.connect("bob").send("JOIN #b")
    assert shown(ann.send(f"CHATHISTORY {parameters}")) == [f"FAIL CHATHISTORY {failure}"]
    assert ann.taken_requests() == []


def test_targets(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #b")
    ann.send("MODE #b +s")
    ann.take(), ann.taken_requests()
    later = "timestamp=2026-01-31T12:00:00.001Z"
    world = harness.world
    open_history, secret_history = world.channels["#a"].history, world.channels["#b"].history
    for bounds in (f"{NOON} {later}", f"{later} {NOON}"):
        assert ann.send(f"CHATHISTORY TARGETS {bounds} 5") == []
        assert ann.taken_requests() == [
            HistoryTargets(
                shown={open_history: "#a", secret_history: "#b"},
                direct="@g:1.1.1/",
                after=NOON_VALUE + 999,
                before=NOON_VALUE + 1000,
                limit=5,
                reach={secret_history: Reach(world.channels["#b"].members[ann.user].since)},
            )
        ]


def test_a_script_reads_without_coming_in_what_it_could_read_inside(
    harness: Harness, ann: Client
) -> None:
    script = harness.connect("script", *CAPS, "hubbub/quiet")
    script.taken_requests()
    channel = harness.world.channels["#a"]
    assert asked(script, "CHATHISTORY LATEST #a * 10").history == channel.history
    assert script.user not in channel.members
    ann.send("MODE #a +b script")
    assert "INVALID_TARGET" in shown(script.send("CHATHISTORY LATEST #a * 10"))[0]
    ann.send("MODE #a -b+i script")
    assert "INVALID_TARGET" in shown(script.send("CHATHISTORY LATEST #a * 10"))[0]
