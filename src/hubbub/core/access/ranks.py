"""Who outranks whom among operators, present or absent: asked by every act on somebody.

An act by a privilege on who may do something that oneself may not is refused, and so it is on what
is that one's own: bans, codes, channels. What counts is what an account is, connected or not, and
whichever of its sessions or tokens is at hand.
"""

from __future__ import annotations

from hubbub.core.policy.privileges import OWNER, privileges_of
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.base import Origin
from hubbub.core.world.accounts import Account, Invite
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World

Privileges = frozenset[str]
TOO_HIGH = "This concerns an operator who may do what you may not"
NO_MORE = "You may do that no more"
LAST_OWNER = "This is the last owner, and nobody could make another but on the server's machine"


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


def may_still_act(world: World, origin: Origin, by: str, privilege: str) -> bool:
    """Say whether who acted as an operator (`by`; "" where nobody did) is still one who may.

    Who was sent away or has lost the privilege meanwhile may not: many records of one's can be on
    their way. The console and the node itself are no users, and may.
    """
    asker = world.sessions.get(origin.session)
    if not by or asker is None:
        return by in ("", CONSOLE) or origin.session.is_nodes
    return asker.holds(privilege)


def gives(world: World, name: str, operator_class: str) -> bool:
    """Say whether an account may do all that operators of a class may."""
    return privileges_of(operator_class) <= of_account(world, name)


def overruled(
    world: World, origin: Origin, by: str, account: str, privilege: str = "accounts"
) -> bool:
    """Say whether an operator acted on an account that may not do so, or not any more.

    Either it has lost the privilege, or the account has come to outrank it. `by` is "" where the
    account's owner acted.
    """
    if not may_still_act(world, origin, by, privilege):
        return True
    asker = world.sessions.get(origin.session) if by else None
    return asker is not None and not may_act_on_account(world, asker.wielded, account)


def is_last_owner(world: World, account: Account) -> bool:
    """Say whether an account is an owner, and no other owner could log in."""
    return account.operator == OWNER and not any(
        other.operator == OWNER and other.can_log_in
        for other in world.accounts.values()
        if other is not account
    )
