"""A node's life on record: it begins, says what its operator has settled for all, and ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final

from hubbub.core.apply.nodes import followers
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import Draft
from hubbub.core.records.nodes import (
    NodeStarted,
    NodeStopped,
    RetentionSet,
    RulesRaised,
    SettingsSet,
)
from hubbub.core.rules import FIRST_RULES, RULES
from hubbub.core.showing.isupport import VERSION
from hubbub.core.world.world import KeptFor
from hubbub.journal.port import JournalUnusable
from hubbub.node.sessions import Sessions

SETTINGS = "settings"
"""Under which name it is told that more is kept than the settings say."""

AGREED_SECONDS: Final = 24 * 3600
"""How long all members have run programs that know newer rules before they go by them, unless an
operator says so earlier: until then one can go back to the program before."""

NAMED: Final = 5
"""How many channels are named of those that are kept although the settings do not say so."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Hold what a member of a cluster says of itself as it starts; it is empty for one node.

    `bundle` is a digest of what all share, `name`, `route` and `door` are as in the member's list.
    """

    bundle: str = ""
    name: str = ""
    route: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """Hold the settings that become records, for all nodes go by them: what is kept, how long.

    In a cluster `settings` are those that a node's file would have all go by, as JSON, while nobody
    has said so, and `introduction` is what it says of itself; both are empty for one node.
    """

    keep: tuple[str, ...] = ()
    keep_limit: int = 1000
    kept_for: KeptFor = field(default_factory=KeptFor)
    settings: Mapping[str, str] = field(default_factory=dict)
    introduction: Introduction = field(default_factory=Introduction)


class Life:
    """Begin and end a node's epoch. `settle` waits until all that was asked for is applied.

    What the settings say becomes a record. A start may have read another file than was meant, so it
    ends nothing that was kept; that the settings are reread while the server runs says that they
    are as they should be. See docs/decisions/one-order.md.
    """

    def __init__(self, sessions: Sessions, settle: Callable[[], Awaitable[None]]) -> None:
        self._sessions = sessions
        self._world = sessions.world
        self._settle = settle
        self._shared: Shared | None = None
        sessions.troubles.ask(self._differing)

    async def begin(self, shared: Shared) -> bool:
        """End what the node's earlier start left behind; say whether there was room for that.

        Raise JournalUnusable where the node has left for good.
        """
        sessions, world = self._sessions, self._world
        self._shared = shared
        self._start()
        await self._settle()
        if not self._has_begun:
            self._refuse_who_has_left()
            return False
        if world.rules < RULES and len(followers(world)) == 1:
            sessions.append(lambda origin: RulesRaised(origin, RULES))
            await self._settle()
        self.follow(shared, confirmed=False)
        await self._settle()
        return True

    def follow(self, shared: Shared, confirmed: bool = True) -> None:
        """Have the World go by what the settings say, as far as that is this node's to say.

        Where it is not `confirmed`, nothing ends that was kept.
        """
        self._shared = shared
        sessions, world = self._sessions, self._world
        if sessions.is_ending or not (self._is_alone or self._keeps_house):
            return
        for name, value in shared.settings.items():
            if name not in world.settings:
                sessions.append(partial(SettingsSet, name=name, value=value))
                confirmed = False
        keep, limit = shared.keep, shared.keep_limit
        if (world.kept, world.kept_limit) != (keep, limit) or (confirmed and world.spares):
            sessions.append(lambda origin: Kept(origin, keep, limit, not confirmed))
        held, wanted = world.kept_for, shared.kept_for
        if not confirmed and held is not None:
            wanted = wanted.sparing(held)
        if held != wanted:
            sessions.append(lambda origin: RetentionSet(origin, *wanted))

    def begin_anew(self) -> Sequence[Draft]:
        """Begin another epoch after the others went on without this one (NodeLost).

        Return what was asked for in it and has not happened. In the same process: what it has of
        the World is right, and a start would take the log's server along with it.
        """
        sessions = self._sessions
        if sessions.is_ending:
            # It asks for nothing more: the number of an epoch is for who begins it.
            return sessions.journal.begin(sessions.own.epoch)
        sessions.own = sessions.own._replace(epoch=sessions.own.epoch + 1)
        drafts = sessions.journal.begin(sessions.own.epoch)
        self._start()
        return drafts

    def keep_house(self) -> None:
        """See to what holds for all, now and then; for the node that keeps house."""
        sessions, world, shared = self._sessions, self._world, self._shared
        if shared is None or sessions.is_ending or sessions.backlog.on_their_way:
            return
        members = followers(world).values()
        newest = min(RULES, *(node.knows for node in members))
        ran = sessions.seconds() - max(node.started for node in members)
        if world.rules < newest and ran >= AGREED_SECONDS:
            sessions.append(lambda origin: RulesRaised(origin, newest))
        if shared.settings:
            self.follow(shared, confirmed=False)

    async def end(self) -> None:
        """End the node's epoch, with its sessions, if it has begun and is not over already."""
        if not self._has_begun or self._sessions.is_broken:
            return
        known = self._sessions.roster.connections.values()
        behind = [one for one in known if one.session.user is not None and one.may_have_missed]
        told = tuple((one.session.id.number, one.told) for one in behind)
        self._sessions.append(lambda origin: NodeStopped(origin, told))
        await self._settle()

    def _refuse_who_has_left(self) -> None:
        number = self._sessions.own.node
        known = self._world.nodes.get(number)
        if known is not None and known.has_left:
            raise JournalUnusable(
                f"this node has left its cluster for good, and its number, {number}, is not given "
                "again; let it join anew with an empty data_dir (`hubbub cluster join`)"
            )

    def _start(self) -> None:
        own = self._shared.introduction if self._shared is not None else Introduction()
        says = own.bundle, own.name, own.route, own.door
        self._sessions.append(
            lambda origin: NodeStarted(origin, RULES, FIRST_RULES, VERSION, *says)
        )

    @property
    def _has_begun(self) -> bool:
        own = self._sessions.own
        node = self._world.nodes.get(own.node)
        return node is not None and node.epoch == own.epoch and node.is_up

    @property
    def _is_alone(self) -> bool:
        """Say whether there is no other node: of several, none may change what holds for all."""
        up = [number for number, node in self._world.nodes.items() if node.is_up]
        return up == [self._sessions.own.node]

    @property
    def _keeps_house(self) -> bool:
        """Say whether this node asks for what holds for all: all of a cluster say the same."""
        shared = self._shared is not None and bool(self._shared.settings)
        return shared and self._world.housekeeper == self._sessions.own.node

    def _differing(self) -> dict[str, str]:
        """Tell what is kept though the settings of this node do not say so."""
        shared, world = self._shared, self._world
        if shared is None or self._sessions.is_ending:
            return {}
        found = [f"{name} (channels.keep)" for name in islice(world.spared(), NAMED)]
        if not found and (world.kept, world.kept_limit) != (shared.keep, shared.keep_limit):
            found.append(f"channels by {' '.join(world.kept)} (channels.keep)")
        held = world.kept_for
        if held is not None and held.stay_seconds != shared.kept_for.stay_seconds:
            found.append(f"absent users for {held.stay_seconds // 86_400} days (stay_days)")
        if held is not None and held.audit_days != shared.kept_for.audit_days:
            found.append(f"the record of operators for {held.audit_days} days (audit_days)")
        if held is not None and held[2:] != shared.kept_for[2:]:
            found.append("what is said (limits.history_*, limits.direct_*)")
        if not found:
            return {}
        return {
            SETTINGS: f"kept although the settings say otherwise: {', '.join(found)}; mend them, or"
            " have them reread (SIGHUP, REHASH) to let it end"
        }
