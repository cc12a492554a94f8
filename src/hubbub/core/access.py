"""Who may do what, asked by decide and asked again by apply.

Each function returns None for yes, or the refusal: a numeric and its parameters.
"""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.core.state import Channel, User
from hubbub.irc.modes import PREFIXES
from hubbub.irc.names import fold, matches
from hubbub.irc.numerics import (
    ERR_BADCHANNELKEY,
    ERR_BANNEDFROMCHAN,
    ERR_CANNOTSENDTOCHAN,
    ERR_CHANNELISFULL,
    ERR_CHANOPRIVSNEEDED,
    ERR_INVITEONLYCHAN,
    ERR_NOTONCHANNEL,
    Numeric,
)

Refusal = tuple[Numeric, tuple[str, ...]]


def is_listed(channel: Channel, letter: str, user: User) -> bool:
    """Say whether a user is on a channel's list b, e or I."""
    return any(matches(mask, user.source) for mask in channel.lists[letter])


def is_banned(channel: Channel, user: User) -> bool:
    """Say whether a ban, and no exception, matches a user."""
    if not channel.lists["b"]:
        return False
    return is_listed(channel, "b", user) and not is_listed(channel, "e", user)


def join_refusal(channel: Channel, user: User, key: str) -> Refusal | None:
    """Say why a user may not enter a channel (Modern IRC, JOIN message)."""
    name = (channel.name,)
    if user in channel.invited:
        return None
    if channel.key and key != channel.key:
        return ERR_BADCHANNELKEY, name
    if "i" in channel.flags and not is_listed(channel, "I", user):
        return ERR_INVITEONLYCHAN, name
    if is_banned(channel, user):
        return ERR_BANNEDFROMCHAN, name
    if channel.limit and len(channel.members) >= channel.limit:
        return ERR_CHANNELISFULL, name
    return None


def speak_refusal(channel: Channel, user: User) -> Refusal | None:
    """Say why a user may not speak in a channel: +n from outside, +m without voice, a ban."""
    member = channel.members.get(user)
    if member is not None and member.statuses:
        return None
    flags = channel.flags
    if (member is None and "n" in flags) or "m" in flags:
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    if channel.lists["b"] and is_banned(channel, user):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    return None


def listeners(channel: Channel, status: str, speaker: User) -> list[User]:
    """Return who hears what is said to `#channel`, or `@#channel`; the speaker is among them."""
    rank = {"@": 3, "%": 2, "+": 1, "": 0}[status]
    heard = [u for u, member in channel.members.items() if member.rank >= rank or u is speaker]
    return heard if speaker in channel.members else [*heard, speaker]


def rank_refusal(channel: Channel, user: User, rank: int) -> Refusal | None:
    """Say why a user may not act on a channel: not a member, or of too low a rank.

    Server operators with the privilege may act on any channel, as a member or from outside.
    """
    if user.may("channels"):
        return None
    member = channel.members.get(user)
    if member is None:
        return ERR_NOTONCHANNEL, (channel.name,)
    if member.rank < rank:
        return ERR_CHANOPRIVSNEEDED, (channel.name,)
    return None


def lets_in(channel: Channel, user: User) -> bool:
    """Say whether a user's invitation lifts what keeps others out: a half-operator's does.

    Anybody else's is but a message, so that no member can lift a ban, a key or a limit.
    """
    return rank_refusal(channel, user, 2) is None


def topic_refusal(channel: Channel, user: User) -> Refusal | None:
    """Say why a user may not set a topic: not a member, or +t without being at least half-op."""
    return rank_refusal(channel, user, 2 if "t" in channel.flags else 0)


def kick_refusal(channel: Channel, user: User, victim: User) -> Refusal | None:
    """Say why a user may not kick another: a half-operator may not kick an operator."""
    refusal = rank_refusal(channel, user, 2)
    if refusal is not None or user.may("channels"):
        return refusal
    if channel.members[user].rank < 3 <= channel.members[victim].rank:
        return ERR_CHANOPRIVSNEEDED, (channel.name,)
    return None


def mode_refusal(
    channel: Channel, user: User, changes: Iterable[tuple[str, str]]
) -> Refusal | None:
    """Say why a user may not make changes such as ("+o", "nick") to a channel's modes.

    Half-operators may not make or unmake operators and half-operators; everybody may give up what
    they are.
    """
    rank = 0
    for mode, argument in changes:
        given_up = mode[0] == "-" and mode[1] in PREFIXES and fold(argument) == fold(user.nick)
        rank = max(rank, 0 if given_up else 3 if mode[1] in "oh" else 2)
    return rank_refusal(channel, user, rank)


def sees_channel(channel: Channel, user: User | None) -> bool:
    """Say whether a channel may be shown to a user: it is not secret, or the user is in it."""
    if not channel.is_hidden:
        return True
    return user is not None and (user in channel.members or user.may("see-secret"))


def sees_user(user: User, viewer: User) -> bool:
    """Say whether lists show a user: not invisible (+i), oneself, or in a common channel."""
    if "i" not in user.modes or user is viewer or viewer.may("see-secret"):
        return True
    return not user.channels.keys().isdisjoint(viewer.channels)


def sees_membership(channel: Channel, user: User, viewer: User) -> bool:
    """Say whether a viewer may know that a user is in a channel: not if it is +s or the user +i."""
    if viewer in channel.members or viewer.may("see-secret"):
        return True
    return not channel.is_hidden and "i" not in user.modes
