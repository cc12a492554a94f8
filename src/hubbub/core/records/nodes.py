"""What happened to nodes, and by which rules all of them go."""

from __future__ import annotations

from typing import Final

from hubbub.core.records.base import Origin, Record, SessionId

ORDER: Final = Origin(SessionId(0, 0, 0), 0)
"""Where a record comes from that nobody asked for: it follows from the order itself."""


class NodeStarted(Record, frozen=True, array_like=True, tag="start"):
    """A node began a new epoch: every session of its earlier epochs is over.

    `knows` is the newest version of the rules that its program can follow; programs that did not
    say so knew 6.
    """

    knows: int = 6


class NodeStopped(Record, frozen=True, array_like=True, tag="stop"):
    """A node ended in good order: its sessions are over, and nothing more of its epoch counts.

    `told` names those of its sessions, by their numbers, that had not taken all that they were
    told, with the seq up to which they had.
    """

    told: tuple[tuple[int, int], ...] = ()


class NodeLost(Record, frozen=True, array_like=True, tag="lost"):
    """The order went on without a node for too long: the sessions of its epoch are over.

    No node asks for it: every one that hears the order finds it at the same place (ORDER).
    """

    node: int
    epoch: int


class RulesRaised(Record, frozen=True, array_like=True, tag="rules"):
    """From here on the World goes by these rules, unless a node is up that does not know them."""

    rules: int


class RetentionSet(Record, frozen=True, array_like=True, tag="retain"):
    """The operator has things kept for so long: who is not connected, what operators did.

    0 is for good in both.
    """

    stay_seconds: int
    audit_days: int


class ClockSetBack(Record, frozen=True, array_like=True, tag="clock"):
    """The clock had been ahead by so many microseconds, from `since` on; it is `now` really.

    The times of the entries before have been put right in the journal; those that the World holds
    have not. `since` and `now` are in microseconds since 1970, as they are right.
    """

    ahead: int
    since: int
    now: int
