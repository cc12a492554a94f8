"""Records about nodes: they start, they stop, and what an earlier start left behind is void."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from hubbub.core.apply.channels import end_visits
from hubbub.core.apply.operators import oper_no_more
from hubbub.core.apply.users import away_changed, drop_session, remove, stays
from hubbub.core.errors import RulesUnknown
from hubbub.core.outcomes import HistoryEnded, Notify, Outcome, Refused, SessionEnded
from hubbub.core.records.base import Record, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import (
    ClockSetBack,
    Forgotten,
    NodeAdmitted,
    NodeDraining,
    NodeLeft,
    NodeLost,
    NodeStarted,
    NodeStopped,
    RetentionSet,
    RulesRaised,
    SettingsSet,
)
from hubbub.core.rules import AGREED, FENCED, RULES, SINCE, unknown
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
LEFT: Final = "Server {} has left"
"""Why the sessions of a node ended that has gone for good."""
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
        if not record.least <= world.rules <= record.knows:
            return True
        return known is not None and (epoch <= known.epoch or known.has_left)
    return known is None or epoch != known.epoch or not known.is_up


def void(record: Record) -> Outcomes:
    """Return what follows from a void record: it is not to be read, and nobody is told."""
    return [Refused(record.origin, numerics.ERR_NOTREGISTERED, ())]


def node_started(world: World, record: NodeStarted, entry: Entry) -> Outcomes:
    """End what a node's earlier epochs left behind."""
    node, epoch, _ = record.origin.session
    if entry.seq == 1:
        _raise(world, record.knows)
    known = world.nodes.get(node, Node(0, 0))
    known = replace(known, epoch=epoch, knows=record.knows, is_up=True, is_draining=False)
    if world.rules >= AGREED:
        known.program, known.bundle, known.started = record.program, record.bundle, entry.seconds
        _introduce(world, node, known, record)
    world.nodes[node] = known
    over = [s for s in world.sessions if s.node == node and s.epoch < epoch]
    return _end(world, over, entry, RESTARTED, {})


def _introduce(world: World, number: int, node: Node, record: NodeStarted) -> None:
    """Note what a member says of itself; whoever has its name already keeps it."""
    if record.name and world.node_named(record.name) in (None, number):
        node.name = record.name
    node.route, node.door = record.route or node.route, record.door or node.door


def node_stopped(world: World, record: NodeStopped, entry: Entry) -> Outcomes:
    """End the sessions of a node that stops, and its epoch with them."""
    node = record.origin.session.node
    world.nodes[node].is_up = False
    over = [session for session in world.sessions if session.node == node]
    return _end(world, over, entry, STOPPED, dict(record.told))


def node_lost(world: World, record: NodeLost, entry: Entry) -> Outcomes:
    """End the sessions of a node that the order has gone on without, and its epoch with them."""
    return _gone(world, record.node, entry, LOST.format(record.node))


def node_left(world: World, record: NodeLeft, entry: Entry) -> Outcomes:
    """Let a node go for good: its number is not given again."""
    if record.node not in world.nodes:
        return [Refused(record.origin, numerics.ERR_UNKNOWNERROR, ("NODE", "No such node"))]
    world.nodes[record.node].has_left = True
    return _gone(world, record.node, entry, LEFT.format(record.node))


def node_admitted(world: World, record: NodeAdmitted, entry: Entry) -> Outcomes:
    """Give the next number to a node that is to come; whoever is called so keeps its number."""
    if world.node_named(record.name) is not None:
        return [Refused(record.origin, numerics.ERR_UNKNOWNERROR, ("NODE", "Name is in use"))]
    number = max(world.nodes, default=0) + 1
    world.nodes[number] = Node(0, 0, False, name=record.name, route=record.route, door=record.door)
    return []


def node_draining(world: World, record: NodeDraining, entry: Entry) -> Outcomes:
    """Let a node keep house no more, for it is about to stop; or again, if it stays."""
    node = world.nodes.get(record.node)
    if node is not None and node.is_up:
        node.is_draining = record.is_draining
    return []


def settings_set(world: World, record: SettingsSet, entry: Entry) -> Outcomes:
    """Let a setting be the same for all nodes, or be their own again."""
    world.settings.pop(record.name, None)
    if record.value:
        world.settings[record.name] = record.value
    return []


def forgotten(world: World, record: Forgotten, entry: Entry) -> Outcomes:
    """Let go of what has been kept long enough; the World holds nothing of that."""
    return [HistoryEnded(record.history, record.upto)]


def rules_raised(world: World, record: RulesRaised, entry: Entry) -> Outcomes:
    """Go by newer rules from here on, if all members know them."""
    if not unready(world, record.rules):
        _raise(world, record.rules)
    return []


def unready(world: World, rules: int) -> list[int]:
    """Return which nodes do not know these rules, and are to follow them."""
    return [number for number, node in followers(world).items() if node.knows < rules]


def followers(world: World) -> dict[int, Node]:
    """Return the nodes that are to know the rules that the World goes by, by their numbers."""
    members = world.members()
    if world.rules >= AGREED:
        return members
    return {number: node for number, node in members.items() if node.is_up}


def _raise(world: World, rules: int) -> None:
    if rules > RULES:
        raise RulesUnknown(unknown(rules))
    world.rules = max(world.rules, rules)


def retention_set(world: World, record: RetentionSet, entry: Entry) -> Outcomes:
    """Settle how long is kept what ends by itself."""
    world.kept_for = KeptFor(
        record.stay_seconds,
        record.audit_days,
        record.channel_days,
        record.channel_messages,
        record.direct_days,
        record.direct_messages,
    )
    return []


def _gone(world: World, node: int, entry: Entry, reason: str) -> Outcomes:
    """Let a node be up no more, and end its sessions."""
    world.nodes[node].is_up = world.nodes[node].is_draining = False
    over = [session for session in world.sessions if session.node == node]
    return _end(world, over, entry, reason, {})


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
