"""Who outranks whom among operators, present or absent: asked by every act on somebody.

An act by a privilege on who may do something that oneself may not is refused, and so it is on what
is that one's own: bans, codes, channels. What counts is what an account is, connected or not, and
whichever of its sessions or tokens is at hand.
"""

from __future__ import annotations

from hubbub.core.policy.privileges import OWNER, privileges_of
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.world.accounts import Account, Invite
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World

Privileges = frozenset[str]
TOO_HIGH = "This concerns an operator who may do what you may not"


def of_account(world: World, name: str) -> Privileges:
    """Return what an account ("" for none) may do, also while nobody is connected under it."""
    account = world.account(name) if name else None
    if account is None:
        return frozenset()
    return privileges_of(account.operator).union(*(user.privileges for user in account.users))


def of_user(world: World, user: User) -> Privileges:
    """Return what a user may do, or may as soon as it wants: its account's rank is its own."""
    return user.privileges | of_account(world, user.account)


def may_act_on(world: World, held: Privileges, user: User) -> bool:
    """Say whether who holds these privileges may act on a user."""
    return of_user(world, user) <= held


def may_act_on_account(world: World, held: Privileges, name: str) -> bool:
    """Say whether who holds these privileges may act on an account."""
    return of_account(world, name) <= held


def may_act_as_founder(world: World, held: Privileges, channel: Channel) -> bool:
    """Say whether who holds these privileges may act in the founder's place, where there is one."""
    found = channel.registration
    return found is None or may_act_on_account(world, held, found.founder)


def may_lift(held: Privileges, ban: NetworkBan | None) -> bool:
    """Say whether who holds these privileges may lift or replace a ban: no higher one set it."""
    return ban is None or privileges_of(ban.rank) <= held


def may_revoke(world: World, held: Privileges, invite: Invite) -> bool:
    """Say whether who holds these privileges may take a code back: by whom it is, what it grants.

    A code that makes an owner is an owner's to take back, whoever made it.
    """
    return (privileges_of(invite.grants) | of_account(world, invite.by)) <= held


def overruled(world: World, origin_user: User | None, by: str, account: str) -> bool:
    """Say whether an operator acted on an account that has come to outrank it meanwhile.

    `by` is "" where the account's owner acted. Who has gone, or is no user (the console), acted
    rightly when that was decided on, unless it has gone because it was kept out.
    """
    if not by:
        return False
    if origin_user is None:
        return is_kept_out(world, by)
    return not may_act_on_account(world, origin_user.wielded, account)


def is_kept_out(world: World, by: str) -> bool:
    """Say whether an operator was suspended or dropped: what it gave out ends, also what comes now.

    Whoever goes on asking until that moment always has one record on its way.
    """
    account = world.reserved_for(by) if by != CONSOLE else None
    return account is not None and bool(account.suspended or account.dropped)


def is_last_owner(world: World, account: Account) -> bool:
    """Say whether an account is an owner, and no other owner could log in."""
    return account.operator == OWNER and not any(
        other.operator == OWNER and other.verified and not (other.suspended or other.dropped)
        for other in world.accounts.values()
        if other is not account
    )
