"""What every record has: where it came from.

Records are msgspec Structs: they are made once per message on the hot path (see docs/decisions).
A new field needs a default, so that older journals stay readable.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import msgspec


class SessionId(NamedTuple):
    """Name one session: the node, the node's start (epoch), and the session's number there."""

    node: int
    epoch: int
    number: int


class Origin(NamedTuple):
    """Name the command that asked for a record: the session, and the command's number in it."""

    session: SessionId
    request: int


class Record(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Be the base of every record; `changes_world` is False where apply reads it only."""

    changes_world: ClassVar[bool] = True
    origin: Origin
