"""Who speaks through the control socket: an owner that nobody sees, from the server's machine."""

from __future__ import annotations

from typing import Final

from hubbub.core.policy.privileges import OWNER
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.world.state import User
from hubbub.node.connection import Connection
from hubbub.node.entry.link import Link
from hubbub.node.sessions import Sessions

LINE_BYTES: Final = 4096
"""The longest line of the control socket: a password may be longer than an IRC line."""


def connect(sessions: Sessions, stream: Link) -> Connection:
    """Take a connection from the control socket; its user is no part of the World."""
    # It has no address, so that no ban on addresses meets it, nor any wait.
    connection = sessions.connect(stream, "", CONSOLE, True)
    connection.door = CONSOLE
    connection.accept_lines(LINE_BYTES)
    session = connection.session
    session.scope, session.nick = CONSOLE, CONSOLE
    session.user = User(
        session.id,
        CONSOLE,
        CONSOLE,
        CONSOLE,
        CONSOLE,
        modes=frozenset("o"),
        operator=CONSOLE,
        operator_class=OWNER,
    )
    return connection
