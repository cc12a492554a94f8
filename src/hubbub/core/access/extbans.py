"""Masks of the lists b, e and I, with the extended ones (IRCv3 account-extban, Modern IRC EXTBAN).

nick!user@host     who has this source
a:account          who is logged in to this account; `a:*` is everybody who is logged in
m:MASK             who matches MASK, but for speaking only (b: a mute; e: excepted from mutes)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.core.world.state import Channel, User
from hubbub.irc.masks import matches
from hubbub.irc.names import complete_mask

MUTE: Final = "m"
ACCOUNT: Final = "a"
LETTERS: Final = ACCOUNT + MUTE


def complete(given: str) -> str:
    """Return a mask as it is kept: what it leaves out is filled in, its types are lower case.

    Of a type with nothing behind it, which would be everybody by a slip, that is "": no mask.
    """
    if given[:2] in (f"{MUTE}:", f"{MUTE.upper()}:"):
        inner = _complete_identity(given[2:]) if given[2:] else ""
        return f"{MUTE}:{inner}" if inner else ""
    return _complete_identity(given)


def _complete_identity(given: str) -> str:
    if given[:2] in (f"{ACCOUNT}:", f"{ACCOUNT.upper()}:"):
        return f"{ACCOUNT}:{given[2:]}" if given[2:] else ""
    return complete_mask(given)


def _matches(mask: str, user: User) -> bool:
    if mask[1:2] == ":" and mask[0] == ACCOUNT:
        return user.account != "" and matches(mask[2:], user.account)
    return matches(mask, user.source)


def is_listed(channel: Channel, letter: str, user: User, *, muted: bool = False) -> bool:
    """Say whether a user is on a channel's list b, e or I.

    Masks that concern speaking only count where `muted` is set, and no others do.
    """
    listed = channel.lists[letter]
    return bool(listed) and listed.found(user, muted, _is_among)


def _is_among(masks: Iterable[str], user: User, muted: bool) -> bool:
    for mask in masks:
        if mask[1:2] == ":" and mask[0] == MUTE:
            if muted and _matches(mask[2:], user):
                return True
        elif not muted and _matches(mask, user):
            return True
    return False


def is_banned(channel: Channel, user: User) -> bool:
    """Say whether a ban, and no exception, matches a user."""
    if not channel.lists["b"] or not is_listed(channel, "b", user):
        return False
    return not is_listed(channel, "e", user)


def bans_anew(channel: Channel, mask: str, user: User) -> bool:
    """Say whether one mask of the list b, and no exception, keeps a user from joining."""
    is_mute = mask[1:2] == ":" and mask[0] == MUTE
    return not is_mute and _matches(mask, user) and not is_listed(channel, "e", user)


def keeping_out(channel: Channel, user: User) -> frozenset[str]:
    """Return the masks of the list b that keep a user from joining, but for exceptions."""
    return frozenset(mask for mask in channel.lists["b"] if bans_anew(channel, mask, user))


def is_muted(channel: Channel, user: User) -> bool:
    """Say whether a ban keeps a user from speaking: any ban, or one for speaking only."""
    if not channel.lists["b"]:
        return False
    banned = is_listed(channel, "b", user)
    if not banned and not is_listed(channel, "b", user, muted=True):
        return False
    if is_listed(channel, "e", user):
        return False
    return banned or not is_listed(channel, "e", user, muted=True)
