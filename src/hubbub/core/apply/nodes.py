"""Records about nodes: they start, they stop, and what an earlier start left behind is void."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from hubbub.core.apply.channels import end_visits
from hubbub.core.apply.operators import oper_no_more
from hubbub.core.apply.users import away_changed, drop_session, remove, stays
from hubbub.core.errors import RulesUnknown
from hubbub.core.outcomes import Notify, Outcome, Refused, SessionEnded
from hubbub.core.records.base import Record, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import (
    ClockSetBack,
    NodeLost,
    NodeStarted,
    NodeStopped,
    RetentionSet,
    RulesRaised,
)
from hubbub.core.rules import FENCED, RULES, SINCE, unknown
from hubbub.core.world.nodes import Node
from hubbub.core.world.state import Circle, User
from hubbub.core.world.world import KeptFor, World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message

Outcomes = list[Outcome]

RESTARTED: Final = "Server restarted"
"""Why the sessions of a node ended that began anew."""
STOPPED: Final = "Server stopped"
"""Why the sessions of a node ended that stopped."""
LOST: Final = "Connection to node {} lost"
"""Why the sessions of a node ended that the order has gone on without."""


def is_void(world: World, record: Record) -> bool:
    """Say whether a record counts for nothing: it is of a start that is over, or of later rules.

    For records whose session is nobody's; a session that is somebody's is of a node that is up.
    """
    if SINCE.get(type(record), 0) > world.rules:
        return True
    if world.rules < FENCED or type(record) is ClockSetBack:
        # The clock is set back before the node that found it wrong has begun.
        return False
    node, epoch, _ = record.origin.session
    if type(record) is NodeLost:
        node, epoch = record.node, record.epoch
    known = world.nodes.get(node)
    if type(record) is NodeStarted:
        return record.knows < world.rules or (known is not None and epoch <= known.epoch)
    return known is None or epoch != known.epoch or not known.is_up


def void(record: Record) -> Outcomes:
    """Return what follows from a void record: it is not to be read, and nobody is told."""
    return [Refused(record.origin, numerics.ERR_NOTREGISTERED, ())]


def node_started(world: World, record: NodeStarted, entry: Entry) -> Outcomes:
    """End what a node's earlier epochs left behind."""
    node, epoch, _ = record.origin.session
    if entry.seq == 1:
        _raise(world, record.knows)
    world.nodes[node] = Node(epoch, record.knows)
    over = [s for s in world.sessions if s.node == node and s.epoch < epoch]
    return _end(world, over, entry, RESTARTED, {})


def node_stopped(world: World, record: NodeStopped, entry: Entry) -> Outcomes:
    """End the sessions of a node that stops, and its epoch with them."""
    node = record.origin.session.node
    world.nodes[node].is_up = False
    over = [session for session in world.sessions if session.node == node]
    return _end(world, over, entry, STOPPED, dict(record.told))


def node_lost(world: World, record: NodeLost, entry: Entry) -> Outcomes:
    """End the sessions of a node that the order has gone on without, and its epoch with them."""
    world.nodes[record.node].is_up = False
    over = [session for session in world.sessions if session.node == record.node]
    return _end(world, over, entry, LOST.format(record.node), {})


def rules_raised(world: World, record: RulesRaised, entry: Entry) -> Outcomes:
    """Go by newer rules from here on, if all nodes that are up know them."""
    if all(node.knows >= record.rules for node in world.nodes.values() if node.is_up):
        _raise(world, record.rules)
    return []


def _raise(world: World, rules: int) -> None:
    if rules > RULES:
        raise RulesUnknown(unknown(rules))
    world.rules = max(world.rules, rules)


def retention_set(world: World, record: RetentionSet, entry: Entry) -> Outcomes:
    """Settle how long is kept what ends by itself."""
    world.kept_for = KeptFor(record.stay_seconds, record.audit_days)
    return []


def _end(
    world: World,
    over: Collection[SessionId],
    entry: Entry,
    reason: str,
    told: Mapping[int, int],
) -> Outcomes:
    """End sessions, which were `told` everything, or up to a seq by their numbers."""
    ended: dict[User, Circle] = {}
    outcomes: Outcomes = []
    for session in over:
        user = world.sessions[session]
        before = user.away
        drop_session(world, session, entry, told.get(session.number, 0))
        if not user.sessions and not stays(world, user):
            ended[user] = user.circle
        else:
            outcomes += [*away_changed(user, before), *end_visits(world, user)]
            outcomes += oper_no_more(user, session)
    for user in ended:
        outcomes += remove(world, user, entry)
    # All have left by now: nobody is told of somebody else who was ended with it.
    outcomes += _farewells(ended, reason)
    return [*outcomes, *(SessionEnded(session, reason) for session in over)]


def _farewells(ended: Mapping[User, Circle], reason: str) -> Iterator[Outcome]:
    for user, circle in ended.items():
        if any(channel.members for channel in circle.channels):
            message = Message("QUIT", (reason,), user.source)
            yield Notify(message, (), cap.NONE, circle=circle)
