"""Who waits for records goes on when they are back, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hubbub.node.backlog import Backlog


class Waiter:
    """Be a connection, as far as it is told to go on."""

    def __init__(self) -> None:
        self.worked = 0

    def work(self) -> None:
        self.worked += 1


class Asked:
    """A journal that has so many records on their way, and a backlog of it."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self._later: list[Callable[[], None]] = []
        journal: Any = self
        self.backlog = Backlog(journal, self._later.append)

    def back(self, records: int, bound: int = 10) -> None:
        """Have records handed back and applied, and let the loop turn."""
        self.waiting -= records
        self.backlog.came(records)
        self.backlog.applied(records, bound)
        turn, self._later[:] = list(self._later), []
        for call in turn:
            call()


def test_what_is_handed_back_is_on_its_way_until_it_is_applied() -> None:
    asked = Asked(5)
    asked.waiting -= 2
    asked.backlog.came(2)
    assert (asked.backlog.on_their_way, asked.backlog.asked_for) == (5, 5)
    asked.backlog.applied(2, 10)
    assert (asked.backlog.on_their_way, asked.backlog.asked_for) == (3, 5)


def test_over_the_bound_one_waits_and_goes_on_once_when_there_is_room() -> None:
    asked, waiter = Asked(10), Waiter()
    connection: Any = waiter
    assert asked.backlog.has_room(connection, 11)
    for _ in range(2):
        assert not asked.backlog.has_room(connection, 10)
    asked.back(1, bound=9)
    assert waiter.worked == 0
    asked.back(1, bound=9)
    assert waiter.worked == 1
    asked.back(1)
    assert waiter.worked == 1


def test_what_had_been_asked_for_by_then_is_waited_for_and_no_more() -> None:
    asked, waiter = Asked(2), Waiter()
    connection: Any = waiter
    by_then = asked.backlog.asked_for
    asked.waiting += 3
    assert not asked.backlog.has_settled(connection, by_then)
    asked.back(1)
    # It looks again, and waits again.
    assert waiter.worked == 1
    assert not asked.backlog.has_settled(connection, by_then)
    asked.back(1)
    assert asked.backlog.has_settled(connection, by_then)


async def test_progress_is_waited_for_from_when_it_is_asked_for() -> None:
    asked = Asked(2)
    asked.back(1)
    waiting = asyncio.create_task(asked.backlog.progress())
    await asyncio.sleep(0)
    assert not waiting.done()
    asked.back(1)
    await waiting
