"""From what a person says to the record that is kept: who is meant, whether it may be, how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hubbub.core import access
from hubbub.core.access import Refusal
from hubbub.core.context import Context, shown
from hubbub.core.flood import Bucket
from hubbub.core.records import Body, Said
from hubbub.core.state import Channel, User
from hubbub.core.world import World
from hubbub.irc import numerics
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.modes import STATUS_PREFIXES
from hubbub.irc.names import CHANNEL_PREFIXES, fold, matches
from hubbub.irc.numerics import ERR_CANNOTSENDTOCHAN, Numeric

ALWAYS_FITS: Final = 80
"""So many characters fit behind the longest source and target, even at four bytes each."""
CTCP: Final = "\x01"
_ACTION: Final = "\x01ACTION "
NO_TAGS: Final[dict[str, str]] = {}
_CLIENT_TAG = re.compile(r"\+(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")


def client_tags(ctx: Context) -> dict[str, str]:
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


def addressee(world: World, target: str) -> str | User:
    """Return what a target stands for: the user whose nick or account it names, or the name.

    Two targets for which this is equal are one.
    """
    user = world.user(target)
    if user is None:
        account = world.account(target)
        user = account.users[0] if account is not None and account.users else None
    return user if user is not None else fold(target)


def refuse(ctx: Context, command: str, numeric: Numeric, *params: str) -> None:
    """Answer that something could not be said; a NOTICE is never answered (RFC 2812 3.3.2)."""
    if command != "NOTICE":
        ctx.reply(numeric, *map(shown, params))


def is_signal(command: str, tags: Mapping[str, str]) -> bool:
    """Say whether a message is passed on without being kept: a TAGMSG that only tells of typing."""
    return command == "TAGMSG" and tags.keys() <= {"+typing", "+draft/typing"}


def is_silenced(speaker: User, recipient: User) -> bool:
    """Say whether a recipient does not want what a speaker says directly."""
    return any(matches(mask, speaker.source) for mask in recipient.silenced)


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
    if channel is None or not access.sees_channel(channel, user):
        refuse(ctx, command, numerics.ERR_NOSUCHCHANNEL, status + given)
        return
    refusal = channel_refusal(ctx, channel, command, text)
    if refusal is not None:
        refuse(ctx, command, *_flat(refusal))
        return
    name = status + channel.name
    if not fits(user.source, command, name, text):
        ctx.reply(numerics.ERR_INPUTTOOLONG)
        return
    # What goes to some members only has no place in a history that all of them may read.
    kept = not status and not access.audience(channel, user)
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
        ),
        text,
        tags,
    )


def channel_refusal(ctx: Context, channel: Channel, command: str, text: str) -> Refusal | None:
    """Say why this may not be said in a channel: by its modes, or so fast (+d)."""
    user, flags = ctx.user, channel.flags
    refusal = access.speak_refusal(channel, user)
    if refusal is None and (
        ("C" in flags and is_ctcp(text))
        or ("T" in flags and command == "NOTICE" and not access.has_status(channel, user))
        or (channel.speech_rate is not None and is_rushed(ctx, channel, text))
    ):
        return ERR_CANNOTSENDTOCHAN, (channel.name,)
    return refusal


def is_ctcp(text: str) -> bool:
    """Say whether a line of a text is a CTCP message other than ACTION."""
    if CTCP not in text:
        return False
    lines = text.replace("\r", "\n").split("\n")
    return any(line.startswith(CTCP) and not line.startswith(_ACTION) for line in lines)


def is_rushed(ctx: Context, channel: Channel, text: str) -> bool:
    """Count the lines of a text for a member without a status; say whether +d allows no more."""
    rate, spoken = channel.speech_rate, ctx.session.spoken
    if rate is None or access.has_status(channel, ctx.user):
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
    user = ctx.user
    recipient = ctx.world.user(target)
    if recipient is None:
        refuse(ctx, command, numerics.ERR_NOSUCHNICK, target)
        return
    if not fits(user.source, command, recipient.nick, text):
        ctx.reply(numerics.ERR_INPUTTOOLONG)
        return
    mine = f"@{user.presence}/{recipient.presence}"
    theirs = f"@{recipient.presence}/{user.presence}"
    silenced = is_silenced(user, recipient)
    histories = (mine,) if silenced or mine == theirs else (mine, theirs)
    if recipient.away and command == "PRIVMSG":
        ctx.reply(numerics.RPL_AWAY, recipient.nick, recipient.away)
    _append(
        ctx,
        Said(
            ctx.origin,
            user.source,
            user.account,
            command,
            recipient.nick,
            recipient.id,
            histories,
            "B" in user.modes,
        ),
        text,
        tags,
    )


def _append(ctx: Context, said: Said, text: str, tags: Mapping[str, str]) -> None:
    ctx.session.last_said = ctx.now // 1_000_000
    ctx.append(said, Body(text, dict(tags)) if tags else Body(text))


def _flat(refusal: Refusal) -> tuple[Numeric, str]:
    numeric, params = refusal
    return numeric, params[0]
