"""Two nodes on one log that a test stalls, and a clock that only the test lets go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.node.peers.standing import LOOK_SECONDS, Stage
from tests.node.fake_log import FakeLog, Member
from tests.node.node_harness import Guest

BEAT_SECONDS = 2.0
OPERATORS = {
    "root": OperBlock("hash:secret", "owner"),
    "mod": OperBlock("hash:secret", "moderator"),
}
CAPS = ("echo-message", "message-tags", "labeled-response", "batch", "standard-replies")


class Servers:
    """Hold the nodes; one that is `cut_off` reaches nobody: what it appends stays where it is."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self.members: list[Member] = []
        self.cut_off: set[Member] = set()
        self.now = 1000.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    async def add(self) -> Member:
        """Let one more node begin."""
        member = Member(self.log, len(self.members) + 1)
        sessions = member.node.hub.sessions
        sessions.now = lambda: self.now  # type: ignore[method-assign]
        sessions.later = self.later  # type: ignore[method-assign]
        self.members.append(member)
        await self.flow()
        return member

    def later(self, seconds: float, call: Callable[[], None]) -> object:
        """Call something when so much time has passed."""
        if not seconds:
            return asyncio.get_running_loop().call_soon(call)
        self.due.append((self.now + seconds, call))
        return None

    async def flow(self) -> None:
        """Let all be ordered and heard by whoever reaches the others."""
        for _ in range(20):
            away = self.log.relay.away = {member.number for member in self.cut_off}
            mine = [batch for batch in self.log.appended if batch.node not in away]
            for batch in mine:
                self.log.place(self.log.appended.index(batch))
            for member in self.members:
                if member not in self.cut_off:
                    member.deliver(len(self.log.order))
                await member.node.quiet()
            if not mine:
                return

    async def passes(self, seconds: float, looks: bool = True) -> None:
        """Let time pass: nodes beat and look, and what can flow flows."""
        until = self.now + seconds
        while self.now < until:
            self.now += LOOK_SECONDS
            self.log.stamp += int(LOOK_SECONDS * 1_000_000)
            if self.now % BEAT_SECONDS < LOOK_SECONDS:
                for member in self.members:
                    member.journal.unheard.beat()
                    member.journal.send()
            self.due, due = [], self.due
            for at, call in due:
                if at <= self.now:
                    call()
                else:
                    self.due.append((at, call))
            await self.flow()
            if looks:
                for member in self.members:
                    member.node.hub.watch.look()
        for member in self.members:
            await member.node.quiet()

    async def heal(self, *members: Member) -> None:
        """Let nodes that were cut off reach the others again; they send again what is out."""
        for member in members:
            self.cut_off.discard(member)
            if member.journal.unheard.in_flight not in self.log.appended:
                member.journal.send_again()
        await self.flow()
        await self.passes(LOOK_SECONDS)

    async def person(self, member: Member, nick: str, *caps: str) -> Guest:
        """Let somebody come in at a node, into #room."""
        guest = Guest(member.node)
        guest.give(f"CAP REQ :{' '.join(caps or CAPS)}")
        guest.give(f"NICK {nick}", f"USER {nick} 0 * :x", "CAP END", "JOIN #room")
        await self.flow()
        assert "366" in [message.command for message in guest.read()]
        return guest

    async def operator(self, member: Member, nick: str, name: str) -> Guest:
        """Let somebody come in who is an operator: root, an owner, or mod, a moderator."""
        guest, sessions = await self.person(member, nick), member.node.hub.sessions
        sessions.adopt(Policy(flood=None, replay=0, operators=OPERATORS), sessions.bounds)
        guest.give(f"OPER {name} secret")
        await member.node.passwords.done.get()
        await self.flow()
        assert any(" 381 " in line for line in heard(guest))
        return guest

    async def ask(self, guest: Guest, *lines: str) -> list[str]:
        """Send lines; return what comes, as text."""
        guest.give(*lines)
        await self.flow()
        return heard(guest)


def heard(guest: Guest) -> list[str]:
    """Return what has come since the last look, as lines."""
    return [message.format() for message in guest.read()]


def stage(member: Member) -> Stage:
    """Return how a node stands."""
    return member.node.hub.watch.stage


@contextlib.asynccontextmanager
async def servers(count: int = 2) -> AsyncIterator[Servers]:
    """Let nodes run, and end what goes on by itself."""
    found = Servers()
    try:
        for _ in range(count):
            await found.add()
        yield found
    finally:
        for member in found.members:
            member.close()
        await asyncio.sleep(0)
