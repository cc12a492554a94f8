"""What the journal keeps: a record with its place and its body."""

from __future__ import annotations

import msgspec

from hubbub.core.records.accounts import (
    AccountDropped,
    AccountErased,
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
from hubbub.core.records.channels import (
    ChannelModesSet,
    ChannelRenamed,
    Invited,
    Joined,
    Kept,
    Kicked,
    ListEntryExpired,
    Parted,
    TopicSet,
)
from hubbub.core.records.messages import (
    Announced,
    Edited,
    Erased,
    ReadMarked,
    Redacted,
    Said,
    SaidInAbsence,
)
from hubbub.core.records.metadata import BufferSet, MetadataSet
from hubbub.core.records.moderation import ModerationRecord
from hubbub.core.records.nodes import NodeRecord
from hubbub.core.records.registered_channels import ChannelRecord
from hubbub.core.records.users import (
    AwaySet,
    Connected,
    Disconnected,
    Killed,
    RealnameSet,
    Renamed,
    SilenceSet,
    StayEnded,
    UserModesSet,
)

AnyRecord = (
    NodeRecord
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
    | BufferSet
    | ReadMarked
    | Said
    | SaidInAbsence
    | Announced
    | Redacted
    | Edited
    | Erased
    | AccountRegistered
    | AccountVerified
    | AccountSet
    | AccountDropped
    | AccountErased
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
    | ChannelRenamed
    | ChannelRecord
    | ModerationRecord
)


class Body(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What was said: erasable, and never read by apply.

    `text` joins the lines of a multiline message by "\\n", and by "\\r" where the second continues
    the first without a break; `tags` are the client-only tags. `mentions` are the accounts (folded)
    that it is meant for, "*" for all in the channel: part of what was said, and gone with it.
    `edited` is when it got this text, in microseconds since 1970, 0 where it was said so.
    """

    text: str
    tags: dict[str, str] = {}
    mentions: tuple[str, ...] = ()
    edited: int = 0


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
