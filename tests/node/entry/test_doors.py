"""Who comes in through a real door, and how many from one address."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.typing import Origin

from hubbub.core.world.bans import NetworkBan
from hubbub.node.entry import gate as gate_module
from hubbub.node.entry.cloak import cloak
from hubbub.node.entry.doors import Doors
from hubbub.node.limits.bounds import Bounds
from hubbub.transport.errors import ListenError
from hubbub.transport.proxy.trusted import Proxies
from hubbub.transport.tls import server_context
from tests.node.node_harness import Node
from tests.transport.doors import make_pair

KEY = b"k" * 32


async def come_in(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def test_a_peer_is_shown_under_a_cloak() -> None:
    node = Node()
    doors = Doors(node.hub, KEY)
    reader, writer = await come_in(doors.open("127.0.0.1", 0))
    writer.write(b"NICK ann\r\nUSER a 0 * :a\r\n")
    welcome = (await reader.readline()).decode()
    assert " 001 ann " in welcome
    assert welcome.rstrip().endswith(".cloak")
    assert "127.0.0.1" not in welcome
    writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_so_many_from_one_address_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "is_loopback", lambda address: False)
    node = Node(bounds=Bounds(connections_per_address=3))
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0)
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
        while len(node.hub.sessions.roster.connections) == 3:
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
    port = doors.open("127.0.0.1", 0)
    for _ in range(3):
        reader, writer = await come_in(port)
        writer.write(b"PING x\r\n")
        assert b"PONG" in await reader.readline()
        writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_who_is_banned_during_the_handshake_does_not_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "is_loopback", lambda address: False)
    node = Node()
    doors = Doors(node.hub, KEY)
    pair = make_pair(tmp_path)
    port = doors.open("127.0.0.1", 0, lambda: server_context(*pair))
    reader, writer = await come_in(port)
    while not doors._tls_gate._outside:
        await node.quiet()
    node.world.bans.add(NetworkBan("address", "127.0.0.1/32", "oper", 0, reason="spam"))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    await writer.start_tls(context)
    assert b"You are banned from this server: spam" in await reader.read()
    writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_a_closed_door_accepts_nobody() -> None:
    node = Node()
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0)
    doors.close()
    with pytest.raises(OSError, match="onnect"):
        await come_in(port)


async def test_an_address_in_use_is_an_error() -> None:
    doors = Doors(Node().hub, KEY)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ListenError):
        doors.open("127.0.0.1", taken.getsockname()[1], None)


async def test_a_websocket_is_a_door_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "is_loopback", lambda address: False)
    node = Node(bounds=Bounds(connections_per_address=1))
    doors = Doors(node.hub, KEY)
    url = f"ws://127.0.0.1:{doors.open_web('127.0.0.1', 0, ())}/"
    for _ in range(2):
        async with connect(url, proxy=None) as client:
            await client.send("NICK ann")
            await client.send("USER a 0 * :a")
            assert " 001 ann " in str(await client.recv())
            await client.send("PRIVMSG ann :" + "x" * 520)
            lines = [str(await client.recv())]
            while " 417 ann " not in lines[-1]:
                lines.append(str(await client.recv()))
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, proxy=None).__aenter__()
            assert refused.value.response.status_code == 503
            assert b"too many connections" in (refused.value.response.body or b"")
            await client.send("QUIT :bye")
            assert "ERROR" in str(await client.recv())
            with pytest.raises(ConnectionClosedOK):
                await client.recv()
        async with asyncio.timeout(20):
            while node.hub.sessions.roster.connections:
                await node.quiet()
    doors.close()
    await node.hub.stop(1.0)


async def test_pages_come_in_from_where_they_may_only() -> None:
    node = Node()
    doors = Doors(node.hub, KEY)
    port = doors.open_web("127.0.0.1", 0, ("https://chat.example.org",))
    url = f"ws://127.0.0.1:{port}/"
    async with connect(url, proxy=None, origin=Origin("https://chat.example.org")):
        assert len(node.hub.sessions.roster.connections) == 1
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, proxy=None, origin=Origin("https://example.net")).__aenter__()
    assert refused.value.response.status_code == 403
    doors.close()
    await node.hub.stop(1.0)


async def test_the_client_behind_a_proxy_is_counted_and_cloaked() -> None:
    node = Node(bounds=Bounds(connections_per_address=1))
    doors = Doors(node.hub, KEY, Proxies(("127.0.0.1",)))
    port = doors.open("127.0.0.1", 0)
    hosts = []
    for client in ("192.0.2.7", "192.0.2.8"):
        reader, writer = await come_in(port)
        writer.write(
            f"PROXY TCP4 {client} 127.0.0.1 5000 {port}\r\nNICK a{client[-1]}\r\n".encode()
        )
        writer.write(b"USER a 0 * :a\r\n")
        welcome = await reader.readline()
        hosts.append(welcome.split(b"@")[1].strip().decode())
        refused, turned_away = await come_in(port)
        turned_away.write(f"PROXY TCP4 {client} 127.0.0.1 5001 {port}\r\n".encode())
        assert b"too many connections" in await refused.read()
        turned_away.close()
        writer.close()
    assert hosts == [cloak(KEY, "192.0.2.7"), cloak(KEY, "192.0.2.8")]
    doors.close()
    await node.hub.stop(1.0)


async def test_loopback_counts_where_a_proxy_is_listed() -> None:
    node = Node(bounds=Bounds(connections_per_address=1))
    doors = Doors(node.hub, KEY, Proxies(("192.0.2.1",)))
    port = doors.open("127.0.0.1", 0)
    inside, writer = await come_in(port)
    writer.write(b"PING x\r\n")
    assert b"PONG" in await inside.readline()
    refused, turned_away = await come_in(port)
    assert b"too many connections" in await refused.read()
    turned_away.close()
    writer.close()
    doors.close()
    await node.hub.stop(1.0)


async def test_a_web_proxy_s_clients_are_counted_one_by_one() -> None:
    node = Node(bounds=Bounds(connections_per_address=1))
    doors = Doors(node.hub, KEY, Proxies(("127.0.0.1",)))
    url = f"ws://127.0.0.1:{doors.open_web('127.0.0.1', 0, ())}/"

    def behind(client: str) -> connect:
        return connect(url, proxy=None, additional_headers={"X-Forwarded-For": client})

    async with behind("192.0.2.7"), behind("192.0.2.8"):
        assert len(node.hub.sessions.roster.connections) == 2
        with pytest.raises(InvalidStatus) as refused:
            await behind("192.0.2.8").__aenter__()
        assert refused.value.response.status_code == 503
    async with asyncio.timeout(20):
        while node.hub.sessions.roster.connections:
            await node.quiet()
    async with behind("192.0.2.8"):
        pass
    doors.close()
    await node.hub.stop(1.0)


async def test_the_certificate_that_a_client_proved_is_known_to_its_session(
    tmp_path: Path,
) -> None:
    certificate, key = make_pair(tmp_path)
    served = server_context(certificate, key)
    client = ssl.create_default_context(cafile=certificate)
    client.load_cert_chain(certificate, key)
    shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()
    bare = ssl.create_default_context(cafile=certificate)
    node = Node()
    doors = Doors(node.hub, KEY)
    port = doors.open("127.0.0.1", 0, lambda: served)
    for context, expected in ((client, shown), (bare, "")):
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        writer.write(b"PING x\r\n")
        assert b"PONG" in await reader.readline()
        (connection,) = node.hub.sessions.roster.connections.values()
        assert (connection.session.secure, connection.session.certfp) == (True, expected)
        writer.write(b"QUIT\r\n")
        assert b"ERROR" in await reader.read()
        writer.close()
        async with asyncio.timeout(20):
            while node.hub.sessions.roster.connections:
                await node.quiet()
    doors.close()
    await node.hub.stop(1.0)
