"""The SSH server on its own: what it bounds, and whom it believes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from hubbub.transport.errors import HostKeyError
from hubbub.transport.ssh import connection as connections
from hubbub.transport.ssh.bounds import BEFORE_HANDLED_BYTES, PIECE_BYTES, SSHBounds
from hubbub.transport.ssh.channel import Request, SSHChannel
from hubbub.transport.ssh.host_keys import load_host_keys
from hubbub.transport.ssh.login import Admitted, Key, TurnedAway, Verdict
from hubbub.transport.ssh.server import SSHServer
from hubbub.transport.turns import SLICE_SECONDS, Turns

SECONDS = 20


@dataclass
class Login:
    """Let everybody in as who they say they are, when `ready`."""

    door: Door
    user: str = ""

    def begin(self, user: str) -> None:
        self.user = user

    def unproven(self) -> Verdict:
        return TurnedAway()

    async def password(self, password: str) -> Verdict:
        return TurnedAway()

    def refusal(self, key: Key) -> TurnedAway:
        return TurnedAway()

    async def proven(self, key: Key) -> TurnedAway:
        return TurnedAway()

    async def ask(self) -> Verdict:
        self.door.asked.set()
        await self.door.ready.wait()
        return Admitted(self.user)

    async def answered(self, answers: tuple[str, ...]) -> Verdict:
        return TurnedAway()


@dataclass
class Peer:
    """Remember what a session tells."""

    channel: SSHChannel
    request: Request
    received_bytes: int = 0
    sizes: int = 0
    writables: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def received(self, data: bytes) -> None:
        self.received_bytes += len(data)

    def input_ended(self) -> None:
        self.channel.exit(0)

    def resized(self, columns: int, rows: int) -> None:
        self.sizes += 1

    def writable(self) -> None:
        self.writables.set()

    def closed(self, error: str | None) -> None:
        self.ended.set()


class Door:
    """A server at a port of the loopback."""

    def __init__(self, directory: Path, bounds: SSHBounds, turns: Turns | None = None) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.peers: list[Peer] = []
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
        self.gone.set()

    def entered(self, address: object) -> None:
        pass

    def left(self, address: object) -> None:
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
async def entered(door: Door) -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with asyncssh.connect(
        "127.0.0.1",
        door.port,
        username="ann",
        client_factory=Client,
        known_hosts=None,
        config=None,
        client_keys=None,
        agent_path=None,
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


def test_a_session_says_whose_it_is_and_what_for(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            done = await connection.run(
                "tail '#ops'", term_type="dumb", term_size=(0, 5000), stdin=asyncssh.DEVNULL
            )
            assert done.exit_status == 0
        request = door.peers[0].request
        assert (request.identity, request.command) == ("ann", "tail '#ops'")
        assert request.terminal is not None
        assert (request.terminal.columns, request.terminal.rows) == (80, 1000)

    with_door(tmp_path, test)


def test_what_a_peer_does_not_read_is_counted_wherever_it_waits(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(encoding=None, window=1 << 30)
            await door.serving.wait()
            peer = door.peers[0]
            transport = connection._transport
            assert transport is not None
            transport.pause_reading()
            written = 0
            while peer.channel.write(bytes(4096)):
                written += 4096
                await asyncio.sleep(0)
            assert peer.channel.is_blocked
            # The system's own buffers take what they take; what waits here is bounded.
            assert peer.channel.unsent <= SSHBounds().unsent_bytes + 2 * 4096
            transport.resume_reading()
            await process.stdout.readexactly(written)
            await peer.writables.wait()
            assert not peer.channel.is_blocked

    with_door(tmp_path, test)


def test_input_waits_in_bounds_while_a_login_is_decided(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        door.ready.clear()
        entering = asyncio.create_task(_enter_and_leave(door))
        await door.asked.wait()
        (connection,) = door.server._connections
        # As if a packet were still being handled.
        connection._recv_handler = lambda: False
        for _ in range(8):
            connection.data_received(bytes(BEFORE_HANDLED_BYTES // 4))
        assert connection._held
        entering.cancel()

    with_door(tmp_path, test)


async def _enter_and_leave(door: Door) -> None:
    async with entered(door):
        pass


def test_a_connection_without_a_session_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WITHOUT_SESSION_SECONDS", 0.05)

    async def test(door: Door) -> None:
        async with entered(door) as connection:
            await connection.wait_closed()
        await door.gone.wait()

    with_door(tmp_path, test)


def test_packets_are_not_made_smaller_than_makes_sense(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(encoding=None, max_pktsize=1024)
            await door.serving.wait()
            channel = door.peers[0].channel._channel
            assert channel._send_pktsize == 1024
            process.close()

    with_door(tmp_path, test)


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "key"
    broken.write_text("no key")
    with pytest.raises(HostKeyError, match="key is no private key"):
        load_host_keys([broken], tmp_path)
    with pytest.raises(HostKeyError, match="cannot be read"):
        load_host_keys([tmp_path / "none"], tmp_path)
    load_host_keys([], tmp_path)
    made = tmp_path / "ssh_host_ed25519_key"
    with pytest.raises(HostKeyError, match="two keys of one kind"):
        load_host_keys([made, made], tmp_path)
    locked = asyncssh.generate_private_key("ssh-ed25519")
    broken.write_bytes(locked.export_private_key("pkcs8-pem", passphrase="x"))
    with pytest.raises(HostKeyError, match="without passphrase"):
        load_host_keys([broken], tmp_path)


ED25519, ECDSA = "ssh-ed25519", "ecdsa-sha2-nistp256"
OURS, OTHER = "mlkem768x25519-sha256", "curve25519-sha256"


@pytest.mark.parametrize(
    ("kex", "host_keys", "right"),
    [
        ([OURS, OTHER], [ED25519, ECDSA], True),
        ([OTHER, OURS], [ED25519, ECDSA], False),
        ([OURS], [ECDSA, ED25519], False),
    ],
)
def test_a_wrong_guess_is_skipped_and_a_right_one_taken(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kex: list[str],
    host_keys: list[str],
    right: bool,
) -> None:
    guessed = asyncio.Event()

    class Guessing(asyncssh.SSHClientConnection):
        """Say that a first packet of the key exchange follows, and send it (RFC 4253 7)."""

        def _send_kexinit(self) -> None:
            if self._session_id:
                super()._send_kexinit()
            else:
                monkeypatch.setattr(self, "send_packet", self._send_guessing)
                super()._send_kexinit()

        def _send_guessing(self, pkttype: int, *args: bytes) -> None:
            monkeypatch.undo()
            guessed.set()
            (lists,) = args
            lists = lists[:-5] + b"\x01" + lists[-4:]
            self._client_kexinit = bytes([pkttype]) + lists
            self.send_packet(pkttype, lists)
            if not right:
                self.send_packet(30, bytes(4))

    async def test(door: Door) -> None:
        monkeypatch.setattr(asyncssh.connection, "SSHClientConnection", Guessing)
        async with asyncssh.connect(
            "127.0.0.1",
            door.port,
            username="ann",
            client_factory=Client,
            known_hosts=None,
            config=None,
            client_keys=None,
            agent_path=None,
            kex_algs=kex,
            server_host_key_algs=host_keys,
        ) as connection:
            done = await connection.run("help", stdin=asyncssh.DEVNULL)
            assert done.exit_status == 0
        assert guessed.is_set()

    with_door(tmp_path, test)


class Clock:
    """Let every look at it take as much of the thread's time."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self._seconds = seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


def test_window_changes_and_small_packets_are_taken_in_slices(tmp_path: Path) -> None:
    async def run() -> None:
        # A piece of some twenty packets takes as long as four make a slice.
        door = Door(tmp_path, SSHBounds(), Turns(clock=Clock(SLICE_SECONDS / 4)))
        try:
            async with asyncio.timeout(SECONDS), entered(door) as connection:
                process = await connection.create_process(term_type="xterm", encoding=None)
                await door.serving.wait()
                peer = door.peers[0]
                for _ in range(2000):
                    process.change_terminal_size(90, 30)
                process.stdin.write(b"x")
                most = 0
                while not peer.received_bytes:
                    before = peer.sizes
                    await asyncio.sleep(0)
                    most = max(most, peer.sizes - before)
                # In order, none lost, and never more in a turn of the loop than a slice takes.
                assert peer.sizes == 2000
                assert most <= 5 * PIECE_BYTES // 48
        finally:
            await door.close()

    asyncio.run(run())
