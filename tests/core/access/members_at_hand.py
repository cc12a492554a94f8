"""Users and channels as they are when a right is asked for, without the dialogue that led there."""

from __future__ import annotations

import itertools
from typing import Any

from hubbub.core.records.base import SessionId
from hubbub.core.world.state import Channel, Membership, User
from hubbub.irc.names import fold

_numbers = itertools.count(1)


def user(nick: str, operator_class: str = "", **fields: Any) -> User:
    """Return somebody with one session, an operator of a class if one is given."""
    id = SessionId(1, 1, next(_numbers))
    made = User(id, nick, nick, "host", nick, sessions=[id], **fields)
    if operator_class:
        made.modes, made.operator, made.operator_class = made.modes | {"o"}, nick, operator_class
    return made


def channel(members: dict[User, str] | None = None, name: str = "#a", **fields: Any) -> Channel:
    """Return a channel with members, each with its statuses."""
    made = Channel(name, f"{name},1.1.1.1", 0, **fields)
    for member, statuses in (members or {}).items():
        made.members[member] = Membership(statuses)
        member.channels[fold(name)] = made
    return made
