"""A hub with a journal in memory and streams that a test holds in its hands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered, AccountSet
from hubbub.core.records.base import SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.requests import Reread, SendMail
from hubbub.core.rules import RULES
from hubbub.core.world.world import World
from hubbub.irc.message import Message, parse
from hubbub.node.auth.secret_checks import SecretChecks
from hubbub.node.auth.workers import Line, Workers
from hubbub.node.connection import Connection
from hubbub.node.departures import TOGETHER_SECONDS
from hubbub.node.hub import ALONE, Hub
from hubbub.node.limits.bounds import Bounds
from hubbub.node.peers.signals import Signals
from hubbub.node.process import Process
from hubbub.passwords.vault import PasswordVault
from tests.node.memory_journal import MemoryArchive, MemoryJournal

TURNS = 50


class Checks(Workers):
    """Tell when each piece of work was done."""

    def __init__(self) -> None:
        super().__init__(1, 2)
        self.done: asyncio.Queue[object] = asyncio.Queue()

    def submit(
        self, work: Callable[[], Any], then: Callable[[Any], None], line: Line = ("", "")
    ) -> None:
        def told(outcome: object) -> None:
            then(outcome)
            self.done.put_nowait(outcome)

        super().submit(work, told, line)


class PlainVault(PasswordVault):
    """Make secrets such as `hash:secret` of passwords, without taking long."""

    def check(self, secret: str, password: str) -> bool:
        return secret == f"hash:{password}"

    def make(self, password: str, scram: bool) -> str:
        return f"hash:{password}"


class FakeStream:
    """Take what is sent; `stuck` keeps it, as a socket does that accepts no more."""

    def __init__(self) -> None:
        self.peer: Connection
        self.sent: list[bytes] = []
        self.kept = b""
        self.stuck = False
        self.paused = False
        self.ended = False
        self.aborted = False
        self.over = asyncio.Event()
        self.last_accepted = 0.0
        self.largest_kept = 0

    @property
    def unsent(self) -> int:
        return len(self.kept)

    def send(self, data: bytes) -> bool:
        if self.ended:
            return False
        if self.stuck or self.kept:
            self.kept += data
            self.largest_kept = max(self.largest_kept, len(self.kept))
            return False
        self.sent.append(data)
        return True

    def unstick(self) -> None:
        """Accept what was kept, and what comes."""
        self.stuck = False
        if self.kept:
            self.sent.append(self.kept)
            self.kept = b""
            asyncio.get_running_loop().call_soon(self.peer.writable)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def close(self, timeout: float = 3.0, last: bytes = b"") -> None:
        if not self.ended:
            if not self.stuck:
                self.sent.append(self.kept + last)
            self._end()

    def abort(self) -> None:
        if not self.ended:
            self.aborted = True
            self._end()

    def _end(self) -> None:
        self.ended = True
        self.over.set()
        asyncio.get_running_loop().call_soon(self.peer.closed, None)


class Guest:
    """Be a peer of the hub: what it sends goes in, what it was sent is read as messages."""

    def __init__(self, node: Node, secure: bool = True) -> None:
        self.node = node
        self.stream = FakeStream()
        self.connection = node.hub.sessions.connect(self.stream, "192.0.2.1", "host.cloak", secure)
        self.stream.peer = self.connection

    def give(self, *lines: str | bytes) -> None:
        """Send lines, all at once, without waiting for anything."""
        given = b"".join(
            (line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines
        )
        self.connection.received(given)

    async def ask(self, *lines: str | bytes) -> list[Message]:
        """Send lines and return all that has come since the last look."""
        self.give(*lines)
        await self.node.quiet()
        return self.read()

    def read(self) -> list[Message]:
        """Return all that has come since the last look."""
        sent, self.stream.sent = b"".join(self.stream.sent), []
        assert sent == b"" or sent.endswith(b"\r\n"), sent[-80:]
        return [parse(line) for line in sent.split(b"\r\n") if line]

    async def register(self, nick: str, *caps: str) -> Guest:
        """Become a user."""
        if caps:
            self.give(f"CAP REQ :{' '.join(caps)}")
        answer = await self.ask(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
        assert "001" in [message.command for message in answer], answer
        return self

    async def drop(self) -> None:
        """Go without a word."""
        self.stream.ended = True
        self.connection.closed(None)
        await self.node.quiet()


class Node:
    """Hold a hub, its journal, and what it complained of."""

    def __init__(
        self,
        policy: Policy | None = None,
        bounds: Bounds | None = None,
        keep: Sequence[str] = (),
        workers: Checks | None = None,
        world: World | None = None,
        begins: bool = True,
        own: tuple[int, int] = (0, 1),
        journal: MemoryJournal | None = None,
        signals: Signals = ALONE,
    ) -> None:
        self.journal = journal or MemoryJournal()
        self.archive = MemoryArchive(self.journal)
        self.world = world or World()
        self.broken: list[str] = []
        self.reloads = 0
        self.reread = Reread(("reread", "but for one"))
        self.drains: list[int | None] = []
        self.passwords = workers or Checks()
        self.mails: list[SendMail] = []
        self.hub = Hub(
            self.world,
            policy or Policy(flood=None, replay=0),
            bounds or Bounds(),
            self.journal,
            self.archive,
            SecretChecks(PlainVault(b"disguise"), self.passwords, self.archive),
            *own,
            Process(self.broken.append, self._reloaded, self._mail, self._drain),
            signals=signals,
        )
        # However slow the machine is, what was given at once is decided on at once.
        self.hub.sessions._rounds._clock = self.hub.sessions.budget._clock = lambda: 0.0
        self.journal.start(self.hub.committed, self.hub.failed)
        if begins:
            self.hub.sessions.append(lambda origin: NodeStarted(origin, RULES))
        if keep:
            self.hub.sessions.append(lambda origin: Kept(origin, tuple(keep)))

    def _reloaded(self) -> Reread:
        self.reloads += 1
        return self.reread

    def _drain(self, seconds: int | None) -> str:
        self.drains.append(seconds)
        return "it stops"

    def _mail(self, mail: SendMail) -> None:
        self.mails.append(mail)
        if mail.tried is not None:
            mail.tried("")

    async def quiet(self) -> None:
        """Let everything happen that can."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        if self.hub.sessions.departures.is_gathering:
            # For others that may go at the same moment it is waited by the clock.
            await asyncio.sleep(TOGETHER_SECONDS)
            await self.quiet()

    async def guest(self, nick: str, *caps: str) -> Guest:
        """Return a peer that has become a user."""
        return await Guest(self).register(nick, *caps)

    async def attach(self, nick: str, account: str, *caps: str) -> Guest:
        """Return another session of the user of an account, the first one included."""
        guest = Guest(self)
        if caps:
            await guest.ask(f"CAP REQ :{' '.join(caps)}")
        if self.world.account(account) is None:
            self.hub.sessions.append(lambda origin: AccountRegistered(origin, account, by="test"))
            self.hub.sessions.append(
                lambda origin: AccountSet(origin, account, "persist", "off", "test")
            )
            await self.quiet()
        guest.connection.session.account = account
        guest.give(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
        await self.quiet()
        guest.read()
        return guest

    def session(self, number: int) -> SessionId:
        """Return the id of the node's session of this number."""
        return SessionId(0, 1, number)


def commands(messages: Sequence[Message]) -> list[str]:
    """Return the commands of messages."""
    return [message.command for message in messages]


def texts(messages: Sequence[Message], command: str = "PRIVMSG") -> list[str]:
    """Return the last parameters of the messages with a command."""
    return [message.params[-1] for message in messages if message.command == command]
