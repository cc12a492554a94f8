"""Records as JSON, which a person can read in the database with any SQLite shell.

A record is an array that begins with its tag; a body is an object. New fields come last and have
defaults, so an older record is read by a newer program. What an older program cannot read (a tag
that it does not know) makes the journal unusable for it, rather than half-read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from hubbub.core.records.entries import AnyRecord, Body
from hubbub.journal.port import JournalDamaged
from hubbub.journal.sequencer import OrderState

VERSION: Final = 5
"""The version of the set of records; it rises when a tag is added, or a field changes its sense."""

Row = tuple[int, int, AnyRecord, Body | None, int]
"""(seq, time in microseconds, record, body, lead of the time) as the archive reads it."""

encode_record: Final[Callable[[AnyRecord], bytes]] = msgspec.json.Encoder().encode
"""Return a record as JSON."""
encode_body: Final[Callable[[Body], bytes]] = msgspec.json.Encoder().encode
"""Return a body as JSON."""
encode_seqs: Final[Callable[[Sequence[int]], bytes]] = msgspec.json.Encoder().encode
"""Return seqs as a JSON array, to hand them to SQLite in one piece."""
encode_names: Final[Callable[[Sequence[str]], bytes]] = msgspec.json.Encoder().encode
"""Return names of histories as a JSON array."""

encode_state: Final[Callable[[OrderState], bytes]] = msgspec.json.Encoder().encode
"""Return where a sequencer is as JSON."""
decode_state: Final[Callable[[str | bytes], OrderState]] = msgspec.json.Decoder(OrderState).decode
"""Return where a sequencer was."""

_record: Final = msgspec.json.Decoder(AnyRecord)
_body: Final = msgspec.json.Decoder(Body)
_rows: Final = msgspec.json.Decoder(list[Row])
_newest: Final = msgspec.json.Decoder(list[tuple[str, int, int]])

_UNREADABLE: Final = (
    "it holds a record that this program cannot read ({}); a newer hubbub wrote it, or it is "
    "damaged: run the newer one, or restore a backup"
)


def decode_record(data: str | bytes) -> AnyRecord:
    """Return the record of its JSON. Raise JournalDamaged where it is unknown or damaged."""
    try:
        record: AnyRecord = _record.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalDamaged(_UNREADABLE.format(error)) from None
    return record


def decode_body(data: str | bytes) -> Body:
    """Return the body of its JSON. Raise JournalDamaged where it is damaged."""
    try:
        return _body.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalDamaged(_UNREADABLE.format(error)) from None


def decode_rows(data: str | bytes) -> list[Row]:
    """Return rows from a JSON array of [seq, time, record, body or null, lead]; raise as above."""
    try:
        return _rows.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalDamaged(_UNREADABLE.format(error)) from None


def decode_newest(data: str | bytes) -> list[tuple[str, int, int]]:
    """Return (history, time, seq) from a JSON array of arrays."""
    return _newest.decode(data)
