"""What was written to us alone while we were away, and how far we have read.

The server names those with whom something was said since (CHATHISTORY TARGETS); one after the other
is asked for how far we have read there (IRCv3 draft/read-marker), and loaded where there is more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.client.events import ReadElsewhere
from hubbub.client.handlers import history
from hubbub.client.state.batches import Batch
from hubbub.client.state.rooms import Room
from hubbub.client.state.state import CatchingUp, Handler, State, format_time, parse_time
from hubbub.irc.message import Message

FIRST_SECONDS: Final = 30 * 86400.0
"""How far back conversations are asked for that this device may not have shown."""
CONVERSATIONS: Final = 50
"""The most conversations that are caught up with, those where something was said last."""
LEAST: Final = 20
"""How many messages of a conversation are loaded at least, whatever /set history says."""
MARKING: Final = 10.0
"""Seconds between two times that the server is told how far one has read: it writes that down."""
PATIENCE: Final = 20.0
"""Seconds that the server has to say how far one has read; then it is not known."""
UNREAD_TAG: Final = "hubbub/unread"
"""How many messages of others are unread in a conversation that the server names."""
_SLACK: Final = 60.0
_AHEAD: Final = 86400.0


def catch_up(state: State, again: bool) -> None:
    """Ask with whom something was said while we were not here.

    `again` says that the same account lost its connection before.
    """
    state.catching.clear()
    # What a guest was told belongs to the connection that is gone.
    account = state.login.account != ""
    if not (state.wishes.person and account and state.has("draft/chathistory")):
        return
    # What was seen before is known by its msgid; other clocks than ours may be ahead.
    since = state.now - FIRST_SECONDS
    if again and state.gone_at:
        since = max(since, state.gone_at - _SLACK)
    bounds = (f"timestamp={format_time(time)}" for time in (since, state.now + _AHEAD))
    state.send("CHATHISTORY", "TARGETS", *bounds, str(CONVERSATIONS))


def named(state: State, batch: Batch) -> None:
    """Take up with whom something was said, and begin with the one where it is the longest ago."""
    found = []
    for item in batch.items:
        if isinstance(item, Message) and len(item.params) > 2:
            name, time = item.params[1], parse_time(item.params[2])
            # A room that is open is brought up to date, whoever said it and wherever it was read.
            is_read = item.tags.get(UNREAD_TAG) == "0" and state.rooms.get(name) is None
            if time is not None and not state.features.is_channel(name) and not is_read:
                found.append((time, name))
    waiting = state.catching
    if not waiting:
        waiting.extend(CatchingUp(name, time) for time, name in sorted(found)[-CONVERSATIONS:])
        _begin(state)


def _begin(state: State) -> None:
    """Ask how far we have read with the next one, or go on where there is nothing new."""
    while state.catching:
        catching = state.catching[0]
        room = state.rooms.get(catching.name)
        if room is None or room.anchor is None or room.anchor.time < catching.time:
            break
        state.catching.popleft()
    else:
        return
    if state.marks:
        catching.asked_at = state.now
        state.send("MARKREAD", catching.name)
    else:
        _load(state, catching, 0.0)


def _load(state: State, catching: CatchingUp, marker: float) -> None:
    """Load a conversation, unless all of it has been read."""
    room = state.rooms.get(catching.name)
    known = state.seen.get(state.features.fold(catching.name), 0.0) if room is None else 0.0
    if max(marker, known) < catching.time:
        room = state.open_room(catching.name)
    if room is None or max(marker, room.read_until) >= catching.time:
        state.catching.popleft()
        _begin(state)
        return
    _read_to(state, room, marker)
    catching.loading = True
    if room.anchor is not None:
        history.fill_gap(state, room)
    else:
        history.load(state, room, max(LEAST, state.wishes.history), marker_known=True)


def go_on(state: State) -> None:
    """Tell of a conversation that has been loaded, and go on to the next one."""
    if not state.catching or not state.catching[0].loading:
        return
    catching = state.catching[0]
    room = state.rooms.get(catching.name)
    if room is not None and (room.filling or room.looking):
        return
    state.catching.popleft()
    if room is not None and room.came:
        more = " or more" if room.came_more else ""
        state.tell(
            f"{room.name} wrote to you while you were away ({room.came}{more}): /msg {room.name}"
        )
    _begin(state)


def overdue(state: State) -> None:
    """Go on without knowing how far one has read, where the server does not say."""
    if not state.catching:
        return
    catching = state.catching[0]
    if catching.asked_at and state.now - catching.asked_at > PATIENCE:
        catching.asked_at = 0.0
        _load(state, catching, 0.0)
    go_on(state)


def refused(state: State, target: str) -> None:
    """Take note that the server does not tell how far one has read somewhere."""
    if state.catching and state.same(target, state.catching[0].name):
        _asked(state, 0.0)


def converse(state: State, name: str) -> bool:
    """Open a room to a person; True where what was said in it before is still to come."""
    channel = state.features.is_channel(name)
    room = state.rooms.get(name) if channel else state.open_room(name)
    if room is None:
        return False
    known = room.caught_up or channel
    if not known and state.registered and state.has("draft/chathistory"):
        history.load(state, room, max(LEAST, state.wishes.history))
    return room.filling is not None


def read(state: State, name: str, until: float) -> None:
    """Take note that a room was shown up to the message of this time."""
    room = state.rooms.get(name)
    if room is not None:
        room.read_until = max(room.read_until, until)


def mark(state: State, at_once: bool = False) -> None:
    """Tell the server how far one has read, every few seconds."""
    if not state.marks or (state.now - state.marked_at < MARKING and not at_once):
        return
    for room in state.rooms.all():
        if room.read_until > room.marked_until and (room.joined or not room.is_channel):
            room.marked_until = room.read_until
            state.marked_at = state.now
            state.send("MARKREAD", room.name, f"timestamp={format_time(room.read_until)}")


def _marked(state: State, message: Message) -> None:
    """Take up how far we have read somewhere, perhaps on another device."""
    if len(message.params) < 2:
        return
    target, reference = message.params[:2]
    until = parse_time(reference.removeprefix("timestamp=")) or 0.0
    room = state.rooms.get(target)
    if room is not None:
        _read_to(state, room, until)
    if state.catching and state.same(target, state.catching[0].name):
        _asked(state, until)


def _read_to(state: State, room: Room, until: float) -> None:
    room.marked_until = max(room.marked_until, until)
    if until > room.read_until:
        room.read_until = until
        state.emit_in(room, ReadElsewhere(room.name, until, state.now))


def _asked(state: State, marker: float) -> None:
    """Go on with what was asked of the conversation that is caught up with."""
    catching = state.catching[0]
    if catching.asked_at:
        catching.asked_at = 0.0
        _load(state, catching, marker)


HANDLERS: Final[Mapping[str, Handler]] = {"MARKREAD": _marked}
