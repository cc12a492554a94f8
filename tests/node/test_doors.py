"""Who comes in through a real door, and how many from one address."""

from __future__ import annotations

import asyncio
import socket

import pytest

from hubbub.node import doors as doors_module
from hubbub.node.bounds import Bounds
from hubbub.node.doors import Doors
from hubbub.transport.errors import ListenError
from tests.node.node_harness import Node

KEY = b"k" * 32


async def come_in(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def test_a_peer_is_shown_under_a_cloak() -> None:
    node = Node()
    doors = Doors(node.hub, KEY)
    reader, writer = await come_in(doors.open("127.0.0.1", 0, None))
    writer.write(b"NICK ann\r\nUSER a 0 * :a\r\n")
    welcome = (await reader.readline()).decode()
    assert " 001 ann " in welcome
    assert welcome.rstrip().endswith(".cloak")
    assert "127.0.0.1" not in welcome
    writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_so_many_from_one_address_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_module, "is_loopback", lambda address: False)
    node = Node(bounds=Bounds(connections_per_address=3))
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0, None)
    inside = [await come_in(port) for _ in range(3)]
    for reader, writer in inside:
        writer.write(b"PING x\r\n")
        assert b"PONG" in await reader.readline()
    refused, turned_away = await come_in(port)
    assert await refused.read() == (
        b"ERROR :Closing link: too many connections from your address\r\n"
    )
    turned_away.close()
    reader, writer = inside.pop()
    writer.write(b"QUIT\r\n")
    assert b"ERROR" in await reader.read()
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(20):
        while len(node.hub.roster.connections) == 3:
            await node.quiet()
    reader, writer = await come_in(port)
    writer.write(b"PING again\r\n")
    assert b"again" in await reader.readline()
    for _, guest in [*inside, (reader, writer)]:
        guest.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_loopback_is_exempt() -> None:
    node = Node(bounds=Bounds(connections_per_address=1))
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0, None)
    for _ in range(3):
        reader, writer = await come_in(port)
        writer.write(b"PING x\r\n")
        assert b"PONG" in await reader.readline()
        writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_a_closed_door_accepts_nobody() -> None:
    node = Node()
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0, None)
    doors.close()
    with pytest.raises(OSError, match="onnect"):
        await come_in(port)


async def test_an_address_in_use_is_an_error() -> None:
    doors = Doors(Node().hub, KEY)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ListenError):
        doors.open("127.0.0.1", taken.getsockname()[1], None)
