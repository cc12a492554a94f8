"""What was said while we were away, and before (IRCv3 draft/chathistory).

On a first visit the latest messages are loaded; when all of them are unread, those before them are
counted. After a lost connection, everything since the last message that was seen is asked for, page
by page; when that message itself is among the answer, nothing is missing, and what was not
confirmed and is not there either can be sent again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hubbub.client.events import Earlier, HistoryShown, LeftOut, NotShown, ReactionsCounted
from hubbub.client.handlers.messages import reacted
from hubbub.client.handlers.registration import report_unsure
from hubbub.client.state.batches import Batch
from hubbub.client.state.rooms import Anchor, Backfill, Looking, Room
from hubbub.client.state.state import State, format_time
from hubbub.irc.message import Message

PAGES: Final = 20
"""How many pages of a gap are fetched; then messages are left out, and that is said."""
PATIENCE: Final = 20.0
"""Seconds that a page may take; then the room goes on without."""
COUNTED: Final = 2000
"""How many unread messages that were not loaded are counted; of more it is said that it is more."""
LOOKED: Final = 60
"""How many pages a look further back takes at most: they may hold comings and goings only."""
QUIET_TAG: Final = "+hubbub/quiet"
"""The tag of what a session said in our name at which nobody sat."""
PARTIAL: Final = "PARTIAL"
"""What stands behind the target of a failure where the page follows, less what is damaged."""
REACTIONS: Final = 20
"""How many ways to react are shown of a message, those of most people."""
CONTEXT_TAG: Final = "draft/chathistory-context"
END_TAG: Final = "draft/chathistory-end"
_PAGE: Final = 100
_MILLISECOND: Final = 0.001
_SPEECH: Final = frozenset({"PRIVMSG", "NOTICE"})

Take = Callable[[State, Message | Batch], None]
"""Takes up a message or a batch."""


def entered(state: State, room: Room, again: bool) -> None:
    """Ask for what was said in a room that we have just entered."""
    if not state.has("draft/chathistory"):
        settle(state, room, found=False)
    elif again:
        fill_gap(state, room)
    elif state.wishes.history:
        load(state, room, state.wishes.history)


def load(state: State, room: Room, count: int, marker_known: bool = False) -> None:
    """Ask for the latest messages in a room; before that, how far it was read, unless known."""
    if state.marks and not marker_known:
        state.send("MARKREAD", room.name)
    room.caught_up = True
    _fill(state, room, Backfill(None, min(count, _page(state)), state.now, first=True))


def fill_gap(state: State, room: Room) -> None:
    """Ask for everything since the last message that was seen in a room."""
    gap = room.anchor or room.entry
    if gap is None or not state.has("draft/chathistory"):
        settle(state, room, found=False)
        return
    room.caught_up = True
    held = room.filling.held if room.filling else []
    _fill(state, room, Backfill(gap, _page(state), state.now, held=held))


def _fill(state: State, room: Room, filling: Backfill) -> None:
    """Ask for a first page."""
    room.filling = filling
    room.came, room.came_more = 0, False
    room.asked.append(filling)
    if filling.gap is None:
        state.send("CHATHISTORY", "LATEST", room.name, "*", str(filling.limit))
    else:
        # From just before it, so that it comes too and proves that history reaches back that far.
        since = format_time(filling.gap.time - _MILLISECOND)
        state.send("CHATHISTORY", "AFTER", room.name, f"timestamp={since}", str(filling.limit))


def look_back(state: State, room: Room, looking: Looking) -> None:
    """Ask for what was said before all that was loaded of a room."""
    room.looking = looking
    _look_before(state, room, looking, room.oldest)


def _look_before(state: State, room: Room, looking: Looking, oldest: Anchor | None) -> None:
    looking.asked_at = state.now
    looking.asked += 1
    looking.limit = min(_page(state), looking.wanted - looking.found)
    room.asked.append(looking)
    if oldest is None:
        state.send("CHATHISTORY", "LATEST", room.name, "*", str(looking.limit))
        return
    place = f"msgid={oldest.msgid}" if oldest.msgid else f"timestamp={format_time(oldest.time)}"
    state.send("CHATHISTORY", "BEFORE", room.name, place, str(looking.limit))


def page(state: State, batch: Batch, take: Take) -> None:
    """Take up one page of history, and ask for the next where there may be one."""
    room = state.rooms.get(batch.params[0]) if batch.params else None
    asked = room.asked.popleft() if room and room.asked else None
    if room is None or asked is None:
        # A server that plays back without having been asked.
        _take_page(state, room, batch.items, math.inf, take)
    elif isinstance(asked, Looking):
        if asked is room.looking:
            _looked(state, room, asked, batch, take)
    else:
        _filled(state, room, asked, batch, take)


def _filled(state: State, room: Room, filling: Backfill, batch: Batch, take: Take) -> None:
    """Take up a page of what was said lately, even when it is late."""
    if _reaches(batch, filling.gap):
        filling.found = True
    unread_after = _unread_after(state, room, filling, batch)
    _take_page(state, room, batch.items, unread_after, take)
    room.came = filling.unread = filling.unread + state.unread
    # Given up meanwhile, or begun anew: nothing more follows from this page.
    if room.filling is not filling:
        return
    last = _last_msgid(batch)
    filling.pages += 1
    full = _is_full(batch, filling.limit)
    if filling.gap is None:
        finish(state, room, complete=filling.whole)
        if state.wishes.person and filling.first and full:
            _count_older(state, room, batch, unread_after)
    # Without a msgid there is no place to go on from.
    elif not full or not last:
        finish(state, room, complete=filling.whole)
    elif filling.pages < PAGES:
        filling.asked_at = state.now
        room.asked.append(filling)
        state.send("CHATHISTORY", "AFTER", room.name, f"msgid={last}", str(filling.limit))
    else:
        _leave_out(state, room, filling)


def _reaches(batch: Batch, gap: Anchor | None) -> bool:
    """Say whether a page holds what was known last before a gap."""
    return gap is not None and any(gap.msgid in _msgids(item) for item in batch.items)


def _count_older(state: State, room: Room, batch: Batch, unread_after: float) -> None:
    """Count what is unread before a page, and load none of it.

    All of a full first page is unread: so there is more, and nobody reads thousands of lines;
    /history shows them.
    """
    first = _first_anchor(state, batch.items)
    if first is not None and first.time > unread_after > 0:
        look_back(state, room, Looking(COUNTED, until=unread_after, shown=False))


def _unread_after(state: State, room: Room, filling: Backfill, batch: Batch) -> float:
    """Return the time after which what others said in a page was shown on no device of ours."""
    known = room.read_until
    if filling.gap is not None:
        return max(known, filling.gap.time)
    if not room.is_channel:
        # Who answered had read what came before; a script that spoke for us had not.
        said = (_opening(item) for item in batch.items)
        own = (one for one in said if state.is_own(one) and QUIET_TAG not in one.tags)
        answered = max(map(state.time_of, own), default=0.0)
        return max(known, answered, _MILLISECOND)
    return known or math.inf


def _take_page(
    state: State,
    room: Room | None,
    items: Sequence[Message | Batch],
    unread_after: float,
    take: Take,
) -> None:
    state.old, state.page = True, room.name if room else ""
    state.unread_after, state.unread = unread_after, 0
    first = _first_anchor(state, items)
    if room is not None and first and (room.oldest is None or first.time <= room.oldest.time):
        room.oldest = first
    try:
        for item, about in _with_context(items):
            take(state, item)
            _count_reactions(state, room, item, about)
    finally:
        state.old, state.page = False, ""


def _with_context(
    items: Sequence[Message | Batch],
) -> Iterator[tuple[Message | Batch, list[Message]]]:
    """Yield what was said, each with what belongs to it and follows."""
    found: list[tuple[Message | Batch, list[Message]]] = []
    for item in items:
        if found and is_context(item):
            found[-1][1].append(_opening(item))
        elif not is_context(item):
            found.append((item, []))
    yield from found


def _count_reactions(
    state: State, room: Room | None, item: Message | Batch, about: Sequence[Message]
) -> None:
    """Tell how many reacted to a message and how: the server gives each account's once."""
    counts = Counter(filter(None, map(reacted, about)))
    msgid = next(_msgids(item), "")
    if room is not None and counts and msgid and all(map(room.is_news, about)):
        time = state.time_of(_opening(item))
        ways = tuple(counts.most_common(REACTIONS))
        state.emit_in(room, ReactionsCounted(room.name, msgid, ways, time))


def _looked(state: State, room: Room, looking: Looking, batch: Batch, take: Take) -> None:
    """Take up a page of what is older than all that was loaded, and ask for the next, or end."""
    looking.found += sum(_counts(state, room, looking, _opening(item)) for item in batch.items)
    if looking.shown:
        looking.pages.append(batch)
    first = _first_anchor(state, batch.items)
    exhausted = not _is_full(batch, looking.limit)
    if exhausted or first is None or first.time <= looking.until:
        _looked_enough(state, room, looking, take, exhausted)
    elif looking.found >= looking.wanted or looking.asked >= LOOKED:
        _looked_enough(state, room, looking, take, False)
    else:
        _look_before(state, room, looking, first)


def _counts(state: State, room: Room, looking: Looking, message: Message) -> bool:
    """Say whether a message is one of those that a look back is for."""
    if message.command not in (*_SPEECH, "BATCH"):
        return False
    return looking.shown or (
        state.time_of(message) > looking.until
        and not room.knows(message)
        and not state.is_own(message)
        and not state.is_ignored(message.source or "")
    )


def _looked_enough(
    state: State, room: Room, looking: Looking, take: Take | None, exhausted: bool
) -> None:
    """Show the pages that were gathered, the oldest first, or tell how many were counted."""
    room.looking = None
    if not looking.shown:
        if looking.found:
            more = looking.found >= looking.wanted or looking.asked >= LOOKED
            room.came += looking.found
            room.came_more = more
            state.emit_in(room, NotShown(room.name, looking.found, more, state.now))
        return
    items = [item for batch in reversed(looking.pages) for item in batch.items]
    first = _first_anchor(state, items)
    if take is not None and first is not None:
        state.emit(Earlier(room.name, first.time))
        _take_page(state, room, items, math.inf, take)
        last = state.time_of(_opening(items[-1]))
        state.emit(Earlier(room.name, last, over=True))
    if exhausted:
        state.tell(f"nothing that was said earlier in {room.name} is kept", room.name)


def finish(state: State, room: Room, complete: bool = True) -> None:
    """End the loading of a room's history: show what waited, send what was not confirmed."""
    filling = room.filling
    if filling is None:
        return
    room.filling = None
    state.events.extend(filling.held)
    state.emit(HistoryShown(room.name, state.now))
    settle(state, room, found=filling.found and complete)


def refused(state: State, target: str, reason: str) -> None:
    """Take note that the server gives no history of a room, or no more of it."""
    room = state.rooms.get(target)
    if room is None:
        return
    asked = room.asked.popleft() if room.asked else None
    if isinstance(asked, Backfill):
        finish(state, room, complete=False)
    elif asked is not None and asked is room.looking:
        _stop_looking(state, room, asked, reason)


def damaged(state: State, target: str, reason: str) -> None:
    """Take note that the page which follows lacks messages that the server cannot read."""
    room = state.rooms.get(target)
    if room is None:
        return
    if room.asked and isinstance(room.asked[0], Backfill):
        room.asked[0].whole = False
    state.tell(reason, room.name, error=True)


def overdue(state: State) -> None:
    """Go on without the pages that take too long."""
    for room in state.rooms.all():
        if room.filling and state.now - room.filling.asked_at > PATIENCE:
            finish(state, room, complete=False)
        if room.looking and state.now - room.looking.asked_at > PATIENCE:
            _stop_looking(state, room, room.looking, "the server does not answer")


def _stop_looking(state: State, room: Room, looking: Looking, reason: str) -> None:
    """Give up a look back; who asked for it is told."""
    room.looking = None
    if looking.shown:
        state.tell(f"no more of what was said earlier can be had: {reason}", room.name, error=True)


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


def _leave_out(state: State, room: Room, filling: Backfill) -> None:
    """Jump over a gap that is too large to the latest messages."""
    state.events.append(LeftOut(room.name, state.now))
    _fill(state, room, Backfill(None, filling.limit, state.now, held=filling.held))


def _page(state: State) -> int:
    return min(_PAGE, state.features.number("CHATHISTORY", _PAGE))


def _opening(item: Message | Batch) -> Message:
    return item if isinstance(item, Message) else item.opening


def _msgids(item: Message | Batch) -> Iterator[str]:
    message = _opening(item)
    if "msgid" in message.tags:
        yield message.tags["msgid"]


def _first_anchor(state: State, items: Sequence[Message | Batch]) -> Anchor | None:
    """Return the place of the first item that has one."""
    for item in items:
        for msgid in _msgids(item):
            return Anchor(state.time_of(_opening(item)), msgid)
    return None


def _last_msgid(batch: Batch) -> str:
    items = _counted(batch)
    return next(_msgids(items[-1]), "") if items else ""


def _is_full(batch: Batch, limit: int) -> bool:
    """Say whether there may be more where a page leads."""
    return END_TAG not in batch.opening.tags and len(_counted(batch)) >= limit


def _counted(batch: Batch) -> list[Message | Batch]:
    """Return what a page was asked for: what belongs to a message counts for nothing."""
    return [item for item in batch.items if not is_context(item)]


def is_context(item: Message | Batch) -> bool:
    """Say whether something belongs to the message before it in a page (IRCv3 chathistory)."""
    return CONTEXT_TAG in _opening(item).tags
