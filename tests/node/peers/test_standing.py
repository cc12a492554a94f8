"""The table of how a node stands: each step of it, and what holds whatever happens."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hubbub.journal.port import LogFacts, Route
from hubbub.node.peers.standing import (
    COUNTED_SECONDS,
    CUT_OFF_SECONDS,
    GIVE_BACK_SECONDS,
    NOT_READY_SECONDS,
    READ_ONLY_SECONDS,
    Fate,
    Stage,
    Standing,
)

STEP = 0.25


class Node:
    """Be looked at every quarter of a second."""

    def __init__(self) -> None:
        self.standing, self.now, self.number = Standing(), 0.0, 1
        self.stages: list[Stage] = []

    def waits(self, seconds: float, route: Route = Route.NO_LEADER) -> Stage:
        """Let a batch be out for so long."""
        until = self.now + seconds
        while self.now < until:
            self.look(LogFacts(self.number, route))
            self.now += STEP
        return self.look(LogFacts(self.number, route))

    def heard(self, next_is_out: bool = False) -> Stage:
        """Let the batch be heard."""
        self.number += 1
        return self.look(LogFacts(self.number) if next_is_out else LogFacts())

    def look(self, facts: LogFacts, fate: Fate = Fate.LIVES) -> Stage:
        """Look, and remember each other stage."""
        stage = self.standing.look(facts, fate, self.now)
        if self.stages[-1:] != [stage]:
            self.stages.append(stage)
        return stage


def test_a_stall_goes_through_every_stage_and_none_is_left_out() -> None:
    node = Node()
    assert node.look(LogFacts()) is Stage.IN_ORDER
    node.waits(30)
    assert node.stages == [
        Stage.IN_ORDER,
        Stage.WAITING,
        Stage.NOT_READY,
        Stage.READ_ONLY,
        Stage.GIVEN_BACK,
    ]


@pytest.mark.parametrize(
    ("route", "seconds", "stage"),
    [
        (Route.LEADER, NOT_READY_SECONDS - STEP, Stage.WAITING),
        (Route.LEADER, NOT_READY_SECONDS, Stage.NOT_READY),
        (Route.LEADER, READ_ONLY_SECONDS - STEP, Stage.NOT_READY),
        (Route.LEADER, READ_ONLY_SECONDS, Stage.READ_ONLY),
        (Route.NO_LEADER, CUT_OFF_SECONDS, Stage.NOT_READY),
        (Route.NO_LEADER, READ_ONLY_SECONDS, Stage.READ_ONLY),
        (Route.CUT_OFF, CUT_OFF_SECONDS - STEP, Stage.NOT_READY),
        (Route.CUT_OFF, CUT_OFF_SECONDS, Stage.READ_ONLY),
        (Route.CUT_OFF, GIVE_BACK_SECONDS - STEP, Stage.READ_ONLY),
        (Route.CUT_OFF, GIVE_BACK_SECONDS, Stage.GIVEN_BACK),
    ],
)
def test_where_each_stage_begins(route: Route, seconds: float, stage: Stage) -> None:
    assert Node().waits(seconds, route) is stage


@pytest.mark.parametrize("seconds", [1.0, 3.0, 12.0, 25.0])
def test_whatever_the_stage_what_is_heard_ends_the_stall(seconds: float) -> None:
    node = Node()
    node.waits(seconds)
    assert node.heard() is Stage.IN_ORDER
    node.waits(seconds)
    assert node.heard(next_is_out=True) is Stage.WAITING, "the next one has not waited yet"


def test_a_route_that_comes_back_does_not_take_back_what_was_said() -> None:
    node = Node()
    assert node.waits(6, Route.CUT_OFF) is Stage.READ_ONLY
    assert node.waits(1, Route.LEADER) is Stage.READ_ONLY, "it was not heard yet"


def test_who_was_stopped_has_not_waited() -> None:
    node = Node()
    node.waits(1)
    node.now += 3_600
    assert node.look(LogFacts(node.number)) is Stage.NOT_READY
    assert node.standing.waited <= 1 + COUNTED_SECONDS + STEP


@pytest.mark.parametrize("before", [0.0, 1.0, 3.0, 12.0, 25.0])
def test_who_was_given_up_is_lost_from_any_stage_and_begins_anew(before: float) -> None:
    node = Node()
    node.waits(before)
    assert node.look(LogFacts(node.number), Fate.LOST) is Stage.LOST
    assert node.look(LogFacts(node.number), Fate.LOST) is Stage.LOST
    assert node.look(LogFacts(), Fate.LIVES) is Stage.IN_ORDER


@pytest.mark.parametrize("before", [0.0, 3.0, 12.0])
def test_who_was_replaced_is_so_for_good(before: float) -> None:
    node = Node()
    node.waits(before)
    assert node.look(LogFacts(node.number), Fate.REPLACED) is Stage.REPLACED
    assert node.look(LogFacts(), Fate.LIVES) is Stage.REPLACED


def test_lost_may_turn_out_to_be_replaced() -> None:
    node = Node()
    node.look(LogFacts(1), Fate.LOST)
    assert node.look(LogFacts(1), Fate.REPLACED) is Stage.REPLACED


def test_what_each_stage_means() -> None:
    ready = [stage for stage in Stage if stage.is_ready]
    writes = [stage for stage in Stage if not stage.is_read_only]
    assert ready == [Stage.IN_ORDER, Stage.WAITING]
    assert writes == [Stage.IN_ORDER, Stage.WAITING, Stage.NOT_READY]
    assert [stage for stage in Stage if stage.is_over] == [Stage.LOST, Stage.REPLACED]


class Table(RuleBasedStateMachine):
    """Let anything happen to a node, and compare with what can be said without the table."""

    def __init__(self) -> None:
        super().__init__()
        self.node = Node()
        self.fate = Fate.LIVES
        self.out: float | None = None
        self.was = Stage.IN_ORDER
        self.is_same = False
        self.replaced = False
        self.look(LogFacts())

    def look(self, facts: LogFacts) -> None:
        self.was = self.node.standing.stage
        self.facts = facts
        self.node.look(facts, self.fate)
        self.replaced |= self.fate is Fate.REPLACED

    @rule(seconds=st.floats(0, 30), route=st.sampled_from(Route))
    def wait(self, seconds: float, route: Route) -> None:
        """Let time pass, looked at or not."""
        is_same = self.out is not None
        if self.out is None:
            self.out = self.node.now
            self.node.number += 1
        self.node.now += seconds
        self.is_same = is_same
        self.look(LogFacts(self.node.number, route))

    @rule()
    def hear(self) -> None:
        self.out, self.is_same = None, False
        self.look(LogFacts())

    @rule(fate=st.sampled_from(Fate))
    def turn(self, fate: Fate) -> None:
        self.fate = fate
        self.look(self.facts)

    @invariant()
    def holds(self) -> None:
        stage, waited = self.node.standing.stage, self.node.standing.waited
        if self.replaced:
            assert stage is Stage.REPLACED
        elif self.fate is Fate.LOST:
            assert stage is Stage.LOST
        elif self.out is None:
            assert stage is Stage.IN_ORDER
        else:
            assert waited <= self.node.now - self.out, "nobody waits longer than time goes"
            assert stage.is_ready <= (waited < NOT_READY_SECONDS)
            assert not stage.is_read_only or waited >= CUT_OFF_SECONDS
            assert (stage is Stage.GIVEN_BACK) == (waited >= GIVE_BACK_SECONDS)
            if self.is_same and not self.was.is_over:
                assert stage >= self.was, "a stall only gets worse until something is heard"


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=60, stateful_step_count=30)
