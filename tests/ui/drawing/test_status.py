"""Tests of the status line: what it says, and what it leaves out where it is narrow."""

from __future__ import annotations

from datetime import UTC

import pytest

from hubbub.client.commands.context import Console
from hubbub.client.events import ChatMessage, RoomOpened, Speech
from hubbub.client.graphemes import width
from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.message import parse_text
from hubbub.ui.drawing.status import PENDING, SLOW, pending, prompt, status

CONNECTED = LinkState(LinkStatus.CONNECTED)
WAITING = LinkState(LinkStatus.WAITING)


@pytest.fixture
def console() -> Console:
    """Return where somebody is in #team, away, with news and a mention elsewhere."""
    session = ClientSession(Wishes("ann", history=0), lambda: "nonce", {})
    view = View(Transcript(UTC), str.lower, Preferences())
    session.connected(0.0)
    for line in (":s 001 ann :hi", ":s 376 ann :end", ":s 306 ann :You are away"):
        session.receive(parse_text(line), 0.0)
    for room in ("#team", "#news", "#ops"):
        view.receive(RoomOpened(room, 0.0), 0.0)
    view.receive(ChatMessage("#news", "bob", "hello", Speech.MESSAGE, 0.0), 0.0)
    view.receive(ChatMessage("#ops", "bob", "ann: hello", Speech.MESSAGE, 0.0, mention=True), 0.0)
    return Console(session, view, Preferences())


@pytest.mark.parametrize(
    ("columns", "link", "shown"),
    [
        (80, CONNECTED, " #team │ ann │ away │ #news 1 │ #ops 1! │ connected "),
        (50, CONNECTED, " #team │ ann │ away │ #ops 1! │ connected "),
        (40, CONNECTED, " #team │ ann │ away │ #ops 1! "),
        (30, CONNECTED, " #team │ away │ #ops 1! "),
        (20, CONNECTED, " #team │ away "),
        (12, CONNECTED, " #team "),
        (7, CONNECTED, " #te… "),
        (70, WAITING, " #team │ ann │ away │ #ops 1! │ not connected, trying again in 5 s "),
        (45, WAITING, " #team │ not connected, trying again in 5 s "),
        (42, WAITING, " #team │ away │ #ops 1! │ not connected "),
        (25, WAITING, " #team │ not connected "),
        (20, WAITING, " not connected "),
    ],
)
def test_what_is_least_important_is_left_out_first(
    console: Console, columns: int, link: LinkState, shown: str
) -> None:
    assert status(console, link, 5.0, columns) == shown


def test_no_part_is_cut_where_one_fits(console: Console) -> None:
    whole = {*status(console, WAITING, 5.0, 200).strip().split(" │ "), "not connected"}
    for columns in range(16, 100):
        line = status(console, WAITING, 5.0, columns)
        assert width(line) <= columns
        assert set(line.strip().split(" │ ")) <= whole


def test_whoever_is_back_is_away_no_more_nor_after_a_lost_connection(console: Console) -> None:
    session = console.session
    session.receive(parse_text(":s 305 ann :You are back"), 0.0)
    assert "away" not in status(console, CONNECTED, 0.0, 80)
    session.receive(parse_text(":s 306 ann :You are away"), 0.0)
    assert "away" in status(console, CONNECTED, 0.0, 80)
    session.disconnected(0.0)
    assert "away" not in status(console, CONNECTED, 0.0, 80)


def test_what_waits_is_shown_when_it_takes_long_and_not_all_of_it(console: Console) -> None:
    session = console.session
    session.say("#team", "sent")
    session.take()
    assert pending(console, 0.5 * SLOW, 80) == []
    assert pending(console, 2 * SLOW, 80) == ["… sent"]
    session.disconnected(0.0)
    for number in range(PENDING + 2):
        session.say("#team", f"later {number}\x1b")
    lines = pending(console, 2 * SLOW, 12)
    assert lines[-1] == "… and 3 more"
    assert lines[1] == "… later 0␛"
    assert all(width(line) < 12 for line in lines[:-1])


def test_the_prompt_is_where_one_talks(console: Console) -> None:
    assert prompt(console) == "#team> "
