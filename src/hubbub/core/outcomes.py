"""What applying an entry brought about, in order (hubbub.core.telling: who is told what of it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.state import Channel, Circle, User
from hubbub.irc.capabilities import NONE
from hubbub.irc.message import Message
from hubbub.irc.numerics import Numeric


class Deliver(msgspec.Struct, frozen=True, gc=False):
    """Show an entry to the members of a channel, or to users; never one effect per recipient.

    `circle` adds those around a user. Sessions that lack a capability of `requires` are passed
    over. `watched` (a folded nick) adds the sessions that monitor it with extended-monitor. With
    `to_oneself` the session that asked is a recipient too: it gets the entry besides its echo. With
    `alone` the session that asked is the only one of its user's that is told.
    """

    entry: Entry
    channel: Channel | None = None
    users: Sequence[User] = ()
    requires: int = NONE
    watched: str = ""
    to_oneself: bool = False
    alone: bool = False
    circle: Circle | None = None


class Notify(msgspec.Struct, frozen=True):
    """Tell users' sessions that have these capabilities what follows from an entry.

    Unlike an entry it is not shown again to a reader that was slow. `but` is a session that is told
    in another way. What concerns a `channel` is told to quiet sessions that hear it, too. `watched`
    and `circle` add sessions as in Deliver.
    """

    message: Message
    users: Sequence[User]
    requires: int
    but: SessionId | None = None
    channel: Channel | None = None
    watched: str = ""
    circle: Circle | None = None

    def from_somebody(self, server: str) -> Notify:
        """Return it with a source: the server's name, where it has none."""
        if self.message.source is not None:
            return self
        return msgspec.structs.replace(self, message=self.message._replace(source=server))


class Refused(msgspec.Struct, frozen=True):
    """Tell the session that asked, and nobody else, that its record lost a race.

    With `closes` its connection is closed, for the reason that the last parameter gives.
    """

    origin: Origin
    numeric: Numeric
    params: tuple[str, ...]
    closes: bool = False


class Failed(msgspec.Struct, frozen=True):
    """Refuse like Refused, with a FAIL of a command: its code, context and text (`params`)."""

    origin: Origin
    command: str
    params: tuple[str, ...]


REFUSALS: Final[frozenset[type]] = frozenset({Refused, Failed})
"""The outcomes that say that an entry came to nothing."""


class Entered(msgspec.Struct, frozen=True):
    """A user is a member from here on."""

    channel: Channel
    user: User


class Moved(msgspec.Struct, frozen=True):
    """A channel has another name than `old`: those who do not understand that leave and join."""

    channel: Channel
    old: str
    reason: str


class Brought(msgspec.Struct, frozen=True):
    """A user became a member: the user's sessions are to be shown the channel.

    `but` is the session that joined, which is shown it as the answer to its command.
    """

    channel: Channel
    user: User
    but: SessionId | None = None


class Left(msgspec.Struct, frozen=True):
    """A user is no member from here on."""

    channel: Channel
    user: User


class SessionStarted(msgspec.Struct, frozen=True):
    """A session belongs to a user from here on."""

    session: SessionId
    user: User


class SessionEnded(msgspec.Struct, frozen=True):
    """A session belongs to nobody from here on; its connection is to close."""

    session: SessionId
    reason: str


class CredentialGone(msgspec.Struct, frozen=True):
    """Sessions that proved an account with this credential are over, but for the one that asked.

    `session` is the one that asked.
    """

    account: str
    kind: str
    id: str
    session: SessionId


class OthersGone(msgspec.Struct, frozen=True):
    """All sessions that proved an account are over, but for the one that asked."""

    account: str
    session: SessionId


class AccountClosed(msgspec.Struct, frozen=True):
    """Nobody may be an account's any more: sessions that proved it, and are no user yet, are over.

    Those of its users end by SessionEnded.
    """

    account: str
    reason: str


class Present(msgspec.Struct, frozen=True):
    """A nick is there (`source`) or gone (""), for those who monitor it."""

    nick: str
    source: str


class HistoryEnded(msgspec.Struct, frozen=True):
    """A history is over, up to a seq or where it stands: nobody may read that again.

    A trailing `*` names a prefix.
    """

    history: str
    upto: int | None = None


class KeyChanged(msgspec.Struct, frozen=True):
    """Tell sessions that subscribe to a key of somebody's metadata that it has another value.

    They are those of `users` and in `circle`, and those that monitor `watched` (a folded nick), but
    for `but`. `value` is None where the key has none any more.
    """

    target: str
    key: str
    value: str | None
    users: Sequence[User]
    watched: str = ""
    but: SessionId | None = None
    circle: Circle | None = None


class Banned(msgspec.Struct, frozen=True):
    """Addresses are kept out from here on: connections from there are to be closed.

    Only each node knows whose those are; operators who may do what who banned them, which is
    `held`, may not, stay.
    """

    ban: NetworkBan
    held: frozenset[str]


class Afterwards(msgspec.Struct, frozen=True):
    """Tell what may take long, one after the other, when all else that follows has been done."""

    notes: tuple[Notify, ...]


class ReadUp(msgspec.Struct, frozen=True):
    """A user has read a target further than was known: less of it is unread."""

    user: User
    target: str


class Revise(msgspec.Struct, frozen=True, gc=False):
    """An entry has another body from here on: that of the entry `by`; the earlier one may be kept.

    `body` is what that is, None where it is not at hand (at a start).
    """

    seq: int
    by: int
    keeps: bool
    body: Body | None = None


class Erase(msgspec.Struct, frozen=True):
    """The bodies of these entries are to be gone for good, everywhere."""

    seqs: tuple[int, ...]


class EraseAccount(msgspec.Struct, frozen=True):
    """All that an account (its folded name) has said up to here is to be gone for good."""

    account: str


Outcome = (
    Deliver
    | Notify
    | Refused
    | Failed
    | Entered
    | Brought
    | Moved
    | Left
    | SessionStarted
    | SessionEnded
    | CredentialGone
    | OthersGone
    | AccountClosed
    | Present
    | HistoryEnded
    | KeyChanged
    | Banned
    | Afterwards
    | ReadUp
    | Revise
    | Erase
    | EraseAccount
)
