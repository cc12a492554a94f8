"""The two things below the conversation: the prompt and the status line."""

from __future__ import annotations

from typing import Final

from hubbub.client.console import Console
from hubbub.client.graphemes import shorten, width
from hubbub.irc.text import visible
from hubbub.terminal.conversation import Connection, LinkState

PENDING: Final = 5
"""The most unconfirmed messages that are shown above the prompt."""
SLOW: Final = 1.0
"""Seconds after which an unconfirmed message is shown there."""
_BETWEEN: Final = " │ "
_Part = tuple[str, int]
"""A part of the status line, and how important it is."""


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
    what was said elsewhere, that all is well with the connection, one's own nick, mentions. The
    room stays longest. `seconds` is how long it is until the next attempt to connect.
    """
    parts = _parts(console, link, seconds)
    room = columns - 3
    while len(parts) > 1 and width(_BETWEEN.join(text for text, _ in parts)) > room:
        least = min(importance for _, importance in parts)
        last = max(at for at, (_, importance) in enumerate(parts) if importance == least)
        del parts[last]
    return f" {shorten(_BETWEEN.join(text for text, _ in parts), room)} "


def _parts(console: Console, link: LinkState, seconds: float) -> list[_Part]:
    view, session = console.view, console.session
    room = session.state.rooms.get(view.current)
    people = f" ({len(room.members)})" if room and room.members else ""
    where = f"{visible(view.current)}{people}" if view.current else "no channel"
    parts: list[_Part] = [(where, 9), (visible(session.nick), 3)]
    if session.state.away:
        parts.append(("away", 5))
    for pane in view.panes:
        if pane.unread:
            mark = "!" if pane.mentions else ""
            parts.append((f"{visible(pane.name)} {pane.unread}{mark}", 4 if mark else 1))
    well = link.connection is Connection.CONNECTED and session.registered
    parts.append((connection(console, link, seconds), 2 if well else 6))
    return parts


def connection(console: Console, link: LinkState, seconds: float) -> str:
    """Say how the connection is."""
    match link.connection:
        case Connection.CONNECTED:
            return "connected" if console.session.registered else "registering"
        case Connection.WAITING:
            return f"not connected, trying again in {max(0, round(seconds))} s"
        case Connection.ASKING:
            return "waiting for you"
        case Connection.CONNECTING:
            return "connecting"
        case Connection.CLOSED:
            return "closed"
