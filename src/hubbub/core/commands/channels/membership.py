"""Being in channels: JOIN, PART, NAMES, TOPIC, KICK, INVITE."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import zip_longest
from typing import Final

from hubbub.core.access import channels
from hubbub.core.commands.messages.read_markers import show_marker
from hubbub.core.commands.metadata.subscriptions import show_joined
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.deciding.replaying import replay_channel
from hubbub.core.policy import scopes
from hubbub.core.policy.flood import Bucket, Rate
from hubbub.core.policy.lengths import KICK_BYTES, TOPIC_BYTES
from hubbub.core.policy.privileges import FLOOD_EXEMPT
from hubbub.core.records.channels import Invited, Joined, Kicked, Parted, TopicSet
from hubbub.core.records.entries import Entry
from hubbub.core.requests import Answer, Listen
from hubbub.core.showing.delivery import render
from hubbub.core.world.addressee import is_silenced
from hubbub.core.world.state import Channel
from hubbub.irc import capabilities as cap
from hubbub.irc import names, numerics
from hubbub.irc.fitting import clip
from hubbub.irc.modes import HALF_OPERATOR

INVITES: Final = Rate(10, 60)
"""How many invitations a user may send: so many at once, and as many in so many seconds."""
_INVITING: Final = "INVITE"


def join(ctx: CommandContext) -> None:
    """Enter channels, or leave all with `JOIN 0` (RFC 2812 3.2.1)."""
    user = ctx.user
    if ctx.session.quiet:
        _join_quietly(ctx)
        return
    if ctx.param(0) == "0":
        for channel in user.channels.values():
            ctx.append(Parted(ctx.origin, user.source, channel.name, None, (channel.history,)))
        return
    joined = len(user.channels)
    for name, key in _wanted(ctx):
        if not names.is_channel(name):
            ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
        elif names.fold(name) in user.channels:
            if user.channels[names.fold(name)].members[user].visit:
                # From here on it is there for more than something that passes by.
                _append_join(ctx, name, "")
        elif joined >= ctx.policy.channels_per_user:
            ctx.reply(numerics.ERR_TOOMANYCHANNELS, name)
        elif _join_one(ctx, name, key):
            joined += 1


def _wanted(ctx: CommandContext) -> Iterable[tuple[str, str]]:
    """Return the channels to join, each once, with their keys."""
    given, keys = ctx.param(0).split(","), ctx.param(1).split(",")
    # Who names a channel twice has given the key where the name stood first.
    pairs = zip_longest(given, keys[: len(given)], fillvalue="")
    wanted: dict[str, tuple[str, str]] = {}
    for name, key in pairs:
        wanted.setdefault(names.fold(name), (name, key))
    return wanted.values()


def _join_one(ctx: Context, name: str, key: str) -> bool:
    user, channel = ctx.user, ctx.world.channel(name)
    if channel is not None:
        refusal = channels.join_refusal(channel, user, key, ctx.now)
        if refusal is not None:
            return _forwarded(ctx, channel, refusal)
        name = channel.name
    # Nothing but the channel's own key is kept: another may be a password, typed by mistake.
    if channel is None or key != channel.key:
        key = ""
    _append_join(ctx, name, key)
    return True


def _append_join(ctx: Context, name: str, key: str) -> None:
    user = ctx.user
    # A visit is in no history, for its end, which comes by itself, is in none either.
    histories = () if ctx.session.quiet else (ctx.world.history_of(name, ctx.origin),)
    about = (user.source, user.account, user.realname, name, key, histories)
    ctx.append(Joined(ctx.origin, *about, limit=ctx.policy.channels_per_user))


def _join_quietly(ctx: CommandContext) -> None:
    """Let a quiet session hear channels that there are; who only posts learns that it may.

    Where its user is no member it becomes one, for as long as the session lasts: who listens is
    seen. Nobody is led elsewhere, and no channel is made.
    """
    user, session = ctx.user, ctx.session
    for name, key in _wanted(ctx):
        channel = ctx.world.channel(name)
        if channel is None or not names.is_channel(name):
            ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
        elif user not in channel.members and ctx.refuse(
            channels.join_refusal(channel, user, key, ctx.now)
        ):
            continue
        # For posting only: it hears nothing, but clients wait for the end of the names.
        elif not scopes.may_hear(session.scope, channel.name):
            answer_join(ctx, channel)
            ctx.reply(numerics.RPL_ENDOFNAMES, channel.name)
        elif user in channel.members:
            ctx.requests.append(Listen(channel))
            answer_join(ctx, channel)
            show(ctx, channel)
        elif len(user.channels) >= ctx.policy.channels_per_user:
            ctx.reply(numerics.ERR_TOOMANYCHANNELS, channel.name)
        else:
            _append_join(ctx, channel.name, key if key == channel.key else "")


def _part_quietly(ctx: CommandContext) -> None:
    """Let a quiet session hear channels no more; its user stays there."""
    for name in {names.fold(name): name for name in ctx.param(0).split(",")}.values():
        channel = ctx.world.channel(name)
        if channel is None or not channels.sees_channel(channel, ctx.user):
            ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
        else:
            ctx.requests.append(Listen(channel, on=False))
            ctx.send("PART", channel.name, source=ctx.user.source)


def _forwarded(ctx: Context, channel: Channel, refusal: channels.Refusal) -> bool:
    """Take who may not join to where +f points, once; say whether that is being done.

    A wrong key forwards nobody: it may have been a slip.
    """
    target = ctx.world.channel(channel.forward) if channel.forward else None
    if (
        target is None
        or refusal[0] is numerics.ERR_BADCHANNELKEY
        or ctx.user in target.members
        or channels.join_refusal(target, ctx.user, "", ctx.now) is not None
    ):
        ctx.refuse(refusal)
        return False
    ctx.reply(numerics.ERR_LINKCHANNEL, channel.name, target.name)
    _append_join(ctx, target.name, "")
    return True


def joined(ctx: Context, record: Joined, entry: Entry) -> None:
    """Show a new member the topic, who is there, and what was said."""
    channel = ctx.world.channel(record.channel)
    if channel is None or record.victim is not None or ctx.user not in channel.members:
        return
    if ctx.session.quiet:
        ctx.requests.append(Listen(channel))
    show(ctx, channel)


def show(ctx: Context, channel: Channel) -> None:
    """Show a member a channel that it has come into, and what was said there."""
    describe(ctx, channel)
    replay_channel(ctx, channel)


def describe(ctx: Context, channel: Channel) -> None:
    """Show a member what a channel is: its topic, who is there, how far one has read."""
    if channel.topic:
        show_topic(ctx, channel)
    if ctx.session.has(cap.READ_MARKER):
        show_marker(ctx, channel.name)
    if not ctx.session.has(cap.NO_IMPLICIT_NAMES):
        list_names(ctx, channel)
    show_joined(ctx, channel)


def show_all(ctx: Context) -> None:
    """Show a further session of a user the channels that the user is in."""
    for channel in ctx.user.channels.values():
        answer_join(ctx, channel)
        show(ctx, channel)


def answer_join(ctx: Context, channel: Channel) -> None:
    """Tell a session, and nobody else, that it is in a channel."""
    record = Joined(ctx.origin, ctx.user.source, ctx.user.account, ctx.user.realname, channel.name)
    joined_message = render(record, ctx.session.caps)
    assert joined_message is not None, "a join is shown"
    ctx.requests.append(Answer(joined_message))


def part(ctx: CommandContext) -> None:
    """Leave channels (RFC 2812 3.2.2)."""
    user = ctx.user
    if ctx.session.quiet:
        _part_quietly(ctx)
        return
    reason = clip(ctx.param(1), KICK_BYTES) if len(ctx.message.params) > 1 else None
    for name in names.distinct(ctx.param(0).split(",")):
        channel = ctx.world.channel(name)
        if channel is None or (user not in channel.members and channel.is_hidden):
            ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
        elif user not in channel.members:
            ctx.reply(numerics.ERR_NOTONCHANNEL, channel.name)
        else:
            histories = (channel.history,)
            ctx.append(Parted(ctx.origin, user.source, channel.name, reason, histories))


def list_names(ctx: Context, channel: Channel) -> None:
    """Answer with the members of a channel that may be shown (RPL_NAMREPLY), and an end."""
    _list_members(ctx, channel)
    ctx.reply(numerics.RPL_ENDOFNAMES, channel.name)


def _list_members(ctx: Context, channel: Channel) -> None:
    symbol = "@" if channel.is_hidden else "="
    ctx.words((symbol, channel.name), _shown_members(ctx, channel), numerics.RPL_NAMREPLY)


def _shown_members(ctx: Context, channel: Channel) -> list[str]:
    every, whole = ctx.session.has(cap.MULTI_PREFIX), ctx.session.has(cap.USERHOST_IN_NAMES)
    inside = ctx.user in channel.members
    return [
        (member.prefixes(every) if member.statuses else "") + (user.source if whole else user.nick)
        for user, member in channel.members.items()
        if inside or channels.sees_user(user, ctx.user)
    ]


def names_command(ctx: CommandContext) -> None:
    """List who is in some channels (RFC 2812 3.2.5)."""
    given = ctx.param(0)
    for name in names.distinct(given.split(","))[: ctx.policy.targets]:
        channel = ctx.world.channel(name)
        if channel is not None and channels.sees_channel(channel, ctx.user):
            _list_members(ctx, channel)
    ctx.reply(numerics.RPL_ENDOFNAMES, shown(given))


def topic(ctx: CommandContext) -> None:
    """Show or set a topic (RFC 2812 3.2.4)."""
    user = ctx.user
    channel = ctx.world.channel(ctx.param(0))
    if channel is None or not channels.sees_channel(channel, user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(0)))
    elif len(ctx.message.params) > 1:
        text = clip(ctx.param(1), TOPIC_BYTES)
        if not ctx.refuse(channels.topic_refusal(channel, user)):
            histories = (channel.history,)
            ctx.append(TopicSet(ctx.origin, user.source, channel.name, text, histories))
    elif channel.topic:
        show_topic(ctx, channel)
    else:
        ctx.reply(numerics.RPL_NOTOPIC, channel.name)


def show_topic(ctx: Context, channel: Channel) -> None:
    """Answer with a topic, and who set it when."""
    ctx.reply(numerics.RPL_TOPIC, channel.name, channel.topic)
    ctx.reply(numerics.RPL_TOPICWHOTIME, channel.name, channel.topic_by, str(channel.topic_time))


def kick(ctx: CommandContext) -> None:
    """Remove people from a channel, or each from a channel of its own (RFC 2812 3.2.8)."""
    given, nicks = ctx.param(0).split(","), ctx.param(1).split(",")
    if len(given) == 1:
        given *= len(nicks)
    elif len(given) != len(nicks):
        ctx.need_more_params()
        return
    pairs = {(names.fold(a), names.fold(b)): (a, b) for a, b in zip(given, nicks, strict=True)}
    victims: dict[str, list[str]] = {}
    for name, nick in list(pairs.values())[: ctx.policy.targets]:
        victims.setdefault(names.fold(name), []).append(nick)
    for name in names.distinct(given):
        if found := victims.get(names.fold(name)):
            _kick_from(ctx, name, found)


def _kick_from(ctx: CommandContext, name: str, nicks: Iterable[str]) -> None:
    channel = ctx.world.channel(name)
    # The same answer for both, or it would tell that a secret channel is there.
    if channel is None or not channels.sees_channel(channel, ctx.user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(name))
        return
    if ctx.refuse(channels.rank_refusal(channel, ctx.user, HALF_OPERATOR)):
        return
    reason = clip(ctx.param(2), KICK_BYTES) or ctx.user.nick
    for nick in nicks:
        victim = ctx.world.user(nick)
        if victim is None:
            ctx.reply(numerics.ERR_NOSUCHNICK, shown(nick))
        elif victim not in channel.members:
            ctx.reply(numerics.ERR_USERNOTINCHANNEL, victim.nick, channel.name)
        # Each alone: one of several may outrank who kicks, and the others still go.
        elif not ctx.refuse(channels.kick_refusal(ctx.world, channel, ctx.user, victim)):
            ctx.append(
                Kicked(
                    ctx.origin,
                    ctx.user.source,
                    channel.name,
                    victim.nick,
                    reason,
                    (channel.history,),
                    victim.id,
                )
            )


def invite(ctx: CommandContext) -> None:
    """Let somebody enter a channel, once; without parameters, list one's invitations."""
    user = ctx.user
    if not ctx.message.params:
        for channel in user.invitations.values():
            ctx.reply(numerics.RPL_INVITELIST, channel.name)
        ctx.reply(numerics.RPL_ENDOFINVITELIST)
        return
    if len(ctx.message.params) < 2:
        ctx.need_more_params()
        return
    guest, found = ctx.world.user(ctx.param(0)), ctx.world.channel(ctx.param(1))
    if guest is None:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(ctx.param(0)))
    elif found is None or not channels.sees_channel(found, user):
        ctx.reply(numerics.ERR_NOSUCHCHANNEL, shown(ctx.param(1)))
    elif not ctx.refuse(channels.invite_refusal(found, user)):
        if guest in found.members:
            ctx.reply(numerics.ERR_USERONCHANNEL, guest.nick, found.name)
        elif wait := _invites_too_fast(ctx):
            seconds = f"{wait:.0f} second{'s' * (wait > 1)}"
            text = f"You have invited many just now; invite again in {seconds}"
            ctx.fail("RATE_LIMITED", guest.nick, found.name, text)
        elif is_silenced(ctx.world, user, guest.presence):
            # As with what is said to them: nobody learns who has silenced whom.
            ctx.reply(numerics.RPL_INVITING, guest.nick, found.name)
        else:
            ctx.append(
                Invited(
                    ctx.origin,
                    user.source,
                    found.name,
                    guest.nick,
                    found.history,
                    guest.id,
                    lets_in=channels.lets_in(found, user),
                )
            )


def _invites_too_fast(ctx: Context) -> int:
    """Count an invitation; return after how many seconds it may come where it is one too many."""
    if ctx.user.holds(FLOOD_EXEMPT):
        return 0
    bucket = ctx.session.spoken.get(_INVITING)
    if bucket is None:
        bucket = Bucket(INVITES.limit, INVITES.limit / INVITES.seconds)
        ctx.session.spoken[_INVITING] = bucket
    return math.ceil(bucket.delay(1, ctx.now / 1_000_000))


def invited(ctx: Context, record: Invited, entry: Entry) -> None:
    """Confirm an invitation."""
    ctx.reply(numerics.RPL_INVITING, record.nick, record.channel)
    guest = ctx.world.user(record.nick)
    if guest is not None and guest.away:
        ctx.reply(numerics.RPL_AWAY, guest.nick, guest.away)


COMMANDS: Final = (
    Command(
        "JOIN", join, "#channel[,#channel] [key[,key]] | 0", "enter channels", minimum=1, cost=FULL
    ),
    Command("PART", part, "#channel[,#channel] [:reason]", "leave channels", minimum=1, cost=FULL),
    Command("NAMES", names_command, "#channel[,#channel]", "list who is in channels", cost=FULL),
    Command("TOPIC", topic, "#channel [:text]", "show or set a topic", minimum=1, cost=FULL),
    Command("KICK", kick, "#channel nick[,nick] [:reason]", "remove somebody", minimum=2),
    Command("INVITE", invite, "nick #channel", "let somebody enter a channel", cost=FULL),
)

FOLLOW_UPS: Final[FollowUps] = {Joined: joined, Invited: invited}
