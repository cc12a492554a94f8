"""About one user: WHOIS, WHOWAS, USERHOST and ISON (Modern IRC, User-based queries)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hubbub.core.access import channels
from hubbub.core.commands.metadata.subscriptions import show_in_whois
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.world import service_nicks
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc import masks, names, numerics
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import format_time

USERHOST_NICKS: Final = 5


def whois(ctx: CommandContext) -> None:
    """Tell what may be known of a user."""
    server, nick = ("", ctx.param(0)) if len(ctx.message.params) < 2 else ctx.message.params[:2]
    nick = nick.partition(",")[0]
    if not nick:
        ctx.reply(numerics.ERR_NONICKNAMEGIVEN)
        return
    if server and not masks.matches(server, ctx.policy.server) and not ctx.world.user(server):
        ctx.reply(numerics.ERR_NOSUCHSERVER, shown(server))
        return
    user, service = ctx.world.user(nick), service_nicks.named(nick)
    if service:
        _describe_service(ctx, service)
    elif user is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(nick))
    else:
        _describe(ctx, user)
    ctx.reply(numerics.RPL_ENDOFWHOIS, shown(nick))


def _describe_service(ctx: Context, service: str) -> None:
    about, server = service_nicks.SERVICES[service], ctx.policy.server
    ctx.reply(numerics.RPL_WHOISUSER, service, service, server, "*", about)
    ctx.reply(numerics.RPL_WHOISSERVER, service, server, ctx.policy.description)
    ctx.reply(numerics.RPL_WHOISSPECIAL, service)


def _describe(ctx: Context, user: User) -> None:
    nick = user.nick
    ctx.reply(numerics.RPL_WHOISUSER, nick, user.username, user.host, "*", user.realname)
    ctx.words((nick,), _shown_channels(ctx, user), numerics.RPL_WHOISCHANNELS)
    ctx.reply(numerics.RPL_WHOISSERVER, nick, ctx.policy.server, ctx.policy.description)
    if user.is_operator:
        ctx.reply(numerics.RPL_WHOISOPERATOR, nick)
    if user.away:
        ctx.reply(numerics.RPL_AWAY, nick, user.away)
    if user.account:
        ctx.reply(numerics.RPL_WHOISACCOUNT, nick, user.account)
    if "B" in user.modes:
        ctx.reply(numerics.RPL_WHOISBOT, nick)
    if user.secure:
        ctx.reply(numerics.RPL_WHOISSECURE, nick)
    show_in_whois(ctx, user)
    idle = ctx.node.idle(user)
    if idle is not None:
        ctx.reply(numerics.RPL_WHOISIDLE, nick, str(idle), str(user.connected))


def _shown_channels(ctx: Context, user: User) -> Iterator[str]:
    every = ctx.session.has(cap.MULTI_PREFIX)
    for channel in user.channels.values():
        if channels.sees_membership(channel, user, ctx.user):
            yield channel.members[user].prefixes(every) + channel.name


def whowas(ctx: CommandContext) -> None:
    """Tell who was known under a nick, the latest first."""
    nick = ctx.param(0)
    if not nick:
        ctx.reply(numerics.ERR_NONICKNAMEGIVEN)
        return
    folded = names.fold(nick)
    found = [past for past in ctx.world.whowas if names.fold(past.nick) == folded]
    if count := number_of(ctx.param(1)):
        found = found[:count]
    for past in found:
        ctx.reply(numerics.RPL_WHOWASUSER, past.nick, past.username, past.host, "*", past.realname)
        left = format_time(past.time * 1_000_000)
        ctx.reply(numerics.RPL_WHOISSERVER, past.nick, ctx.policy.server, left)
    if not found:
        ctx.reply(numerics.ERR_WASNOSUCHNICK, shown(nick))
    ctx.reply(numerics.RPL_ENDOFWHOWAS, shown(nick))


def userhost(ctx: CommandContext) -> None:
    """Tell user name and host of up to five users, and whether they are away."""
    words = []
    for nick in ctx.message.params[:USERHOST_NICKS]:
        user, service = ctx.world.user(nick), service_nicks.named(nick)
        if service:
            words.append(f"{service}=+{service}@{ctx.policy.server}")
        elif user is not None:
            operator = "*" if user.is_operator else ""
            here = "-" if user.away else "+"
            words.append(f"{user.nick}{operator}={here}{user.username}@{user.host}")
    ctx.reply(numerics.RPL_USERHOST, " ".join(words))


def ison(ctx: CommandContext) -> None:
    """Tell which of these nicks are there."""
    present = []
    for nick in names.distinct(" ".join(ctx.message.params).split()):
        user = ctx.world.user(nick)
        present.append(user.nick if user is not None else service_nicks.named(nick))
    present = [nick for nick in present if nick]
    ctx.words((), present or [""], numerics.RPL_ISON)


COMMANDS: Final = (
    Command("WHOIS", whois, "[server] nick", "tell about a user"),
    Command("WHOWAS", whowas, "nick [count]", "tell who had a nick"),
    Command("USERHOST", userhost, "nick [nick ...]", "tell users' hosts", minimum=1),
    Command("ISON", ison, "nick [nick ...]", "tell which nicks are there", minimum=1),
)

FOLLOW_UPS: Final[FollowUps] = {}
