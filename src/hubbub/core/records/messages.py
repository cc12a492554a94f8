"""What was said, what became of it, and up to where it was read."""

from __future__ import annotations

from typing import ClassVar

from hubbub.core.records.base import Record, SessionId


class Said(Record, frozen=True, array_like=True, tag="said"):
    """A PRIVMSG, NOTICE or TAGMSG; what was said is its Body, which apply never reads.

    `target` is as shown to others: a channel (with its status prefix, if any) or a nick. `to` is
    the id of the user meant by a nick. `bot` marks a sender in bot mode. Where somebody elsewhere
    said it, whom `source` names, `relayed_by` is the nick of the user who passed it on (IRCv3
    draft/relaymsg). `to_account` is the account of the user meant, or the one that a nick names
    while none of its users is here; "" for a guest. `ctcp` marks what only programs ask and answer
    (CTCP other than ACTION): it is in no history.
    """

    changes_world: ClassVar[bool] = False
    source: str
    account: str
    command: str
    target: str
    to: SessionId | None = None
    histories: tuple[str, ...] = ()
    bot: bool = False
    relayed_by: str = ""
    by_operator: bool = False
    to_account: str = ""
    ctcp: bool = False


class SaidInAbsence(Said, frozen=True, array_like=True, tag="said-absent"):
    """What is said to an account of which nobody is connected, or a TAGMSG: it waits, is counted.

    `bound` is how many may wait, of this speaker or, where that is a guest, of all guests.
    """

    changes_world: ClassVar[bool] = True
    # It stands behind the fields of Said: one more there would move it in every journal there is.
    bound: int = 0


class Announced(Record, frozen=True, array_like=True, tag="wallops"):
    """A server operator told something to all users with mode +w."""

    changes_world: ClassVar[bool] = False
    source: str
    text: str
    by_operator: bool = False
    by_account: str = ""


class Redacted(Record, frozen=True, array_like=True, tag="redact"):
    """A message was taken back, by who said it (`own`) or by who moderates: its body is erased.

    `seq` and `msgid` are the message's. `target` is as shown to others; `to` is the user meant by a
    nick, or None where that user is not here. `purged` marks what a server operator took back with
    all that its speaker said.
    """

    source: str
    target: str
    msgid: str
    seq: int
    own: bool
    reason: str | None = None
    to: SessionId | None = None
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""
    purged: bool = False


class Edited(Record, frozen=True, array_like=True, tag="edit"):
    """Somebody gave a message of one's own another text, which is the Body.

    `seq` and `msgid` are the message's, `message_histories` those that it is in; this itself is in
    none, for a history shows the message as it stands. `target` is as shown to others, `to` the
    user meant by a nick, `command` how it had been said. With `keeps` the earlier text is kept for
    who moderates.
    """

    changes_world: ClassVar[bool] = False
    source: str
    target: str
    msgid: str
    seq: int
    command: str = "PRIVMSG"
    to: SessionId | None = None
    message_histories: tuple[str, ...] = ()
    keeps: bool = False
    by_account: str = ""


class Erased(Record, frozen=True, array_like=True, tag="erase"):
    """The bodies of these records are to be gone, on every node and from every restored backup."""

    seqs: tuple[int, ...]


class ReadMarked(Record, frozen=True, array_like=True, tag="markread"):
    """A user has read a target, a channel or a nick, up to a time in microseconds.

    `newest` is the latest time that anything had when this was asked for.
    """

    target: str
    time: int
    newest: int = 0
