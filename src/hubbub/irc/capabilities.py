"""Everything that can be negotiated, in one table (IRCv3 capability-negotiation).

Each capability is a bit, so that a session's set is one integer and two sessions with the same set
can share the same encoded bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

NONE: Final = 0
MESSAGE_TAGS: Final = 1 << 0
SERVER_TIME: Final = 1 << 1
ECHO_MESSAGE: Final = 1 << 2
BATCH: Final = 1 << 3
LABELED_RESPONSE: Final = 1 << 4
MULTI_PREFIX: Final = 1 << 5
USERHOST_IN_NAMES: Final = 1 << 6
AWAY_NOTIFY: Final = 1 << 7
INVITE_NOTIFY: Final = 1 << 8
EXTENDED_MONITOR: Final = 1 << 9
SETNAME: Final = 1 << 10
CAP_NOTIFY: Final = 1 << 11
CHGHOST: Final = 1 << 12
STANDARD_REPLIES: Final = 1 << 13
CHATHISTORY: Final = 1 << 14
EVENT_PLAYBACK: Final = 1 << 15
MULTILINE: Final = 1 << 16
ACCOUNT_TAG: Final = 1 << 17
EXTENDED_JOIN: Final = 1 << 18
ACCOUNT_NOTIFY: Final = 1 << 19
MESSAGE_REDACTION: Final = 1 << 20
READ_MARKER: Final = 1 << 21
METADATA_2: Final = 1 << 22
METADATA_3: Final = 1 << 23
METADATA: Final = METADATA_2 | METADATA_3
EXTENDED_ISUPPORT: Final = 1 << 24
WHOAMI: Final = 1 << 25
OPER_TAG: Final = 1 << 26
SEARCH: Final = 1 << 43
NO_IMPLICIT_NAMES: Final = 1 << 40
CHANNEL_RENAME: Final = 1 << 41
RELAYMSG: Final = 1 << 42
SASL: Final = 1 << 30
ACCOUNT_REGISTRATION: Final = 1 << 31
PERSISTENCE: Final = 1 << 32
PRE_AWAY: Final = 1 << 33
QUIET: Final = 1 << 34
CATCH_UP: Final = 1 << 35
MESSAGE_EDIT: Final = 1 << 44

NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
METADATA_KEYS: Final = 100
METADATA_KEY_BYTES: Final = 32
METADATA_VALUE_BYTES: Final = 300
METADATA_SUBSCRIPTIONS: Final = 100
_METADATA: Final = (
    f"before-connect,max-subs={METADATA_SUBSCRIPTIONS},max-keys={METADATA_KEYS},"
    f"max-key-bytes={METADATA_KEY_BYTES},max-value-bytes={METADATA_VALUE_BYTES}"
)
RELAY_SEPARATOR: Final = "/"
"""What stands in every relayed nick, and in no real one."""
MULTILINE_BYTES: Final = 4096
MULTILINE_LINES: Final = 32


@dataclass(frozen=True, slots=True)
class Capability:
    """Describe one capability: its wire name, its bit, its value for CAP LS 302, and what it is.

    One whose bit is NONE only tells something by its value: it is listed where it has one, to those
    who see values, and cannot be requested.
    """

    name: str
    bit: int
    value: str
    summary: str


CAPABILITIES: Final = {
    capability.name: capability
    for capability in (
        Capability("message-tags", MESSAGE_TAGS, "", "tags, msgid, TAGMSG and client-only tags"),
        Capability("server-time", SERVER_TIME, "", "the time of each message"),
        Capability("echo-message", ECHO_MESSAGE, "", "own messages come back once they are kept"),
        Capability("batch", BATCH, "", "messages that belong together"),
        Capability("labeled-response", LABELED_RESPONSE, "", "answers carry the command's label"),
        Capability("multi-prefix", MULTI_PREFIX, "", "every status prefix of a member"),
        Capability("userhost-in-names", USERHOST_IN_NAMES, "", "full sources in NAMES"),
        Capability("away-notify", AWAY_NOTIFY, "", "AWAY of those in one's channels"),
        Capability("invite-notify", INVITE_NOTIFY, "", "INVITE to a channel one operates"),
        Capability(
            "extended-monitor", EXTENDED_MONITOR, "", "AWAY, ACCOUNT, SETNAME of those one monitors"
        ),
        Capability("setname", SETNAME, "", "changes of the real name"),
        Capability("cap-notify", CAP_NOTIFY, "", "CAP NEW when what is offered changes"),
        Capability("chghost", CHGHOST, "", "changes of user name and host"),
        Capability("standard-replies", STANDARD_REPLIES, "", "FAIL, WARN and NOTE"),
        Capability("no-implicit-names", NO_IMPLICIT_NAMES, "", "no NAMES on joining"),
        Capability("account-notify", ACCOUNT_NOTIFY, "", "when people log in and out"),
        Capability("account-tag", ACCOUNT_TAG, "", "the account of whoever says something"),
        Capability("extended-join", EXTENDED_JOIN, "", "account and real name of who joins"),
        Capability("sasl", SASL, "", "AUTHENTICATE"),
        Capability("draft/account-registration", ACCOUNT_REGISTRATION, "", "REGISTER and VERIFY"),
        Capability("draft/persistence", PERSISTENCE, "", "whether one stays while not connected"),
        Capability("draft/pre-away", PRE_AWAY, "", "AWAY before registration, and AWAY *"),
        Capability("hubbub/catch-up", CATCH_UP, "", "how much is unread, and for whom it is meant"),
        Capability("hubbub/message-edit", MESSAGE_EDIT, "", "EDITMSG gives a message another text"),
        Capability("hubbub/quiet", QUIET, "", "pass by: speak and read without being a member"),
        Capability("draft/channel-rename", CHANNEL_RENAME, "", "RENAME instead of PART and JOIN"),
        Capability("draft/relaymsg", RELAYMSG, RELAY_SEPARATOR, "who relayed a message"),
        Capability("draft/chathistory", CHATHISTORY, "", "CHATHISTORY"),
        Capability("soju.im/search", SEARCH, "language,page", "SEARCH finds what was said"),
        Capability("draft/event-playback", EVENT_PLAYBACK, "", "joins, modes and such in history"),
        Capability(
            "draft/multiline",
            MULTILINE,
            f"max-bytes={MULTILINE_BYTES},max-lines={MULTILINE_LINES}",
            "messages of several lines",
        ),
        Capability("draft/message-redaction", MESSAGE_REDACTION, "", "REDACT takes a message back"),
        Capability(
            "draft/metadata-2", METADATA_2, _METADATA, "METADATA, changes told by that command"
        ),
        Capability("draft/metadata-3", METADATA_3, _METADATA, "METADATA, changes told by numerics"),
        Capability("draft/read-marker", READ_MARKER, "", "MARKREAD: how far one has read"),
        Capability(
            "draft/extended-isupport", EXTENDED_ISUPPORT, "", "ISUPPORT, also before registration"
        ),
        Capability("draft/whoami", WHOAMI, "", "one's own source, in a SETNAME on connecting"),
        Capability("draft/oper-tag", OPER_TAG, "", "a tag on what server operators do"),
        Capability("sts", NONE, "", "come back over TLS, and remember to (tls.sts_seconds)"),
    )
}

IMPLIED_BY_302: Final = CAP_NOTIFY
"""What CAP LS 302 turns on by itself (IRCv3 capability-negotiation, cap-notify)."""


def names(bits: int) -> list[str]:
    """Return the names of a set of capabilities, in the table's order."""
    return [capability.name for capability in CAPABILITIES.values() if capability.bit & bits]


def advertisement(version: int, values: Mapping[str, str] = NO_VALUES) -> list[str]:
    """Return what CAP LS lists; values only for version 302 and later.

    `values` are those of capabilities that have none of their own.
    """
    return [
        f"{capability.name}={value}" if value and version >= 302 else capability.name
        for capability in CAPABILITIES.values()
        for value in (capability.value or values.get(capability.name, ""),)
        if capability.bit or (value and version >= 302)
    ]


def change(bits: int, requested: Iterable[str]) -> int | None:
    """Return the set after a CAP REQ, or None where one of its words cannot be requested.

    A word is a name, with `-` before it to turn it off.
    """
    for word in requested:
        capability = CAPABILITIES.get(word.removeprefix("-"))
        if capability is None or not capability.bit:
            return None
        bits = bits & ~capability.bit if word.startswith("-") else bits | capability.bit
    return bits
