"""An SSH server at a port of the loopback, whoever serves its sessions, and a client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from hubbub.transport.ssh.bounds import SSHBounds
from hubbub.transport.ssh.channel import Request, SSHChannel
from hubbub.transport.ssh.login import Admitted, InfoRequest, Key, Partly, TurnedAway, Verdict
from hubbub.transport.ssh.server import SSHServer
from hubbub.transport.turns import Turns

SECONDS = 20
CODE = InfoRequest("One more thing", (("Code: ", False),))


@dataclass
class Login:
    """Let everybody in as who they say they are, when `ready`; who gives a password, if right."""

    door: Door
    user: str = ""

    def begin(self, user: str) -> None:
        self.user = user

    def unproven(self) -> Verdict:
        return TurnedAway()

    async def password(self, password: str) -> Verdict:
        self.door.given.append(password)
        if password != "right":
            return TurnedAway("Wrong password")
        return CODE if self.door.wants_code else Admitted(self.user)

    def refusal(self, key: Key) -> TurnedAway | None:
        return None if key.fingerprint in self.door.known else TurnedAway("Nobody's key")

    async def proven(self, key: Key) -> Admitted | Partly:
        return Partly() if self.door.wants_code else Admitted(f"{self.user} by {key.fingerprint}")

    async def ask(self) -> Verdict:
        self.door.asked.set()
        await self.door.ready.wait()
        return CODE if self.door.wants_code else Admitted(self.user)

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        return Admitted(self.user) if answers == ("123456",) else TurnedAway()


@dataclass
class Peer:
    """Remember what a session tells."""

    channel: SSHChannel
    request: Request
    received_bytes: int = 0
    sizes: int = 0
    size: tuple[int, int] = (0, 0)
    errors: list[str | None] = field(default_factory=list)
    writables: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def received(self, data: bytes) -> None:
        self.received_bytes += len(data)

    def input_ended(self) -> None:
        self.channel.exit(0)

    def resized(self, columns: int, rows: int) -> None:
        self.sizes += 1
        self.size = columns, rows

    def writable(self) -> None:
        self.writables.set()

    def closed(self, error: str | None) -> None:
        self.errors.append(error)
        self.ended.set()


class Door:
    """A server at a port of the loopback."""

    def __init__(self, directory: Path, bounds: SSHBounds, turns: Turns | None = None) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.peers: list[Peer] = []
        self.given: list[str] = []
        self.counted: list[str] = []
        self.known: set[str] = set()
        self.wants_code = False
        self.serving, self.asked, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.server = SSHServer(
            [], directory, bounds, False, lambda _: Login(self), self._serve, self, turns or Turns()
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept())

    def _serve(self, channel: SSHChannel, request: Request, address: object) -> Peer:
        self.serving.set()
        self.peers.append(Peer(channel, request))
        return self.peers[-1]

    def released(self, address: object) -> None:
        self.counted.append("released")
        self.gone.set()

    def entered(self, address: object) -> None:
        self.counted.append("entered")

    def left(self, address: object) -> None:
        self.counted.append("left")
        self.gone.set()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connected, address = await loop.sock_accept(self._listening)
            self.server.accept(connected, address)

    async def close(self) -> None:
        self._accepting.cancel()
        self._listening.close()
        self.server.close()
        await asyncio.sleep(0.05)


class Client(asyncssh.SSHClient):
    """Come in without a key or a password."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(self, *_: object) -> list[str]:
        return []


@asynccontextmanager
async def entered(door: Door, **options: object) -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with asyncssh.connect(
        "127.0.0.1",
        door.port,
        username="ann",
        client_factory=Client,
        known_hosts=None,
        config=None,
        client_keys=None,
        agent_path=None,
        **options,
    ) as connection:
        yield connection


def with_door(
    directory: Path, test: Callable[[Door], Awaitable[None]], bounds: SSHBounds | None = None
) -> None:
    async def run() -> None:
        door = Door(directory, bounds or SSHBounds())
        try:
            async with asyncio.timeout(SECONDS):
                await test(door)
        finally:
            await door.close()

    asyncio.run(run())


async def enter_and_leave(door: Door) -> None:
    async with entered(door):
        pass


class Clock:
    """Let every look at it take as much of the thread's time."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self._seconds = seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now
