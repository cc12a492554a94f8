"""The PROXY header at a door: before TLS, from listed addresses only, in time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from ..doors import Door, connect, join, read
from ..proxy_headers import raw_version_2, version_1, version_2

HERE = ("127.0.0.1",)
CLIENT = (IPv4Address("192.0.2.7"), 5000, IPv4Address("192.0.2.1"), 6697)
HEADERS = [version_1(*CLIENT), version_2(*CLIENT), version_2(*CLIENT, b"x" * 500)]


async def is_closed(client: socket.socket) -> bool:
    """Wait for the end; a reset where something was left unread."""
    try:
        return await read(client, 1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("header", HEADERS)
async def test_the_address_in_it_is_the_peer_s(header: bytes) -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client:
            client.sendall(header + b"NICK ann\r\n")
            peer = await door.peer()
            assert peer.stream.peer_address == ("192.0.2.7", 5000)
            assert door.addresses == [("192.0.2.7", 5000)]
            await peer.has(b"NICK ann\r\n")


@pytest.mark.parametrize("header", HEADERS)
async def test_it_may_come_byte_by_byte(header: bytes) -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client:
            for byte in header + b"NICK ann\r\n":
                client.sendall(bytes([byte]))
                await asyncio.sleep(0)
            peer = await door.peer()
            assert peer.stream.peer_address == ("192.0.2.7", 5000)
            await peer.has(b"NICK ann\r\n")


@pytest.mark.parametrize("header", HEADERS)
async def test_before_tls(header: bytes, pair: tuple[Path, Path], trusting: ssl.SSLContext) -> None:
    async with Door(pair, proxies=HERE) as door:
        plain = connect(door.address)
        plain.sendall(header)
        client = await asyncio.to_thread(
            trusting.wrap_socket, plain, server_hostname="localhost", suppress_ragged_eofs=False
        )
        peer = await door.peer()
        assert peer.stream.peer_address == ("192.0.2.7", 5000)
        peer.stream.send(b"hello")
        assert await read(client, 5) == b"hello"
        client.close()


async def test_a_failed_tls_handshake_gives_the_client_s_place_back(
    pair: tuple[Path, Path],
) -> None:
    async with Door(pair, proxies=HERE) as door:
        with connect(door.address) as client:
            client.sendall(HEADERS[0] + b"not TLS at all\r\n")
            assert await door.released() == ("192.0.2.7", 5000)


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", raw_version_2(0x20, 0)])
async def test_the_proxy_s_own_check_is_the_proxy_s(header: bytes) -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client:
            client.sendall(header)
            peer = await door.peer()
            assert peer.stream.peer_address == client.getsockname()


async def test_from_others_it_is_a_bad_line() -> None:
    async with Door(proxies=("192.0.2.0/24",)) as door:
        client, peer = await join(door)
        client.sendall(HEADERS[0])
        await peer.has(HEADERS[0])
        assert peer.stream.peer_address == client.getsockname()
        client.close()


@pytest.mark.parametrize("said", [b"NICK ann\r\n", b"\x16\x03\x01\x02\x00", b"PROXY TCP4 x\r\n"])
async def test_a_proxy_that_sends_none_is_closed(said: bytes) -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client:
            client.sendall(said)
            assert await is_closed(client)
        assert door.admitted == door.accepted == 0


async def test_a_proxy_that_ends_early_is_closed() -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client:
            client.sendall(HEADERS[0][:20])
            client.shutdown(socket.SHUT_WR)
            assert await is_closed(client)
        assert door.admitted == 0


async def test_a_proxy_that_says_nothing_is_closed_in_time() -> None:
    async with Door(proxies=HERE, handshake_seconds=0.05) as door:
        with connect(door.address) as client:
            assert await is_closed(client)
        assert door.admitted == 0


async def test_where_it_may_be_missing_nothing_is_taken() -> None:
    async with Door(proxies=HERE, forwards=True) as door:
        for said in (b"GET / HTTP/1.1\r\n", b"PUT /\r\n"):
            with connect(door.address) as client:
                client.sendall(said)
                peer = await door.peer()
                await peer.has(said)
                assert peer.stream.peer_address == client.getsockname()


async def test_a_refused_client_behind_a_proxy_is_told() -> None:
    async with Door(proxies=HERE, refusal=b"ERROR :full\r\n") as door:
        with connect(door.address) as client:
            client.sendall(HEADERS[0])
            assert await read(client, 100) == b"ERROR :full\r\n"


async def test_a_closing_door_waits_for_no_header() -> None:
    async with Door(proxies=HERE) as door:
        with connect(door.address) as client, connect(door.address) as beside:
            # Whoever comes second shows that the first one has been accepted.
            beside.sendall(HEADERS[0])
            await door.peer()
            door.listener.close()
            assert await is_closed(client)
