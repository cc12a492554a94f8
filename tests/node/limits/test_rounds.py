"""Many short commands hold the loop no longer than one long one: how many run in one turn of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hubbub.core.policy.policy import Policy
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.limits.bounds import Bounds
from hubbub.node.limits.rounds import QUANTUM_SECONDS, ROUND_SECONDS, CommandRounds
from tests.node.limits.test_slices import crowd, settled
from tests.node.node_harness import Node

BURST = 50
SPEAKERS = 20


class Time:
    """Stand still but where a command takes its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Loop:
    """Hold what is to be called at the next turn."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], None]] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        self.soon.append(call)

    def turn(self) -> None:
        calls, self.soon = self.soon, []
        for call in calls:
            call()


class Worker:
    """Have so many commands, each of which takes as long."""

    def __init__(
        self, name: str, count: int, rounds: CommandRounds, time: Time, log: list[str]
    ) -> None:
        self.name, self.left = name, count
        self._rounds, self._time, self._log = rounds, time, log

    def work(self) -> None:
        while self.left and self._rounds.has_turn(self):
            self.left -= 1
            self._time.now += QUANTUM_SECONDS
            self._log.append(self.name)


def test_all_go_on_alike_and_who_had_no_turn_yet_goes_first() -> None:
    loop, time = Loop(), Time()
    log: list[str] = []
    rounds = CommandRounds(loop.call_soon, time)
    for name in "ab":
        Worker(name, 12, rounds, time, log).work()
    assert log == ["a", "b"], "each has its turn, and who wants more waits"
    turns = 0
    while loop.soon:
        before, turns = len(log), turns + 1
        if turns == 2:
            time.now += ROUND_SECONDS
            Worker("c", 1, rounds, time, log).work()
            assert "c" not in log, "the time of this round is up"
        loop.turn()
        assert len(log) - before <= ROUND_SECONDS / QUANTUM_SECONDS + 1
        if turns == 2:
            assert log[before] == "c"
    assert log.count("a") == log.count("b") == 12
    assert log.count("c") == 1
    assert max(abs(log[:at].count("a") - log[:at].count("b")) for at in range(len(log))) <= 2


def test_who_comes_alone_goes_on_at_once() -> None:
    loop, time = Loop(), Time()
    log: list[str] = []
    rounds = CommandRounds(loop.call_soon, time)
    for name in "abc":
        Worker(name, 1, rounds, time, log).work()
    assert log == ["a", "b", "c"]
    loop.turn()
    assert not loop.soon, "nothing is called for where nobody waits"


async def test_bursts_of_many_connections_do_not_hold_the_loop_together() -> None:
    node = Node(Policy(flood=None, replay=0), Bounds(records=100_000))
    speakers = await crowd(node, SPEAKERS)
    time, count, most = Time(), 0, 0
    node.hub.sessions._rounds = CommandRounds(asyncio.get_running_loop().call_soon, time)
    execute = node.hub.sessions.execute

    def counted(connection: Connection, message: Message) -> None:
        nonlocal count
        count += 1
        time.now += ROUND_SECONDS / 5
        execute(connection, message)

    node.hub.sessions.execute = counted
    for speaker in speakers:
        speaker.give(*["@+typing=active TAGMSG #c"] * BURST)
    done = 0
    while done < BURST * SPEAKERS:
        most, done = max(most, count - done), count
        await asyncio.sleep(0)
        assert count > done or done == BURST * SPEAKERS, "somebody always goes on"
    assert most <= 10, "of all connections together so many as a round takes, and one"
    await settled(node)
