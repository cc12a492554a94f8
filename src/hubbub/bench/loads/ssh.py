"""The SSH door: what a login, an idle terminal and a delivery cost the server.

Terminals log in with asyncssh; after that the driver only counts what comes, without decrypting it,
so that it needs less CPU than the server. A plain client in the same channel tells when a message
has been delivered.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Mapping
from typing import Final

import asyncssh

from hubbub.bench.contestants.servers import Server
from hubbub.bench.errors import PeerClosed, ServerFailed
from hubbub.bench.loads.crowd import ClientCrowd, join, register, synchronise
from hubbub.bench.loads.peers import MeasuredPeer

CHANNEL: Final = "#lobby"
"""Where the door takes everybody."""
AT_ONCE: Final = 10
_FIRST: Final = 20
_QUIET_SECONDS: Final = 4.0
_PATIENCE: Final = 30.0
_TEXT: Final = "one of the messages that people write all day, some seventy bytes long"
_MICRO: Final = 1e6
_MILLI: Final = 1e3


class _SSHGuest(asyncssh.SSHClient):
    """Come in without a key or a password."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: object
    ) -> list[str]:
        return []


class _Discard(asyncio.Protocol):
    """Let what comes go."""


class Terminals:
    """Hold the terminals at the door of a server."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with none."""
        self._server = server
        self._loop = loop
        self._held: list[asyncssh.SSHClientConnection] = []

    def enter(self, count: int) -> None:
        """Let so many log in and open a terminal."""
        self._loop.run_until_complete(self._enter(count))

    def knock(self, count: int) -> None:
        """Let so many exchange keys, ask how to log in, and go."""
        self._loop.run_until_complete(self._knock(count))

    def leave(self) -> None:
        """Close all connections."""
        for connection in self._held:
            connection.abort()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _enter(self, count: int) -> None:
        for first in range(0, count, AT_ONCE):
            await asyncio.gather(*(self._one() for _ in range(min(AT_ONCE, count - first))))

    async def _one(self) -> None:
        number = len(self._held)
        connection = await asyncssh.connect(
            "127.0.0.1",
            self._server.address.ssh,
            username=f"s{number:05d}",
            client_factory=_SSHGuest,
            known_hosts=None,
            config=None,
            client_keys=None,
            # Nothing of this machine's: its keys, agent and config are not the same elsewhere.
            agent_path=None,
            gss_host=None,
            # The cheapest for both ends: what is measured is what the server does beside it.
            encryption_algs=["aes128-gcm@openssh.com"],
        )
        self._held.append(connection)
        session: asyncssh.SSHClientSession[bytes] = asyncssh.SSHClientSession()
        await connection.create_session(
            lambda: session, term_type="xterm-256color", term_size=(80, 24), encoding=None
        )
        # From here on all is thrown away: deciphering it would take more than the server takes.
        if connection._transport is not None:
            connection._transport.set_protocol(_Discard())

    async def _knock(self, count: int) -> None:
        for _ in range(count):
            await asyncssh.get_server_auth_methods(
                "127.0.0.1", self._server.address.ssh, "nobody", config=None
            )


def measure(
    server: Server, sessions: int, idle: int, senders: int, rounds: int
) -> Mapping[str, float]:
    """Return what a login, an idle terminal and a delivery to `sessions` terminals cost."""
    loop = asyncio.new_event_loop()
    terminals = Terminals(server, loop)
    crowd = ClientCrowd(server, tls=False)
    try:
        server.start()
        return {
            **_coming(server, terminals, sessions, idle),
            **_delivering(server, crowd, sessions + _FIRST, senders, rounds),
        }
    except (OSError, asyncssh.Error) as error:
        raise ServerFailed(f"SSH: {error}") from error
    finally:
        crowd.close()
        terminals.leave()
        loop.close()
        server.kill()


def _coming(server: Server, terminals: Terminals, sessions: int, idle: int) -> dict[str, float]:
    terminals.enter(_FIRST)
    start, before = server.settled_cpu(), server.memory()
    terminals.knock(idle)
    knocked = server.settled_cpu()
    terminals.enter(sessions)
    done, after = server.settled_cpu(), server.memory()
    exchange = (knocked - start) / idle
    return {
        "ssh.exchange": exchange * _MILLI,
        "ssh.login": ((done - knocked) / sessions - exchange) * _MILLI,
        "ssh.idle": (after - before) / sessions / _MILLI,
    }


def _delivering(
    server: Server, crowd: ClientCrowd, sessions: int, senders: int, rounds: int
) -> dict[str, float]:
    names = [f"t{number:05d}" for number in range(senders + 1)]
    crowd.enter(names, lambda peer: [register(peer), join(peer, CHANNEL), synchronise(peer)])
    listener, *speakers = crowd.peers
    found = {}
    for key, speaking in (("one", speakers[:1]), ("many", speakers)):
        # Comings and goings are shown when no more of them come.
        _wait(listener, _QUIET_SECONDS)
        before = server.settled_cpu()
        for number in range(rounds):
            for speaker in speaking:
                speaker.send(f"PRIVMSG {CHANNEL} :{_TEXT} {number}\r\n".encode())
            _hear(listener, len(speaking))
        used = server.settled_cpu() - before
        found[f"ssh.{key}"] = used / (rounds * len(speaking) * sessions) * _MICRO
    return found


def _hear(listener: MeasuredPeer, count: int) -> None:
    """Read until so many messages have come."""
    heard = 0
    poller = _poller(listener)
    while heard < count:
        if not poller.poll(_PATIENCE * _MILLI):
            raise PeerClosed(f"{listener.nick}: heard nothing more")
        heard += listener.read().count(b" PRIVMSG ")


def _wait(listener: MeasuredPeer, seconds: float) -> None:
    """Read until nothing has come for a while."""
    poller = _poller(listener)
    while poller.poll(seconds * _MILLI):
        listener.read()


def _poller(peer: MeasuredPeer) -> select.poll:
    poller = select.poll()
    poller.register(peer.fileno, select.POLLIN)
    return poller
