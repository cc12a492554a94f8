"""An entry as bytes: rendered from the record alone, encoded once per set of capabilities.

Live delivery, history, replay and a slow reader's catching up all come through here, so a message
looks the same however it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from hubbub.core.records import accounts, channels, messages, registered_channels, users
from hubbub.core.records.base import Record
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.world.channel_modes import without_key
from hubbub.core.world.service_nicks import CHANSERV
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc import modes
from hubbub.irc.ctcp import is_ctcp
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message, format_body, format_tags
from hubbub.irc.timestamps import format_time

SHAPING: Final = (
    cap.MESSAGE_TAGS
    | cap.SERVER_TIME
    | cap.BATCH
    | cap.MULTILINE
    | cap.ACCOUNT_TAG
    | cap.EXTENDED_JOIN
)
"""The capabilities that change the bytes of a delivery."""
REQUIRED: Final[dict[type[Record], int]] = {messages.Redacted: cap.MESSAGE_REDACTION}
"""The capabilities without which a session never sees a record, in a history neither."""

PRIVATE_TAGS: Final = "+hubbub/"
"""How the names of tags begin that only the author of a message sees, and only in a history."""
QUIET_TAG: Final = "+hubbub/quiet"
"""The tag of what a quiet session said: its account's owner did not sit there, and read nothing."""
MENTIONS_TAG: Final = "hubbub/mentions"
"""The tag that names whom a message is meant for: folded accounts, `*` for all in the channel."""
RELAYED_BY: Final = "draft/relaymsg"
"""The tag that names who relayed a message."""
EDITED_TAG: Final = "hubbub/edited"
"""The tag of a message that got another text: when, for who knows of that."""
EDITED_MARK: Final = " (edited)"
"""What stands behind the text of such a message for all others."""
RARELY_SHAPING: Final = cap.CHANNEL_RENAME | cap.RELAYMSG | cap.OPER_TAG | cap.MESSAGE_EDIT
"""The capabilities that change the bytes of a few deliveries only (see shaping_of)."""


_ALL_SHAPING: Final = SHAPING | RARELY_SHAPING
_RARE: Final = frozenset({channels.ChannelRenamed, messages.Edited})


def shaping_of(record: Record) -> int:
    """Return the capabilities that change the bytes of a record, as few as may be."""
    if isinstance(record, Said):
        rare: object = record.by_operator or record.relayed_by
    else:
        rare = type(record) in _RARE or getattr(record, "by_operator", False)
    return _ALL_SHAPING if rare else SHAPING


_ONCE: Final = frozenset({"msgid", "label"})
"""The tags of the first line only, where a message of several lines is shown as several."""


def tags_of(entry: Entry, caps: int) -> dict[str, str]:
    """Return the tags that a session with these capabilities sees on an entry."""
    tags: dict[str, str] = {}
    if not caps:
        return tags
    if caps & cap.SERVER_TIME:
        tags["time"] = format_time(entry.time)
    if caps & cap.MESSAGE_TAGS:
        tags["msgid"] = entry.msgid
    record = entry.record
    if caps & cap.OPER_TAG and getattr(record, "by_operator", False):
        tags["draft/oper"] = ""
    if caps & cap.ACCOUNT_TAG and (account := _account_of(record)):
        tags["account"] = account
    if isinstance(record, messages.Edited) and entry.body is not None and caps & cap.MESSAGE_TAGS:
        tags.update((k, v) for k, v in entry.body.tags.items() if not _is_private(k))
    if isinstance(record, Said):
        if caps & cap.RELAYMSG and record.relayed_by:
            tags[RELAYED_BY] = record.relayed_by
        if caps & cap.MESSAGE_TAGS:
            if record.bot:
                tags["bot"] = ""
            if entry.body is not None and entry.body.tags:
                tags.update((k, v) for k, v in entry.body.tags.items() if not _is_private(k))
            if caps & cap.MESSAGE_EDIT and entry.body is not None and entry.body.edited:
                tags[EDITED_TAG] = format_time(entry.body.edited)
            if caps & cap.CATCH_UP and entry.body is not None and entry.body.mentions:
                tags[MENTIONS_TAG] = ",".join(entry.body.mentions)
    return tags


def private_tags(entry: Entry, reader: User | None) -> dict[str, str]:
    """Return the tags of a message that are for its author only, where the reader is that one.

    They are found in the history, so that a client knows what of its own arrived; a live echo has
    its label for that. A guest is known by its source.
    """
    said = entry.record
    if not isinstance(said, Said) or entry.body is None or not entry.body.tags or reader is None:
        return {}
    mine = said.account == reader.account if said.account else said.source == reader.source
    return {k: v for k, v in entry.body.tags.items() if mine and _is_private(k)}


def _is_private(tag: str) -> bool:
    return tag.startswith(PRIVATE_TAGS)


_WITH_ACCOUNT: Final = (Said, channels.Joined)
"""Records that name the account themselves."""


def _account_of(record: Record) -> str:
    """Return the account of whoever did what is recorded, "" for a guest."""
    if isinstance(record, _WITH_ACCOUNT):
        return record.account
    account: str = getattr(record, "by_account", "")
    return account


def encode(entry: Entry, caps: int, extra: dict[str, str] | None = None) -> bytes:
    """Return an entry as the lines that a session with these capabilities gets.

    `extra` are tags (batch, label) for the first line, or for every line outside a batch of its
    own. Nothing is returned for a Said whose body was erased, and for what is never shown.
    """
    record = entry.record
    tags = tags_of(entry, caps)
    if extra:
        tags.update(extra)
    if isinstance(record, Said):
        return _encode_said(entry, record, entry.body, caps, tags)
    if isinstance(record, messages.Edited):
        return _encode_edited(record, entry.body, caps, tags)
    message = render(record, caps)
    if message is None:
        return b""
    # Each part has its bound, but a long channel and a long nick can leave less room than that.
    message = fitted(message)
    line = format_body(message.source, message.command, message.params)
    return f"{format_tags(tags)}{line}\r\n".encode()


def _encode_said(
    entry: Entry, said: Said, body: Body | None, caps: int, tags: dict[str, str]
) -> bytes:
    if said.command == "TAGMSG":
        return f"{format_tags(tags)}:{said.source} TAGMSG {said.target}\r\n".encode()
    if body is None:
        return b""
    text = body.text
    if body.edited and not caps & cap.MESSAGE_EDIT:
        text = _marked(text)
    if "\n" not in text and "\r" not in text:
        line = f":{said.source} {said.command} {said.target} :{text}\r\n"
        return f"{format_tags(tags)}{line}".encode() if tags else line.encode()
    if caps & cap.MULTILINE and caps & cap.BATCH:
        return _encode_multiline(entry, said, text, tags)
    # Blank lines cannot be sent on their own; a msgid and a label belong to one line.
    head = format_tags(tags)
    rest = format_tags({name: value for name, value in tags.items() if name not in _ONCE})
    out: list[str] = []
    for line in text.replace("\r", "\n").split("\n"):
        if line:
            out.append(
                f"{rest if out else head}:{said.source} {said.command} {said.target} :{line}"
            )
    return "".join(f"{line}\r\n" for line in out).encode()


def _marked(text: str) -> str:
    """Return the text of a message that was edited for who is not told that in another way."""
    within = text[:-1] if text.endswith("\x01") else text
    return f"{within}{EDITED_MARK}{text[len(within) :]}"


def _encode_edited(
    record: messages.Edited, body: Body | None, caps: int, tags: dict[str, str]
) -> bytes:
    """Return an edit as it is told live: to who knows of none, as what its speaker does."""
    if body is None:
        return b""
    text = body.text
    if text.startswith("\x01ACTION "):
        text = text[len("\x01ACTION ") :].removesuffix("\x01")
    if caps & cap.MESSAGE_EDIT:
        line = format_body(record.source, "EDITMSG", (record.target, record.msgid, text))
    else:
        params = (record.target, f"\x01ACTION edited: {text}\x01")
        told = fitted(Message(record.command, params, record.source))
        # What had to be shortened ends as it would have.
        line = format_body(told.source, told.command, (record.target, f"{told.params[1][:-1]}\x01"))
    return f"{format_tags(tags)}{line}\r\n".encode()


def _encode_multiline(entry: Entry, said: Said, text: str, tags: dict[str, str]) -> bytes:
    reference = f"m{entry.seq:x}"
    out = [f"{format_tags(tags)}:{said.source} BATCH +{reference} draft/multiline {said.target}"]
    for line in text.split("\n"):
        for index, part in enumerate(line.split("\r")):
            concat = ";draft/multiline-concat" if index else ""
            prefix = f"@batch={reference}{concat} :{said.source}"
            out.append(f"{prefix} {said.command} {said.target} :{part}")
    closing = f"@batch={tags['batch']} " if "batch" in tags else ""
    out.append(f"{closing}:{said.source} BATCH -{reference}")
    return "".join(f"{line}\r\n" for line in out).encode()


def _joined(record: channels.Joined, caps: int) -> Message:
    if caps & cap.EXTENDED_JOIN:
        params = (record.channel, record.account or "*", record.realname)
        return Message("JOIN", params, record.source)
    return Message("JOIN", (record.channel,), record.source)


def _parted(record: channels.Parted, caps: int) -> Message:
    reason = () if record.reason is None else (record.reason,)
    return Message("PART", (record.channel, *reason), record.source)


def _mode(record: channels.ChannelModesSet, caps: int) -> Message:
    params = (record.channel, *modes.format_changes(record.changes))
    return Message("MODE", params, record.source)


def _redacted(record: messages.Redacted, caps: int) -> Message:
    reason = () if record.reason is None else (record.reason,)
    return Message("REDACT", (record.target, record.msgid, *reason), record.source)


def _user_mode(record: users.UserModesSet, caps: int) -> Message:
    nick = record.source.partition("!")[0]
    changes = modes.format_changes((change, "") for change in record.changes)
    return Message("MODE", (nick, *changes), record.source)


def _channel_renamed(record: channels.ChannelRenamed, caps: int) -> Message | None:
    # Others are told by PART and JOIN, each of its own.
    if not caps & cap.CHANNEL_RENAME:
        return None
    return Message("RENAME", (record.channel, record.name, record.reason), record.source)


def _past_opened(record: registered_channels.ChannelPastOpened, caps: int) -> Message:
    nick = record.source.partition("!")[0]
    text = f"{nick} lets everybody read what was said here while the channel was closed"
    return Message("NOTICE", (record.channel, text), CHANSERV)


_RENDERERS: Final[dict[type[Record], Callable[[Any, int], Message | None]]] = {
    channels.Joined: _joined,
    channels.Parted: _parted,
    channels.ChannelModesSet: _mode,
    messages.Redacted: _redacted,
    channels.ListEntryExpired: lambda r, _: Message(
        "MODE", (r.channel, f"-{r.letter}", r.mask), r.source
    ),
    users.UserModesSet: _user_mode,
    users.StayEnded: lambda r, _: Message("QUIT", (r.reason,), r.source),
    users.Disconnected: lambda r, _: Message("QUIT", (r.reason,), r.source),
    users.Killed: lambda r, _: Message(
        "QUIT", (f"Killed ({r.source.partition('!')[0]} ({r.reason}))",), r.victim
    ),
    users.Renamed: lambda r, _: Message("NICK", (r.nick,), r.source),
    channels.Kicked: lambda r, _: Message("KICK", (r.channel, r.nick, r.reason), r.source),
    channels.ChannelRenamed: _channel_renamed,
    registered_channels.ChannelPastOpened: _past_opened,
    channels.TopicSet: lambda r, _: Message("TOPIC", (r.channel, r.text), r.source),
    channels.Invited: lambda r, _: Message("INVITE", (r.nick, r.channel), r.source),
    accounts.LoggedIn: lambda r, _: Message("ACCOUNT", (r.account,), r.source),
    accounts.AccountRegistered: lambda r, _: Message("ACCOUNT", (r.account,), r.source),
    accounts.AccountVerified: lambda r, _: Message("ACCOUNT", (r.account,), r.source),
    accounts.LoggedOut: lambda r, _: Message("ACCOUNT", ("*",), r.source),
    users.AwaySet: lambda r, _: Message("AWAY", (r.text,) if r.text else (), r.source),
    messages.Announced: lambda r, _: Message("WALLOPS", (r.text,), r.source),
    users.RealnameSet: lambda r, _: Message("SETNAME", (r.realname,), r.source),
}


def is_shown(entry: Entry, caps: int) -> bool:
    """Say whether a session with these capabilities may see an entry in a history.

    What programs ask each other was kept once, and is not to be answered again.
    """
    required = REQUIRED.get(type(entry.record), cap.NONE)
    asks = entry.body is not None and is_ctcp(entry.body.text)
    return caps & required == required and not asks


def in_history(entry: Entry) -> Entry:
    """Return an entry as it is read back: a channel's key was for those who heard it."""
    record = entry.record
    if not isinstance(record, channels.ChannelModesSet):
        return entry
    masked = structs.replace(record, changes=without_key(record.changes))
    return structs.replace(entry, record=masked)


def render(record: Record, caps: int) -> Message | None:
    """Return a record that is no Said as a message, or None where it is never shown."""
    renderer = _RENDERERS.get(type(record))
    return renderer(record, caps) if renderer is not None else None


class Delivery:
    """Hold an entry and its encodings, made when first asked for and shared by all recipients."""

    __slots__ = ("_encodings", "_shaping", "entry")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._encodings: dict[int, bytes] = {}
        self._shaping = shaping_of(entry.record)
        if entry.body is not None and entry.body.mentions:
            self._shaping |= cap.CATCH_UP

    def encoded(self, caps: int) -> bytes:
        """Return the lines for a set of capabilities."""
        shaping = caps & self._shaping
        found = self._encodings.get(shaping)
        if found is None:
            found = self._encodings[shaping] = encode(self.entry, shaping)
        return found
