"""Doors: who comes in, who is turned away, and what happens when there is no room."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.transport.errors import ListenError
from hubbub.transport.listener import Listener
from hubbub.transport.stream import Address

from .doors import PATIENCE, Door, connect, read

Pair = tuple[Path, Path]


def open_at(host: str, port: int) -> Listener:
    return Listener(
        asyncio.get_running_loop(),
        host,
        port,
        accepted=lambda stream: stream.abort(),
        admit=lambda address: None,
        released=lambda address: None,
    )


async def test_port_zero_lets_the_system_choose() -> None:
    listener = open_at("127.0.0.1", 0)
    assert listener.address[0] == "127.0.0.1"
    assert listener.address[1] > 0
    assert not listener.tls
    listener.close()
    listener.close()


async def test_ipv6_address() -> None:
    try:
        listener = open_at("::1", 0)
    except ListenError as error:
        assert error.absent  # noqa: PT017 - this machine has no IPv6
        return
    both = open_at("::", listener.address[1] + 1)
    # [::] leaves IPv4 to a door of its own.
    with pytest.raises(ConnectionRefusedError):
        connect(("127.0.0.1", both.address[1]))
    client = socket.create_connection(listener.address, PATIENCE)
    client.close()
    both.close()
    listener.close()


async def test_address_in_use() -> None:
    listener = open_at("127.0.0.1", 0)
    with pytest.raises(ListenError, match=r"127\.0\.0\.1:\d+: Address already in use") as caught:
        open_at(*listener.address)
    assert caught.value.in_use
    assert not caught.value.absent
    listener.close()


async def test_address_of_another_machine() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1:6667") as caught:
        open_at("192.0.2.1", 6667)
    assert caught.value.code == errno.EADDRNOTAVAIL
    assert caught.value.absent


@pytest.mark.parametrize("port", [-1, 65536])
async def test_impossible_port(port: int) -> None:
    with pytest.raises(ListenError):
        open_at("127.0.0.1", port)


async def test_many_at_once() -> None:
    async with Door() as door:
        clients = [connect(door.address) for _ in range(300)]
        peers = [await door.peer() for _ in clients]
        for client in clients:
            client.close()
        assert [await peer.end() for peer in peers] == [None] * 300
        assert door.waiting_releases == 0


async def test_refused_client_is_told_why() -> None:
    async with Door(refusal=b"ERROR :Too many connections from your address\r\n") as door:
        with connect(door.address) as client:
            assert await read(client, 100) == b"ERROR :Too many connections from your address\r\n"
        assert (door.accepted, door.waiting_releases) == (0, 0)


async def test_refused_client_that_has_spoken_is_told_too() -> None:
    async with Door(refusal=b"ERROR :no\r\n") as door:
        with connect(door.address) as client:
            client.sendall(b"NICK ada\r\n")
            assert await read(client, 100) == b"ERROR :no\r\n"


async def test_refused_tls_client_is_closed(pair: Pair) -> None:
    async with Door(pair, refusal=b"ERROR :no\r\n") as door:
        with connect(door.address) as client:
            assert await read(client, 100) == b""
        assert (door.accepted, door.waiting_releases) == (0, 0)


SERVER = """
import asyncio, json, resource, sys
from hubbub.transport.listener import Listener
from hubbub.transport.stream import Address
from hubbub.transport.tls import server_context
from hubbub.transport import listener
import structlog

resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
listener.EXHAUSTED_SECONDS = float(sys.argv[1])
logged = []
structlog.configure(processors=[lambda log, name, event: logged.append(event) or "noted"],
                    logger_factory=structlog.ReturnLoggerFactory())

class Echo:
    def __init__(self, stream):
        self.stream = stream
    def received(self, data):
        self.stream.send(json.dumps(logged).encode() + b"\\n" if data == b"log" else data)
    def writable(self):
        pass
    def closed(self, error):
        pass

async def main():
    door = Listener(asyncio.get_running_loop(), "127.0.0.1", 0,
                    accepted=lambda stream: stream.attach(Echo(stream)),
                    admit=lambda address: None, released=lambda address: None)
    print(door.address[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    door.close()

asyncio.run(main())
"""


def echoes(client: socket.socket) -> bool:
    """Tell whether the server answers, or has turned this client away."""
    try:
        client.sendall(b"ping")
        return client.recv(100) == b"ping"
    except (ConnectionResetError, BrokenPipeError):
        return False


@contextlib.contextmanager
def cramped_server(exhausted_seconds: float) -> Iterator[Address]:
    """Run a server that may have 40 descriptors, and give its address."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(exhausted_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield "127.0.0.1", int(server.stdout.readline())
        server.stdin.close()
        assert server.wait(PATIENCE) == 0


def test_without_descriptors_clients_are_turned_away_and_later_let_in() -> None:
    with cramped_server(0.05) as address, contextlib.ExitStack() as clients:
        crowd = [clients.enter_context(connect(address)) for _ in range(100)]
        served = [client for client in crowd if echoes(client)]
        assert 20 <= len(served) < 40
        # The others do not suffer, now that it has happened, and it was logged once.
        assert all(echoes(client) for client in served)
        served[0].sendall(b"log")
        log = json.loads(served[0].recv(10_000))
        assert [entry["event"] for entry in log] == [
            "no room for more connections, clients are turned away"
        ]
        served.pop().close()
        late = connect(address)
        while not echoes(late):
            late.close()
            late = connect(address)
        late.close()
        assert echoes(served[0])


def test_without_descriptors_the_door_rests_and_the_waiting_wait() -> None:
    with cramped_server(1.0) as address, contextlib.ExitStack() as clients:
        crowd = [clients.enter_context(connect(address)) for _ in range(50)]
        served = [client for client in crowd if echoes(client)]
        # The shortage has been met, so these wait until the door opens again.
        late = [clients.enter_context(connect(address)) for _ in range(10)]
        for client in served:
            client.close()
        assert all(echoes(client) for client in late)
