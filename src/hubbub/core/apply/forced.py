"""Whom a record is about: who asked for it, or whom an operator forces (SAJOIN, SAPART, SANICK)."""

from __future__ import annotations

from hubbub.core.access import ranks
from hubbub.core.outcomes import Notify, Outcome, Refused
from hubbub.core.records.channels import Joined, Parted
from hubbub.core.records.users import Renamed
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message

Forceable = Joined | Parted | Renamed


def subject(world: World, record: Forceable) -> User | None:
    """Return whom a record is about, or None where that one, or the right to act, is gone."""
    user = world.sessions.get(record.origin.session)
    if record.victim is None:
        return user
    victim = world.present.get(record.victim)
    if user is None or victim is None or not user.holds("sajoin"):
        return None
    return victim if ranks.may_act_on(world, user.wielded, victim) else None


def lost(record: Forceable) -> list[Outcome]:
    """Return what follows where there is no subject: an operator is told, who has gone is not."""
    if record.victim is None:
        return []
    nick = record.source.partition("!")[0]
    return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (nick,))]


def told(world: World, record: Forceable, user: User, what: str) -> list[Outcome]:
    """Have a user told which operator did what, where one did."""
    if record.victim is None:
        return []
    operator = world.sessions[record.origin.session]
    notice = Message("NOTICE", (user.nick, f"The operator {operator.nick} {what}"))
    return [Notify(notice, (user,), cap.NONE)]
