"""What deciding on a command asks of the shell, in the order in which it is to be carried out.

It is one of the two ways in which the rules reach the outside; the other are the outcomes of
applying an entry (hubbub.core.outcomes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from hubbub.core.access.history import EVERYTHING, Reach
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.world.bans import Network
from hubbub.core.world.state import Channel, User
from hubbub.irc.message import Message


class Answer(msgspec.Struct, frozen=True, gc=False):
    """Send a message to the session that asked."""

    message: Message


class AnswerMany(msgspec.Struct, frozen=True):
    """Send many messages to the session that asked, made as its connection takes them.

    A None among them is a rest: what looks through much and finds little lets others have their
    turn.
    """

    messages: Iterator[Message | None]


class Append(msgspec.Struct, frozen=True, gc=False):
    """Hand a record to the journal; the command is not over before it has been applied."""

    draft: Draft


class Signal(msgspec.Struct, frozen=True):
    """Pass on at once what is never kept (typing) to these users' sessions with message-tags."""

    message: Message
    users: Sequence[User]


class Proof(msgspec.Struct, frozen=True):
    """Say how the check of a password came out.

    `step` is the time step of the one-time password that came with it, 0 where none was asked for.
    `code_wrong` is set where all but that was right, `code_missing` where none was given beside the
    right password: that is no failure, and makes none forgotten. `wait` is for how many seconds the
    next attempt has to wait after one that was wrong, whether or not there is such an account.
    """

    right: bool
    step: int = 0
    code_wrong: bool = False
    code_missing: bool = False
    wait: int = 0


class Later(msgspec.Struct, frozen=True):
    """Say that nothing was checked, and in a sentence why, and when to try again."""

    text: str


class Verify(msgspec.Struct, frozen=True):
    """Check a password against an argon2id hash off the loop, then go on with the outcome.

    `operator` is the name whose password it is, "" for the server's password: that is everybody's.
    """

    hash: str
    password: str
    then: Callable[[Proof], None]
    operator: str = ""


class Prove(msgspec.Struct, frozen=True):
    """Check a password against the secret of an entry off the loop, then go on with the outcome.

    `password` and `totp` are the seqs of the entries whose bodies hold the hash and, where a
    one-time password is needed, its key; a `password` of 0 takes as long and is never right, and
    None where only the one-time password is asked for.
    `account` (folded) is whose secret is guessed, "" where what was given cannot be guessed
    (hubbub.node.auth.login_delays).
    """

    account: str
    password: int | None
    given: str
    totp: int
    code: str
    then: Callable[[Proof], None]


class VerifySignature(msgspec.Struct, frozen=True):
    """Check a signature that `ssh-keygen -Y sign` made, then go on with whose key made it.

    `armored` is in base64, `namespace` what it has to be for. The outcome is the key's fingerprint,
    "" where the signature is wrong, and None where it is not all there yet.
    """

    text: str
    namespace: str
    armored: str
    then: Callable[[str | None], None]


class Scram(msgspec.Struct, frozen=True):
    """Take the next message of a SCRAM exchange (RFC 5802), then go on with its outcome.

    `seq` is that of the entry whose body holds the keys; the first message begins the exchange. The
    outcome is the server's message, or a Proof of why the exchange has failed.
    """

    account: str
    seq: int
    given: str
    first: bool
    then: Callable[[str | Proof], None]


class Hash(msgspec.Struct, frozen=True):
    """Make the secret of a password off the loop, then go on with it: the text of a Body.

    `registers` says that it is for a new account that nobody vouched for: an address may have so
    many of those (hubbub.node.auth.login_delays).
    """

    password: str
    then: Callable[[str], None]
    registers: bool = False


class Census(msgspec.Struct, frozen=True):
    """Find who is connected from a network, on all nodes, then go on with the users.

    And with what is not known of that, in a few words, "" where all is: addresses are no part of
    the World.
    """

    network: Network
    then: Callable[[Sequence[User], str], None]


class Draw(msgspec.Struct, frozen=True):
    """Draw random codes of 16 characters (A-Z, 2-7: 80 bits) each, and go on with them."""

    count: int
    then: Callable[[Sequence[str]], None]


class SendMail(msgspec.Struct, frozen=True):
    """Send an e-mail; whether it arrives is not known. `text` is never logged.

    Where there is `tried`, it learns how the first attempt went: why not, or "". The session's
    later commands wait for that.
    """

    to: str
    subject: str
    text: str
    tried: Callable[[str], None] | None = None


class MailTo(msgspec.Struct, frozen=True):
    """Send an e-mail to the address that is the secret of an entry."""

    seq: int
    subject: str
    text: str


class Msgid(msgspec.Struct, frozen=True):
    """Point at the entry of a msgid."""

    value: str


class Timestamp(msgspec.Struct, frozen=True):
    """Point at a time, in microseconds since 1970."""

    value: int


Bound = Msgid | Timestamp


class LookUp(msgspec.Struct, frozen=True):
    """Look up the entry of a msgid in the archive, then go on with it; None where there is none.

    The session's later commands wait for that.
    """

    msgid: str
    then: Callable[[Entry | None], None]


class Search(msgspec.Struct, frozen=True):
    """Look through histories for what is wanted since a time, and go on with it slice by slice.

    A history may end with `/*`, for all that begin so. `after` is in microseconds since 1970,
    `most` how many entries are found at most. `found` says whether to go on, `over`
    learns whether that were all.
    """

    histories: tuple[str, ...]
    after: int
    most: int
    is_wanted: Callable[[Entry], bool]
    found: Callable[[Sequence[Entry]], bool]
    over: Callable[[bool], None]


class History(msgspec.Struct, frozen=True):
    """Ask for a page of a history; `shown` is the target as the asker knows it.

    Where the history is `@OWNER/`, without a partner, `shown` names a guest who is gone: the one
    among OWNER's conversations, as hubbub.core.world.conversations has it.

    The page lies between `after` and `before`, both excluded, and is the newest part of that where
    `latest` is set, else the oldest; or it lies around `around`. `events` includes what is neither
    PRIVMSG nor NOTICE. `reach` is what of it the asker may read. Where `after` turns out to come
    after `before`, they are swapped and the page counts from the newest.
    """

    history: str
    shown: str
    limit: int
    after: Bound | None = None
    before: Bound | None = None
    around: Bound | None = None
    latest: bool = True
    events: bool = False
    reach: Reach = EVERYTHING

    def of(self, history: str) -> History:
        """Return the same question about a history that has been found."""
        return msgspec.structs.replace(self, history=history)


class Replay(msgspec.Struct, frozen=True):
    """Show a session that has just joined, and cannot ask, what it missed in a channel.

    `limit` is how many messages at most, the newest.
    """

    channel: Channel
    limit: int


class ReplayDirect(msgspec.Struct, frozen=True):
    """Show a session of an account, which cannot ask, the direct messages that it missed.

    `limit` is how many at most, the newest.
    """

    limit: int


class HistoryTargets(msgspec.Struct, frozen=True):
    """Ask which of these histories had messages between two times (microseconds), exclusive.

    `shown` maps each history to the target as the asker knows it; `direct` is the prefix of the
    asker's direct histories. `reach` tells what the asker may read of those of which it is not all.
    """

    shown: dict[str, str]
    direct: str
    after: int
    before: int
    limit: int
    reach: dict[str, Reach] = {}


class Listen(msgspec.Struct, frozen=True):
    """Let this quiet session hear a channel that its user is in, or hear it no more."""

    channel: Channel
    on: bool = True


class Negotiated(msgspec.Struct, frozen=True):
    """Let the session have this set of capabilities from here on."""

    caps: int


class WatchNicks(msgspec.Struct, frozen=True):
    """Start or stop to tell this session when nicks (folded) come and go (MONITOR)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Reread(msgspec.Struct, frozen=True):
    """Tell in sentences what came of reading the settings again, and what was refused."""

    told: Sequence[str] = ()
    refused: Sequence[str] = ()


class Reload(msgspec.Struct, frozen=True):
    """Read the settings again, as SIGHUP does, then go on with what came of it."""

    then: Callable[[Reread], None]


class Drain(msgspec.Struct, frozen=True):
    """Stop the server in good order within so many seconds, then go on with what is to come.

    None is for as many seconds as the settings say.
    """

    seconds: int | None
    then: Callable[[str], None]


class Report(msgspec.Struct, frozen=True):
    """Write to the server's log what its operator has to know; never a secret."""

    event: str
    details: dict[str, str]


class Audit(msgspec.Struct, frozen=True):
    """Show the newest records of what operators did; of one only, where `by` names him."""

    limit: int
    by: str = ""


class Close(msgspec.Struct, frozen=True):
    """Close the connection of the session that asked, after an ERROR with this text."""

    reason: str


Request = (
    Answer
    | AnswerMany
    | Append
    | Signal
    | Verify
    | LookUp
    | Search
    | Prove
    | Scram
    | VerifySignature
    | Hash
    | Census
    | Draw
    | SendMail
    | MailTo
    | History
    | Replay
    | ReplayDirect
    | HistoryTargets
    | Listen
    | Negotiated
    | WatchNicks
    | Reload
    | Drain
    | Report
    | Audit
    | Close
)
