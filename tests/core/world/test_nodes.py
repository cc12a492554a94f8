"""Which node there is, in which of its starts, and which of them keeps house."""

from __future__ import annotations

from hubbub.core.world.nodes import Node
from hubbub.core.world.world import World


def test_the_world_counts_starts_and_the_first_node_that_is_up_keeps_house() -> None:
    world = World()
    assert (world.next_epoch(3), world.housekeeper) == (1, None)
    world.nodes = {3: Node(4, 7), 1: Node(2, 7, is_up=False)}
    assert (world.next_epoch(3), world.next_epoch(1), world.housekeeper) == (5, 3, 3)


def test_who_drains_keeps_house_only_where_nobody_else_does() -> None:
    world = World()
    world.nodes = {1: Node(2, 7, is_draining=True), 2: Node(1, 7, is_draining=True)}
    assert world.housekeeper == 1
    world.nodes[2].is_draining = False
    assert world.housekeeper == 2


def test_members_are_there_or_come_again() -> None:
    world = World()
    world.nodes = {1: Node(2, 7, False), 2: Node(1, 7, has_left=True, name="b"), 3: Node(0, 0)}
    world.nodes[3].name = "b"
    assert list(world.members()) == [1]
    assert (world.node_named("b"), world.node_named("c")) == (3, None)
