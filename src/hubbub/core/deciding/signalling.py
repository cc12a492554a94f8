"""Who hears what is said and never kept (typing): the same on every node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hubbub.core.access import channels
from hubbub.core.deciding.speaking import split_status
from hubbub.core.world.addressee import addressee, is_silenced
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc.names import CHANNEL_PREFIXES


class Heard(NamedTuple):
    """Say under which name a target is shown, and who hears what is said to it."""

    shown: str
    users: Sequence[User]


def heard_by(world: World, user: User, target: str) -> Heard | None:
    """Return who hears what a user says to a target; None where there is none such.

    Whether the user may say it there was asked before.
    """
    status, name = split_status(target)
    if name[:1] in CHANNEL_PREFIXES:
        channel = world.channel(name)
        if channel is None:
            return None
        heard = channels.listeners(channel, status or channels.audience(channel, user), user)
        return Heard(status + channel.name, heard)
    meant = addressee(world, name)
    if meant is None:
        return None
    recipient = meant.user
    if recipient is None or recipient is user or is_silenced(world, user, meant.presence):
        return Heard(meant.nick, (user,))
    return Heard(meant.nick, (recipient, user))
