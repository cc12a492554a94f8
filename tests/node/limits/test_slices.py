"""Nothing holds the loop for long: how much is done in one turn, counted, not timed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from hubbub.core import snapshot
from hubbub.core.access import channels
from hubbub.core.apply import apply
from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin
from hubbub.core.world.world import World
from hubbub.irc import capabilities
from hubbub.irc.message import parse
from hubbub.node import clock as clock_module
from hubbub.node import departures
from hubbub.node import sessions as sessions_module
from hubbub.node.clock import Clock as SessionClock
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.slices import SLICE_SECONDS, Slices
from hubbub.node.roster import FLUSHED_AT_ONCE
from hubbub.node.sending.segments import LONG_ANSWER_BYTES
from tests.node.node_harness import Guest, Node, commands

MANY = 200
STEPS = 5
"""How many steps fit a slice."""
POLICY = Policy(flood=None, replay=0, channels_per_user=2000)
BOUNDS = Bounds(records=100_000)


class Clock:
    """Let so many steps fit a slice, however fast the machine is."""

    def __init__(self, steps: int = STEPS) -> None:
        self._step = SLICE_SECONDS / steps
        self._now = 0.0

    def __call__(self) -> float:
        self._now += self._step
        return self._now


class Turns:
    """Measure how much a count grows in one turn of the loop, at most."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self._before = count()
        self.most = 0
        self.over = False
        self._look()

    def _look(self) -> None:
        now = self._count()
        self.most = max(self.most, now - self._before)
        self._before = now
        if not self.over:
            asyncio.get_running_loop().call_soon(self._look)


def sliced(steps: int = STEPS) -> Node:
    """Return a node whose slices are counted."""
    node = Node(POLICY, BOUNDS)
    for slices in (
        node.hub.sessions.applying,
        node.hub.sessions._writing,
        node.hub.sessions.departures._slices,
    ):
        slices._clock = Clock(steps)
    return node


async def settled(node: Node) -> None:
    """Wait until all is applied and written."""
    sessions = node.hub.sessions
    await node.quiet()
    while (
        sessions.departures.are_there
        or sessions.backlog.on_their_way
        or sessions.applying.is_busy
        or sessions.roster.dirty_boxes
        or sessions._writing.is_busy
    ):
        await node.quiet()


async def crowd(node: Node, count: int = MANY) -> list[Guest]:
    """Return so many members of #c, who have read all."""
    guests = [Guest(node) for _ in range(count)]
    for number, guest in enumerate(guests):
        guest.give(f"NICK n{number}", f"USER n{number} 0 * :n", "JOIN #c")
    await settled(node)
    for guest in guests:
        guest.stream.sent.clear()
    return guests


def writes(guests: list[Guest]) -> int:
    return sum(len(guest.stream.sent) for guest in guests)


# The mechanism


def test_what_fits_a_slice_is_done_at_once_and_the_rest_in_order() -> None:
    turns: list[Callable[[], None]] = []
    done: list[str] = []

    def work(name: str, steps: int) -> Iterator[None]:
        for number in range(steps):
            done.append(f"{name}{number}")
            yield

    slices = Slices(turns.append, Clock())
    slices.do(work("a", STEPS - 1))
    assert done == ["a0", "a1", "a2", "a3"]
    assert not slices.is_busy
    slices.do(work("b", STEPS + 1))
    slices.do(work("c", 2))
    assert done[4:] == ["b0", "b1", "b2", "b3", "b4"]
    assert slices.is_busy
    (turn,) = turns
    turn()
    assert done[9:] == ["b5", "c0", "c1"]
    assert not slices.is_busy
    assert len(turns) == 1


# Through the hub


@pytest.mark.parametrize("line", ["PRIVMSG #c :hello", "NICK other", "JOIN #c", "TOPIC #c :x"])
async def test_what_all_are_told_is_written_to_a_few_in_each_turn(line: str) -> None:
    node = sliced()
    guests = await crowd(node)
    late = await node.guest("late")
    turns = Turns(lambda: writes(guests))
    (late if line.startswith("JOIN") else guests[0]).give(line)
    await settled(node)
    assert writes(guests) >= MANY - 1
    assert turns.most <= (STEPS + 1) * FLUSHED_AT_ONCE


@pytest.mark.pure
async def test_of_many_who_go_at_once_those_who_stay_are_told_in_few_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for waits in ("GATHER_SECONDS", "COMMIT_SECONDS"):
        monkeypatch.setattr(sessions_module, waits, 3600)
    node = sliced()
    guests = await crowd(node)
    gone, staying = guests[::2], guests[1::2]
    applied = Turns(lambda: node.world.applied)
    for guest in gone:
        guest.stream.ended = True
        guest.connection.closed(None)
    await settled(node)
    assert len(node.world.users) == len(staying)
    assert max(len(guest.stream.sent) for guest in staying) <= 3
    assert [commands(guest.read()) for guest in staying] == [["QUIT"] * len(gone)] * len(staying)
    assert applied.most <= STEPS + 1


async def test_of_many_who_go_at_once_few_stand_before_what_others_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is said goes to the journal behind a part of them, however many they are."""
    monkeypatch.setattr(departures, "ENDS_AT_ONCE", STEPS)
    node = sliced()
    guests = await crowd(node)
    asked = Turns(lambda: node.hub.sessions.asked_for)
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, node.hub.sessions.backlog.on_their_way)
        if not asked.over:
            asyncio.get_running_loop().call_soon(look)

    look()
    for guest in guests[1:]:
        guest.stream.ended = True
        guest.connection.closed(None)
    await settled(node)
    asked.over = True
    assert len(node.world.users) == 1
    assert 0 < most <= 2 * STEPS


async def test_who_is_gone_is_told_nothing_of_the_others_who_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = sliced()
    guests = await crowd(node)
    written: list[bytes] = []

    def dead(data: bytes) -> bool:
        written.append(data)
        return False

    for guest in guests[1:]:
        monkeypatch.setattr(guest.stream, "send", dead)
        guest.stream.ended = True
        guest.connection.closed(None)
    await settled(node)
    assert written == []
    assert commands(guests[0].read()) == ["QUIT"] * (MANY - 1)


async def test_an_answer_does_not_wait_until_all_are_told_something() -> None:
    node = sliced(steps=1)
    guests = await crowd(node)
    other = await node.guest("other")
    told_before: list[int] = []

    def answered() -> int:
        if other.stream.sent and not told_before:
            told_before.append(writes(guests))
        elif writes(guests) and not asked:
            asked.append(True)
            other.give("PING x")
        return 0

    asked: list[bool] = []
    watched = Turns(answered)
    guests[0].give("PRIVMSG #c :hello")
    await settled(node)
    watched.over = True
    assert 0 < told_before[0] < MANY // 2
    assert writes(guests) == MANY - 1


async def test_a_list_is_made_a_page_at_a_time() -> None:
    node = sliced(steps=1)
    ann = await node.guest("ann", "batch", "labeled-response", "message-tags")
    names = [f"#{number:0>30}" for number in range(1500)]
    for at in range(0, len(names), 10):
        await ann.ask(f"JOIN {','.join(names[at : at + 10])}")
    for line in ("LIST", "WHO *", "@label=x LIST", "LIST #*,!#none"):
        turns = Turns(lambda: sum(map(len, ann.stream.sent)))
        answers = await ann.ask(line)
        turns.over = True
        assert len(answers) > 1500 or line.startswith("WHO")
        assert turns.most <= 2 * (LONG_ANSWER_BYTES + 200), line


async def test_of_many_long_answers_one_page_is_made_in_a_step() -> None:
    node = sliced(steps=1)
    guests = [await node.guest(f"ann{number}") for number in range(10)]
    made = 0

    def answer() -> Iterator[bytes]:
        nonlocal made
        for _ in range(200):
            made += 1
            yield b"x" * 998 + b"\r\n"

    for guest in guests:
        guest.connection.outbox.produce(answer())
    turns = Turns(lambda: made)
    node.hub.sessions.flush_soon()
    await settled(node)
    assert made == 200 * len(guests)
    turns.over = True
    # The step that ends a slice comes on top of it.
    assert turns.most <= 2 * (LONG_ANSWER_BYTES // 1000 + 1)


@pytest.mark.parametrize("line", ["WHO *!zz", "WHO #c zz", "LIST zz", "LIST >100000"])
async def test_an_operator_who_looks_at_all_holds_up_nobody_either(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a privilege lets one see is found out as the answer is made, not before it."""
    node = sliced(steps=1)
    guests = await crowd(node)
    owner = await node.guest("owner")
    user = owner.connection.session.user
    assert user is not None
    user.modes, user.operator, user.operator_class = frozenset("o"), "owner", "owner"
    for guest in guests:
        guest.give(f"JOIN #of-{guest.connection.session.nick}", "MODE #c +s")
    await settled(node)
    looked = 0
    for name in ("sees_user", "sees_channel"):
        kept = getattr(channels, name)

        def counted(*given: object, kept: Callable[..., bool] = kept) -> bool:
            nonlocal looked
            looked += 1
            return kept(*given)

        monkeypatch.setattr(channels, name, counted)
    node.hub.execute(owner.connection, parse(line.encode()))
    assert looked <= 2, "nothing has been looked at before the answer is made"
    await settled(node)
    assert looked >= MANY - 1


async def test_accounts_are_listed_as_the_list_is_taken() -> None:
    node = sliced(steps=1)

    def made(number: int) -> Callable[[Origin], AccountRegistered]:
        return lambda origin: AccountRegistered(origin, f"acc{number:05}")

    for number in range(1500):
        node.hub.sessions.append(made(number))
    await settled(node)
    owner = await node.guest("owner")
    user = owner.connection.session.user
    assert user is not None
    user.modes, user.operator, user.operator_class = frozenset("o"), "owner", "owner"
    await settled(node)
    turns = Turns(lambda: sum(map(len, owner.stream.sent)))
    for line, found in (("ACCOUNT LIST", 1500), ("ACCOUNT LIST acc0*0", 150)):
        node.hub.execute(owner.connection, parse(line.encode()))
        assert sum(map(len, owner.connection.outbox.parts)) < 1000
        await settled(node)
        answers = owner.read()
        assert len(answers) == found + 1
        assert answers[-1].params == ("END", "End of list")
    turns.over = True
    assert turns.most <= 2 * (LONG_ANSWER_BYTES + 200)
    assert (await owner.ask(f"ACCOUNT LIST {'*a' * 20}"))[0].command == "FAIL"


async def test_all_connections_are_looked_at_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    node = sliced()
    await crowd(node)
    clock = clock_module.Clock(node.hub.sessions, lambda: iter(()), lambda: None)
    clock._looking._clock = Clock()
    looked = 0

    def look_at(*_: object) -> None:
        nonlocal looked
        looked += 1

    monkeypatch.setattr(clock, "_look_at", look_at)
    turns = Turns(lambda: looked)
    clock._running = True
    clock._tick()
    await node.quiet()
    assert looked == MANY
    turns.over = True
    clock.stop()
    assert turns.most <= STEPS + 1


async def test_what_is_over_is_looked_for_in_slices() -> None:
    """Anybody may make channels, and fill their lists with masks, one of which will end."""
    node = sliced()
    guests = await crowd(node, 20)
    for number, guest in enumerate(guests):
        guest.give(f"JOIN #own{number}", f"TBAN #own{number} 1h x!*@*")
    await settled(node)
    steps = node.hub.take_away_expired()
    assert len(list(steps)) >= len(guests), "there is a rest after each of the channels"


async def test_who_is_put_out_is_not_made_the_rest_of_a_long_answer() -> None:
    node = sliced(steps=1)
    guests = [await node.guest(f"ann{number}") for number in range(10)]
    made = 0

    def answer() -> Iterator[bytes]:
        nonlocal made
        for _ in range(2000):
            made += 1
            yield b"x" * 998 + b"\r\n"

    for guest in guests:
        guest.connection.outbox.produce(answer())
    for guest in guests:
        node.hub.sessions.close(guest.connection, "Killed")
    await settled(node)
    assert made == 0
    for guest in guests:
        assert guest.stream.over.is_set()


async def test_of_a_channel_that_is_renamed_a_few_are_told_in_each_turn() -> None:
    node = sliced()
    guests = await crowd(node, 60)
    told = Turns(lambda: sum(bool(g.connection.outbox.parts) for g in guests) + writes(guests))
    guests[0].give("RENAME #c #d")
    await settled(node)
    assert all("JOIN" in commands(guest.read()) for guest in guests)
    assert told.most <= (STEPS + 1) * FLUSHED_AT_ONCE


async def test_of_those_who_are_silent_a_few_are_asked_in_each_turn() -> None:
    """Thousands who came at one moment and say nothing are due at one moment, again and again."""
    node = sliced()
    guests = await crowd(node)
    sessions = node.hub.sessions
    clock = SessionClock(sessions, lambda: iter(()), lambda: None)
    clock._looking._clock = Clock()
    for guest in guests:
        guest.connection.heard -= 2 * BOUNDS.idle_seconds
    asked = Turns(lambda: sum(bool(guest.connection.pinged) for guest in guests))
    clock._running = True
    clock._tick()
    await settled(node)
    clock.stop()
    assert [commands(guest.read()) for guest in guests] == [["PING"]] * MANY
    assert asked.most <= STEPS + 1


async def test_of_those_who_are_told_of_other_settings_a_few_are_in_each_turn() -> None:
    node = sliced()
    guests = await crowd(node)
    for guest in guests:
        guest.connection.session.caps |= capabilities.CAP_NOTIFY
    sessions = node.hub.sessions
    sessions._adopting._clock = Clock()
    told = Turns(lambda: sum(bool(g.connection.outbox.parts) for g in guests) + writes(guests))
    sessions.adopt(replace(POLICY, scram=not POLICY.scram), BOUNDS)
    await settled(node)
    assert [commands(guest.read()) for guest in guests] == [["CAP"]] * MANY
    assert told.most <= (STEPS + 1) * FLUSHED_AT_ONCE


async def test_what_comes_back_late_is_waited_for() -> None:
    node = sliced()
    guests = await crowd(node)
    ann, bob = guests[:2]
    for guest in guests[2:]:
        guest.give("PART #c")
    # A PING settles: it is answered when all that was asked for before is applied.
    answers = await ann.ask("PING x")
    await settled(node)
    answers += ann.read()
    assert commands(answers)[-1] == "PONG"
    assert commands(answers).count("PART") == MANY - 2
    assert node.hub.sessions.asked_for == node.hub.sessions.backlog._returned
    assert len(node.world.channels["#c"].members) == len({ann, bob})


async def test_a_large_world_is_stored_in_steps_between_which_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "ENCODED_AT_ONCE", 1)
    node = sliced()
    guests = await crowd(node)
    node.hub.store_snapshot()
    assert node.journal.snapshots == []
    guests[0].give("PART #c")
    for guest in guests[1:]:
        guest.give("TOPIC #c :x", "AWAY :y")
    applied = node.world.applied
    await settled(node)
    ((seq, data),) = node.journal.snapshots
    assert seq == applied < node.world.applied
    replayed = World()
    for entry in node.journal.kept[:seq]:
        apply(replayed, entry)
    assert snapshot.encode(replayed) == data


async def test_a_stop_stores_the_last_of_all() -> None:
    node = sliced(steps=1)
    guests = await crowd(node)
    node.hub.store_snapshot()
    guests[0].give("TOPIC #c :x")
    await node.hub.stop(1.0)
    await node.quiet()
    assert node.journal.snapshots[-1] == (node.world.applied, snapshot.encode(node.world))


def test_what_fails_keeps_nothing_from_its_turn() -> None:
    """A server whose queue stood still would accept everything and tell nobody."""
    turns: list[Callable[[], None]] = []
    slices, done = Slices(turns.append, Clock(1)), []

    def failing() -> Iterator[None]:
        yield
        raise ValueError("a fault of ours")

    def working() -> Iterator[None]:
        done.append(True)
        yield

    slices.do(failing())
    slices.do(working())
    with pytest.raises(ValueError, match="ours"):
        turns.pop()()
    while turns:
        turns.pop()()
    assert done == [True]
    assert not slices.is_busy
    with pytest.raises(ValueError, match="ours"):
        Slices(turns.append, Clock()).do(failing())
