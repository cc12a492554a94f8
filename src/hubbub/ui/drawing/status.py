"""The two things below the conversation: the prompt and the status line."""

from __future__ import annotations

from typing import Final

from hubbub.client.commands.context import Console
from hubbub.client.graphemes import shorten, width
from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.client.timeline.view import Pane
from hubbub.irc.text import visible

PENDING: Final = 5
"""The most unconfirmed messages that are shown above the prompt."""
SLOW: Final = 1.0
"""Seconds after which an unconfirmed message is shown there."""
_BETWEEN: Final = " │ "
_Part = tuple[str, int]
"""A part of the status line, and how important it is."""
_WHERE: Final = 9
"""How important the room is that one is in."""


def prompt(console: Console) -> str:
    """Return the text before what is typed."""
    return f"{visible(console.view.current)}> "


def pending(console: Console, now: float, columns: int) -> list[str]:
    """Return the messages that wait to be sent or confirmed, one line each."""
    outgoing = console.session.state.outgoing
    texts = [unit.text for unit in outgoing.flight.values() if now - unit.sent_at > SLOW]
    texts += [draft.text for draft in outgoing.waiting]
    lines = [shorten(f"… {visible(text)}", columns - 1) for text in texts[:PENDING]]
    more = len(texts) - PENDING
    return [*lines, f"… and {more} more"] if more > 0 else lines


def status(console: Console, link: LinkState, seconds: float, columns: int) -> str:
    """Return the status line: where we are, as whom, what waits elsewhere, the connection.

    Where it is too narrow, the least important parts are left out whole, so that none is misread:
    what was said elsewhere, that all is well with the connection, one's own nick, mentions. What
    is wrong with the connection is said shorter, and stays even longer than the room, which the
    prompt names as well. `seconds` is how long it is until the next attempt to connect.
    """
    room = columns - 3
    parts = _fitting(_parts(console, link, seconds), room)
    if _WHERE not in [importance for _, importance in parts]:
        parts = _fitting(_parts(console, link), room)
    return f" {shorten(_BETWEEN.join(text for text, _ in parts), room)} "


def _unread(pane: Pane) -> _Part:
    """Return what waits in another room; where one is mentioned it is more important."""
    mark = "!" if pane.mentions else ""
    return f"{visible(pane.name)} {pane.unread}{mark}", 4 if mark else 1


def _fitting(parts: list[_Part], room: int) -> list[_Part]:
    """Leave out what is least important until the rest fits, or only one part is left."""
    while len(parts) > 1 and width(_BETWEEN.join(text for text, _ in parts)) > room:
        least = min(importance for _, importance in parts)
        last = max(at for at, (_, importance) in enumerate(parts) if importance == least)
        del parts[last]
    return parts


def _parts(console: Console, link: LinkState, seconds: float | None = None) -> list[_Part]:
    view, session = console.view, console.session
    room = session.state.rooms.get(view.current)
    people = f" ({len(room.members)})" if room and room.members else ""
    where = f"{visible(view.current)}{people}" if view.current else "no channel"
    parts: list[_Part] = [(where, _WHERE), (visible(session.nick), 3)]
    if session.state.away:
        parts.append(("away", 5))
    parts += (_unread(pane) for pane in view.panes if pane.unread)
    well = link.status is LinkStatus.CONNECTED and session.registered
    parts.append((connection(console, link, seconds), 2 if well else _WHERE + 1))
    return parts


def connection(console: Console, link: LinkState, seconds: float | None) -> str:
    """Say how the connection is; None seconds say that it is to be said shortly."""
    match link.status:
        case LinkStatus.CONNECTED:
            return "connected" if console.session.registered else "registering"
        case LinkStatus.WAITING:
            again = "" if seconds is None else f", trying again in {max(0, round(seconds))} s"
            return f"not connected{again}"
        case LinkStatus.ASKING:
            return "waiting for you"
        case LinkStatus.CONNECTING:
            return "connecting"
        case LinkStatus.CLOSED:
            return "closed"
