"""What operators make others do: SAJOIN, SAPART, SANICK; and SAMODE."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import ranks
from hubbub.core.access.admission import NICK_RESERVED
from hubbub.core.apply.nicks import is_reserved
from hubbub.core.commands.channels.modes import channel_mode
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import Command, CommandContext, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.channels import Joined, Parted
from hubbub.core.records.users import Renamed
from hubbub.core.world.state import User
from hubbub.irc import names, numerics
from hubbub.irc.fitting import clip


def _victim(ctx: CommandContext) -> User | None:
    """Return who is to do something, or answer why nobody is."""
    victim = ctx.world.user(ctx.param(0))
    if victim is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(ctx.param(0)))
        return None
    if not ranks.may_act_on(ctx.world, ctx.user.wielded, victim):
        ctx.reply(numerics.ERR_NOPRIVILEGES)
        return None
    return victim


def sajoin(ctx: CommandContext) -> None:
    """Make a user enter a channel, whatever keeps it out."""
    victim, name = _victim(ctx), ctx.param(1)
    if victim is None:
        return
    channel = ctx.world.channel(name)
    if not names.is_channel(name):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
    elif channel is not None and victim in channel.members:
        ctx.reply(numerics.ERR_USERONCHANNEL, victim.nick, channel.name)
    elif len(victim.channels) >= ctx.policy.channels_per_user:
        ctx.reply(numerics.ERR_TOOMANYCHANNELS, name)
    else:
        name = channel.name if channel is not None else name
        ctx.append(
            Joined(
                ctx.origin,
                victim.source,
                victim.account,
                victim.realname,
                name,
                histories=(ctx.world.history_of(name, ctx.origin),),
                victim=victim.id,
                limit=ctx.policy.channels_per_user,
            ),
            acting=victim,
        )
        audit.acted(ctx, "SAJOIN", victim.source, name)


def sapart(ctx: CommandContext) -> None:
    """Make a user leave a channel."""
    victim, channel = _victim(ctx), ctx.world.channel(ctx.param(1))
    if victim is None:
        return
    if channel is None:
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(1)))
    elif victim not in channel.members:
        ctx.reply(numerics.ERR_USERNOTINCHANNEL, victim.nick, channel.name)
    else:
        reason = clip(ctx.param(2), KICK_BYTES) or None
        histories = (channel.history,)
        parted = Parted(
            ctx.origin, victim.source, channel.name, reason, histories, victim=victim.id
        )
        ctx.append(parted, acting=victim)
        audit.acted(ctx, "SAPART", victim.source, f"{channel.name} {reason or ''}".rstrip())


def sanick(ctx: CommandContext) -> None:
    """Give a user another nick."""
    victim, nick = _victim(ctx), ctx.param(1)
    if victim is None:
        return
    own = ctx.world.account(victim.account) if victim.account else None
    if not names.is_nick(nick) or ctx.is_reserved(nick):
        ctx.reply(numerics.ERR_ERRONEUSNICKNAME, shown(nick))
    elif is_reserved(ctx.world, nick, own):
        ctx.reply(NICK_RESERVED, nick)
    elif ctx.world.user(nick) not in (None, victim):
        ctx.reply(numerics.ERR_NICKNAMEINUSE, nick)
    else:
        histories = ctx.world.histories(victim)
        renamed = Renamed(ctx.origin, victim.source, nick, histories, victim=victim.id)
        ctx.append(renamed, acting=victim)
        audit.acted(ctx, "SANICK", victim.source, nick)


def samode(ctx: CommandContext) -> None:
    """Change a channel's modes, whoever may do that; MODE does the same for such operators."""
    channel_mode(ctx)


COMMANDS: Final = (
    Command("SAJOIN", sajoin, "nick #channel", "make a user enter", minimum=2, privilege="sajoin"),
    Command(
        "SAPART",
        sapart,
        "nick #channel [:reason]",
        "make a user leave a channel",
        minimum=2,
        privilege="sajoin",
    ),
    Command(
        "SANICK", sanick, "nick nick", "give a user another nick", minimum=2, privilege="sajoin"
    ),
    Command(
        "SAMODE",
        samode,
        "#channel modes [arguments]",
        "change any channel's modes",
        minimum=2,
        privilege="channels",
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
