"""A member's part in letting others in, while its server runs: the door, and who gets which place.

Who is a member is a record, so that all members know and no number is given twice; the list beside
the keys, by which a start finds the others, follows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog

from hubbub.cluster import bundle as bundles
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.copying import Copies
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.joining import JoinDoor
from hubbub.cluster.members import MOST_MEMBERS, ListedMember, MemberList, write_shared

_log = structlog.get_logger(__name__)

Admit = Callable[[str, str, str], Awaitable[int | None]]
"""Have it recorded that a node of this name, route and door is to come.

Return the number that it was given, None where it was given none.
"""


class Hosting:
    """Let nodes in at a member's door. Used on the event loop's thread."""

    def __init__(
        self,
        data_dir: Path,
        journal: Path,
        cloak_key: bytes,
        shared: MemberList,
        has_begun: bool,
        admit: Admit,
    ) -> None:
        """Be ready; `shared` is what the list of members says.

        Before the common order `has_begun` there are no copies: nobody could go on from one.
        """
        self._data_dir, self._cloak_key, self.shared = data_dir, cloak_key, shared
        self._admit = admit
        copies = Copies(data_dir, journal) if has_begun else None
        self._door = JoinDoor(data_dir, self._place, copies)

    async def open(self, host: str | None, port: int) -> int:
        """Open the door at an address, or everywhere without one; return the port.

        Raise ClusterError or OSError.
        """
        return await self._door.open(host, port)

    async def close(self) -> None:
        """Close the door."""
        await self._door.close()

    async def follow(self, members: Iterable[ListedMember], left: Iterable[int]) -> None:
        """Let the list name all members, and nobody who has left for good. Raise OSError."""
        # Its own place stays as it is here: others know of it by this, and who has left is this
        # one until its directory is another one's.
        number = self.shared.number
        shared = self.shared.with_members(each for each in members if each.number != number)
        for each in left:
            if each != number:
                shared = shared.without(each)
        await self._note(shared)

    async def _note(self, shared: MemberList) -> None:
        if shared != self.shared:
            self.shared = shared
            await asyncio.to_thread(write_shared, self._data_dir, shared)

    async def _place(self, name: str, route: str, door: str) -> Bundle:
        """Give somebody who has a token a number, and all that a member has."""
        _check(self.shared, name, route, door)
        number = await self._admit(name, route, door)
        if number is None:
            raise PeerUnreachable(
                f"nobody can be let in as {name} just now: the name was given meanwhile, or the "
                "order of all nodes stands still; try again"
            )
        member = ListedMember(number, name, route, door)
        bundle = await asyncio.to_thread(
            bundles.collect, self._data_dir, self.shared, member, self._cloak_key
        )
        await self._note(self.shared.with_members([member]))
        return bundle


def _check(shared: MemberList, name: str, route: str, door: str) -> None:
    """Raise ClusterError where a member of that name or at that address is there already."""
    if len(shared.members) >= MOST_MEMBERS:
        raise ClusterError(f"{MOST_MEMBERS} members are as many as a cluster may have")
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
