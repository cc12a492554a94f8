"""What a member's running server does for its cluster: lets others in, trims, tells how it is.

A founder does so before the common order has begun, too: it is one node by itself until then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from hubbub.cluster.bundle import bundle_digest, check_digest
from hubbub.cluster.conversation import split
from hubbub.cluster.erasing import OrderErasing
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.hosting import Hosting
from hubbub.cluster.members import FOUNDERS, ListedMember, MemberList, read_shared
from hubbub.cluster.trimming import Trimming
from hubbub.core.commands.operators.cluster import ORDER, PLACE
from hubbub.core.records.nodes import NodeAdmitted
from hubbub.node.hub import Hub
from hubbub.server.member.membership import ClusterMember
from hubbub.server.recovery import JOURNAL, Stored
from hubbub.settings import NotNow, Settings, SettingsError

LOG: Final = f"{ORDER}-log"
"""The name of the line that tells what the common order holds, and of its servers."""
STRANGER: Final = f"{ORDER}-"
"""What the name of the line begins with that tells of a node of another cluster."""
LOOK_SECONDS: Final = 1.0
"""How often it is seen whether somebody has come or left."""

_log = structlog.get_logger(__name__)


def host_of(
    settings: Settings,
    stored: Stored,
    hub: Hub,
    member: ClusterMember | None,
    stop: Callable[[], None],
) -> MemberHost | None:
    """Return what the server of a member does for its cluster, None where it is in none.

    Raise SettingsError.
    """
    try:
        shared = read_shared(settings.data_dir)
    except ClusterError as error:
        raise SettingsError(str(error)) from None
    return None if shared is None else MemberHost(settings, stored, hub, shared, member, stop)


class MemberHost:
    """Be a member, as far as others need it. Used on the event loop's thread.

    `member` follows the common order, once that has begun; `stop` is called when this node has left
    for good.
    """

    def __init__(
        self,
        settings: Settings,
        stored: Stored,
        hub: Hub,
        shared: MemberList,
        member: ClusterMember | None,
        stop: Callable[[], None],
    ) -> None:
        data_dir = settings.data_dir
        self._hub, self._journal, self._member, self._stop = hub, stored.journal, member, stop
        self._addresses = settings.cluster.door
        self._world = hub.world
        self._hosting = Hosting(
            data_dir,
            data_dir / JOURNAL,
            stored.cloak_key,
            shared,
            member is not None,
            self._admit,
        )
        self._gone: set[int] = set()
        self._looking: asyncio.Task[None] | None = None
        self._trimming: Trimming | None = None
        self._erasing: OrderErasing | None = None
        if member is not None:
            self._trimming = Trimming(
                member.progress, self._world.members, self._keeps_house, member.trim, stored.clock
            )
            durable, members = member.progress.durable, self._world.members
            self._erasing = OrderErasing(
                durable, members, self._turn, member.erase, lambda: stored.journal.heard[0]
            )
            stored.journal.tell_of_erasures(self._erasing)
        self._digest = bundle_digest(data_dir, shared, stored.cloak_key)
        hub.sessions.troubles.mention(self.lines)
        hub.sessions.troubles.ask(self.troubles)

    async def open(self) -> None:
        """Open the door, where the settings say or at its port everywhere, and begin to look.

        Raise SettingsError.
        """
        if self._member is not None:
            self._hub.watch.start()
            self._hub.peers.pulse.digest = self._journal.chain
            self._hub.peers.start()
        port = split(self._hosting.shared.own.door)[1]
        places: list[tuple[str | None, int]] = [(at.host, at.port) for at in self._addresses]
        try:
            for host, number in places or [(None, port)]:
                await self._hosting.open(host, number)
        except ClusterError as error:
            raise SettingsError(str(error)) from None
        except OSError as error:
            raise NotNow(
                f"the door for other members at port {port} cannot be opened "
                f"({error.strerror or error}); stop what listens there, or set cluster.door"
            ) from None
        self._looking = asyncio.create_task(self._look_on())
        if self._trimming is not None:
            self._trimming.start()

    async def close(self) -> None:
        """Close the door, and look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        if self._trimming is not None:
            await self._trimming.stop()
        await self._hosting.close()

    def lines(self) -> dict[str, str]:
        """Tell how the order does, and of each member where it is and how far."""
        return dict(self._lines())

    def troubles(self) -> dict[str, str]:
        """Tell of nodes that are of another cluster."""
        found: dict[str, str] = {}
        for number, node in self._world.nodes.items():
            if node.is_up:
                try:
                    check_digest(self._digest, node.bundle, node.name or str(number))
                except ClusterError as error:
                    found[f"{STRANGER}{number}"] = str(error)
        return found

    def _lines(self) -> Iterator[tuple[str, str]]:
        member, members = self._member, self._hosting.shared.members
        if member is None:
            there = ", ".join(each.name for each in members)
            missing = FOUNDERS - len(members)
            then = f"{missing} more have to join" if missing > 0 else "restart it to begin"
            yield LOG, f"not begun: it goes on by itself, with {there}; {then}"
        else:
            yield LOG, member.sentence()
        for each in members:
            words = f"{each.name} at {each.route}"
            if member is not None:
                durable = member.progress.durable(each.number)
                words += f", on its disk up to {durable} ({max(0, member.last() - durable)} behind)"
            yield f"{PLACE}{each.number}", words

    def _keeps_house(self) -> bool:
        return self._world.housekeeper == self._hub.sessions.own.node

    def _turn(self) -> int:
        """Return how many members come before this one, where each does what need be done once."""
        own = self._hub.sessions.own.node
        return sum(number < own for number in self._world.members())

    async def _admit(self, name: str, route: str, door: str) -> int | None:
        """Have it recorded that a node of this name is to come; return the number it is given."""
        if self._world.node_named(name) is not None:
            return None
        self._hub.sessions.append(lambda origin: NodeAdmitted(origin, name, route, door))
        await self._hub.settle()
        return self._world.node_named(name)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    def _told(self) -> Iterator[ListedMember]:
        """Yield the members that have said, or have had it said, where they are reached."""
        for number, node in self._world.nodes.items():
            if not node.has_left and node.name and node.route and node.door:
                yield ListedMember(number, node.name, node.route, node.door)

    async def look(self) -> None:
        """See who has come, and who has left for good: others are forgotten, this one stops.

        See also what was erased and is still in the common order.
        """
        if self._erasing is not None:
            self._erasing.places.note(*self._journal.heard)
            self._erasing.look()
        gone = {number for number, node in self._world.nodes.items() if node.has_left}
        if self._hub.sessions.own.node in gone - self._gone:
            _log.warning("this node has left its cluster for good, and stops")
            self._stop()
        if self._member is not None and self._keeps_house():
            # Once each; who keeps house next does it again, which does no harm.
            for number in gone - self._gone:
                self._member.forget_server(number)
        self._gone = gone
        try:
            await self._hosting.follow(self._told(), gone)
        except OSError as error:
            _log.warning("the list of members could not be written", why=str(error))
