"""Whatever peers send, in whatever order the journal comes back: nothing breaks.

No exception escapes, no command meets a fault of ours, the World stays one, who hears what agrees
with who is where, and every line that goes out is one that a client can read.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.events import Event
from hubbub.client.network.in_process import Inside, Meanings
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.world.state import Channel
from hubbub.core.world.world import World
from hubbub.irc.framing import LINE_BYTES, TAG_BYTES
from hubbub.irc.message import parse
from hubbub.node.auth.workers import Line
from hubbub.node.connection import Connection
from hubbub.node.hub import Hub
from hubbub.node.limits.bounds import Bounds
from hubbub.node.sessions import COMMIT_SECONDS, Sessions
from hubbub.transport.turns import Turns
from tests.core import invariants
from tests.core.world_harness import code
from tests.fuzz.conftest import PROFILE
from tests.fuzz.corpus import NICKS, line, theme
from tests.node.node_harness import Checks, Guest, Node

GUESTS = 5
CAPS = (
    "message-tags",
    "batch",
    "labeled-response",
    "echo-message",
    "draft/multiline",
    "server-time",
    "draft/chathistory",
    "draft/event-playback",
    "away-notify",
)
POLICY = Policy(
    flood=None,
    operators={
        "root": OperBlock("hash:secret", "owner"),
        "keeper": OperBlock("hash:secret", "moderator"),
        "helper": OperBlock("hash:secret", "helper"),
    },
    replay=5,
    email="optional",
    password_length=3,
    scram=True,
)
PROOF = base64.b64encode(b"\0cat\0secret").decode()
BOUNDS = Bounds(outbox_bytes=4096, cursor_seqs=50, records=100, session_records=8)


@dataclass(frozen=True)
class Say:
    """A peer sends a line."""

    who: int
    line: bytes


@dataclass(frozen=True)
class Do:
    """Something happens that no peer decides on."""

    what: str
    who: int


TROUBLE = ("drop", "stick", "hold", "full", "closed archive")
RELIEF = ("unstick", "release", "room", "settle") * 2
STEPS = 300
SETTLING = 200
LINES_PER_EVENT = 12


def script(seed: int, length: int) -> Iterator[Say | Do]:
    """Tell what happens: a shorter one is the beginning of a longer one."""
    chance = Random(seed)
    lines = theme(chance)
    for _ in range(length):
        who = chance.randrange(GUESTS)
        if chance.randrange(LINES_PER_EVENT):
            yield Say(who, line(chance, lines))
        else:
            yield Do(chance.choice(TROUBLE + RELIEF), who)


class Screen:
    """Show nothing to nobody, and be blocked now and then."""

    is_blocked = False
    ended = False

    def show(self, events: list[Event]) -> None:
        pass

    def over(self, reason: str) -> None:
        self.ended = True


@dataclass
class Play:
    """One run: a node, its peers, the client inside the server, and what they have been sent."""

    node: Node
    guests: list[Guest] = field(default_factory=list)
    screen: Screen = field(default_factory=Screen)
    inside: Inside | None = None

    def sit_down(self) -> None:
        """Let somebody come in by the SSH door, whose client runs in the server."""
        self.screen = Screen()
        number = iter(range(1_000_000))
        session = ClientSession(Wishes("eve"), lambda: str(next(number)), {})
        session.join("#kept")
        session.join("#a")
        self.inside = Inside(session, self.screen, Meanings(), set(), Turns())
        hub = self.node.hub
        self.inside.begin(
            hub.sessions.connect(self.inside, "192.0.2.9", "host.cloak", True, screen=True)
        )

    async def begin(self) -> None:
        for number, nick in enumerate(NICKS[: GUESTS - 3]):
            self.guests.append(await self.node.guest(nick, *CAPS[: number * 3]))
            await self.guests[-1].ask("JOIN #kept,#a")
        # Two are sessions of one user, who stays without them.
        for _ in range(2):
            self.guests.append(await self.node.attach("cat", "cat", *CAPS))
        await self.guests[-1].ask("JOIN #kept,#a", "PERSISTENCE SET ON", "PASSWD secret secret")
        self.sit_down()
        # One has yet to register.
        self.guests.append(Guest(self.node))

    async def step(self, step: Say | Do) -> None:
        guest = self.guests[step.who]
        if isinstance(step, Say):
            if guest.stream.ended:
                guest = self.come_back(step.who)
            guest.connection.received(step.line + b"\r\n")
            # The journal commits at the next turn: some lines meet a World that is about to change.
            for _ in range(len(step.line) % 4):
                await asyncio.sleep(0)
            return
        journal, archive = self.node.journal, self.node.archive
        match step.what:
            case "drop":
                if not guest.stream.ended:
                    await guest.drop()
                self.come_back(step.who)
            case "stick":
                guest.stream.stuck = self.screen.is_blocked = True
            case "unstick":
                guest.stream.unstick()
                self.look_on()
            case "hold":
                journal.hold = True
            case "release":
                journal.hold = False
                journal.release()
            case "full":
                journal.full = True
            case "room":
                journal.full = False
            case "closed archive":
                archive.hold()
            case _:
                archive.release()
                await self.node.quiet()

    def look_on(self) -> None:
        """Let the screen take more, or somebody sit down again."""
        self.screen.is_blocked = False
        if self.screen.ended or self.inside is None:
            self.sit_down()
        else:
            self.inside.unblock()
            self.inside.session.say("#a", "on a screen")
            self.inside.tick()

    def come_back(self, who: int) -> Guest:
        """Put a new peer in the place of one that is gone."""
        check_lines(self.guests[who])
        guest = self.guests[who] = Guest(self.node)
        if who:
            quiet = ["hubbub/quiet"] if who % 2 else []
            caps = " ".join((*CAPS[: who * 3], "sasl", *quiet))
            guest.give(f"CAP REQ :{caps}", f"NICK {NICKS[who]}")
            if who > 1:
                guest.give("AUTHENTICATE PLAIN", f"AUTHENTICATE {PROOF}")
            guest.give("USER u 0 * :U", "CAP END")
            guest.give("JOIN #kept,#a")
        return guest

    async def end(self) -> None:
        """Let all that waits happen."""
        node = self.node
        node.journal.hold = node.journal.full = False
        node.journal.release()
        node.archive.release()
        for guest in self.guests:
            guest.stream.unstick()
        self.look_on()
        # Long work is done in slices by the clock: on a busy machine it takes more turns.
        hub = node.hub
        for number in range(SETTLING):
            is_dirty = any(one.outbox.dirty for one in hub.sessions.roster.connections.values())
            # A search goes through one history after the other.
            if number >= 3 and not (is_dirty or hub.journal.waiting or hub.history._tasks):
                break
            await node.quiet()
            await asyncio.sleep(0.001 if hub.journal.waiting or hub.history._tasks else 0)
            if hub.sessions._flushing:
                # While much came back, writes were being gathered.
                await asyncio.sleep(2 * COMMIT_SECONDS)


def check_lines(guest: Guest) -> None:
    """Hold every line that a peer was sent to the protocol."""
    sent = b"".join(guest.stream.sent)
    assert sent == b"" or sent.endswith(b"\r\n")
    for got in sent.split(b"\r\n")[:-1]:
        message = parse(got)
        tags, _, rest = got.partition(b" ") if got.startswith(b"@") else (b"", b"", got)
        assert len(tags) + 1 <= TAG_BYTES, got
        assert len(rest) + 2 <= LINE_BYTES, got
        assert message.command.isalnum(), got


def hears_channel(node: Node, connection: Connection, channel: Channel) -> bool:
    """Say whether a member's session hears a channel: a quiet one where it has asked for it."""
    session = connection.session
    if not session.quiet:
        return True
    assert session.user is not None
    return channel in node.hub.sessions.roster._quiet[session.user][connection]


def check_node(node: Node) -> None:
    """Hold the roster to the World, and every connection to its bounds."""
    hub, world = node.hub, node.world
    invariants.check(world)
    here = {}
    for session, connection in hub.sessions.roster.connections.items():
        assert not connection.ended, "who is gone is forgotten"
        assert connection.in_flight == 0
        if not connection.closing:
            assert not connection.outbox.is_behind
            assert not connection._lines
            assert connection._held is None
            assert connection.responses == {}
        if connection.session.user is not None:
            here[session] = connection
            assert world.sessions[session] is connection.session.user
    assert set(world.sessions) == set(here)
    for channel, audience in hub.sessions.roster._audiences.items():
        assert world.channel(channel.name) is channel
        boxes = set(audience)
        expected = {
            connection.outbox
            for connection in here.values()
            if connection.session.user in channel.members
            and hears_channel(node, connection, channel)
        }
        assert boxes == expected
    for heard in hub.sessions.roster._quiet.values():
        for connection, channels in heard.items():
            assert connection.session.id in here
            assert all(connection.session.user in channel.members for channel in channels)
    assert not node.broken
    replayed = World()
    for entry in node.journal.kept:
        if entry.record.changes_world:
            apply(replayed, entry)
    replayed.applied = world.applied
    assert snapshot.encode(replayed) == snapshot.encode(world)


async def play(seed: int, length: int) -> None:
    node = Node(POLICY, BOUNDS, keep=("#kept",), workers=Prompt())
    run = Play(node)
    await run.begin()
    for step in script(seed, length):
        await run.step(step)
    await run.end()
    check_node(node)
    for guest in run.guests:
        check_lines(guest)
    await node.hub.stop(0.1)


@PROFILE
@given(st.integers(0, 1 << 32), st.integers(1, STEPS))
def test_nothing_breaks(seed: int, length: int) -> None:
    faults: list[object] = []

    def fault(hub: Hub, connection: Connection, command: str) -> None:
        raise AssertionError(f"{command} met a fault")

    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(Sessions, "fault", fault)
        patch.setattr("hubbub.node.unwritten.OWED_SECONDS", 0.0)
        # Wrong passwords are many here, and the test does not wait.
        patch.setattr("hubbub.node.auth.login_delays._wait", lambda *_: 0.0)
        drawn, asked = count(), count(1)
        # Some may not.
        may_register = "hubbub.node.auth.login_delays.LoginDelays.may_register"
        patch.setattr(may_register, lambda *_: next(asked) % 4 > 0)
        patch.setattr("hubbub.node.requests.draw", lambda n: [code(next(drawn)) for _ in range(n)])
        patch.setattr("hubbub.node.hub._log", Silent())
        patch.setattr("hubbub.node.sessions._log", Silent())
        patch.setattr("hubbub.node.returns._log", Silent())
        runner.get_loop().set_exception_handler(lambda _, context: faults.append(context))
        runner.run(play(seed, length))
    assert faults == []


class Prompt(Checks):
    """Do work at the loop's next turn: the same script always takes the same way."""

    def submit(
        self, work: Callable[[], Any], then: Callable[[Any], None], line: Line = ("", "")
    ) -> None:
        asyncio.get_running_loop().call_soon(lambda: then(work()))


class Silent:
    """Take complaints that are expected."""

    def error(self, event: str, **fields: object) -> None:
        assert event == "not kept"

    def warning(self, event: str, **fields: object) -> None:
        assert event == "login failed"
