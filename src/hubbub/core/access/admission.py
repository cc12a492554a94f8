"""Who may come in: asked when a session registers, and asked again when its record is applied."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import ranks
from hubbub.core.access.channels import Refusal
from hubbub.core.world.state import User
from hubbub.core.world.switches import GUESTS, REGISTRATIONS
from hubbub.core.world.world import World
from hubbub.irc.numerics import ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_YOUREBANNEDCREEP

NICK_RESERVED: Final = ERR_NICKNAMEINUSE._replace(
    text="This nick belongs to an account: if it is yours, log in (SASL, PASS account:password, or"
    " NickServ IDENTIFY), else take another nick"
)
"""What is said of a nick that somebody could use if it were not an account's name."""


def entry_refusal(world: World, source: str, account: str, now: int) -> Refusal | None:
    """Say why somebody may not come in, "" being no account; `now` is in seconds since 1970."""
    ban = world.bans.of_user(source, account, now, ranks.of_account(world, account))
    if ban is not None:
        return ERR_YOUREBANNEDCREEP, (ban.text,)
    if not account and GUESTS in world.closed:
        reason = world.closed[GUESTS]
        text = "Only those with an account may come in now"
        return ERR_YOUREBANNEDCREEP, (f"{text}: {reason}" if reason else text,)
    return None


def registration_refusal(world: World) -> tuple[str, str] | None:
    """Return the code and text of why nobody new may register an account now, or None."""
    if REGISTRATIONS not in world.closed:
        return None
    reason, text = world.closed[REGISTRATIONS], "Nobody new can register now"
    return "TEMPORARILY_UNAVAILABLE", f"{text}: {reason}" if reason else text


def nick_refusal(world: World, user: User, source: str, now: int) -> Refusal | None:
    """Say why somebody who is here may not take the nick of this source: a ban is on it."""
    if world.bans.of_user(source, "", now, ranks.of_user(world, user)) is None:
        return None
    return ERR_ERRONEUSNICKNAME, (source.partition("!")[0],)
