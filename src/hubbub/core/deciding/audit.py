"""What operators did, on record: taken down where it is decided on, and read back as lines.

An act that only a privilege allowed leaves a record by construction: docs/decisions/
privileged-acts.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Final

from hubbub.core.deciding.context import NOTHING, CommandContext, Context
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records import channels as channel_records
from hubbub.core.records import messages, metadata
from hubbub.core.records.accounts import AccountRegistered, Redeemed
from hubbub.core.records.base import Record
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.records.registered_channels import (
    ChannelAccessSet,
    ChannelRegistered,
    ChannelTransferred,
    ChannelUnregistered,
)
from hubbub.core.requests import (
    Answer,
    AnswerMany,
    Append,
    Drain,
    MailTo,
    Reload,
    Report,
    Request,
    Search,
    SendMail,
    Signal,
)
from hubbub.core.world.channel_modes import without_key
from hubbub.irc import modes
from hubbub.irc.fitting import clip
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.irc.numerics import ERRORS
from hubbub.irc.timestamps import format_time

DETAILS_BYTES: Final = 300
HIDDEN: Final = "hidden users"
"""What is said to have been looked at where that is no channel."""
ASKING: Final = "NOT_CONFIRMED"
"""The code of FAIL that is a question."""
BESIDE: Final = (SendMail, MailTo, Reload, Drain)
"""The requests that do something beside the World, of which no record tells."""
_GRANTING: Final = frozenset({AccountRegistered, Redeemed})
"""The records that use a code."""
SEEING: Final = frozenset({"channels", "see-secret"})
"""The privileges by which one sees what others mean to be hidden: that leaves a record as well. To
read the operators' own books (accounts, invite codes, bans, switches, this history) leaves none.
"""


def acted(ctx: Context, action: str, target: str = "", details: str = "") -> None:
    """Put on record, and into the log, what the operator at hand does; `details` hold no secret.

    For commands that can say it better than the records that they ask for.
    """
    user = ctx.user
    target, details = clip(target, DETAILS_BYTES), clip(details, DETAILS_BYTES)
    said = {"target": target, "details": details}
    ctx.requests.append(Report(action, {name: text for name, text in said.items() if text}))
    ctx.append(
        OperatorActed(ctx.origin, user.source, ctx.operator, user.account, action, target, details)
    )


def became_operator(ctx: Context, name: str, operator_class: str) -> None:
    """Put on record that the user at hand is about to be an operator, of a name and a class."""
    user = ctx.user
    ctx.requests.append(Report("OPER granted", {"operator": name, "class": operator_class}))
    ctx.append(OperatorActed(ctx.origin, user.source, name, user.account, "OPER", operator_class))


def came_in(ctx: Context) -> None:
    """Put on record that a session of an operator by its account has come in, or logged in."""
    user = ctx.user
    if user.is_operator and user.account_class:
        acted(ctx, "LOGIN", user.account_class)


def taken(ctx: Context) -> list[Request]:
    """Return what is to be done now, with the record of what only a privilege allowed.

    All that is decided on comes through here. What a privilege was used for (User.may) and came to
    something leaves a record, whether the command knows of it or not: in its own words where it
    called `acted`, else in those of the records that it asks for, else as the command itself.
    """
    asked = ctx.requests
    # What this adds to them grants nothing itself.
    for effect in asked:
        if type(effect) is Append and type(effect.draft.record) in _GRANTING:
            _grants(ctx, effect.draft.record)
    user = ctx.session.user
    # What follows from a record (which has no command) was decided on before.
    if user is not None and user.operator and isinstance(ctx, CommandContext):
        ctx.exercised = ctx.exercised.union(user.exercised)
        user.exercised.clear()
        if any(map(_is_act, asked)):
            # That speaks for all of it, however long it goes on.
            ctx.exercised = NOTHING
        elif ctx.exercised:
            _witness(ctx, [one.draft.record for one in asked if isinstance(one, Append)])
    ctx.requests = []
    return asked


def _witness(ctx: CommandContext, asked: Sequence[Record]) -> None:
    channels = {channel for _, channel in ctx.exercised} - {""}
    # On a privilege that is about no channel, such as the one that a command takes, all hangs.
    apart = {(held, where) for held, where in ctx.exercised if not where and held not in SEEING}
    elsewhere = channels - {fold(_words(ctx, record)[0]) for record in asked}
    for record in asked:
        target, action, details = _words(ctx, record)
        if apart or fold(target) in channels:
            acted(ctx, action, target, details)
        elif elsewhere:
            # It is about one channel by right, and about another by privilege: +f, say.
            acted(ctx, action, _names(ctx, elsewhere), f"{target} {details}".rstrip())
    if not any(map(_is_act, ctx.requests)):
        _witness_the_rest(ctx, channels, bool(apart))
    ctx.exercised &= apart


def _witness_the_rest(ctx: CommandContext, channels: Set[str], apart: bool) -> None:
    """Put on record what asks for no record: something done beside the World, or seen."""
    if apart and any(isinstance(effect, BESIDE) for effect in ctx.requests):
        acted(ctx, ctx.command)
    elif any(held in SEEING for held, _ in ctx.exercised) and any(map(_tells, ctx.requests)):
        _saw(ctx, channels)


def witnessed(ctx: CommandContext, messages: Iterator[Message | None]) -> Iterator[Message | None]:
    """Put on record that a privilege lets a user see some of a long answer, once it is told.

    The record is asked for behind the first such message; it speaks for the rest.
    """
    # What was used to come so far has its record already.
    return messages if ctx.user.exercised else _witnessed(ctx, messages)


def _witnessed(ctx: CommandContext, messages: Iterator[Message | None]) -> Iterator[Message | None]:
    used = ctx.user.exercised
    for message in messages:
        if any(held in SEEING for held, _ in used):
            _saw(ctx, {channel for _, channel in used} - {""})
            used.clear()
            yield message
            yield from messages
            return
        yield message


def _saw(ctx: CommandContext, channels: Set[str]) -> None:
    # What is asked with a privilege to see has no secret in its first two words.
    names, asked = _names(ctx, channels) or HIDDEN, " ".join(ctx.message.params[:2])
    acted(ctx, ctx.command, names, "" if asked == names else asked)


def _is_act(effect: Request) -> bool:
    return isinstance(effect, Append) and isinstance(effect.draft.record, OperatorActed)


def _tells(effect: Request) -> bool:
    """Say whether an effect answers with more than that something went wrong, or tells others.

    What asks whether one is sure says what there is.
    """
    if isinstance(effect, Answer):
        command, params = effect.message.command, effect.message.params
        return command not in ERRORS and (command != "FAIL" or params[1] == ASKING)
    return isinstance(effect, AnswerMany | Search | Signal)


def _names(ctx: Context, folded: Set[str]) -> str:
    found = [ctx.world.channel(name) for name in sorted(folded)]
    return " ".join(channel.name for channel in found if channel is not None)


def _words(ctx: Context, record: Record) -> tuple[str, str, str]:
    """Return what a record is about, what it is called, and more of it that is no secret."""
    match record:
        case channel_records.ChannelModesSet(channel=name, changes=changes):
            return name, "MODE", " ".join(modes.format_changes(without_key(changes)))
        case channel_records.Kicked(channel=name, nick=nick, reason=reason):
            return name, "KICK", f"{nick}: {reason}"
        case channel_records.TopicSet(channel=name, text=text):
            return name, "TOPIC", text
        case channel_records.Invited(channel=name, nick=nick):
            return name, "INVITE", nick
        case messages.Redacted(target=name, msgid=msgid):
            return name, "REDACT", msgid
        case metadata.MetadataSet(channel=name, keys=keys):
            return name, "METADATA", " ".join(keys)
        case messages.Said(target=name, source=source, relayed_by=relayed_by):
            what = source.partition("!")[0] if relayed_by else ""
            return name.lstrip(modes.STATUS_PREFIXES), ctx.command, what
        case channel_records.ChannelRenamed(channel=name, name=details):
            return name, "RENAME", details
    return _registration_words(ctx, record)


def _registration_words(ctx: Context, record: Record) -> tuple[str, str, str]:
    match record:
        case ChannelRegistered(channel=name):
            return name, "CHANNEL REGISTER", ""
        case ChannelUnregistered(channel=name, purged=True, reason=reason):
            return name, "CHANNEL PURGE", reason
        case ChannelUnregistered(channel=name):
            return name, "CHANNEL DROP", ""
        case ChannelTransferred(channel=name, account=account):
            return name, "CHANNEL TRANSFER", account
        case ChannelAccessSet(channel=name, account=account, level=level):
            return name, "CHANNEL ACCESS", f"{account} {level or 'none'}"
    name = getattr(record, "channel", "") or getattr(record, "account", "")
    return name, ctx.command, ""


def _grants(ctx: Context, record: Record) -> None:
    """Put on record that a code is about to make somebody an operator, by whichever door."""
    match record:
        case Redeemed(code=code, account=account):
            action = "REDEEM"
        case AccountRegistered(invite=code, account=account) if code:
            action = "REGISTER"
        case _:
            return
    invite = ctx.world.invites.get(code)
    if invite is None or not invite.grants:
        return
    session = ctx.session
    source = f"{session.shown_nick}!{session.username or '*'}@{session.host}"
    if session.user is not None:
        source = session.user.source
    details = f"code {code[:12]}, made by {invite.by}"
    ctx.requests.append(Report(f"{action} by code", {"account": account, "class": invite.grants}))
    ctx.append(OperatorActed(ctx.origin, source, account, account, action, invite.grants, details))


def is_by(entry: Entry, name: str) -> bool:
    """Say whether an entry of the audit history is what an account or operator did; "": any."""
    record = entry.record
    assert isinstance(record, OperatorActed), "nothing else stands in that history"
    return not name or fold(name) in (fold(record.account), fold(record.operator))


def line_of(entry: Entry) -> str:
    """Return an entry of the audit history as one line: when, who, what, to whom, how."""
    record = entry.record
    assert isinstance(record, OperatorActed), "nothing else stands in that history"
    account = f", account {record.account}" if record.account else ""
    who = f"{record.source} (operator {record.operator}{account})"
    if record.operator == CONSOLE:
        who = "the server's machine"
    words = (format_time(entry.time), who, record.action, record.target, record.details)
    return " ".join(word for word in words if word)
