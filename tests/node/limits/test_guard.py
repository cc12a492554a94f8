"""What holds the loop is counted, told with its name, charged, and shown in STATUS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from hubbub.core.access import channels
from hubbub.core.outcomes import Deliver
from hubbub.core.policy.policy import Policy
from hubbub.core.world.state import User
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.limits import guard
from hubbub.node.limits.guard import LONG_SECONDS, MOST_CHARGED, Guard
from hubbub.node.limits.slices import Slices
from tests.node.node_harness import Node, commands


class Clock:
    """Show the time that it is given."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Peer:
    """Be charged."""

    address = "192.0.2.1"

    def __init__(self) -> None:
        self.cost = 0.0

    def charge(self, cost: float) -> None:
        self.cost += cost


def test_what_is_short_is_not_counted() -> None:
    clock = Clock()
    watching, peer = Guard(clock), Peer()
    begun = clock()
    clock.now += LONG_SECONDS * 0.99
    watching.since(begun, "WHO", peer)
    assert (watching.count, peer.cost, watching.status()) == (0, 0.0, {})


def test_what_is_long_is_charged_by_how_long_it_was_within_a_bound() -> None:
    watching, peer = Guard(Clock()), Peer()
    watching.held("WHO", 5 * LONG_SECONDS, peer)
    assert peer.cost == pytest.approx(5)
    watching.held("WHO", 1e6, peer)
    assert peer.cost == pytest.approx(5 + MOST_CHARGED)


def test_the_log_is_told_with_the_name_and_not_too_often() -> None:
    clock = Clock()
    watching, peer = Guard(clock), Peer()
    with capture_logs() as logs:
        for _ in range(5):
            watching.held("WHO", 0.05, peer)
        clock.now += guard.LOG_SECONDS
        watching.held("LIST", 0.03)
    told = [(one["what"], one["address"], one["more"]) for one in logs]
    assert told == [("WHO", "192.0.2.1", 0), ("LIST", "", 4)]
    text = watching.status()["held"]
    assert "6 times" in text
    assert "0.05 s by WHO" in text


def test_a_step_of_long_work_is_watched() -> None:
    clock = Clock()
    watching = Guard(clock)

    def steps() -> Iterator[None]:
        yield
        clock.now += 2 * LONG_SECONDS
        yield

    slices = Slices(
        lambda call: call(), clock, lambda what, seconds: watching.held(str(what), seconds)
    )
    slices.do(steps())
    assert watching.count == 1
    assert "steps" in watching.status()["held"]


def test_an_entry_that_holds_the_loop_is_counted_once_and_paid_for_by_who_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        node = Node(Policy(flood=(10, 1.0)))
        ann, clock = await node.guest("ann"), Clock()
        await ann.ask("JOIN #room")
        sessions = node.hub.sessions
        sessions.guard.clock = sessions.applying._clock = clock
        paid: list[tuple[Connection, float]] = []
        monkeypatch.setattr(Connection, "charge", lambda self, cost: paid.append((self, cost)))
        table = node.hub._returns._outcomes
        deliver = table[Deliver]

        def slow(outcome: Deliver) -> None:
            clock.now += 3 * LONG_SECONDS
            deliver(outcome)

        table[Deliver] = slow
        await ann.ask("PRIVMSG #room :hello")
        assert [who for who, _ in paid] == [ann.connection]
        assert [cost for _, cost in paid] == [pytest.approx(3)]
        assert sessions.guard.count == 1
        assert "by Said" in sessions.troubles.shown()["held"]

    asyncio.run(test())


@pytest.mark.pure
def test_a_command_that_holds_the_loop_is_seen_in_status_and_paid_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        node = Node(Policy(flood=(10, 1.0)))
        clock = Clock()
        node.hub.sessions.guard.clock = clock
        ann = await node.guest("ann")
        paid: list[float] = []
        monkeypatch.setattr(Connection, "charge", lambda self, cost: paid.append(cost))
        execute = node.hub._execute

        def slow(connection: Connection, message: Message) -> None:
            clock.now += 10 * LONG_SECONDS
            execute(connection, message)

        node.hub._execute = slow  # type: ignore[method-assign]
        assert "265" in commands(await ann.ask("LUSERS"))
        assert paid == [pytest.approx(10)]
        assert "by LUSERS" in node.hub.sessions.troubles.shown()["held"]
        assert "held" not in node.hub.sessions.troubles.now()

    asyncio.run(test())


@pytest.mark.pure
def test_a_long_answer_is_paid_for_though_none_of_its_steps_is_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        node = Node(Policy(flood=(10, 1.0)))
        clock = Clock()
        ann = await node.guest("ann")
        for number in range(50):
            await node.guest(f"n{number}")
        node.hub.sessions.guard.clock = clock
        before = node.hub.sessions.guard.count
        paid: list[float] = []
        monkeypatch.setattr(Connection, "charge", lambda self, cost: paid.append(cost))
        sees_user = channels.sees_user

        def slow(user: User, viewer: User) -> bool:
            clock.now += LONG_SECONDS / 5
            return sees_user(user, viewer)

        monkeypatch.setattr(channels, "sees_user", slow)
        assert len(await ann.ask("WHO *")) == 52
        assert sum(paid) == pytest.approx(10, abs=1)
        assert node.hub.sessions.guard.count == before

    asyncio.run(test())
