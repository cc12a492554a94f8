"""Nodes cut off and healed at random while people talk: each was told what the history says.

One order, as in tests/node/test_one_order.py, but with the clock, the heartbeats and the table of
how a node stands: so with refusals, what is given back, and nodes that begin anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hubbub.core import snapshot
from hubbub.irc.message import Message
from hubbub.journal.port import LogRoute
from tests.node.node_harness import Guest
from tests.node.peers.stalling import CAPS, Servers, stage

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure

SECONDS = st.sampled_from([0.5, 1.5, 3.0, 6.0, 11.0, 16.0, 25.0])


class Talk(RuleBasedStateMachine):
    """Let people talk at three nodes, and remember what they were told of each thing they said."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.servers = Servers()
        self.guests: list[tuple[int, Guest]] = []
        self.said = self.came = 0
        self.told: dict[str, str] = {}
        self.seen: dict[Guest, list[str]] = {}

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        for _ in range(3):
            await self.servers.add()
        for number in range(3):
            await self.enter(number)

    async def enter(self, number: int) -> None:
        """Let somebody come to a node, if it takes people in."""
        member = self.servers.members[number]
        if member.node.hub.sessions.has_quorum:
            self.came += 1
            guest = Guest(member.node)
            self.guests.append((number, guest))
            nick = f"n{self.came}"
            guest.give(f"CAP REQ :{' '.join(CAPS)}", f"NICK {nick}", f"USER {nick} 0 * :x")
            guest.give("CAP END", "JOIN #room")
            await self.servers.flow()
        self.look()

    @rule(number=st.integers(0, 2), times=st.integers(1, 3))
    def say(self, number: int, times: int) -> None:
        """Let somebody at a node say something."""
        here = [guest for at, guest in self.guests if at == number and not guest.stream.ended]
        for guest in here[:1]:
            for _ in range(times):
                self.said += 1
                guest.give(f"@label={self.said} PRIVMSG #room :{self.said}")
        self.runner.run(self._flow())

    @rule(number=st.integers(0, 2))
    def come(self, number: int) -> None:
        self.runner.run(self.enter(number))

    @rule(numbers=st.sets(st.integers(0, 2), min_size=1), route=st.sampled_from(LogRoute))
    def cut(self, numbers: set[int], route: LogRoute) -> None:
        """Cut nodes off; what they know of it differs."""
        for number in numbers:
            member = self.servers.members[number]
            self.servers.cut_off.add(member)
            member.journal.route = route

    @rule(number=st.integers(0, 2), seconds=st.sampled_from([12.0, 25.0]))
    def halt(self, number: int, seconds: float) -> None:
        """Let the whole order stand still while somebody speaks."""
        self.cut({0, 1, 2}, LogRoute.NO_LEADER)
        self.say(number, 1)
        self.say(number, 2)
        self.wait(seconds)

    @rule(numbers=st.sets(st.integers(0, 2), min_size=1))
    def heal(self, numbers: set[int]) -> None:
        self.runner.run(self.servers.heal(*(self.servers.members[each] for each in numbers)))
        self.look()

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.runner.run(self.servers.passes(seconds))
        self.look()

    async def _flow(self) -> None:
        await self.servers.flow()
        self.look()

    def look(self) -> None:
        """Take down what people were shown, and what they were told of what they said."""
        for _, guest in self.guests:
            for message in guest.read():
                self._note(guest, message)

    def _note(self, guest: Guest, message: Message) -> None:
        label = message.tags.get("label", "")
        if message.command == "PRIVMSG":
            self.seen.setdefault(guest, []).append(message.params[1])
        if label and message.command in ("PRIVMSG", "FAIL"):
            assert label not in self.told, "what was told is not taken back"
            self.told[label] = message.command if message.command != "FAIL" else message.params[1]

    def teardown(self) -> None:
        """Heal everything: then all is known, and all nodes are one server."""
        try:
            if self.servers.members:
                self.runner.run(self._compare())
        finally:
            for member in self.servers.members:
                member.close()
            self.runner.close()

    async def _compare(self) -> None:
        members = self.servers.members
        for _ in range(3):
            await self.servers.heal(*members)
            await self.servers.passes(8)
        self.look()
        assert all(stage(member).is_ready for member in members)
        assert not any(member.node.broken for member in members)
        assert len({snapshot.encode(member.node.world) for member in members}) == 1
        texts = [e.body.text for e in members[0].journal.kept if e.body is not None]
        kept = Counter(texts)
        assert set(kept.values()) <= {1}, "nothing is there twice"
        for label, what in self.told.items():
            assert (what == "PRIVMSG") == (label in kept), f"{label} was {what}"
        for number in range(1, self.said + 1):
            assert str(number) in self.told or str(number) in kept, "nobody is left without a word"
        places = {text: place for place, text in enumerate(texts)}
        for seen in self.seen.values():
            found = [places.get(text, -1) for text in seen]
            assert -1 not in found, "nobody is shown what the history lacks"
            assert found == sorted(set(found)), "and all of it in its order, once"


TestTalk = Talk.TestCase
TestTalk.settings = settings(
    max_examples=15,
    stateful_step_count=14,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
