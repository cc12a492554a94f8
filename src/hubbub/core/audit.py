"""What operators did, on record: taken down where it is decided on, and read back as lines."""

from __future__ import annotations

from typing import Final

from hubbub.core import access, channel_records, records, registration_rights
from hubbub.core.context import Context
from hubbub.core.effects import Append, Report
from hubbub.core.moderation_records import OperatorActed
from hubbub.core.record import Record
from hubbub.core.records import Entry
from hubbub.core.scopes import CONSOLE
from hubbub.irc import modes
from hubbub.irc.fitting import clip
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time

DETAILS_BYTES: Final = 300


def acted(ctx: Context, action: str, target: str = "", details: str = "") -> None:
    """Put on record, and into the log, what the operator at hand does; `details` hold no secret.

    Every command that takes a privilege and does something says so here.
    """
    user = ctx.user
    target, details = clip(target, DETAILS_BYTES), clip(details, DETAILS_BYTES)
    said = {"target": target, "details": details}
    ctx.effects.append(Report(action, {name: text for name, text in said.items() if text}))
    ctx.append(
        OperatorActed(ctx.origin, user.source, user.operator, user.account, action, target, details)
    )


def became_operator(ctx: Context, name: str, operator_class: str) -> None:
    """Put on record that the user at hand is about to be an operator, of a name and a class."""
    user = ctx.user
    ctx.effects.append(Report("OPER granted", {"operator": name, "class": operator_class}))
    ctx.append(OperatorActed(ctx.origin, user.source, name, user.account, "OPER", operator_class))


def came_in(ctx: Context) -> None:
    """Put on record that a session of an operator by its account has come in, or logged in."""
    user = ctx.user
    if user.is_operator and user.operator == user.account:
        acted(ctx, "LOGIN", user.operator_class)


def overrides(ctx: Context) -> None:
    """Put on record what an operator does in channels where only the privilege allows it."""
    if not ctx.user.may("channels"):
        return
    for effect in list(ctx.effects):
        if isinstance(effect, Append):
            _override(ctx, effect.draft.record)
            _override_founder(ctx, effect.draft.record)


def _override(ctx: Context, record: Record) -> None:
    match record:
        case records.ChannelModesSet(channel=name, changes=changes):
            # A key is a secret.
            shown = ((mode, "*" if mode[1] == modes.KEY else given) for mode, given in changes)
            action, details = "MODE", " ".join(modes.format_changes(shown))
            rank = access.rank_to_change(ctx.user, changes)
        case records.Kicked(channel=name, nick=nick, reason=reason):
            action, details, rank = "KICK", f"{nick}: {reason}", modes.HALF_OPERATOR
        case records.TopicSet(channel=name, text=text):
            action, details, rank = "TOPIC", text, _rank_with(ctx, name, "t")
        case records.Invited(channel=name, nick=nick):
            action, details, rank = "INVITE", nick, _rank_with(ctx, name, "i")
        case records.Redacted(target=name, msgid=msgid, own=False):
            action, details, rank = "REDACT", msgid, modes.HALF_OPERATOR
        case records.MetadataSet(channel=name, keys=keys) if name:
            action, details, rank = "METADATA", " ".join(keys), modes.OPERATOR
        case channel_records.ChannelRegistered(channel=name):
            action, details, rank = "CHANNEL REGISTER", "", modes.OPERATOR
        case channel_records.ChannelRenamed(channel=name, name=details):
            action, rank = "RENAME", access.rank_to_rename(ctx.world.channels[fold(name)])
        case _:
            return
    channel = ctx.world.channel(name)
    member = channel.members.get(ctx.user) if channel is not None else None
    if member is None or member.rank < rank:
        acted(ctx, action, name, details)


def _override_founder(ctx: Context, record: Record) -> None:
    match record:
        case channel_records.ChannelUnregistered(channel=name, purged=True, reason=reason):
            acted(ctx, "CHANNEL PURGE", name, reason)
            return
        case channel_records.ChannelUnregistered(channel=name):
            action, details = "CHANNEL DROP", ""
        case channel_records.ChannelTransferred(channel=name, account=details):
            action = "CHANNEL TRANSFER"
        case channel_records.ChannelAccessSet(channel=name, account=account, level=level):
            action, details = "CHANNEL ACCESS", f"{account} {level or 'none'}"
        case _:
            return
    channel = ctx.world.channel(name)
    if channel is not None and not registration_rights.owns(channel, ctx.user):
        acted(ctx, action, name, details)


def _rank_with(ctx: Context, name: str, flag: str) -> int:
    """Return the rank that it takes where a flag keeps plain members from something."""
    channel = ctx.world.channel(name)
    return modes.HALF_OPERATOR if channel is not None and flag in channel.flags else 0


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
