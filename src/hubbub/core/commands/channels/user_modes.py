"""Modes of users: what MODE does with a nick (Modern IRC, User mode)."""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.records.users import UserModesSet
from hubbub.irc import modes, numerics

GRANTED: Final = "o"
"""Modes that a user can give up but not take."""


def user_mode(ctx: CommandContext) -> None:
    """Show or change one's own modes."""
    user = ctx.world.user(ctx.param(0))
    if user is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(ctx.param(0)))
    elif user is not ctx.user:
        ctx.reply(numerics.ERR_USERSDONTMATCH)
    elif not ctx.param(1).strip("+-"):
        ctx.reply(numerics.RPL_UMODEIS, "+" + "".join(sorted(user.modes)))
    else:
        _change(ctx, ctx.param(1))


def _change(ctx: Context, asked: str) -> None:
    user = ctx.user
    last: dict[str, str] = {}
    sign, unknown = "+", False
    for letter in asked:
        if letter in "+-":
            sign = letter
        elif letter not in modes.USER_MODES:
            unknown = True
        # What is granted (an operator's mode) nobody gives themselves; anybody may lay it down.
        elif sign == "-" or letter not in GRANTED:
            # Of several words on a letter the last counts, and where it stood.
            last.pop(letter, None)
            last[letter] = sign
    if unknown:
        ctx.reply(numerics.ERR_UMODEUNKNOWNFLAG)
    changes = tuple(
        given + letter for letter, given in last.items() if (given == "+") != (letter in user.modes)
    )
    if changes:
        ctx.append(UserModesSet(ctx.origin, user.source, changes))
