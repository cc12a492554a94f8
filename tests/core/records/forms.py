"""How records stand in journals: what was written once has to be read for ever."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Final

import msgspec

from hubbub.core.records.base import Origin, Record, SessionId
from hubbub.core.records.entries import AnyRecord
from hubbub.journal import codec

ORIGIN: Final = Origin(SessionId(1, 2, 3), 4)
OTHER: Final = SessionId(1, 2, 9)

Written = list[tuple[AnyRecord, str]]
"""Records with every field filled, and how each stands in a journal."""


def kinds_in(module: ModuleType) -> set[type]:
    """Return the kinds of record that a module defines."""
    found = (each for each in vars(module).values() if isinstance(each, type))
    return {
        each for each in found if issubclass(each, Record) and each.__module__ == module.__name__
    }


def check_text(record: AnyRecord, text: str) -> None:
    """Raise AssertionError where a record is not written so, in full, or not read so."""
    assert codec.encode_record(record).decode() == text
    assert codec.decode_record(text) == record
    fields = msgspec.structs.fields(record)
    unfilled = [one.name for one in fields if getattr(record, one.name) == one.default]
    assert not unfilled, "a field that has its default is not seen to be written"


def check_older_texts(record: AnyRecord, text: str) -> None:
    """Raise AssertionError where a record that lacks its newest fields has not their defaults.

    So those stand in journals that were written before there were these fields.
    """
    values = json.loads(text)
    newer = [one.name for one in msgspec.structs.fields(record) if not one.required]
    for count in range(1, len(newer) + 1):
        read = codec.decode_record(json.dumps(values[:-count]))
        for field in msgspec.structs.fields(record):
            is_there = field.name not in newer[-count:]
            assert getattr(read, field.name) == (
                getattr(record, field.name) if is_there else field.default
            )
