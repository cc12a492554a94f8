"""Two or three nodes on one log, whatever becomes of its batches: one server.

The log is scripted: batches come late, twice, or never, stamps leap and step back, nodes hear at
different times and hear again, and die with batches on their way, which may come when the node has
begun anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.base import Origin
from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.nodes import NodeAdmitted, NodeDraining, RulesRaised, SettingsSet
from hubbub.core.rules import RULES
from hubbub.core.world.world import World
from hubbub.irc.message import Message
from hubbub.journal.agreement import Accord
from hubbub.journal.codec import decode_state, encode_state
from hubbub.journal.log import Ordered
from hubbub.journal.names import histories_of
from hubbub.journal.sequencer import GAP_SECONDS, LOST_SECONDS, OrderState, Sequencer
from tests.core.invariants import check
from tests.node.fake_log import KEY, FakeLog, Member
from tests.node.node_harness import Guest

NICKS = ("ann", "bob", "cat")
CHANNELS = ("#a", "#b")
LEAPS = (0, 0, 0, 1, 900, 1_000_000, 2_000_000, -3_600_000_000, 3_600_000_000)
LINES = ("JOIN #a", "JOIN #b", "PART #b", "TOPIC #a :x", "NICK dan", "NICK eve", "QUIT")
CAPS = "CAP REQ :batch echo-message labeled-response message-tags server-time"
ROUNDS = 50


class Cluster(RuleBasedStateMachine):
    """Let people talk on nodes whose log does what a log may do."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.log = FakeLog()
        self.members: list[Member] = []
        self.chance = Random(0)
        self.said = 0
        self.shown: list[list[str]] = []
        self.echoed: set[str] = set()
        self.failed: set[str] = set()

    @initialize(count=st.integers(2, 3))
    def begin(self, count: int) -> None:
        """Let nodes begin, one after the other, and people come to them."""
        for number in range(1, count + 1):
            self.runner.run(self.add(number))
        for member in self.members:
            for nick in (f"n{member.number}", f"m{member.number}"):
                self.enter(member, nick)
        self.runner.run(self.flush())

    async def add(self, number: int) -> None:
        self.members.append(Member(self.log, number))
        await self.flush()

    def run(self, member: Member, steps: Awaitable[None]) -> None:
        """Run steps at a node, then all that follows from them; see what people were shown."""
        self.runner.run(self._run(member, steps))

    async def _run(self, member: Member, steps: Awaitable[None]) -> None:
        await steps
        await member.node.quiet()
        for guest in member.guests:
            self.look(guest)

    def look(self, guest: Guest) -> None:
        shown: list[str] = getattr(guest, "shown", [])
        guest.shown = shown  # type: ignore[attr-defined]
        for message in guest.read():
            if message.command == "FAIL" and message.params[1] == "NOT_KEPT":
                self.failed.add(message.tags.get("label") or "")
            if is_said(message):
                shown.append(message.params[1])
                if message.source is not None and message.source.startswith(guest_nick(guest)):
                    self.echoed.add(message.params[1])
        if shown and shown not in self.shown:
            self.shown.append(shown)

    # What may happen

    @rule(seed=st.integers(0, 1 << 30), steps=st.integers(40, 120))
    def live(self, seed: int, steps: int) -> None:
        """Let things happen: mostly that people talk, and that some of it is heard."""
        self.chance = Random(seed)
        for _ in range(steps):
            (happens,) = self.chance.choices(*zip(*self.happenings, strict=True))
            member = self.chance.choice(self.members)
            self.run(member, happens(member))

    @property
    def happenings(self) -> list[tuple[Callable[[Member], Awaitable[None]], int]]:
        """Return what may happen to a node, and how often it does."""
        return [
            (self.say, 20),
            (self.act, 6),
            (self.come, 3),
            (self.vanish, 2),
            (self.place, 20),
            (self.hear, 20),
            (self.hear_again, 3),
            (self.lose, 2),
            (self.send_again, 3),
            (self.store, 3),
            (self.kill, 1),
            (self.stop, 1),
            (self.beat, 3),
            (self.leave_out, 1),
            (self.keep_house, 3),
            (self.settle, 1),
            (self.drain, 1),
        ]

    async def say(self, member: Member) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.said += 1
            where = self.chance.choice(CHANNELS)
            self.give(member, f"@label={self.said} PRIVMSG {where} :{self.said}")

    async def act(self, member: Member) -> None:
        self.give(member, self.chance.choice(LINES))

    def give(self, member: Member, line: str) -> None:
        """Let somebody at a node send a line."""
        here = [guest for guest in member.guests if not guest.stream.ended]
        if here:
            self.chance.choice(here).give(line)

    async def come(self, member: Member) -> None:
        self.enter(member, self.chance.choice(NICKS))

    def enter(self, member: Member, nick: str) -> None:
        if member.is_up:
            guest = Guest(member.node)
            member.guests.append(guest)
            guest.give(CAPS, f"NICK {nick}", f"USER {nick} 0 * :x", "CAP END", "JOIN #a,#b")

    async def vanish(self, member: Member) -> None:
        here = [guest for guest in member.guests if not guest.stream.ended]
        if here:
            await self.chance.choice(here).drop()

    async def place(self, _member: Member) -> None:
        appended = self.log.appended
        for _ in range(self.chance.randint(1, 3)):
            if appended:
                leap, gap = self.chance.choice(LEAPS), self.chance.choice((0, 0, 2))
                again = self.chance.random() < 0.2
                self.log.place(self.chance.randrange(len(appended)), leap, gap, again)

    async def lose(self, _member: Member) -> None:
        if self.log.appended:
            self.log.appended.pop(self.chance.randrange(len(self.log.appended)))

    async def send_again(self, member: Member) -> None:
        member.journal.send_again()

    async def hear(self, member: Member) -> None:
        member.deliver(self.chance.randint(1, 4))

    async def hear_again(self, member: Member) -> None:
        member.deliver_again(self.chance.randint(1, 3))

    async def store(self, member: Member) -> None:
        member.store()

    async def kill(self, member: Member) -> None:
        member.kill()

    async def stop(self, member: Member) -> None:
        member.stop()

    async def keep_house(self, member: Member) -> None:
        """Let time pass at a node: one of them asks for what holds for all."""
        if member.is_up:
            for _ in member.node.hub.take_away_expired():
                pass

    async def settle(self, member: Member) -> None:
        """Let an operator settle something for all nodes."""
        self.ask(member, partial(SettingsSet, name="network", value=f'"{self.said}"'))

    async def drain(self, member: Member) -> None:
        """Let a node be about to stop, or not, and the rules be asked for that it knows."""
        draining = self.chance.random() < 0.5
        self.ask(member, partial(NodeDraining, node=member.number, is_draining=draining))
        self.ask(member, partial(RulesRaised, rules=RULES))
        self.ask(member, partial(NodeAdmitted, name=f"node {self.chance.randint(1, 9)}"))

    def ask(self, member: Member, make: Callable[[Origin], AnyRecord]) -> None:
        if member.is_up:
            member.node.hub.sessions.append(make)

    async def beat(self, member: Member) -> None:
        member.beat()

    async def leave_out(self, member: Member) -> None:
        """Let the others go on for so long that a node is lost, which may not hear of it yet."""
        others = [one for one in self.members if one is not member]
        for _ in range(LOST_SECONDS // GAP_SECONDS + 1):
            other = self.chance.choice(others)
            other.beat()
            batch = other.journal.unheard.in_flight
            if batch is not None:
                self.log.appended.append(batch)
                self.log.place(len(self.log.appended) - 1, GAP_SECONDS * 1_000_000)
            other.deliver(len(self.log.order))

    async def flush(self) -> None:
        """Let everything be heard by everybody, what was lost sent again."""
        for _ in range(ROUNDS):
            for member in self.members:
                in_flight = member.journal.unheard.in_flight
                if in_flight is not None and in_flight not in self.log.appended:
                    member.journal.send_again()
            while self.log.appended:
                self.log.place(0)
            for member in self.members:
                member.deliver(len(self.log.order))
                await member.node.quiet()
            if not any(member.journal.waiting for member in self.members) and self.log_is_heard():
                return
        raise AssertionError("it comes to no end")

    def log_is_heard(self) -> bool:
        return not self.log.appended and not any(
            self.log.after(member.position) for member in self.members
        )

    def teardown(self) -> None:
        """See that all are one server in the end."""
        try:
            if self.members:
                self.runner.run(self.flush())
                self._compare()
        finally:
            for member in self.members:
                member.close()
            self.runner.close()

    def _compare(self) -> None:
        entries, state = history_of(self.log)
        replayed = World()
        for entry in entries:
            apply(replayed, entry)
        check(replayed)
        for member in self.members:
            assert not member.node.broken
            own, known = member.node.hub.sessions.own, replayed.nodes[member.number]
            assert (known.epoch, known.is_up) == (own.epoch, member.is_up)
            assert member.journal.kept == entries
            assert snapshot.encode(member.node.world) == snapshot.encode(replayed)
            assert member.journal.sequencer.state == state
            told = member.journal.sequencer.finding(member.number)
            assert (told.verdict, told.differing) == (Accord.AGREES, ())
        counted = Counter(entry.body.text for entry in entries if entry.body is not None)
        assert set(counted.values()) <= {1}, "nothing is there twice"
        assert not self.failed & counted.keys(), "nothing happens that was said not to have"
        assert self.echoed <= counted.keys(), "nothing is lost that was acknowledged"
        places = {text: place for place, text in enumerate(counted)}
        for shown in self.shown:
            found = [places[text] for text in shown]
            assert found == sorted(set(found)), "what one was shown is in the order of the history"
        assert_times_rise(entries)
        self._start_anywhere(replayed, state)

    def _start_anywhere(self, world: World, state: OrderState) -> None:
        """See that whoever goes on from some of the order comes to the same."""
        order = self.log.order
        for at in {self.chance.randint(0, len(order)) for _ in range(3)}:
            early, sequencer = World(), Sequencer(KEY, OrderState())
            follow(early, sequencer, order[:at])
            later = snapshot.decode(snapshot.encode(early))
            going_on = Sequencer(KEY, decode_state(encode_state(sequencer.state)))
            # A start reads some again that it has.
            follow(later, going_on, order[max(0, at - 2) :])
            assert snapshot.encode(later) == snapshot.encode(world)
            assert going_on.state == state


def is_said(message: Message) -> bool:
    return message.command == "PRIVMSG" and message.params[1].isdigit()


def guest_nick(guest: Guest) -> str:
    user = guest.connection.session.user
    return f"{user.nick}!" if user is not None else "nobody"


def follow(world: World, sequencer: Sequencer, order: Sequence[Ordered]) -> None:
    """Make true what an order comes to."""
    for ordered in order:
        for entry in sequencer.sequence(ordered):
            apply(world, entry)


def history_of(log: FakeLog) -> tuple[list[Entry], OrderState]:
    """Return what the order comes to, heard at once."""
    sequencer = Sequencer(KEY, OrderState())
    entries = [entry for ordered in log.order for entry in sequencer.sequence(ordered)]
    return entries, sequencer.state


def assert_times_rise(entries: list[Entry]) -> None:
    last: dict[str, int] = {}
    for entry in entries:
        for history in histories_of(entry.record):
            assert entry.time // 1000 > last.get(history, 0), "no two share a millisecond"
            last[history] = entry.time // 1000


TestCluster = Cluster.TestCase
TestCluster.settings = settings(
    max_examples=20,
    stateful_step_count=4,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
