"""Facts about keeping order: who is kept out, which switches are off, what operators did."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import Record

AUDIT: Final = "!audit"
"""The history of what operators did; no channel's or user's name, so no client can ask for it."""


class NetworkBanAdded(Record, frozen=True, array_like=True, tag="ban"):
    """Somebody is to be kept out, for so many seconds from this record's time, or for good (0).

    `kind` and `target` are as in world/bans.py: an address or a range is one that an operator
    named, never one that the server took from a connection. `operator` is the name of who did it,
    `reason` is shown to those who are kept out, `note` to operators only. `console` marks what was
    asked for on the server's own machine, by who needs no privilege. `rank` is the class of who did
    it, "" in records of when that was not written down.
    """

    kind: str
    target: str
    operator: str
    seconds: int = 0
    reason: str = ""
    note: str = ""
    console: bool = False
    rank: str = ""


class NetworkBanRemoved(Record, frozen=True, array_like=True, tag="unban"):
    """Somebody is kept out no longer."""

    kind: str
    target: str
    console: bool = False


class SwitchSet(Record, frozen=True, array_like=True, tag="switch"):
    """What newcomers may do (world/switches.py) was closed, for a reason, or opened again."""

    name: str
    closed: bool
    reason: str = ""
    console: bool = False


class OperatorActed(Record, frozen=True, array_like=True, tag="acted"):
    """A server operator did something: who, what, to whom or what, and how; never a secret.

    It is what the operator asked for: where a race was lost, it may have come to nothing. It has no
    body that could be erased, and so counts as a change of the World, which it is not.
    """

    source: str
    operator: str
    account: str
    action: str
    target: str = ""
    details: str = ""
    histories: tuple[str, ...] = (AUDIT,)


ModerationRecord = NetworkBanAdded | NetworkBanRemoved | SwitchSet | OperatorActed
