"""Thousands who come, go or are called otherwise at one moment: what that costs, by counting.

Each who stays has to see each of them; but in one write, which is put together once for all.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubbub.node import sessions as sessions_module
from hubbub.node.limits.bounds import Bounds
from tests.node.node_harness import Guest, Node, commands

MANY = 60
STAYING = 40


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no write come by the clock, which runs otherwise on each machine."""
    for waits in ("GATHER_SECONDS", "COMMIT_SECONDS"):
        monkeypatch.setattr(sessions_module, waits, 3600)


async def gathering(*channels: str) -> tuple[Node, list[Guest], list[Guest]]:
    """Return a node, who is in its channels and stays there, and who is going to be many."""
    node = Node(bounds=Bounds(records=100_000))
    staying = [await node.guest(f"s{number:02}") for number in range(STAYING)]
    many = [await node.guest(f"m{number:02}") for number in range(MANY)]
    for guest in staying:
        await guest.ask(f"JOIN {','.join(channels)}")
    for guest in staying:
        guest.read()
    return node, staying, many


async def at_once(node: Node, many: list[Guest], line: Callable[[int], str]) -> None:
    """Let everybody say something, all of which is in one commit."""
    node.journal.hold = True
    for number, guest in enumerate(many):
        guest.give(line(number))
    await node.quiet()
    node.journal.hold = False
    node.journal.release()
    await node.quiet()


def hold_to(staying: list[Guest], told: list[str]) -> None:
    """Hold those who stay to have been told this in one write, the same bytes for all."""
    assert [len(guest.stream.sent) for guest in staying] == [1] * STAYING
    assert len({id(guest.stream.sent[0]) for guest in staying}) == 1
    assert commands(staying[0].read()) == told


async def test_of_many_who_join_in_one_commit_each_is_told_in_one_write() -> None:
    node, staying, many = await gathering("#a")
    await at_once(node, many, lambda _: "JOIN #a")
    hold_to(staying, ["JOIN"] * MANY)
    for number, guest in enumerate(many):
        # Its own, who is there, and those who came after it.
        heard = commands(guest.read())
        assert heard.count("JOIN") == MANY - number
        assert heard[0] == "JOIN"


@pytest.mark.parametrize("channels", [("#a",), ("#a", "#b", "#c")])
async def test_of_many_who_are_called_otherwise_each_is_told_in_one_write(
    channels: tuple[str, ...],
) -> None:
    node, staying, many = await gathering(*channels)
    for guest in many:
        await guest.ask(f"JOIN {','.join(channels)}")
    for guest in staying:
        guest.read()
    await at_once(node, many, lambda number: f"NICK x{number:02}")
    hold_to(staying, ["NICK"] * MANY)


@pytest.mark.parametrize("channels", [("#a",), ("#a", "#b", "#c")])
async def test_of_many_who_quit_each_is_told_in_one_write(channels: tuple[str, ...]) -> None:
    node, staying, many = await gathering(*channels)
    for guest in many:
        await guest.ask(f"JOIN {','.join(channels)}")
    for guest in staying:
        guest.read()
    await at_once(node, many, lambda _: "QUIT :bye")
    assert [len(guest.stream.sent) for guest in staying] == [1] * STAYING
    assert [commands(guest.read()) for guest in staying] == [["QUIT"] * MANY] * STAYING


async def test_of_many_who_go_away_each_is_told_in_one_write() -> None:
    node = Node(bounds=Bounds(records=100_000))
    staying = [await node.guest(f"s{number:02}", "away-notify") for number in range(STAYING)]
    many = [await node.guest(f"m{number:02}") for number in range(MANY)]
    for guest in (*staying, *many):
        await guest.ask("JOIN #a")
    for guest in staying:
        guest.read()
    await at_once(node, many, lambda _: "AWAY :lunch")
    hold_to(staying, ["AWAY"] * MANY)


async def test_who_is_in_small_channels_besides_costs_no_more_of_those_in_the_large_one() -> None:
    node, staying, many = await gathering("#a")
    for number, guest in enumerate(many):
        await guest.ask(f"JOIN #a,#own{number},#pair{number // 2}")
    for guest in (*staying, *many):
        guest.read()
    await at_once(node, many, lambda number: f"NICK x{number:02}")
    hold_to(staying, ["NICK"] * MANY)
    # Who shares two channels is told once.
    assert [commands(guest.read()) for guest in many] == [["NICK"] * MANY] * MANY
