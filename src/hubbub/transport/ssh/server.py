"""The SSH door: accepted sockets become connections, and their sessions are served."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import asyncssh

from hubbub.transport.ssh.algorithms import (
    CLIENT_KEYS,
    COMPRESSION,
    ENCRYPTION,
    KEX,
    MAC,
    NO_COMPRESSION,
)
from hubbub.transport.ssh.bounds import SSHBounds
from hubbub.transport.ssh.channel import Request, SSHChannel, SSHPeer
from hubbub.transport.ssh.connection import SSHConnection
from hubbub.transport.ssh.host_keys import load_host_keys
from hubbub.transport.ssh.login import Login
from hubbub.transport.ssh.refusal import VERSION
from hubbub.transport.stream import Address
from hubbub.transport.turns import Turns

Serve = Callable[[SSHChannel, Request, Address], SSHPeer]
"""Begins to serve a session of somebody at an address."""


class SSHGate(Protocol):
    """Count who has come to the door, from where: who is not in yet, and who is."""

    def released(self, address: Address) -> None:
        """Learn that somebody has gone who never came in."""

    def entered(self, address: Address) -> None:
        """Learn that somebody has logged in."""

    def left(self, address: Address) -> None:
        """Learn that somebody has gone who was in."""


class SSHServer:
    """Serve connections that somebody else accepts.

    Its `gate` is told of each of them either `released`, or `entered` and then `left`.
    """

    def __init__(
        self,
        host_keys: Sequence[Path],
        directory: Path,
        bounds: SSHBounds,
        compression: bool,
        new_login: Callable[[Address], Login],
        serve: Serve,
        gate: SSHGate,
        turns: Turns,
    ) -> None:
        """Load the host keys, or make one in `directory`. Raise HostKeyError."""
        # It would tell the log of every connection, with what was typed as a command.
        logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
        self._loop = asyncio.get_running_loop()
        self._keys = load_host_keys(host_keys, directory)
        self._bounds = bounds
        self._new_login = new_login
        self._serve = serve
        self._gate = gate
        self._turns = turns
        self._connections: set[SSHConnection] = set()
        self._starting: set[asyncio.Task[None]] = set()
        _settle_home()
        self._options = asyncssh.SSHServerConnectionOptions(
            server_host_keys=self._keys,
            server_version=VERSION,
            kex_algs=KEX,
            encryption_algs=ENCRYPTION,
            mac_algs=MAC,
            signature_algs=CLIENT_KEYS,
            compression_algs=COMPRESSION if compression else NO_COMPRESSION,
            login_timeout=bounds.login_seconds,
            gss_host=None,
            x11_forwarding=False,
            agent_forwarding=False,
            line_editor=False,
            encoding=None,
            keepalive_interval=0,
        )

    @property
    def fingerprints(self) -> list[str]:
        """Return the fingerprints of the host keys, as `ssh-keygen -l` prints them."""
        return [key.get_fingerprint() for key in self._keys]

    def accept(self, connected: socket.socket, address: Address) -> None:
        """Take over a connected socket."""
        task = self._loop.create_task(self._start(connected, address))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def close(self) -> None:
        """Drop every connection that is left."""
        for connection in list(self._connections):
            connection.abort()

    async def _start(self, connected: socket.socket, address: Address) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: self._connection(address), connected)
        except OSError:
            connected.close()
            self._gate.released(address)

    def _connection(self, address: Address) -> SSHConnection:
        def ended(connection: SSHConnection) -> None:
            self._connections.discard(connection)
            # Until it got in it was counted among those who had not: each is given back once.
            (self._gate.left if connection.is_in else self._gate.released)(address)

        connection = SSHConnection(
            self._loop,
            self._options,
            self._bounds,
            self._new_login(address),
            lambda channel, request: self._serve(channel, request, address),
            lambda: self._gate.entered(address),
            ended,
            self._turns,
        )
        self._connections.add(connection)
        return connection


def _settle_home() -> None:
    """Give this process a home directory where it has none, as in containers.

    The library asks for one, and fails without; it reads nothing there.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/nonexistent"
