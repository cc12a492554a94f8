"""Setting the common order forward to what the members' archives have, after it lost its end.

All members' nodes stand still, and each runs this: it has its server of the order run, tells the
others how far its archive is, and hears how far theirs are. The one that is furthest sets the order
forward to go on after that; the others fetch a copy of it at their next start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hubbub.cluster.bundle import Bundle
from hubbub.cluster.conversation import DoorClient, member_context, split
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.joining import JoinDoor
from hubbub.cluster.members import ListedMember, MemberList
from hubbub.journal.port import JournalBehind

if TYPE_CHECKING:
    from hubbub.cluster.jetstream.log import JetStreamLog
    from hubbub.cluster.jetstream.stream import Extent
    from hubbub.server.member.membership import ClusterMember

AGAIN_SECONDS: Final = 0.5
SAID_SECONDS: Final = 10.0
"""How often it is said who is waited for."""
LINGER_SECONDS: Final = 20.0
"""How long the one that has set the order forward stays for the others to see it."""

Say = Callable[[str], None]


def furthest(positions: Mapping[int, int]) -> int:
    """Return which of the members, by their numbers, has the archive that is furthest."""
    return max(positions, key=lambda number: (positions[number], -number))


async def repair(
    member: ClusterMember,
    data_dir: Path,
    position: int,
    without: Collection[int],
    say: Say,
    confirm: Callable[[str], bool],
) -> bool:
    """Set the order forward together with the other members; say whether all can be started.

    `position` is that of this member's archive; those `without` which it is done are asked nothing.
    Raise ClusterError, SettingsError, JournalUnusable.
    """
    shared = member.shared
    door = JoinDoor(data_dir, _admit_nobody, None, position)
    await door.open(None, split(shared.own.door)[1])
    try:
        # For the others, too: most of the servers have to be there.
        log = member.new_log(await member.reach())
        others = [one for one in shared.others if one.number not in without]
        positions = await _ask(data_dir, others, say) | {shared.number: position}
        try:
            extent = await _opened(log)
            return await _set_forward(log, extent, positions, shared, say, confirm, others)
        finally:
            await asyncio.to_thread(log.close)
    finally:
        await door.close()


async def _set_forward(
    log: JetStreamLog,
    extent: Extent,
    positions: Mapping[int, int],
    shared: MemberList,
    say: Say,
    confirm: Callable[[str], bool],
    others: Collection[ListedMember],
) -> bool:
    best = furthest(positions)
    upto = positions[best]
    name = next(one.name for one in shared.members if one.number == best)
    if extent.last >= upto:
        say(f"nothing is missing: the order ends at {extent.last}, no archive is beyond {upto}")
        return True
    lacks = f"the order ends at {extent.last}, and the archive of {name} is at {upto}"
    if best != shared.number:
        say(f"{lacks}: {name} sets it forward, which is waited for")
        await _until(log, upto)
        say("the order goes on; start this node, which fetches a copy if it has less")
        return True
    if not confirm(f"{lacks}: it goes on after that, and who has less fetches a copy of it"):
        return False
    await asyncio.wrap_future(log.go_on_after(upto))
    await _until(log, upto)
    say(f"the order goes on after {upto}; start all nodes")
    await _linger([one.door for one in others])
    return True


async def _opened(log: JetStreamLog) -> Extent:
    """Return what the order has; an empty one is made where it is gone."""
    try:
        return await asyncio.wrap_future(log.open(0))
    except JournalBehind:
        # It has been trimmed, as it should be; what it has is known all the same.
        return log.standing().extent


async def _until(log: JetStreamLog, position: int) -> None:
    """Wait until the order has come to a position."""
    while True:
        extent = await asyncio.wrap_future(log.extent())
        if extent.last >= position:
            return
        await asyncio.sleep(AGAIN_SECONDS)


async def _ask(data_dir: Path, others: Collection[ListedMember], say: Say) -> dict[int, int]:
    """Return how far the archives of others are, once all of them have said so."""
    context, positions = member_context(data_dir), dict[int, int]()
    said = 0.0

    def ask(door: str) -> int:
        with DoorClient(door, context) as client:
            answer, _ = client.ask(0, ask="position")
            return int(answer["position"])

    while missing := [one for one in others if one.number not in positions]:
        for one in missing:
            try:
                positions[one.number] = await asyncio.to_thread(ask, one.door)
            except PeerUnreachable:
                continue
            except (KeyError, TypeError, ValueError):
                raise ClusterError(f"{one.name} does not answer as a member does") from None
        if time.monotonic() - said > SAID_SECONDS and len(positions) < len(others):
            names = ", ".join(one.name for one in others if one.number not in positions)
            say(f"waiting for {names}: run `hubbub cluster repair` there, too, or --without it")
            said = time.monotonic()
        await asyncio.sleep(AGAIN_SECONDS)
    return positions


async def _linger(doors: Collection[str]) -> None:
    """Let the other members see what has been done, while the order needs this one's server."""
    end = time.monotonic() + LINGER_SECONDS
    left = list(doors)
    while left and time.monotonic() < end:
        await asyncio.sleep(AGAIN_SECONDS)
        left = [door for door in left if await _answers(door)]


async def _answers(door: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(*split(door))
    except OSError:
        return False
    writer.transport.abort()
    return True


async def _admit_nobody(name: str, route: str, door: str) -> Bundle:
    raise PeerUnreachable("the order is being repaired; try again afterwards")
