"""Histories: in which a record is found, and what names stand for many."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import Record
from hubbub.core.records.messages import Said

_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_SPOKEN: Final = frozenset({"PRIVMSG", "NOTICE"})


def is_said(record: Record) -> bool:
    """Say whether a record is what somebody said, rather than an event."""
    return isinstance(record, Said) and record.command in _SPOKEN


def histories_of(record: Record) -> tuple[str, ...]:
    """Return the histories in which a record can be found, each once."""
    histories: tuple[str, ...] = getattr(record, "histories", ())
    return histories if len(histories) < 2 else tuple(dict.fromkeys(histories))


def is_prefix(name: str) -> bool:
    """Say whether a name stands for all that begin as it does, without its `*`.

    Only `@OWNER/*`, all direct histories of one owner: a channel may well be called `#*`.
    """
    return name.startswith("@") and name.endswith("/*")


def after_prefix(prefix: str) -> str | None:
    """Return the first text after all that begin with `prefix`, or None where there is none."""
    shorter = prefix.rstrip(chr(_LAST))
    if not shorter:
        return None
    following = ord(shorter[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return shorter[:-1] + chr(following)
