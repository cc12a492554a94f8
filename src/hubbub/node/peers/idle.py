"""When the users of other nodes last said something, as far as this node has heard it."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import SessionId
from hubbub.core.world.state import User
from hubbub.core.world.world import World

SPARE: Final = 1000
"""How many sessions that have gone are remembered, before they are let go."""


class LastSaid:
    """Remember, in seconds since 1970, when sessions of other nodes last said something.

    What was said before this node began it has not heard: who has said nothing since is taken to
    have spoken at that moment, `since`.
    """

    def __init__(self, world: World, since: int) -> None:
        """Begin without having heard anybody."""
        self._world = world
        self._since = since
        self._said: dict[SessionId, int] = {}

    def said(self, session: SessionId, time: int) -> None:
        """Learn that a session has said something, at a time in microseconds since 1970."""
        self._said[session] = time // 1_000_000
        if len(self._said) > len(self._world.sessions) + SPARE:
            here = self._world.sessions
            self._said = {session: at for session, at in self._said.items() if session in here}

    def of(self, user: User, node: int) -> int | None:
        """Return when a user's sessions on other nodes than this last said something.

        None where there are none.
        """
        there = [s for s in user.sessions if s.node != node and s not in user.quiet]
        return max((self._said.get(s, self._since) for s in there), default=None)
