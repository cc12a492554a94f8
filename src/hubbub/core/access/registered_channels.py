"""Registered channels: who may register, hand on and drop them, and who is what in them.

Asked by decide and asked again by apply. Each function returns None for yes, or the code of a FAIL
and its text.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.access import history, ranks
from hubbub.core.world.state import Channel, Registration, User
from hubbub.core.world.world import World
from hubbub.irc import modes
from hubbub.irc.names import fold

Declined = tuple[str, str]

LEVELS: Final = {
    "founder": "q",
    "protected": "a",
    "operator": "o",
    "halfop": "h",
    "voice": "v",
}
"""The levels of an access list, highest first, and the status that each gives on joining."""
LEVEL_NAMES: Final = {letter: name for name, letter in LEVELS.items()}
PRIVILEGE: Final = "channels"
"""What a server operator needs to act as founder."""
_OWNER: Final = modes.FOUNDER + 1
_NOT_REGISTERED: Final = "NOT_REGISTERED", "This channel is not registered"


def registered_by(world: World, account: str) -> int:
    """Return how many channels an account is the founder of."""
    folded = fold(account)
    held = (channel.registration for channel in world.channels.values())
    return sum(found is not None and fold(found.founder) == folded for found in held)


def registration_refusal(world: World, channel: Channel, user: User, limit: int) -> Declined | None:
    """Say why a user may not register a channel: it takes an account and an operator's rank."""
    if not user.account:
        return "ACCOUNT_REQUIRED", "You need to be logged in to register a channel"
    if channel.registration is not None:
        return "ALREADY_REGISTERED", "This channel is registered already"
    member = channel.members.get(user)
    is_operator = member is not None and member.rank >= modes.OPERATOR
    if not is_operator and not user.may(PRIVILEGE, channel.name):
        return "PRIVS_NEEDED", "Only an operator of the channel can register it"
    return _limit_refusal(world, user.account, limit)


def _limit_refusal(world: World, account: str, limit: int) -> Declined | None:
    if registered_by(world, account) >= limit:
        return "TOO_MANY_CHANNELS", f"An account can have at most {limit} channels"
    return None


def unregistration_refusal(world: World, channel: Channel, user: User) -> Declined | None:
    """Say why a user may not take a channel's registration away."""
    if channel.registration is None:
        return _NOT_REGISTERED
    if not _has_authority(world, channel, user, _OWNER):
        return "PRIVS_NEEDED", "Only the founder of the channel may do this"
    return None


def retention_refusal(world: World, channel: Channel, user: User) -> Declined | None:
    """Say why a user may not say how long a channel's history is kept.

    Its founder may; where it has none, who may look after channels.
    """
    if channel.registration is None and user.may(PRIVILEGE, channel.name):
        return None
    return unregistration_refusal(world, channel, user)


def kept(world: World, channel: Channel) -> tuple[int, int]:
    """Return for how many days, and how many messages, a channel's history is kept; 0 for any.

    What holds for the whole server holds for each channel: a founder can only keep less.
    """
    held = world.kept_for
    most = (0, 0) if held is None else (held.channel_days, held.channel_messages)
    days, messages = zip(channel.retention, most, strict=True)
    return min(filter(None, days), default=0), min(filter(None, messages), default=0)


def purge_refusal(world: World, channel: Channel, user: User) -> Declined | None:
    """Say why a user may not end a channel with all that is in it."""
    reaches = ranks.may_act_as_founder(world, user.wielded, channel)
    if reaches and user.may(PRIVILEGE, channel.name):
        return None
    return "PRIVS_NEEDED", "Only a server operator may do this"


def transfer_refusal(
    world: World, channel: Channel, user: User, account: str, limit: int
) -> Declined | None:
    """Say why a user may not give a channel to another account."""
    refusal = unregistration_refusal(world, channel, user)
    if refusal is not None:
        return refusal
    if not is_account(world, account):
        return "ACCOUNT_UNKNOWN", "There is no such account"
    if channel.registration is not None and fold(channel.registration.founder) == fold(account):
        return "ALREADY_REGISTERED", "This account has the channel already"
    return _limit_refusal(world, account, limit)


def access_refusal(
    world: World, channel: Channel, user: User, account: str, level: str, limit: int
) -> Declined | None:
    """Say why a user may not let an account be of a level (a status letter, "" for none).

    It takes the level protected, and one above both what is given and what was; everybody may give
    up a level.
    """
    held = channel.registration
    if held is None:
        return _NOT_REGISTERED
    if fold(account) == fold(held.founder):
        return "INVALID_LEVEL", "The founder has all levels; TRANSFER gives the channel away"
    before = channel.level(account)
    if level and not is_account(world, account):
        return "ACCOUNT_UNKNOWN", "There is no such account"
    if not level and not before:
        return "ACCOUNT_UNKNOWN", "This account is not on the access list"
    resigns = not level and fold(account) == fold(user.account)
    needed = max(modes.OPERATOR, modes.RANKS.get(level, 0), modes.RANKS.get(before, 0))
    if not resigns and not _has_authority(world, channel, user, needed + 1, account):
        return "PRIVS_NEEDED", "Your level in this channel does not allow this"
    if not before and len(held.access) >= limit:
        return "LIST_FULL", f"An access list has at most {limit} entries"
    return None


def access_list_refusal(channel: Channel, user: User) -> Declined | None:
    """Say why a user may not read an access list: those who are on it may, and half-operators."""
    if channel.registration is None:
        return _NOT_REGISTERED
    member = channel.members.get(user)
    if member is not None and member.rank >= modes.HALF_OPERATOR:
        return None
    level = modes.RANKS.get(channel.level(user.account), 0)
    if level or user.may(PRIVILEGE, channel.name):
        return None
    return "PRIVS_NEEDED", "Only those who are on this list may read it"


def opening_refusal(channel: Channel, user: User) -> Declined | None:
    """Say why a user may not open what was said while a channel was closed: its founder alone may.

    No privilege does it, nor a channel that one was given by one: those who spoke were promised
    that nobody who comes later reads it.
    """
    if channel.registration is None:
        return _NOT_REGISTERED
    if not owns(channel, user):
        return "PRIVS_NEEDED", "Only the founder of the channel may do this"
    if channel.closed and history.still_closed(channel, user) == channel.closed:
        return (
            "PRIVS_NEEDED",
            "It was said before you came in, or were the founder, and stays closed",
        )
    if channel.history_since_join:
        return "STILL_CLOSED", "Open the channel first: take +i, +k and +s away"
    return None


def owns(channel: Channel, user: User) -> bool:
    """Say whether a user is logged in as the one founder of a registered channel."""
    held = channel.registration
    return held is not None and bool(user.account) and fold(user.account) == fold(held.founder)


def _has_authority(
    world: World, channel: Channel, user: User, needed: int, about: str = ""
) -> bool:
    """Say whether a user's account has a rank, which is above all levels for who owns the channel.

    A server operator with the privilege has it in any channel, but for those of higher operators,
    and not where it is `about` the account of one.
    """
    level = _OWNER if owns(channel, user) else modes.RANKS.get(channel.level(user.account), 0)
    if level >= needed:
        return True
    held = user.wielded
    reaches = ranks.may_act_as_founder(world, held, channel)
    reaches = reaches and ranks.may_act_on_account(world, held, about)
    return reaches and user.may(PRIVILEGE, channel.name)


def is_account(world: World, name: str) -> bool:
    """Say whether there is an account of a name, and surely not another's tomorrow."""
    account = world.account(name)
    return account is not None and account.verified


def successor(registration: Registration) -> str:
    """Return the account that is to have a channel after its founder, "" where there is none.

    It is the highest on the access list, of several the one that has been so for longest; voice is
    not enough.
    """
    heirs = [
        entry
        for entry in registration.access.values()
        if modes.RANKS[entry.level] >= modes.HALF_OPERATOR
    ]
    heir = min(heirs, key=lambda entry: (-modes.RANKS[entry.level], entry.time), default=None)
    return heir.account if heir is not None else ""
