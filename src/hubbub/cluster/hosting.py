"""A member's part in letting others in, while its server runs: the door, and who gets which place.

Who is a member is a record, so that all members know and no number is given twice; the list beside
the keys, by which a start finds the others, follows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from hubbub.cluster import bundle as bundles
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.copying import Copies
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.joining import JoinDoor
from hubbub.cluster.members import Member, Shared, number_for, read_shared, write_shared

TRIES: Final = 5
"""How often a place is asked for that another member gives to somebody else at the same time."""

_log = structlog.get_logger(__name__)

Admit = Callable[[Member], Awaitable[bool]]
"""Have it recorded that this is a member; say whether it is, or the number was taken meanwhile."""


class Hosting:
    """Let nodes in at a member's door. Used on the event loop's thread."""

    def __init__(
        self,
        data_dir: Path,
        journal: Path,
        cloak_key: bytes,
        has_begun: bool,
        admit: Admit,
        numbers: Callable[[], Iterable[int]],
    ) -> None:
        """Be ready; `numbers` are all that the World knows to have been given.

        Before the common order `has_begun` there are no copies: nobody could go on from one.
        """
        self._data_dir, self._cloak_key = data_dir, cloak_key
        self._admit, self._numbers = admit, numbers
        copies = Copies(data_dir, journal) if has_begun else None
        self._door = JoinDoor(data_dir, self._place, copies)

    async def open(self, host: str, port: int) -> int:
        """Open the door; return its port. Raise ClusterError or OSError."""
        return await self._door.open(host, port)

    async def close(self) -> None:
        """Close the door."""
        await self._door.close()

    def follow(self, members: Iterable[Member], left: Iterable[int]) -> Shared:
        """Note who else is a member, and who has left for good, as the World has it.

        Raise ClusterError, OSError.
        """
        before = shared = self._shared()
        shared = shared.with_members(members)
        for number in left:
            # Its own place it keeps: it is who has left, until its directory is another one's.
            if number != shared.number:
                shared = shared.without(number)
        if shared != before:
            write_shared(self._data_dir, shared)
        return shared

    def _shared(self) -> Shared:
        shared = read_shared(self._data_dir)
        if shared is None:
            raise ClusterError(
                f"{self._data_dir} is in no cluster any more; its files were removed"
            )
        return shared

    async def _place(self, name: str, route: str, door: str) -> Bundle:
        """Give somebody who has a token a number, and all that a member has."""
        shared = await asyncio.to_thread(self._shared)
        _check(shared, name, route, door)
        for _ in range(TRIES):
            known = {*self._numbers(), *(each.number for each in shared.members)}
            member = Member(number_for(known), name, route, door)
            if await self._admit(member):
                break
            shared = await asyncio.to_thread(self._shared)
        else:
            raise PeerUnreachable("others join at this moment; try again")
        bundle = await asyncio.to_thread(
            bundles.collect, self._data_dir, shared, member, self._cloak_key
        )
        await asyncio.to_thread(write_shared, self._data_dir, shared.with_members([member]))
        return bundle


def _check(shared: Shared, name: str, route: str, door: str) -> None:
    """Raise ClusterError where a member of that name or at that address is there already."""
    for each in shared.members:
        if each.name == name:
            raise ClusterError(
                f"there is a member called {name} already, number {each.number}; choose another "
                f"name, or have it leave for good: hubbub cluster leave {each.number}"
            )
        if route == each.route or door == each.door:
            raise ClusterError(
                f"member {each.name} is at {each.route} and {each.door} already; choose another "
                "address or ports"
            )
