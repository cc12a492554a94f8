"""A message that was said before, which a command names by its msgid: where it is, and whose."""

from __future__ import annotations

from hubbub.core.deciding.context import CommandContext
from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.core.world.addressee import addressee
from hubbub.core.world.conversations import is_guest, means, partner_in, presence_called
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc.names import CHANNEL_PREFIXES, fold


def may_look(ctx: CommandContext) -> bool:
    """Say whether one may know what was said in a channel: as a member, or as an operator."""
    channel = ctx.world.channel(ctx.param(0))
    if channel is None:
        return False
    return ctx.user in channel.members or ctx.user.may("channels", channel.name)


def history_of(ctx: CommandContext, entry: Entry, said: Said) -> str:
    """Return the history in which a message to the target is found, "" where there is none."""
    target = ctx.param(0)
    if target[:1] in CHANNEL_PREFIXES:
        channel = ctx.world.channel(target)
        return channel.history if channel is not None else ""
    mine = f"@{ctx.user.presence}/"
    presence = presence_called(ctx.world, target)
    if presence is not None:
        return mine + presence
    # Of a guest who is gone the message itself tells the nick.
    own = next((history for history in said.histories if history.startswith(mine)), "")
    partner = partner_in(own)
    return own if is_guest(partner) and means(target, entry, partner) else ""


def is_own(world: World, user: User, said: Said) -> bool:
    """Say whether a user said this: under the same account, or as the same guest."""
    if said.account:
        return fold(said.account) == fold(user.account)
    return world.sessions.get(said.origin.session) is user


def recipient(ctx: CommandContext, said: Said) -> tuple[str, SessionId | None]:
    """Return what the target of the command is called now, and the user meant by a nick.

    The message may name a channel, or a partner, that is called otherwise by now.
    """
    given = ctx.param(0)
    if given[:1] in CHANNEL_PREFIXES:
        channel = ctx.world.channel(given)
        return (channel.name if channel is not None else given), None
    meant = addressee(ctx.world, given)
    partner = meant.user if meant is not None else None
    if partner is None:
        return given, None
    # Who did not want to hear it is told nothing of it now.
    heard = f"@{partner.presence}/{ctx.user.presence}" in said.histories
    return partner.nick, partner.id if heard else None
