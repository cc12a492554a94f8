"""Who is shown, without having asked, what was said while it was not here.

Only clients that cannot ask for it (CHATHISTORY). `channels.replay_to` says who is shown what was
said in channels:
    accounts   those who are logged in: what their device has not been told, and they have not read
    guests     the newest messages, on the first JOIN to each channel
    bots       of these also accounts of the class `bot`, and whoever calls itself a bot (+B)
    untimed    of these also clients without server-time, which could not tell old from new: as
               notices from the server, with the time in the text
Direct messages that waited are shown to every account but a bot's.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding.context import Context
from hubbub.core.requests import Replay, ReplayDirect
from hubbub.core.world.state import Channel
from hubbub.irc import capabilities as cap

BOT_CLASS: Final = "bot"
"""The class of operators that only a program is in (hubbub.core.policy.privileges)."""


def replay_channel(ctx: Context, channel: Channel) -> None:
    """Ask for what was said in a channel to be shown to a session that has come into it."""
    replay_to = ctx.policy.replay_to
    is_account = bool(ctx.user.account)
    if (
        ctx.policy.replay
        and ("accounts" if is_account else "guests") in replay_to
        and ("untimed" in replay_to or ctx.session.has(cap.SERVER_TIME))
        and _may_be_shown(ctx)
    ):
        ctx.effects.append(Replay(channel, ctx.policy.replay))


def replay_direct(ctx: Context) -> None:
    """Ask for the direct messages that waited to be shown to a session of an account."""
    if ctx.user.account and _may_be_shown(ctx):
        ctx.effects.append(ReplayDirect(ctx.policy.history_page))


def _may_be_shown(ctx: Context) -> bool:
    if ctx.session.quiet or ctx.session.has(cap.CHATHISTORY):
        return False
    return "bots" in ctx.policy.replay_to or not _is_bot(ctx)


def _is_bot(ctx: Context) -> bool:
    """Say whether a program listens that might take what is old for a command."""
    account = ctx.world.account(ctx.user.account) if ctx.user.account else None
    return "B" in ctx.user.modes or (account is not None and account.operator == BOT_CLASS)
