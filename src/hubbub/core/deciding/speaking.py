"""From what a person says to the record that is kept: who is meant, whether it may be, how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import structs

from hubbub.core.access import channels
from hubbub.core.access.channels import Refusal
from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.deciding.mentions import mentioned
from hubbub.core.policy.flood import Bucket
from hubbub.core.records.entries import Body
from hubbub.core.records.messages import Said, SaidInAbsence
from hubbub.core.showing.delivery import QUIET_TAG
from hubbub.core.world.addressee import Addressee, addressee, is_silenced
from hubbub.core.world.state import NOT_HERE, Channel
from hubbub.irc import numerics
from hubbub.irc.ctcp import is_ctcp
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.modes import STATUS_PREFIXES
from hubbub.irc.names import CHANNEL_PREFIXES
from hubbub.irc.numerics import ERR_CANNOTSENDTOCHAN, Numeric

ALWAYS_FITS: Final = 80
"""So many characters fit behind the longest source and target, even at four bytes each."""
NO_TAGS: Final[dict[str, str]] = {}
_CLIENT_TAG = re.compile(r"\+(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")


def client_tags(ctx: CommandContext) -> dict[str, str]:
    """Return the client-only tags of the message at hand."""
    tags = ctx.message.tags
    if not tags:
        return NO_TAGS
    return {name: value for name, value in tags.items() if _CLIENT_TAG.fullmatch(name)}


def say(ctx: Context, command: str, target: str, text: str, tags: Mapping[str, str]) -> None:
    """Ask for a Said to a channel or a user, or answer why it may not be.

    `text` joins lines as Body.text does.
    """
    status, name = split_status(target)
    if name[:1] in CHANNEL_PREFIXES:
        _say_to_channel(ctx, command, status, name, text, tags)
    else:
        _say_to_user(ctx, command, target, text, tags)


def split_status(target: str) -> tuple[str, str]:
    """Return the status prefix of a target such as `@#channel`, "" for none, and what follows."""
    if target[1:2] == "#" and target[0] in STATUS_PREFIXES:
        return target[0], target[1:]
    return "", target


def refuse(ctx: Context, command: str, numeric: Numeric, *params: str) -> None:
    """Answer that something could not be said; a NOTICE is never answered (RFC 2812 3.3.2)."""
    if command != "NOTICE":
        ctx.reply(numeric, *map(shown, params))


def is_signal(command: str, tags: Mapping[str, str]) -> bool:
    """Say whether a message is passed on without being kept: a TAGMSG that only tells of typing."""
    return command == "TAGMSG" and tags.keys() <= {"+typing", "+draft/typing"}


def fits(source: str, command: str, target: str, text: str) -> bool:
    """Say whether every line of a text fits a line as others will see it."""
    if len(text) <= ALWAYS_FITS:
        return True
    room = LINE_BYTES - len(f":{source} {command} {target} :\r\n".encode())
    return all(len(line.encode()) <= room for line in text.replace("\r", "\n").split("\n"))


def _say_to_channel(
    ctx: Context, command: str, status: str, given: str, text: str, tags: Mapping[str, str]
) -> None:
    user, channel = ctx.user, ctx.world.channel(given)
    # The same answer for both, or it would tell that a secret channel is there.
    if channel is None or not reaches(ctx, channel):
        refuse(ctx, command, numerics.ERR_NOSUCHCHANNEL, status + given)
        return
    refusal = channel_refusal(ctx, channel, command, text)
    if refusal is not None:
        refuse(ctx, command, *_flat(refusal))
        return
    name = status + channel.name
    # Measured with the name as the channel writes it, which is what others will see.
    if not fits(user.source, command, name, text):
        ctx.reply(numerics.ERR_INPUTTOOLONG)
        return
    # What goes to some members only has no place in a history that all of them may read; and a
    # program that read a request there would answer it again.
    ctcp = is_ctcp(text)
    kept = not status and not ctcp and not channels.audience(channel, user)
    _append(
        ctx,
        Said(
            ctx.origin,
            user.source,
            user.account,
            command,
            name,
            None,
            (channel.history,) if kept else (),
            "B" in user.modes,
            ctcp=ctcp,
        ),
        text,
        tags,
        mentioned(ctx.world, channel, user, text) if kept and text else (),
    )


def reaches(ctx: Context, channel: Channel) -> bool:
    """Say whether a channel is there for a session: it sees it, or is quiet and could come in."""
    user = ctx.user
    if channels.sees_channel(channel, user):
        return True
    return ctx.session.quiet and channels.may_pass_by(channel, user, ctx.now)


def channel_refusal(ctx: Context, channel: Channel, command: str, text: str) -> Refusal | None:
    """Say why this may not be said in a channel: by its modes, or so fast (+d)."""
    user, flags = ctx.user, channel.flags
    refusal = channels.speak_refusal(channel, user, ctx.session.quiet, ctx.now)
    if refusal is None and (
        ("C" in flags and is_ctcp(text))
        or ("T" in flags and command == "NOTICE" and not channels.has_status(channel, user))
        or (channel.speech_rate is not None and is_rushed(ctx, channel, text))
    ):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    return refusal


def is_rushed(ctx: Context, channel: Channel, text: str) -> bool:
    """Count the lines of a text for a member without a status; say whether +d allows no more."""
    rate, spoken = channel.speech_rate, ctx.session.spoken
    if rate is None or channels.has_status(channel, ctx.user):
        return False
    bucket, a_second = spoken.get(channel.history), rate.limit / rate.seconds
    if bucket is None or (bucket.burst, bucket.rate) != (rate.limit, a_second):
        if len(spoken) >= ctx.policy.channels_per_user:
            del spoken[next(iter(spoken))]
        bucket = spoken[channel.history] = Bucket(rate.limit, a_second)
    lines = 1 + text.count("\n") + text.count("\r")
    return bucket.delay(lines, ctx.now / 1_000_000) > 0


def _say_to_user(
    ctx: Context, command: str, target: str, text: str, tags: Mapping[str, str]
) -> None:
    user, meant = ctx.user, addressee(ctx.world, target)
    if meant is None:
        refuse(ctx, command, numerics.ERR_NOSUCHNICK, target)
        return
    if not fits(user.source, command, meant.nick, text):
        ctx.reply(numerics.ERR_INPUTTOOLONG)
        return
    # A note to oneself is heard by nobody, and waits for nobody.
    if meant.is_absent and meant.presence != user.presence:
        _leave_for(ctx, command, meant, text, tags)
        return
    ctcp = is_ctcp(text)
    if meant.user is not None and meant.user.away and command == "PRIVMSG":
        ctx.reply(numerics.RPL_AWAY, meant.nick, meant.user.away)
    histories = () if ctcp else _direct_histories(ctx, meant)
    _append(ctx, _direct(ctx, Said, command, meant, histories, ctcp), text, tags)


def _leave_for(
    ctx: Context, command: str, meant: Addressee, text: str, tags: Mapping[str, str]
) -> None:
    """Ask for what is said to an account that is not connected to wait for it."""
    assert meant.account is not None, "guests are never absent"
    user, policy, histories = ctx.user, ctx.policy, _direct_histories(ctx, meant)
    bound = policy.waiting_per_speaker if user.account else policy.waiting_from_guests
    if is_ctcp(text):
        # What a program asks is of use now or never.
        if command != "NOTICE":
            ctx.reply(numerics.RPL_AWAY, meant.nick, NOT_HERE)
    elif len(histories) > 1 and meant.account.waiting.of(user.presence) >= bound:
        refuse(ctx, command, numerics.ERR_CANNOTSENDTOUSER, meant.nick)
    else:
        said = structs.replace(_direct(ctx, SaidInAbsence, command, meant, histories), bound=bound)
        _append(ctx, said, text, tags)


def _direct_histories(ctx: Context, meant: Addressee) -> tuple[str, ...]:
    """Return the two sides of a conversation; one's own alone where the other wants nothing."""
    user = ctx.user
    mine, theirs = f"@{user.presence}/{meant.presence}", f"@{meant.presence}/{user.presence}"
    alone = mine == theirs or is_silenced(ctx.world, user, meant.presence)
    return (mine,) if alone else (mine, theirs)


def _direct(
    ctx: Context,
    kind: type[Said],
    command: str,
    meant: Addressee,
    histories: tuple[str, ...],
    ctcp: bool = False,
) -> Said:
    user = ctx.user
    return kind(
        ctx.origin,
        user.source,
        user.account,
        command,
        meant.nick,
        meant.user.id if meant.user is not None else None,
        histories,
        "B" in user.modes,
        # By its account, too: until this is applied it may have another nick, or have gone.
        to_account=meant.account.name if meant.account is not None else "",
        ctcp=ctcp,
    )


def _append(
    ctx: Context, said: Said, text: str, tags: Mapping[str, str], mentions: tuple[str, ...] = ()
) -> None:
    ctx.session.last_said = ctx.now // 1_000_000
    if ctx.session.quiet:
        tags = {**tags, QUIET_TAG: ""}
    ctx.append(said, Body(text, dict(tags) if tags else {}, mentions))


def _flat(refusal: Refusal) -> tuple[Numeric, str]:
    numeric, params = refusal
    return numeric, params[0]
