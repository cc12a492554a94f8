"""What was asked of a cluster and what came of it: the record that the checker goes by."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """What whoever asked was told: it is done, it is refused, or nothing."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(slots=True)
class Operation:
    """One thing that was asked for: by whom, where, when, and how it ended.

    Times are in seconds of one clock for all. `text` names it in all the world. `msgid` and `time`
    are what an echo said.
    """

    sender: str
    node: int
    channel: str
    text: str
    invoked: float
    ended: float = 0.0
    outcome: Outcome = Outcome.INFO
    msgid: str = ""
    time: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A message as somebody saw it: in a history, or as it was told."""

    msgid: str
    time: str
    sender: str
    text: str


@dataclass(slots=True)
class Watch:
    """What one connection was shown of a channel while it was there, in order."""

    watcher: str
    node: int
    channel: str
    shown: list[Line] = field(default_factory=list)
    had_gap: bool = False
    """It was told that it missed something: then what it was shown need not be whole."""


@dataclass(slots=True)
class Claim:
    """Somebody asked for a nick that others want as well."""

    nick: str
    node: int
    is_won: bool


@dataclass(slots=True)
class Record:
    """All that happened in one run, and what each node's history says afterwards.

    `histories` are by node and channel; `users` who is in each node's World when all have gone;
    `digests` what names each node's World, where it is known.
    """

    operations: list[Operation] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    claims: list[list[Claim]] = field(default_factory=list)
    histories: dict[int, dict[str, list[Line]]] = field(default_factory=dict)
    users: dict[int, list[str]] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
