"""Facts about registered channels: whose one is, and who is what in it.

`incarnation` is the history of the channel meant, and `limit` what was allowed when the command was
decided on.
"""

from __future__ import annotations

from hubbub.core.records.base import Record


class ChannelRegistered(Record, frozen=True, array_like=True, tag="register-channel"):
    """A channel got a founder: it outlives its last member, with its history."""

    source: str
    account: str
    channel: str
    incarnation: str
    limit: int


class ChannelUnregistered(Record, frozen=True, array_like=True, tag="unregister-channel"):
    """A channel has no founder any more; with `purged` it ended, with its history, at once."""

    source: str
    channel: str
    incarnation: str
    purged: bool = False
    reason: str = ""


class ChannelTransferred(Record, frozen=True, array_like=True, tag="transfer-channel"):
    """A channel got another founder."""

    source: str
    channel: str
    account: str
    incarnation: str
    limit: int


class ChannelAccessSet(Record, frozen=True, array_like=True, tag="channel-access"):
    """What an account is in a channel, whenever it comes, changed; `level` "" is nothing more."""

    source: str
    channel: str
    account: str
    level: str
    incarnation: str
    limit: int


class ChannelPastOpened(Record, frozen=True, array_like=True, tag="open-past"):
    """A channel's founder let everybody read what was said while it was closed."""

    source: str
    channel: str
    histories: tuple[str, ...] = ()
    by_operator: bool = False
    by_account: str = ""


class ChannelRetentionSet(Record, frozen=True, array_like=True, tag="channel-retention"):
    """A channel's history is kept for so many days, and so many messages; 0 is for any number."""

    source: str
    channel: str
    incarnation: str
    days: int
    messages: int


ChannelRecord = (
    ChannelRegistered
    | ChannelUnregistered
    | ChannelTransferred
    | ChannelAccessSet
    | ChannelPastOpened
    | ChannelRetentionSet
)
