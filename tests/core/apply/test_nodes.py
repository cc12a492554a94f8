"""Nodes start and stop; what an earlier start of one left on its way counts for nothing."""

from __future__ import annotations

import pytest

from hubbub.core.apply import apply, came_to_nothing
from hubbub.core.apply.nodes import unready
from hubbub.core.errors import RulesUnknown
from hubbub.core.outcomes import HistoryEnded
from hubbub.core.records.accounts import CredentialAdded
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import AnyRecord, Body, Entry
from hubbub.core.records.nodes import (
    ORDER,
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
from hubbub.core.records.users import Connected
from hubbub.core.rules import AGREED, FIRST_RULES, RULES
from hubbub.core.world.session import Session
from hubbub.core.world.world import KeptFor, World
from tests.core.invariants import check
from tests.core.world_harness import START, Client, Harness, shown


def origin(epoch: int, number: int = 0, node: int = 1) -> Origin:
    return Origin(SessionId(node, epoch, number), 1)


def connecting(nick: str, *where: int) -> Connected:
    return Connected(origin(*where), nick, nick, "host", nick)


def world_of(*records: AnyRecord) -> World:
    """Return the World that these make true, the first of them being the first of all."""
    world = World()
    for seq, record in enumerate(records, 1):
        apply(world, Entry(seq, START + seq * 1000, f"m{seq}", record))
    return world


def users(world: World) -> list[str]:
    return [user.nick for user in world.users.values()]


def test_what_an_earlier_start_left_on_its_way_is_void(harness: Harness) -> None:
    harness.restart()
    late = connecting("zombie", 1, 9)
    found = harness.enter(late)
    assert came_to_nothing(harness.entries[-1], found)
    assert harness.world.users == {}
    assert harness.connect("ann").user.nick == "ann"


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_start_that_was_counted_before_begins_nothing(harness: Harness, epoch: int) -> None:
    """A data directory that was wiped, or an older copy of it, knows of fewer starts."""
    harness.restart()
    ann = harness.connect("ann")
    found = harness.enter(NodeStarted(origin(epoch), RULES))
    assert came_to_nothing(harness.entries[-1], found)
    assert users(harness.world) == ["ann"]
    assert not ann.closed
    assert harness.world.next_epoch(1) == 3


def test_who_has_never_begun_writes_nothing(harness: Harness) -> None:
    harness.enter(connecting("far", 1, 1, 7))
    assert harness.world.users == {}
    harness.enter(NodeStarted(origin(1, 0, 7), RULES))
    harness.enter(connecting("far", 1, 1, 7))
    assert users(harness.world) == ["far"]


def test_a_secret_of_a_void_record_is_not_to_be_read(harness: Harness) -> None:
    harness.connect_as("ann", "ann")
    harness.restart()
    late = CredentialAdded(origin(1), "ann", "password", "", "stolen", "", histories=("$ann",))
    found = harness.enter(late, Body("hash:mine"))
    assert came_to_nothing(harness.entries[-1], found)


def test_the_clock_is_set_back_before_a_node_has_begun(harness: Harness) -> None:
    assert harness.enter(ClockSetBack(origin(0), 1, 2, 3)) == []


def test_a_stop_ends_what_the_node_had(harness: Harness) -> None:
    """Also for those of other nodes; who stays stays, and what comes later counts no more."""
    harness.enter(NodeStarted(origin(1, 0, 2), RULES))
    far = far_client(harness)
    guest, stayer = harness.connect("guest"), harness.connect_as("ann", "ann")
    stayer.send("PERSISTENCE SET ON")
    for client in (far, guest, stayer):
        client.send("JOIN #a")
    far.take()
    harness.time += 5_000_000
    harness.enter(NodeStopped(origin(1, 0, 1)))
    assert shown(far.take()) == ["QUIT Server stopped"]
    assert set(harness.world.users) == {"far", "ann"}
    assert list(harness.world.left.values()) == [harness.entries[-1].seconds]
    assert up(harness.world) == {1: (1, False), 2: (1, True)}
    assert harness.world.housekeeper == 2
    harness.enter(connecting("late", 1, 50))
    assert set(harness.world.users) == {"far", "ann"}
    check(harness.world)


def far_client(harness: Harness) -> Client:
    """Return a client of another node."""
    far = Client(Session(SessionId(2, 1, 1), "cloak.test"), harness)
    harness.clients[far.session.id] = far
    harness.enter(connecting("far", 1, 1, 2))
    far.take()
    return far


def test_who_was_behind_at_a_stop_has_missed_what_it_was_not_told(harness: Harness) -> None:
    quick, slow = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    harness.enter(NodeStopped(origin(1), ((slow.session.id.number, 3),)))
    accounts = harness.world.accounts
    assert accounts["bob"].told("password: bob") == 3
    assert accounts["ann"].told("password: ann") == len(harness.entries)
    assert quick.session.id.number != slow.session.id.number


def test_a_new_journal_goes_by_the_rules_of_who_begins_it() -> None:
    assert world_of(NodeStarted(origin(1), RULES)).rules == RULES
    assert world_of(NodeStarted(origin(1))).rules == FIRST_RULES


def test_an_old_journal_goes_by_its_rules_until_they_are_raised() -> None:
    """A record that comes late is taken as it was taken; from then on it is not."""
    started, again = NodeStarted(origin(1)), NodeStarted(origin(2), RULES)
    world = world_of(started, again, connecting("late", 1, 1))
    assert (world.rules, users(world)) == (FIRST_RULES, ["late"])
    raised = RulesRaised(origin(2), RULES)
    world = world_of(started, again, raised, connecting("late", 1, 1))
    assert (world.rules, users(world)) == (RULES, [])


def test_who_was_lost_is_gone_as_at_a_start(harness: Harness) -> None:
    """Guests quit, who stays is absent; what of that epoch comes later counts no more."""
    harness.enter(NodeStarted(origin(1, 0, 2), RULES))
    far = far_client(harness)
    guest, stayer = harness.connect("guest"), harness.connect_as("ann", "ann")
    stayer.send("PERSISTENCE SET ON")
    for client in (far, guest, stayer):
        client.send("JOIN #a")
    far.take()
    harness.enter(NodeLost(ORDER, 1, 1))
    assert shown(far.take()) == ["QUIT Connection to node 1 lost"]
    assert (set(harness.world.users), len(harness.world.left)) == ({"far", "ann"}, 1)
    assert up(harness.world) == {1: (1, False), 2: (1, True)}
    harness.enter(connecting("late", 1, 50))
    assert set(harness.world.users) == {"far", "ann"}
    check(harness.world)


@pytest.mark.parametrize(("node", "epoch"), [(1, 1), (1, 3), (2, 1)])
def test_only_the_epoch_that_there_is_can_be_lost(harness: Harness, node: int, epoch: int) -> None:
    harness.restart()
    harness.connect("ann")
    found = harness.enter(NodeLost(ORDER, node, epoch))
    assert came_to_nothing(harness.entries[-1], found)
    assert users(harness.world) == ["ann"]


@pytest.mark.parametrize(
    "record",
    [
        NodeStopped(origin(1)),
        RetentionSet(origin(1), 5, 6),
        NodeLost(ORDER, 1, 1),
        NodeAdmitted(origin(1), "b"),
        NodeLeft(origin(1), 1),
        SettingsSet(origin(1), "channels.keep_limit", "5"),
        Forgotten(origin(1), "!audit", 1),
    ],
)
def test_records_of_later_rules_are_void_before(record: AnyRecord) -> None:
    world = world_of(NodeStarted(origin(1)), connecting("ann", 1, 1), record)
    assert (users(world), world.kept_for, world.settings) == (["ann"], None, {})
    assert up(world) == {1: (1, True)}


def up(world: World) -> dict[int, tuple[int, bool]]:
    return {number: (node.epoch, node.is_up) for number, node in world.nodes.items()}


def test_numbers_are_given_once_and_names_again() -> None:
    begun, admitted = NodeStarted(origin(1), RULES), NodeAdmitted(origin(1), "b")
    world = world_of(begun, admitted, admitted)
    assert (list(world.nodes), world.node_named("b")) == ([1, 2], 2)
    left = NodeLeft(origin(1), 2)
    world = world_of(begun, admitted, NodeStarted(origin(1, 0, 2), RULES), left, admitted)
    assert (world.node_named("b"), list(world.members())) == (3, [1])
    assert world.next_epoch(3) == 1


def test_who_has_left_is_gone_and_does_not_begin_again(harness: Harness) -> None:
    harness.enter(NodeStarted(origin(1, 0, 2), RULES))
    far = far_client(harness)
    harness.connect("ann").send("JOIN #a")
    far.send("JOIN #a")
    far.take()
    harness.enter(NodeLeft(origin(1, 0, 2), 1))
    assert shown(far.take()) == ["QUIT Server 1 has left"]
    found = harness.enter(NodeStarted(origin(2), RULES))
    assert came_to_nothing(harness.entries[-1], found)
    assert harness.world.housekeeper == 2
    check(harness.world)


def test_who_drains_keeps_house_no_more_until_it_starts_again() -> None:
    begun = NodeStarted(origin(1), RULES), NodeStarted(origin(1, 0, 2), RULES)
    draining = NodeDraining(origin(1), 1)
    assert world_of(*begun, draining).housekeeper == 2
    assert world_of(*begun, draining, NodeDraining(origin(1), 1, False)).housekeeper == 1
    assert world_of(*begun, draining, NodeStarted(origin(2), RULES)).housekeeper == 1


def test_a_setting_is_the_same_for_all_until_it_is_each_nodes_own_again() -> None:
    begun = NodeStarted(origin(1), RULES)
    given = [SettingsSet(origin(1), "channels.keep_limit", value) for value in ("5", "6", "")]
    assert world_of(begun, *given[:2]).settings == {"channels.keep_limit": "6"}
    assert world_of(begun, *given).settings == {}


def test_what_is_forgotten_is_so_up_to_the_same_place_everywhere(harness: Harness) -> None:
    found = harness.enter(Forgotten(origin(1), "!audit", 5))
    assert found == [HistoryEnded("!audit", 5)]


def test_newer_rules_wait_for_members_that_are_down_and_not_for_who_has_left() -> None:
    world = world_of(NodeStarted(origin(1), RULES), NodeStarted(origin(1, 0, 2), RULES))
    world.nodes[2].is_up = False
    assert (unready(world, RULES), unready(world, RULES + 1)) == ([], [1, 2])
    world.nodes[2].has_left = True
    assert unready(world, RULES + 1) == [1]
    world.rules = AGREED - 1
    world.nodes[2].has_left = False
    assert unready(world, RULES + 1) == [1]


def test_a_program_that_knows_no_rules_so_old_does_not_begin() -> None:
    began = NodeStarted(origin(1), RULES)
    other = NodeStarted(origin(1, 0, 2), RULES + 2, least=RULES + 1)
    assert up(world_of(began, other)) == {1: (1, True)}


def test_rules_wait_for_those_who_do_not_know_them() -> None:
    old = NodeStarted(origin(1, 0, 2), FIRST_RULES)
    begun = (NodeStarted(origin(1)), NodeStarted(origin(2), RULES), old)
    raised = RulesRaised(origin(2), RULES)
    assert world_of(*begun, raised).rules == FIRST_RULES
    again = NodeStarted(origin(2, 0, 2), RULES)
    world = world_of(*begun, again, raised)
    assert world.rules == RULES
    apply(world, Entry(9, START, "m9", NodeStarted(origin(3, 0, 2), FIRST_RULES)))
    assert world.next_epoch(2) == 3, "who does not know the rules does not begin"


@pytest.mark.parametrize(
    "records",
    [
        [NodeStarted(origin(1), 99)],
        [NodeStarted(origin(1)), NodeStarted(origin(2), 99), RulesRaised(origin(2), 99)],
    ],
)
def test_rules_of_a_newer_program_are_not_guessed_at(records: list[AnyRecord]) -> None:
    with pytest.raises(RulesUnknown, match="it goes by rules 99"):
        world_of(*records)


def test_what_is_kept_for_how_long_is_what_was_said_last(harness: Harness) -> None:
    for days in (1, 2):
        harness.enter(RetentionSet(harness.console, 60, days))
    assert harness.world.kept_for == KeptFor(60, 2)


def test_patterns_that_spare_end_no_channel(harness: Harness) -> None:
    ann = harness.connect("ann")
    harness.enter(Kept(harness.console, ("#team", "#lobby"), 10))
    ann.send("JOIN #team")
    ann.send("PART #team")
    harness.enter(Kept(harness.console, ("#lobby",), 10, spares=True))
    assert (list(harness.world.spared()), harness.histories_ended) == (["#team"], [])
    harness.enter(Kept(harness.console, ("#lobby",), 10))
    assert (list(harness.world.spared()), harness.histories_ended) == ([], ["#team"])
    assert list(harness.world.channels) == ["#lobby"]
