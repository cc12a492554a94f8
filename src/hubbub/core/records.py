"""Facts that the journal keeps.

A record stands alone: who did it (`source`), as which account, to what, and from which session
(`origin`), so that it can be shown again without the World. `histories` names the histories in
which the record can be found again; an empty tuple means none.

The names of a history:
    `#channel`            a kept channel, folded
    `#channel,ID`         one incarnation of a channel, ID being the origin of its first join
    `@OWNER/PARTNER`      OWNER's side of the direct messages between two presences
    `$account`            what was changed about an account; its secrets are bodies, and nobody can
                          ask for it
    `!audit`              what server operators did; no client can read it
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from hubbub.core.account_records import (
    AccountDropped,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRegistered,
    AccountRenamed,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    EmailConfirmed,
    InviteMade,
    InviteRevoked,
    LoggedIn,
    LoggedOut,
    OthersRevoked,
    Reauthenticated,
    Redeemed,
)
from hubbub.core.channel_records import ChannelRecord
from hubbub.core.moderation_records import ModerationRecord
from hubbub.core.record import Origin, Record, SessionId

__all__ = ["Origin", "Record", "SessionId"]


class NodeStarted(Record, frozen=True, array_like=True, tag="start"):
    """A node began a new epoch: every session of its earlier epochs is over."""


class ClockSetBack(Record, frozen=True, array_like=True, tag="clock"):
    """The clock had been ahead by so many microseconds, from `since` on; it is `now` really.

    The times of the entries before have been put right in the journal; those that the World holds
    have not. `since` and `now` are in microseconds since 1970, as they are right.
    """

    ahead: int
    since: int
    now: int


class Kept(Record, frozen=True, array_like=True, tag="kept"):
    """The operator keeps the channels that match one of these patterns, so many at most."""

    patterns: tuple[str, ...]
    limit: int = 1000


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


class StayEnded(Record, frozen=True, array_like=True, tag="stay-end"):
    """A user goes whose account stayed while nobody was connected, and for too long.

    `user` is its id, `since` when its last session ended, in seconds since 1970.
    """

    source: str
    user: SessionId
    since: int
    reason: str
    histories: tuple[str, ...] = ()


class ListEntryExpired(Record, frozen=True, array_like=True, tag="expired"):
    """The time of a mask on a channel's list is over; `source` is the server's name."""

    source: str
    channel: str
    letter: str
    mask: str
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


class MetadataSet(Record, frozen=True, array_like=True, tag="metadata"):
    """Keys of a channel's metadata, or a user's own, got a value, or lost theirs (None).

    `channel` is "" where the user's own are meant, and `history` that of the channel meant.
    `cleared` marks the removal of all at once.
    """

    channel: str
    history: str
    keys: tuple[str, ...]
    value: str | None = None
    cleared: bool = False


class ReadMarked(Record, frozen=True, array_like=True, tag="markread"):
    """A user has read a target, a channel or a nick, up to a time in microseconds.

    `newest` is the latest time that anything had when this was asked for.
    """

    target: str
    time: int
    newest: int = 0


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


class Erased(Record, frozen=True, array_like=True, tag="erase"):
    """The bodies of these records are to be gone, on every node and from every restored backup."""

    seqs: tuple[int, ...]


AnyRecord = (
    NodeStarted
    | ClockSetBack
    | Kept
    | Connected
    | Disconnected
    | Renamed
    | Joined
    | Parted
    | Kicked
    | Killed
    | TopicSet
    | ChannelModesSet
    | ListEntryExpired
    | StayEnded
    | UserModesSet
    | Invited
    | AwaySet
    | RealnameSet
    | SilenceSet
    | MetadataSet
    | ReadMarked
    | Said
    | SaidInAbsence
    | Announced
    | Redacted
    | Erased
    | AccountRegistered
    | AccountVerified
    | AccountSet
    | AccountDropped
    | AccountLoggedOut
    | AccountHandedOver
    | AccountRenamed
    | CredentialAdded
    | CredentialProved
    | CredentialRemoved
    | EmailConfirmed
    | LoggedIn
    | LoggedOut
    | OthersRevoked
    | Reauthenticated
    | InviteMade
    | InviteRevoked
    | Redeemed
    | ChannelRecord
    | ModerationRecord
)


class Body(msgspec.Struct, frozen=True, gc=False):
    """What was said: erasable, and never read by apply.

    `text` joins the lines of a multiline message by "\\n", and by "\\r" where the second continues
    the first without a break; `tags` are the client-only tags.
    """

    text: str
    tags: dict[str, str] = {}


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A record on its way to the journal."""

    record: AnyRecord
    body: Body | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A record in its place: `time` is in microseconds since 1970, `msgid` its public name.

    `body` is None where there is none or it was erased. By `lead` the time is ahead of the clock,
    for in each history times are told apart in milliseconds: order goes by seq, a time is for
    people to see, and what counts time (what is over, and when) goes by `clock` and `seconds`.
    """

    seq: int
    time: int
    msgid: str
    record: AnyRecord
    body: Body | None = None
    lead: int = 0

    @property
    def clock(self) -> int:
        """Return what the clock showed, in microseconds since 1970; it rises with the seqs."""
        return self.time - self.lead

    @property
    def seconds(self) -> int:
        """Return what the clock showed, in seconds since 1970."""
        return (self.time - self.lead) // 1_000_000
