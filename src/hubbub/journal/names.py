"""Histories: in which a record is found, and what names stand for many."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import Record, SessionId
from hubbub.core.records.entries import Body
from hubbub.core.records.messages import Said
from hubbub.core.world.state import GUEST_PRESENCE
from hubbub.irc.names import fold

_LAST: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_SPOKEN: Final = frozenset({"PRIVMSG", "NOTICE"})
REPLY: Final = ("+draft/reply", "+reply")
"""The tags that name the message which is answered."""
_ABOUT: Final = ("+draft/react", "+draft/unreact")
EVERYBODY: Final = "*"
"""Who is mentioned where all who are in a channel are."""


def is_said(record: Record) -> bool:
    """Say whether a record is what somebody said, rather than an event."""
    return isinstance(record, Said) and record.command in _SPOKEN


def author_of(record: Record) -> str | None:
    """Return who said something: a folded account, or a guest's presence; None for an event.

    No account's name has a colon.
    """
    if not is_said(record):
        return None
    assert isinstance(record, Said), "what somebody said"
    return fold(record.account) if record.account else guest(record.origin.session)


def guest(session: SessionId) -> str:
    """Return the presence of a session that speaks without an account."""
    return GUEST_PRESENCE + ".".join(map(str, session))


def parent_of(record: Record, body: Body | None) -> str:
    """Return the msgid of the message that a reaction without words belongs to, or ""."""
    if body is None or not isinstance(record, Said) or record.command != "TAGMSG":
        return ""
    tags = body.tags
    if not any(tag in tags for tag in _ABOUT):
        return ""
    return next((tags[tag] for tag in REPLY if tag in tags), "")


def mentioned(record: Record, body: Body | None) -> tuple[tuple[str, str], ...]:
    """Return (who, history) of whom a message is meant for: accounts, or the history for all."""
    if body is None or not body.mentions or not is_said(record):
        return ()
    return tuple(
        (history if who == EVERYBODY else who, history)
        for history in histories_of(record)
        for who in body.mentions
    )


def histories_of(record: Record) -> tuple[str, ...]:
    """Return the histories in which a record can be found, each once."""
    histories: tuple[str, ...] = getattr(record, "histories", ())
    return histories if len(histories) < 2 else tuple(dict.fromkeys(histories))


def is_direct(history: str) -> bool:
    """Say whether a history is one side of a direct conversation."""
    return history.startswith("@")


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
