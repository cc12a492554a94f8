"""The two things below the conversation: the prompt and the status line."""

from __future__ import annotations

from typing import Final

from hubbub.client.console import Console
from hubbub.client.graphemes import shorten
from hubbub.irc.text import visible
from hubbub.terminal.conversation import Connection, LinkState

PENDING: Final = 5
"""The most unconfirmed messages that are shown above the prompt."""
SLOW: Final = 1.0
"""Seconds after which an unconfirmed message is shown there."""


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

    `seconds` is how long it is until the next attempt to connect.
    """
    view = console.view
    room = console.session.state.rooms.get(view.current)
    people = f" ({len(room.members)})" if room and room.members else ""
    parts = [
        f"{visible(view.current)}{people}" if view.current else "no channel",
        visible(console.session.nick),
    ]
    parts += [
        f"{visible(pane.name)} {pane.unread}{'!' if pane.mentions else ''}"
        for pane in view.panes
        if pane.unread
    ]
    parts.append(connection(console, link, seconds))
    return f" {shorten(' │ '.join(parts), columns - 3)} "


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
