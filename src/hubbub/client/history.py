"""What was said while we were away (IRCv3 draft/chathistory).

On a first visit the latest messages are loaded. After a lost connection, everything since the last
message that was seen is asked for, page by page; when that message itself is among the answer,
nothing is missing, and what was not confirmed and is not there either can be sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from hubbub.client.batches import Batch
from hubbub.client.events import LeftOut
from hubbub.client.registration import report_unsure
from hubbub.client.rooms import Filling, Room
from hubbub.client.state import State, format_time
from hubbub.irc.message import Message

PAGES: Final = 20
"""How many pages of a gap are fetched; then messages are left out, and that is said."""
PATIENCE: Final = 20.0
"""Seconds that a page may take; then the room goes on without."""
_PAGE: Final = 100
_MILLISECOND: Final = 0.001

Take = Callable[[State, Message | Batch], None]
"""Takes up a message or a batch."""


def entered(state: State, room: Room, again: bool) -> None:
    """Ask for what was said in a room that we have just entered."""
    if not state.has("draft/chathistory"):
        settle(state, room, found=False)
    elif again:
        fill_gap(state, room)
    elif state.wishes.history:
        limit = min(state.wishes.history, _page(state))
        room.filling = Filling(None, limit, state.now, rule=room.left_at > 0)
        state.send("CHATHISTORY", "LATEST", room.name, "*", str(limit))


def fill_gap(state: State, room: Room) -> None:
    """Ask for everything since the last message that was seen in a room."""
    gap = room.anchor or room.entry
    if gap is None or not state.has("draft/chathistory"):
        settle(state, room, found=False)
        return
    limit = _page(state)
    held = room.filling.held if room.filling else []
    room.filling = Filling(gap, limit, state.now, held=held)
    # From just before it, so that it comes too and proves that history reaches back that far.
    since = format_time(gap.time - _MILLISECOND)
    state.send("CHATHISTORY", "AFTER", room.name, f"timestamp={since}", str(limit))


def page(state: State, batch: Batch, take: Take) -> None:
    """Take up one page of history, and ask for the next where there may be one."""
    room = state.rooms.get(batch.params[0]) if batch.params else None
    filling = room.filling if room else None
    state.old, state.page = True, room.name if room else ""
    try:
        for item in batch.items:
            if filling and filling.gap and filling.gap.msgid in _msgids(item):
                filling.found = True
            take(state, item)
    finally:
        state.old, state.page = False, ""
    if room is None or filling is None:
        return
    last = _last_msgid(batch)
    filling.pages += 1
    if filling.gap is None or len(batch.items) < filling.limit or not last:
        finish(state, room)
    elif filling.pages < PAGES:
        filling.asked_at = state.now
        state.send("CHATHISTORY", "AFTER", room.name, f"msgid={last}", str(filling.limit))
    else:
        _leave_out(state, room, filling)


def finish(state: State, room: Room, complete: bool = True) -> None:
    """End the loading of a room's history: show what waited, send what was not confirmed."""
    filling = room.filling
    if filling is None:
        return
    room.filling = None
    state.events.extend(filling.held)
    settle(state, room, found=filling.found and complete)


def refused(state: State, target: str) -> None:
    """Take note that the server gives no history of a room."""
    room = state.rooms.get(target)
    if room is not None:
        finish(state, room, complete=False)


def overdue(state: State) -> None:
    """Go on without the pages that take too long."""
    for room in state.rooms.all():
        if room.filling and state.now - room.filling.asked_at > PATIENCE:
            finish(state, room, complete=False)


def settle(state: State, room: Room, found: bool) -> None:
    """Send again what was not confirmed and is not in the history, or say that nobody knows.

    While an earlier connection of ours may be alive, the server may still take up what was sent
    there: then this waits until it is gone.
    """
    if state.ghost:
        return

    def is_here(target: str) -> bool:
        return state.same(target, room.name)

    if not found:
        report_unsure(state, is_here)
        return
    wire = state.wire()
    for unit in state.outgoing.unsure(is_here):
        state.sending.extend(state.outgoing.messages(unit, wire, state.now))


def _leave_out(state: State, room: Room, filling: Filling) -> None:
    """Jump over a gap that is too large to the latest messages."""
    state.events.append(LeftOut(room.name, state.now))
    room.filling = Filling(None, filling.limit, state.now, held=filling.held)
    state.send("CHATHISTORY", "LATEST", room.name, "*", str(filling.limit))


def _page(state: State) -> int:
    return min(_PAGE, state.features.number("CHATHISTORY", _PAGE))


def _msgids(item: Message | Batch) -> Iterator[str]:
    message = item if isinstance(item, Message) else item.opening
    if "msgid" in message.tags:
        yield message.tags["msgid"]


def _last_msgid(batch: Batch) -> str:
    return next(_msgids(batch.items[-1]), "") if batch.items else ""
