"""Who may do what, asked by decide and asked again by apply.

Each function returns None for yes, or the refusal: a numeric and its parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.core.access import ranks
from hubbub.core.access.extbans import is_banned, is_listed, is_muted
from hubbub.core.records.messages import Said
from hubbub.core.world.state import Channel, Membership, User
from hubbub.core.world.world import World
from hubbub.irc import modes
from hubbub.irc.names import fold
from hubbub.irc.numerics import (
    ERR_BADCHANNELKEY,
    ERR_BANNEDFROMCHAN,
    ERR_CANNOTSENDTOCHAN,
    ERR_CHANNELISFULL,
    ERR_CHANOPRIVSNEEDED,
    ERR_INVITEONLYCHAN,
    ERR_NEEDREGGEDNICK,
    ERR_NOTONCHANNEL,
    ERR_THROTTLE,
    Numeric,
)

Refusal = tuple[Numeric, tuple[str, ...]]

_RANK_OF_PREFIX: Final = {
    "": 0,
    **{prefix: modes.RANKS[letter] for letter, prefix in modes.PREFIXES.items()},
}
_LET_IN: Final = modes.HALF_OPERATOR
"""Whose account has this rank by registration is let in like one who is invited."""
MODERATORS: Final = modes.PREFIXES["h"]
"""The prefix of those who hear what is for operators."""
_RANK_TO_SET: Final = {
    "q": modes.FOUNDER,
    "a": modes.FOUNDER,
    "o": modes.OPERATOR,
    "h": modes.OPERATOR,
}
"""What rank it takes to change a mode; half-operators may change the others."""


def join_refusal(channel: Channel, user: User, key: str, now: int) -> Refusal | None:
    """Say why a user may not enter a channel (Modern IRC, JOIN message).

    `now` is in microseconds since 1970.
    """
    name = (channel.name,)
    if user in channel.invited or modes.RANKS.get(channel.level(user.account), 0) >= _LET_IN:
        return None
    if channel.key and key != channel.key:
        return ERR_BADCHANNELKEY, name
    if "i" in channel.flags and not is_listed(channel, "I", user):
        return ERR_INVITEONLYCHAN, name
    if is_banned(channel, user):
        return ERR_BANNEDFROMCHAN, name
    if "R" in channel.flags and not user.account:
        return ERR_NEEDREGGEDNICK, name
    if channel.limit and len(channel.members) >= channel.limit:
        return ERR_CHANNELISFULL, name
    if is_rushed(channel, now):
        return ERR_THROTTLE, name
    return None


def is_rushed(channel: Channel, now: int) -> bool:
    """Say whether as many have joined of late as +j allows."""
    rate, (first, count) = channel.join_rate, channel.joins
    return rate is not None and count >= rate.limit and now - first < rate.seconds * 1_000_000


def may_pass_by(channel: Channel, user: User, now: int) -> bool:
    """Say whether a user may do in a channel what a quiet session does without being a member.

    That is what it may do who could come in, without a key, do so and leave again. `now` is in
    microseconds since 1970.
    """
    return join_refusal(channel, user, "", now) is None


def speak_refusal(
    channel: Channel, user: User, quiet: bool = False, now: int = 0
) -> Refusal | None:
    """Say why a user may not speak in a channel, or not from a quiet session at `now`.

    +n from outside, +m without voice, +M without an account, a ban or a mute. Who is quiet and no
    member is refused what would keep it from coming in, and else speaks as if it had just come in.
    """
    member = channel.members.get(user)
    statuses = member.statuses if member is not None else ""
    if member is None and quiet:
        refusal = join_refusal(channel, user, "", now)
        if refusal is not None:
            return refusal
        member = Membership(channel.level(user.account))
        statuses = member.statuses
    if statuses:
        return None
    flags = channel.flags
    if (member is None and "n" in flags) or "m" in flags or ("M" in flags and not user.account):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    if channel.lists["b"] and is_muted(channel, user):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    return None


def said_refusal(channel: Channel, user: User, said: Said, now: int) -> Refusal | None:
    """Say why a message may not be passed on, when its turn has come: `now`, in microseconds."""
    flags = channel.flags
    if "T" in flags and said.command == "NOTICE" and not has_status(channel, user):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    if said.relayed_by:
        refusal = rank_refusal(channel, user, modes.OPERATOR)
        if refusal is not None:
            return refusal
    if "U" in flags and said.histories and audience(channel, user):
        # It was said before +U came, and would be read back by all.
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    quiet = bool(user.quiet) and said.origin.session in user.quiet
    return speak_refusal(channel, user, quiet, now)


def has_status(channel: Channel, user: User) -> bool:
    """Say whether a user is more than a plain member of a channel."""
    member = channel.members.get(user)
    return member is not None and member.statuses != ""


def audience(channel: Channel, user: User) -> str:
    """Return the prefix of those who hear what a user says to all: "", or half-operators (+U)."""
    return MODERATORS if "U" in channel.flags and not has_status(channel, user) else ""


def listeners(channel: Channel, status: str, speaker: User) -> list[User]:
    """Return who hears what is said to `#channel`, or `@#channel`; the speaker is among them."""
    rank = _RANK_OF_PREFIX[status]
    heard = [u for u, member in channel.members.items() if member.rank >= rank or u is speaker]
    return heard if speaker in channel.members else [*heard, speaker]


def rank_refusal(channel: Channel, user: User, rank: int) -> Refusal | None:
    """Say why a user may not act on a channel: not a member, or of too low a rank.

    Server operators with the privilege may act on any channel, as a member or from outside.
    """
    if _has_rank(channel, user, rank) or user.may("channels", channel.name):
        return None
    numeric = ERR_CHANOPRIVSNEEDED if user in channel.members else ERR_NOTONCHANNEL
    return numeric, (channel.name,)


def lets_in(channel: Channel, user: User) -> bool:
    """Say whether a user's invitation lifts what keeps others out: a half-operator's does.

    Anybody else's is but a message, so that no member can lift a ban, a key or a limit.
    """
    return rank_refusal(channel, user, modes.HALF_OPERATOR) is None


def invite_refusal(channel: Channel, user: User) -> Refusal | None:
    """Say why a user may not invite: not a member, or +i without being at least half-operator."""
    return rank_refusal(channel, user, modes.HALF_OPERATOR if "i" in channel.flags else 0)


def rename_refusal(world: World, channel: Channel, user: User) -> Refusal | None:
    """Say why a user may not rename a channel: no operator, or no founder of a registered one."""
    rank = rank_to_rename(channel)
    refusal = rank_refusal(channel, user, rank)
    if refusal is not None or _has_rank(channel, user, rank):
        return refusal
    if ranks.may_act_as_founder(world, user.wielded, channel):
        return None
    return ERR_CHANOPRIVSNEEDED, (channel.name,)


def rank_to_rename(channel: Channel) -> int:
    """Return the rank that it takes to rename a channel."""
    return modes.OPERATOR if channel.registration is None else modes.FOUNDER


def topic_refusal(channel: Channel, user: User) -> Refusal | None:
    """Say why a user may not set a topic: not a member, or +t without being at least half-op."""
    return rank_refusal(channel, user, modes.HALF_OPERATOR if "t" in channel.flags else 0)


def kick_refusal(world: World, channel: Channel, user: User, victim: User) -> Refusal | None:
    """Say why a user may not kick another.

    Only founders may kick the protected and founders; a half-operator may not kick an operator.
    """
    refusal = rank_refusal(channel, user, modes.HALF_OPERATOR)
    if refusal is not None or user is victim:
        return refusal
    theirs = channel.members[victim].rank
    needed = modes.FOUNDER if theirs >= modes.PROTECTED else theirs
    needed = needed if theirs >= modes.OPERATOR else modes.HALF_OPERATOR
    return rank_refusal(channel, user, needed) or demotion_refusal(
        world, channel, user, victim, needed
    )


def demotion_refusal(
    world: World, channel: Channel, user: User, victim: User, rank: int
) -> Refusal | None:
    """Say why a user, who may by rank or by privilege, may not put another down in a channel.

    Who only may by privilege may not where the other is an operator of a higher class.
    """
    if user is victim or _has_rank(channel, user, rank):
        return None
    if ranks.may_act_on(world, user.wielded, victim):
        return None
    return ERR_CHANOPRIVSNEEDED, (channel.name,)


def _has_rank(channel: Channel, user: User, rank: int) -> bool:
    member = channel.members.get(user)
    return member is not None and member.rank >= rank


def mode_refusal(
    channel: Channel, user: User, changes: Iterable[tuple[str, str]]
) -> Refusal | None:
    """Say why a user may not make changes such as ("+o", "nick") to a channel's modes.

    Founders alone make and unmake founders and the protected, operators all others above voice;
    everybody may give up what they are.
    """
    return rank_refusal(channel, user, rank_to_change(user, changes))


def status_refusal(
    world: World, channel: Channel, user: User, mode: str, member: User
) -> Refusal | None:
    """Say why a user, who may change this mode, may not take it (such as "-o") from a member."""
    if mode[0] == "+":
        return None
    rank = _RANK_TO_SET.get(mode[1], modes.HALF_OPERATOR)
    return demotion_refusal(world, channel, user, member, rank)


def rank_to_change(user: User, changes: Iterable[tuple[str, str]]) -> int:
    """Return the rank that it takes a user to make changes to a channel's modes."""
    rank = 0
    for mode, argument in changes:
        letter = mode[1]
        if mode[0] == "-" and letter in modes.PREFIXES and fold(argument) == fold(user.nick):
            continue
        rank = max(rank, _RANK_TO_SET.get(letter, modes.HALF_OPERATOR))
    return rank


def sees_channel(channel: Channel, user: User | None) -> bool:
    """Say whether a channel may be shown to a user: it is not secret, or the user is in it."""
    if not channel.is_hidden:
        return True
    if user is None:
        return False
    return user in channel.members or user.may("see-secret", channel.name)


def sees_user(user: User, viewer: User) -> bool:
    """Say whether lists show a user: not invisible (+i), oneself, or in a common channel."""
    if "i" not in user.modes or user is viewer:
        return True
    return not user.channels.keys().isdisjoint(viewer.channels) or viewer.may("see-secret")


def sees_membership(channel: Channel, user: User, viewer: User) -> bool:
    """Say whether a viewer may know that a user is in a channel: not if it is +s or the user +i."""
    if viewer in channel.members or not (channel.is_hidden or "i" in user.modes):
        return True
    return viewer.may("see-secret", channel.name if channel.is_hidden else "")


def known_channels(user: User, viewer: User) -> list[str]:
    """Return the names of the channels in which a viewer may know that a user is."""
    channels = user.channels.values()
    return [channel.name for channel in channels if sees_membership(channel, user, viewer)]


def owns_nick_of(world: World, user: User, other: User) -> bool:
    """Say whether a user may end another, who has the account or the nick of the user's account."""
    if not user.account or other is user:
        return False
    if other.account:
        return fold(other.account) == fold(user.account)
    owner = world.reserved_for(other.nick)
    return owner is not None and fold(owner.name) == fold(user.account)
