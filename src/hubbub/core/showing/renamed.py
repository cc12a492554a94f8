"""What is read back, under the names that its reader knows: a history outlives them.

A record keeps the names of its time. A channel may have got another since, and so may both ends of
a direct conversation; a client that is shown the old one finds no window for it. Those who spoke
in a channel keep there the names that they had.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hubbub.core.records.base import Record
from hubbub.core.records.channels import ChannelRenamed
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Redacted, Said
from hubbub.irc.names import fold

Naming = Callable[[Entry], Entry]
"""Return an entry as its reader knows whom it names."""


def in_channel(name: str) -> Naming:
    """Name the channel that a history belongs to as it is called now."""

    def named(entry: Entry) -> Entry:
        field = _field(entry.record)
        if not field or getattr(entry.record, field) == name:
            return entry
        return _with(entry, **{field: name})

    return named


def _field(record: Record) -> str:
    """Return the field that names the channel in whose history a record is, "" for none.

    That a channel was renamed tells from which name to which.
    """
    if isinstance(record, Said | Redacted):
        return "target"
    return "channel" if hasattr(record, "channel") and type(record) is not ChannelRenamed else ""


def between(history: str, own: str, partner: str) -> Naming:
    """Name both ends of the direct messages of a history: its owner and the partner, by nick."""

    def named(entry: Entry) -> Entry:
        record = entry.record
        if not isinstance(record, Said | Redacted):
            return entry
        # The first history of a direct message is its speaker's.
        speaker, hearer = (own, partner) if record.histories[0] == history else (partner, own)
        nick, mark, rest = record.source.partition("!")
        if fold(nick) == fold(speaker) and fold(record.target) == fold(hearer):
            return entry
        return _with(entry, source=f"{speaker}{mark}{rest}", target=hearer)

    return named


def _with(entry: Entry, **names: Any) -> Entry:
    return replace(entry, record=replace(entry.record, **names))
