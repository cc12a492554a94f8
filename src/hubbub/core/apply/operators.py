"""Who becomes an operator, by the account or by OPER, and who is one no more.

And what one makes others do (SAJOIN, SAPART, SANICK): a record is about who asked for it, or about
the victim of an operator who may still act on that one.
"""

from __future__ import annotations

from hubbub.core.access import ranks
from hubbub.core.outcomes import Notify, Outcome, Refused
from hubbub.core.policy.privileges import highest_of
from hubbub.core.records.base import SessionId
from hubbub.core.records.channels import Joined, Parted
from hubbub.core.records.users import Renamed
from hubbub.core.world.accounts import Account
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message

Outcomes = list[Outcome]
Forceable = Joined | Parted | Renamed


def operator_changed(user: User, account: Account) -> Outcomes:
    """Make a user the operator that the account is, or what its sessions are by OPER, or none."""
    user.account_class = account.operator
    return _settle(user, account.name, granted=bool(account.operator))


def operator_no_more(user: User) -> Outcomes:
    """Take from a user, who leaves its account, what it is as the operator that the account is."""
    user.account_class = ""
    return _settle(user)


def opered(user: User, session: SessionId, name: str, operator_class: str) -> None:
    """Let a session be an operator of a class, by OPER under a name of the settings."""
    user.opered[session] = operator_class
    user.modes |= {"o"}
    user.operator_class = highest_of((*user.opered.values(), user.account_class))
    if user.operator_class == operator_class:
        user.operator = name or user.operator
    elif user.operator_class == user.account_class:
        user.operator = user.account


def oper_no_more(user: User, session: SessionId) -> Outcomes:
    """Take from a user what a session that ends had become by OPER."""
    if user.opered.pop(session, None) is None:
        return []
    return _settle(user, user.account)


def _settle(user: User, account: str = "", granted: bool = False) -> Outcomes:
    """Let a user be the highest of what its sessions and its account are, and tell it what is new.

    Who has laid the rank down is none until it is `granted` anew.
    """
    before = user.is_operator, user.operator_class, user.operator
    held = highest_of((*user.opered.values(), user.account_class))
    if not held or not (granted or user.is_operator):
        user.modes -= {"o"}
        user.operator = user.operator_class = ""
    else:
        user.modes |= {"o"}
        user.operator_class = held
        if held == user.account_class:
            user.operator = account
    if (user.is_operator, user.operator_class, user.operator) == before:
        return []
    change = "+o" if user.is_operator else "-o"
    return [Notify(Message("MODE", (user.nick, change), user.source), (user,), cap.NONE)]


def subject(world: World, record: Forceable) -> User | None:
    """Return whom a record is about, or None where that one, or the right to act, is gone."""
    user = world.sessions.get(record.origin.session)
    if record.victim is None:
        return user
    victim = world.present.get(record.victim)
    if user is None or victim is None or not user.holds("sajoin"):
        return None
    return victim if ranks.may_act_on(world, user.wielded, victim) else None


def lost(record: Forceable) -> Outcomes:
    """Return what follows where there is no subject: an operator is told, who has gone is not."""
    if record.victim is None:
        return []
    nick = record.source.partition("!")[0]
    return [Refused(record.origin, numerics.ERR_NOSUCHNICK, (nick,))]


def told(world: World, record: Forceable, user: User, what: str) -> Outcomes:
    """Have a user told which operator did what, where one did."""
    if record.victim is None:
        return []
    operator = world.sessions[record.origin.session]
    notice = Message("NOTICE", (user.nick, f"The operator {operator.nick} {what}"))
    return [Notify(notice, (user,), cap.NONE)]
