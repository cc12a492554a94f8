"""What was said while a channel was closed is read by those who were in, and by nobody else.

As dialogues, by everything that reads back: tests/insiders/test_closed_history.py.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access import history
from hubbub.core.access.history import EVERYTHING, Reach, closed_or_opened, reach
from hubbub.core.world.state import Channel, Membership
from tests.core.access.members_at_hand import channel, user


def place(seq: int) -> tuple[int, int]:
    return seq * 10, seq


def close(held: Channel, closed: bool, seq: int) -> None:
    """Close or open a channel at a place, as a change of its modes does."""
    before = held.history_since_join
    held.flags = {"s"} if closed else set()
    closed_or_opened(held, before, place(seq))


def test_a_reach_is_by_place_and_not_by_time() -> None:
    part = Reach(place(3), ((place(5), place(7)),))
    assert [seq for seq in range(9) if part.shows((0, seq))] == [3, 4, 7, 8]
    assert EVERYTHING.shows((0, 0))


def test_inside_a_closed_channel_one_reads_from_ones_joining_on() -> None:
    ann = user("ann")
    held = channel({ann: ""}, flags={"i"})
    held.members[ann].since = place(4)
    assert reach(held, ann) == Reach(place(4))


def test_from_outside_nothing_is_read_of_when_it_was_closed() -> None:
    held = channel()
    close(held, True, 2)
    close(held, False, 4)
    assert reach(held, user("eve")) == Reach(None, ((place(2), place(4)),))


def test_a_change_that_neither_closes_nor_opens_is_not_remembered() -> None:
    held = channel()
    for closed, seq in ((False, 1), (True, 2), (True, 3), (False, 4), (False, 5)):
        close(held, closed, seq)
    assert held.closed == [(place(2), place(4))]


@given(st.lists(st.sampled_from(["say", "close", "open", "join"]), max_size=40))
def test_a_member_reads_what_was_open_or_said_while_it_was_in(events: list[str]) -> None:
    ann, held = user("ann"), channel()
    said: dict[int, bool] = {}
    for seq, event in enumerate(["join", *events], 1):
        if event == "say":
            said[seq] = held.history_since_join
        elif event == "join":
            held.members[ann] = Membership("", place(seq))
        else:
            close(held, event == "close", seq)
    joined = held.members[ann].since[1]
    for seq, was_closed in said.items():
        may = seq >= joined or not (was_closed or held.history_since_join)
        assert reach(held, ann).shows(place(seq)) == may


def test_beyond_so_many_intervals_too_much_is_hidden_rather_than_too_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "CLOSED", 2)
    held = channel()
    for seq in range(1, 11, 2):
        close(held, True, seq)
        close(held, False, seq + 1)
    assert held.closed == [(place(1), place(8)), (place(9), place(10))]
