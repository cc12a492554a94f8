"""When others learn that a user is here: not while only quiet sessions of it pass by."""

from __future__ import annotations

from hubbub.core.outcomes import Outcome, Present
from hubbub.core.state import User

Outcomes = list[Outcome]


def notice(user: User) -> Outcomes:
    """Tell those who watch for a user that it is here, unless they have been told before."""
    if user.noticed:
        return []
    user.noticed = True
    return presence(user, user.nick, user.source)


def presence(user: User, nick: str, source: str) -> Outcomes:
    """Tell that a nick of a user's is there, or gone (""), to those who watch for it."""
    return [Present(nick, source)] if user.noticed else []
