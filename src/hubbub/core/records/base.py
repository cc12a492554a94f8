"""What every record has: where it came from.

Records are msgspec Structs: they are made once per message on the hot path (see docs/decisions).
A new field needs a default, so that older journals stay readable.

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

from typing import ClassVar, NamedTuple

import msgspec


class SessionId(NamedTuple):
    """Name one session: the node, the node's start (epoch), and the session's number there."""

    node: int
    epoch: int
    number: int

    @property
    def is_nodes(self) -> bool:
        """Say whether it is the one that a node's own records come from."""
        return self.number == 0


class Origin(NamedTuple):
    """Name the command that asked for a record: the session, and the command's number in it."""

    session: SessionId
    request: int


class Record(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Be the base of every record; `changes_world` is False where apply reads it only."""

    changes_world: ClassVar[bool] = True
    origin: Origin
