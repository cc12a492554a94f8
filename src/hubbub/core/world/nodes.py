"""The nodes that the World knows of: in which of its starts each is, and whether it is up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Node:
    """Hold a node: the number of its last start (epoch), the newest rules it knows, is it up."""

    epoch: int
    knows: int
    is_up: bool = True
