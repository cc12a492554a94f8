"""That somebody is here, or has gone, for those who watch for it (MONITOR)."""

from __future__ import annotations

from hubbub.core.outcomes import Outcome, Present
from hubbub.core.world.state import User


def notice(user: User) -> list[Outcome]:
    """Tell those who watch for a user that it is here, unless they have been told before."""
    if user.noticed:
        return []
    user.noticed = True
    return presence(user, user.nick, user.source)


def presence(user: User, nick: str, source: str) -> list[Outcome]:
    """Tell that a nick of a user's is there, or gone (""), to those who watch for it."""
    return [Present(nick, source)] if user.noticed else []
