"""Who has which nick: taking one, giving up that of somebody's account, and who learns of it.

Others learn that a user is here, but not while only quiet sessions of it pass by.
"""

from __future__ import annotations

from hubbub.core.access import admission
from hubbub.core.apply.channels import still_invited
from hubbub.core.apply.operators import lost, subject, told
from hubbub.core.apply.presence import presence
from hubbub.core.outcomes import (
    Deliver,
    Notify,
    Outcome,
    Refused,
)
from hubbub.core.records.entries import Entry
from hubbub.core.records.users import Renamed
from hubbub.core.world.accounts import Account
from hubbub.core.world.state import User
from hubbub.core.world.world import WhoWas, World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Outcomes = list[Outcome]


def is_reserved(world: World, nick: str, account: Account | None) -> bool:
    """Say whether a nick is the name of an account other than this one."""
    owner = world.reserved_for(nick)
    return owner is not None and owner is not account


def displace(world: World, nick: str, account: Account | None, entry: Entry) -> Outcomes:
    """Rename whoever else holds the nick that is the name of an account."""
    holder = world.user(nick)
    if holder is None or account is None or fold(account.name) != fold(nick):
        return []
    return [] if holder in account.users else take_nick(world, holder, entry)


def take_nick(world: World, holder: User, entry: Entry) -> Outcomes:
    """Rename a user, after a notice, who has the nick that belongs to an account."""
    name = f"Guest{entry.seq}"
    while fold(name) in world.users or world.reserved_for(name) is not None:
        name += "_"
    text = f"The nick {holder.nick} belongs to an account; you are {name} now"
    warning = Notify(Message("NOTICE", (holder.nick, text)), (holder,), cap.NONE)
    old, source = holder.nick, holder.source
    remember(world, holder, entry)
    del world.users[fold(old)]
    with still_invited(holder):
        holder.rename(name)
    world.users[fold(name)] = holder
    message = Message("NICK", (name,), source)
    renamed = Notify(message, (holder,), cap.NONE, circle=holder.circle)
    found = [*presence(holder, old, ""), *presence(holder, name, holder.source)]
    return [warning, renamed, *found]


def remember(world: World, user: User, entry: Entry) -> None:
    """Keep in WHOWAS who a user was."""
    world.whowas.appendleft(
        WhoWas(
            user.nick,
            user.username,
            user.host,
            user.realname,
            user.account,
            entry.seconds,
        )
    )


def renamed(world: World, record: Renamed, entry: Entry) -> Outcomes:
    """Give a user another nick."""
    user = subject(world, record)
    if user is None:
        return lost(record)
    folded = fold(record.nick)
    own = world.account(user.account) if user.account else None
    if is_reserved(world, record.nick, own):
        return [Refused(record.origin, admission.NICK_RESERVED, (record.nick,))]
    if world.users.get(folded, user) is not user:
        return [Refused(record.origin, numerics.ERR_NICKNAMEINUSE, (record.nick,))]
    source = f"{record.nick}!{user.username}@{user.host}"
    refusal = admission.nick_refusal(world, user, source, entry.seconds)
    if refusal is not None:
        return [Refused(record.origin, *refusal)]
    remember(world, user, entry)
    old = user.nick
    del world.users[fold(old)]
    with still_invited(user):
        user.rename(record.nick)
    world.users[folded] = user
    outcomes: Outcomes = [Deliver(entry, None, (user,), circle=user.circle)]
    outcomes += told(world, record, user, f"gave you the nick {user.nick}")
    if fold(old) != folded:
        outcomes += [*presence(user, old, ""), *presence(user, user.nick, user.source)]
    return outcomes
