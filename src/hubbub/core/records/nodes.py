"""What happened to a node."""

from __future__ import annotations

from hubbub.core.records.base import Record


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
