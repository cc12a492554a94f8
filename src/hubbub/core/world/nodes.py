"""The nodes that the World knows of: in which of its starts each is, and whether it is up.

Numbers are given once: who has left is known for good.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Node:
    """Hold a node: the number of its last start (epoch), the newest rules it knows, is it up.

    `name` is what its operator calls it, `program` its version, `bundle` a digest of what it shares
    with the others, `started` when it did, in seconds since 1970. The epoch is 0 until it starts.
    """

    epoch: int
    knows: int
    is_up: bool = True
    is_draining: bool = False
    has_left: bool = False
    name: str = ""
    program: str = ""
    bundle: str = ""
    started: int = 0

    @property
    def is_member(self) -> bool:
        """Say whether it has been there and is to come again, if it is not up."""
        return self.epoch > 0 and not self.has_left
