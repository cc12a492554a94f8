"""What an entry says, to whoever reads an export: no key of a channel, and nothing of the server's.

What is about accounts and what operators did is in no export.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.core.records.channels import (
    ChannelModesSet,
    ChannelRenamed,
    Joined,
    Kicked,
    Parted,
    TopicSet,
)
from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.users import Disconnected, Renamed
from hubbub.core.world.channel_modes import without_key
from hubbub.core.world.state import ACCOUNT_PRESENCE
from hubbub.irc import modes

MESSAGE: Final = "message"
NOTICE: Final = "notice"
ACTION: Final = "action"
_ACTION: Final = "\x01ACTION "


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one entry as it is written down.

    `where` is a channel, or the two of a direct conversation. `text` is what was said, its lines
    divided by "\\n", or what comes with an event (`kind` says which): a topic, a reason, a nick.
    `edited` is when it got that text, 0 where it was said so.
    """

    seq: int
    time: int
    msgid: str
    kind: str
    where: tuple[str, ...]
    source: str
    account: str
    text: str
    tags: dict[str, str]
    edited: int = 0

    @property
    def nick(self) -> str:
        """Return the nick of who it is from."""
        return self.source.partition("!")[0]

    @property
    def is_said(self) -> bool:
        """Say whether somebody said it."""
        return self.kind in (MESSAGE, NOTICE, ACTION)


def line_of(entry: Entry, channel: str = "") -> Line | None:
    """Return what an entry says, or None where it is for no export.

    Of a `channel` no other is named: somebody who quits was in secret ones, too.
    """
    record = entry.record
    told = _said(entry, record) if isinstance(record, Said) else _event(record)
    where = (channel,) if channel else _where(record)
    if told is None or not where:
        return None
    kind, text = told
    body = entry.body
    return Line(
        entry.seq,
        entry.time,
        entry.msgid,
        kind,
        where,
        str(getattr(record, "source", "")),
        str(getattr(record, "account", "") or getattr(record, "by_account", "")),
        text,
        dict(body.tags) if body is not None else {},
        body.edited if body is not None else 0,
    )


def sentence(line: Line) -> str:
    """Return an event in words, after the nick of who did it."""
    what = _SENTENCES[line.kind].format(text=line.text)
    return what.removesuffix(" ()")


def _said(entry: Entry, record: Said) -> tuple[str, str] | None:
    if entry.body is None or record.command == "TAGMSG":
        return None
    # A line that goes on in the next one is one line: the sender's client broke it.
    text = entry.body.text.replace("\r", "")
    if record.command == "NOTICE":
        return NOTICE, text
    if text.startswith(_ACTION):
        return ACTION, text.removeprefix(_ACTION).removesuffix("\x01")
    return MESSAGE, text


def _event(record: AnyRecord) -> tuple[str, str] | None:
    match record:
        case Joined():
            return "join", ""
        case Parted(reason=reason):
            return "part", reason or ""
        case Disconnected(reason=reason):
            return "quit", reason
        case Renamed(nick=nick):
            return "nick", nick
        case Kicked(nick=nick, reason=reason):
            return "kick", f"{nick} ({reason})"
        case TopicSet(text=text):
            return "topic", text
        case ChannelModesSet(changes=changes):
            return "mode", " ".join(modes.format_changes(without_key(changes)))
        case ChannelRenamed(name=name):
            return "rename", name
    return None


_SENTENCES: Final = {
    "join": "joined",
    "part": "left ({text})",
    "quit": "quit ({text})",
    "nick": "is now known as {text}",
    "kick": "removed {text}",
    "topic": "set the topic: {text}",
    "mode": "set {text}",
    "rename": "renamed the channel to {text}",
}


def _where(record: AnyRecord) -> tuple[str, ...]:
    histories: tuple[str, ...] = getattr(record, "histories", ())
    if not histories:
        return ()
    first = histories[0]
    if first.startswith("@"):
        owner, _, partner = first[1:].partition("/")
        return tuple(sorted({_called(owner), _called(partner)}))
    if first[0] in "$!":
        return ()
    return tuple(dict.fromkeys(name.partition(",")[0] for name in histories))


def _called(presence: str) -> str:
    """Return the name of an account, or what tells a guest from others."""
    if presence.startswith(ACCOUNT_PRESENCE):
        return presence.removeprefix(ACCOUNT_PRESENCE)
    return f"guest {presence.partition(':')[2]}"
