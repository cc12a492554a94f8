"""Facts about users: coming, going, and what they say of themselves."""

from __future__ import annotations

from hubbub.core.records.base import Record, SessionId


class Connected(Record, frozen=True, array_like=True, tag="connect"):
    """A session registered: it becomes a user, or one more session of its account's user.

    `account` was proved by this session. `modes` are the user's mode letters. `scope` is what the
    token that it came in with is for, or None. `absent` marks a session that nobody sits at (IRCv3
    draft/pre-away). `metadata` are keys and values that it set before. `device` names the
    credential that proved the account. `quiet` marks a session that only passes by.
    """

    nick: str
    username: str
    host: str
    realname: str
    account: str = ""
    modes: str = ""
    scope: str | None = None
    secure: bool = False
    absent: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    device: str = ""
    quiet: bool = False


class Disconnected(Record, frozen=True, array_like=True, tag="quit"):
    """A session ended; when it was the user's last one the user quits.

    `told` is the seq up to which it was surely told everything, where its link broke; 0 where that
    is up to here.
    """

    source: str
    reason: str
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""
    told: int = 0


class Renamed(Record, frozen=True, array_like=True, tag="nick"):
    """A user took another nick; `victim` is the user's id where an operator gave it."""

    source: str
    nick: str
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""
    victim: SessionId | None = None


class Killed(Record, frozen=True, array_like=True, tag="kill"):
    """A server operator ended the sessions of a user, whose source is `victim`.

    `to` is the first session of the user meant. `by_owner` is set where it was not an operator but
    the owner of the user's account or nick (GHOST).
    """

    source: str
    victim: str
    reason: str
    histories: tuple[str, ...] = ()
    to: SessionId | None = None
    by_owner: bool = False


class StayEnded(Record, frozen=True, array_like=True, tag="stay-end"):
    """A user goes whose account stayed while nobody was connected, and for too long.

    `user` is its id, `since` when its last session ended, in seconds since 1970.
    """

    source: str
    user: SessionId
    since: int
    reason: str
    histories: tuple[str, ...] = ()


class UserModesSet(Record, frozen=True, array_like=True, tag="umode"):
    """Modes of a user changed, such as ("+i", "-B").

    +o carries the operator's name and class; "" is the class `admin`, which all were once.
    """

    source: str
    changes: tuple[str, ...]
    operator: str = ""
    operator_class: str = ""
    by_operator: bool = False
    by_account: str = ""


class AwaySet(Record, frozen=True, array_like=True, tag="away"):
    """A user went away with a message, or came back ("")."""

    source: str
    text: str
    by_operator: bool = False
    by_account: str = ""


class RealnameSet(Record, frozen=True, array_like=True, tag="setname"):
    """A user changed the real name."""

    source: str
    realname: str
    by_operator: bool = False
    by_account: str = ""


class SilenceSet(Record, frozen=True, array_like=True, tag="silence"):
    """A user added masks to, or removed them from, those whose direct messages are not wanted.

    `limit` is how many there could be then, 0 for any number.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    limit: int = 0
