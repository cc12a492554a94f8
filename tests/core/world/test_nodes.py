"""Which node there is, in which of its starts, and which of them keeps house."""

from __future__ import annotations

from hubbub.core.world.nodes import Node
from hubbub.core.world.world import World


def test_the_world_counts_starts_and_the_first_node_that_is_up_keeps_house() -> None:
    world = World()
    assert (world.next_epoch(3), world.housekeeper) == (1, None)
    world.nodes = {3: Node(4, 7), 1: Node(2, 7, is_up=False)}
    assert (world.next_epoch(3), world.next_epoch(1), world.housekeeper) == (5, 3, 3)
