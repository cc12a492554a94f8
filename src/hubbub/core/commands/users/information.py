"""About the server: LUSERS, MOTD, VERSION, ISUPPORT, TIME, INFO, ADMIN, LINKS."""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding.context import Command, Context, FollowUps
from hubbub.core.showing import isupport
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.timestamps import format_time


def lusers(ctx: Context) -> None:
    """Say how many users and channels there are (RFC 2812 3.4.2)."""
    total = len(ctx.world.users)
    # Whoever comes in is told, so this has to be quick; most of those who are here have no modes.
    held = [user.modes for user in ctx.world.users.values() if user.modes]
    invisible = sum("i" in modes for modes in held)
    operators = sum("o" in modes for modes in held)
    visible = total - invisible
    ctx.reply(
        numerics.RPL_LUSERCLIENT,
        f"There are {visible} users and {invisible} invisible on 1 server",
    )
    if operators:
        ctx.reply(numerics.RPL_LUSEROP, str(operators), "operator(s) online")
    channels = sum("s" not in channel.flags for channel in ctx.world.channels.values())
    ctx.reply(numerics.RPL_LUSERCHANNELS, str(channels), "channels formed")
    ctx.reply(numerics.RPL_LUSERME, f"I have {total} clients and 0 servers")
    most = str(ctx.world.most_users)
    for numeric, scope in (
        (numerics.RPL_LOCALUSERS, "local"),
        (numerics.RPL_GLOBALUSERS, "global"),
    ):
        ctx.reply(numeric, str(total), most, f"Current {scope} users {total}, max {most}")


def isupport_command(ctx: Context) -> None:
    """Tell what the server supports, early too to who has asked for that (IRCv3)."""
    if ctx.session.user is None and not ctx.session.has(cap.EXTENDED_ISUPPORT):
        ctx.reply(numerics.ERR_NOTREGISTERED)
    else:
        show_supported(ctx)


def show_supported(ctx: Context) -> None:
    """Answer with RPL_ISUPPORT, as one batch to who knows that."""
    lines = isupport.lines(ctx.policy)
    text = "are supported by this server"
    messages = [ctx.numeric(numerics.RPL_ISUPPORT, *line, text) for line in lines]
    if ctx.session.has(cap.EXTENDED_ISUPPORT):
        ctx.batch(("draft/isupport",), messages)
    else:
        for message in messages:
            ctx.answer(message)


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
    show_supported(ctx)


def time(ctx: Context) -> None:
    """Tell the server's time, in UTC (RFC 2812 3.4.6)."""
    ctx.reply(numerics.RPL_TIME, ctx.policy.server, format_time(ctx.now))


def info(ctx: Context) -> None:
    """Describe the server (RFC 2812 3.4.10)."""
    ctx.reply(numerics.RPL_INFO, f"{isupport.VERSION}: a chat server for the terminal")
    ctx.reply(numerics.RPL_INFO, f"Running since {ctx.policy.created}")
    ctx.reply(numerics.RPL_ENDOFINFO)


def admin(ctx: Context) -> None:
    """Tell who runs the server (RFC 2812 3.4.9)."""
    server, lines = ctx.policy.server, ctx.policy.admin
    if not lines:
        ctx.reply(numerics.ERR_NOADMININFO, server)
        return
    ctx.reply(numerics.RPL_ADMINME, server, "Administrative information")
    # A client expects one line each for place, institution and address.
    for numeric, line in zip(_ADMIN_LINES, lines, strict=False):
        ctx.reply(numeric, line)


_ADMIN_LINES: Final = (
    numerics.RPL_ADMINLOC1,
    numerics.RPL_ADMINLOC2,
    numerics.RPL_ADMINEMAIL,
)


def links(ctx: Context) -> None:
    """List the links to other servers (RFC 2812 3.4.5).

    There are none, however many nodes there are: to its users all of them are one server.
    """
    ctx.reply(numerics.RPL_ENDOFLINKS, "*")


def users(ctx: Context) -> None:
    """Say that nobody is told who is logged in to the machine (RFC 2812 4.6)."""
    ctx.reply(numerics.ERR_USERSDISABLED)


COMMANDS: Final = (
    Command("LUSERS", lusers, "", "count users and channels"),
    Command("MOTD", motd, "", "show the message of the day"),
    Command("VERSION", version, "", "say what runs here"),
    Command("ISUPPORT", isupport_command, "", "tell what the server supports", early=True),
    Command("TIME", time, "", "tell the server's time"),
    Command("INFO", info, "", "describe the server"),
    Command("ADMIN", admin, "", "tell who runs the server"),
    Command("LINKS", links, "", "list the links to other servers; there are none"),
    Command("USERS", users, "", "ask who is logged in to the machine, which is not told"),
)

FOLLOW_UPS: Final[FollowUps] = {}
