"""Facts about channels: who is in them, and how they are set."""

from __future__ import annotations

from hubbub.core.records.base import Record, SessionId


class Kept(Record, frozen=True, array_like=True, tag="kept"):
    """The operator keeps the channels that match one of these patterns, so many at most.

    With `spares`, those that were kept until now stay so, whatever they are called.
    """

    patterns: tuple[str, ...]
    limit: int = 1000
    spares: bool = False


class Joined(Record, frozen=True, array_like=True, tag="join"):
    """A user entered a channel; the first one to do so gives it its history.

    `key` is the channel's, where the user offered it, checked again on apply; else it is "".
    `victim` is the user's id where an operator made it enter. `limit` is in how many channels a
    user could be then, 0 for any number.
    """

    source: str
    account: str
    realname: str
    channel: str
    key: str = ""
    histories: tuple[str, ...] = ()
    invited: bool = False
    by_operator: bool = False
    victim: SessionId | None = None
    limit: int = 0


class Parted(Record, frozen=True, array_like=True, tag="part"):
    """A user left a channel; `victim` is the user's id where an operator made it leave."""

    source: str
    channel: str
    reason: str | None = None
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""
    victim: SessionId | None = None


class Kicked(Record, frozen=True, array_like=True, tag="kick"):
    """A user was removed from a channel; `victim` is the first session of the user meant."""

    source: str
    channel: str
    nick: str
    reason: str
    histories: tuple[str, ...] = ()
    victim: SessionId | None = None
    by_operator: bool = False
    by_account: str = ""


class TopicSet(Record, frozen=True, array_like=True, tag="topic"):
    """A channel's topic changed; "" takes it away."""

    source: str
    channel: str
    text: str
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""


class ChannelModesSet(Record, frozen=True, array_like=True, tag="mode"):
    """Modes of a channel changed. Each change is ("+o", argument), the argument "" where none is.

    All of them apply or none does. `targets` are the first sessions of the users whose status
    changes, in the order of those changes. Masks that are added last for `seconds`, 0 being until
    they are removed; `reason` is why. `limit` is how many masks a list could hold then, 0 for any
    number.
    """

    source: str
    channel: str
    changes: tuple[tuple[str, str], ...]
    histories: tuple[str, ...] = ()
    targets: tuple[SessionId, ...] = ()
    by_operator: bool = False
    by_account: str = ""
    seconds: int = 0
    reason: str = ""
    limit: int = 0


class ListEntryExpired(Record, frozen=True, array_like=True, tag="expired"):
    """The time of a mask on a channel's list is over; `source` is the server's name."""

    source: str
    channel: str
    letter: str
    mask: str
    histories: tuple[str, ...] = ()


class Invited(Record, frozen=True, array_like=True, tag="invite"):
    """A user was invited to a channel.

    `incarnation` is the history of the channel meant, `guest` is the id of the user meant. It
    `lets_in` where the inviter had the rank for that.
    """

    source: str
    channel: str
    nick: str
    incarnation: str = ""
    guest: SessionId | None = None
    by_operator: bool = False
    by_account: str = ""
    lets_in: bool = True


class ChannelRenamed(Record, frozen=True, array_like=True, tag="rename-channel"):
    """A channel got another name, and kept everything else (IRCv3 draft/channel-rename)."""

    source: str
    channel: str
    name: str
    reason: str = ""
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""
