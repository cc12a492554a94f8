"""About the server: LUSERS, MOTD, VERSION."""

from __future__ import annotations

from typing import Final

from hubbub.core import isupport
from hubbub.core.context import Command, Context, FollowUps
from hubbub.irc import numerics


def lusers(ctx: Context) -> None:
    """Say how many users and channels there are (RFC 2812 3.4.2)."""
    users = ctx.world.users.values()
    invisible = sum("i" in user.modes for user in users)
    operators = sum(user.is_operator for user in users)
    total = len(users)
    visible = total - invisible
    ctx.reply(
        numerics.RPL_LUSERCLIENT,
        f"There are {visible} users and {invisible} invisible on 1 server",
    )
    if operators:
        ctx.reply(numerics.RPL_LUSEROP, str(operators), "operator(s) online")
    channels = sum(not channel.is_hidden for channel in ctx.world.channels.values())
    ctx.reply(numerics.RPL_LUSERCHANNELS, str(channels), "channels formed")
    ctx.reply(numerics.RPL_LUSERME, f"I have {total} clients and 0 servers")
    most = str(ctx.world.most_users)
    for numeric, scope in (
        (numerics.RPL_LOCALUSERS, "local"),
        (numerics.RPL_GLOBALUSERS, "global"),
    ):
        ctx.reply(numeric, str(total), most, f"Current {scope} users {total}, max {most}")


def motd(ctx: Context) -> None:
    """Show the message of the day (RFC 2812 3.4.1)."""
    if not ctx.policy.motd:
        ctx.reply(numerics.ERR_NOMOTD)
        return
    ctx.reply(numerics.RPL_MOTDSTART, f"- {ctx.policy.server} Message of the day -")
    for line in ctx.policy.motd:
        ctx.reply(numerics.RPL_MOTD, f"- {line}")
    ctx.reply(numerics.RPL_ENDOFMOTD)


def version(ctx: Context) -> None:
    """Say what runs here, and what it supports (RFC 2812 3.4.3)."""
    ctx.reply(numerics.RPL_VERSION, isupport.VERSION, ctx.policy.server, "an IRCv3 server")
    for line in isupport.lines(ctx.policy):
        ctx.reply(numerics.RPL_ISUPPORT, *line, "are supported by this server")


COMMANDS: Final = (
    Command("LUSERS", lusers, "", "count users and channels"),
    Command("MOTD", motd, "", "show the message of the day"),
    Command("VERSION", version, "", "say what runs here"),
)

FOLLOW_UPS: Final[FollowUps] = {}
