"""The opening handshake: who gets in, and what everybody else is told."""

from __future__ import annotations

import asyncio

import pytest
from websockets.frames import Opcode

from hubbub.transport.websocket.upgrade import REQUEST_BYTES

from ..doors import connect
from ..web_doors import WebDoor, answer_to, frame, open_raw, request

PAGE = "Origin: https://chat.example.org"


async def test_what_stands_behind_the_request_is_not_lost() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door, behind=frame(Opcode.TEXT, b"NICK ann"))
        await peer.has(b"NICK ann\r\n")
        client.close()
        await peer.end()


async def test_a_request_may_come_in_pieces() -> None:
    async with WebDoor() as door:
        with connect(door.address) as client:
            for byte in request():
                client.sendall(bytes([byte]))
            await door.opened()


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["text.ircv3.net"], "text.ircv3.net"),
        (["binary.ircv3.net, text.ircv3.net"], "binary.ircv3.net"),
        (["text.ircv3.net", "binary.ircv3.net"], "text.ircv3.net"),
        (["kiwi, binary.ircv3.net"], "binary.ircv3.net"),
        (["kiwi"], None),
        ([], None),
    ],
)
async def test_the_client_s_preference_decides(offered: list[str], chosen: str | None) -> None:
    async with WebDoor() as door:
        with connect(door.address) as client:
            client.sendall(request(*(f"Sec-WebSocket-Protocol: {each}" for each in offered)))
            await door.opened()
            answer = (await asyncio.to_thread(client.recv, 4096)).decode()
        wanted = [] if chosen is None else [f"Sec-WebSocket-Protocol: {chosen}"]
        assert [line for line in answer.split("\r\n") if "Protocol:" in line] == wanted
        assert "Extensions" not in answer


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426 Upgrade Required", b"chat server"),
        (request(line="GET / HTTP/1.0"), b"505 ", b"HTTP"),
        (request(line="HEAD / HTTP/1.1"), b"405 ", b"HEAD"),
        (request("Content-Length: 5"), b"400 ", b"cannot be understood"),
        (request().replace(b"13", b"12"), b"400 ", b"Version"),
        (request().replace(b"dGhl", b"xx"), b"400 ", b"Key"),
        (request("Origin: a", "Origin: b"), b"400 ", b"Origin"),
        (b"NICK ann\r\n", b"400 ", b"IRC over WebSocket"),
        (b"\n", b"400 ", b"IRC over WebSocket"),
        (b"\x16\x03\x01\x02\n", b"400 ", b"IRC over WebSocket"),
        (request("Cookie: " + "x" * REQUEST_BYTES), b"431 ", b"too large"),
        (b"x" * (REQUEST_BYTES + 1), b"431 ", b"too large"),
    ],
)
async def test_what_is_no_handshake_is_answered_in_http(
    sent: bytes, status: bytes, text: bytes
) -> None:
    async with WebDoor() as door:
        answer = await answer_to(door, sent)
        assert answer.startswith(b"HTTP/1.1 " + status)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert text in body
        assert f"Content-Length: {len(body)}".encode() in head
        await door.released()
        assert len(door.upgrades) == 0


@pytest.mark.parametrize(
    ("allowed", "header", "welcome"),
    [
        ((), None, True),
        ((), PAGE, False),
        # A page's host may be pointed at this door by whoever owns the name.
        ((), "Origin: http://localhost", False),
        (("https://chat.example.org",), PAGE, True),
        (("https://chat.example.org",), "Origin: HTTPS://Chat.Example.org", True),
        (("https://chat.example.org",), None, True),
        (("https://chat.example.org",), "Origin: http://chat.example.org", False),
        (("https://chat.example.org",), "Origin: https://chat.example.org.evil.net", False),
        (("https://chat.example.org",), "Origin: null", False),
        (("*",), "Origin: null", True),
        (("*",), PAGE, True),
    ],
)
async def test_who_is_welcome(allowed: tuple[str, ...], header: str | None, welcome: bool) -> None:
    async with WebDoor(origins=allowed) as door:
        headers = [] if header is None else [header]
        if welcome:
            client, _ = await open_raw(door, *headers)
            client.close()
        else:
            assert b" 403 " in await answer_to(door, request(*headers))


async def test_who_says_nothing_in_time_is_dropped() -> None:
    async with WebDoor(seconds=0.05) as door:
        with connect(door.address) as client:
            client.sendall(b"GET / HTTP/1.1\r\n")
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(client.recv, 1)
        await door.released()


async def test_an_open_one_is_not_timed() -> None:
    async with WebDoor(seconds=0.05) as door:
        client, peer = await open_raw(door)
        # Another one's time running out shows that the first one's has passed.
        with connect(door.address):
            await door.released()
        client.sendall(frame(Opcode.TEXT, b"still here"))
        await peer.has(b"still here\r\n")
        client.close()


async def test_the_longest_awaited_makes_room() -> None:
    async with WebDoor(most=2) as door:
        silent = [connect(door.address) for _ in range(2)]
        await door.admits(2)
        client, _ = await open_raw(door)
        with pytest.raises(ConnectionResetError):
            await asyncio.to_thread(silent[0].recv, 1)
        await door.released()
        assert len(door.upgrades) == 1
        for each in (*silent, client):
            each.close()


async def test_a_closing_door_drops_what_is_not_open_yet() -> None:
    async with WebDoor() as door:
        with connect(door.address) as client:
            await door.admits(1)
            assert len(door.upgrades) == 1
            door.upgrades.close()
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(client.recv, 1)
            await door.released()


async def test_the_forwarded_address_is_the_client_s() -> None:
    async with WebDoor(proxies=("127.0.0.1", "10.0.0.0/8")) as door:
        client, peer = await open_raw(
            door, "X-Forwarded-For: 198.51.100.1, 192.0.2.7", "X-Forwarded-For: 10.1.1.1"
        )
        assert peer.websocket.peer_address == ("192.0.2.7", 0)
        assert door.clients == [("192.0.2.7", 0)]
        client.close()


async def test_who_is_no_proxy_is_not_believed() -> None:
    async with WebDoor(proxies=("192.0.2.1",)) as door:
        client, peer = await open_raw(door, "X-Forwarded-For: 192.0.2.7")
        assert peer.websocket.peer_address[0] == "127.0.0.1"
        assert door.clients == []
        client.close()


async def test_a_proxy_that_names_nobody_is_refused() -> None:
    async with WebDoor(proxies=("127.0.0.1",)) as door:
        assert b" 400 " in await answer_to(door, request())
        assert b" 400 " in await answer_to(door, request("X-Forwarded-For: unknown"))
        assert door.waiting_releases == 0


async def test_too_many_of_one_client() -> None:
    async with WebDoor(proxies=("127.0.0.1",), refusal=b"HTTP/1.1 503 \r\n\r\n") as door:
        answer = await answer_to(door, request("X-Forwarded-For: 192.0.2.7"))
        assert answer == b"HTTP/1.1 503 \r\n\r\n"
        assert door.waiting_releases == 0


async def test_a_proxy_header_will_do() -> None:
    async with WebDoor(proxies=("127.0.0.1",)) as door:
        client = connect(door.address)
        client.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 80\r\n")
        client.sendall(request("X-Forwarded-For: 198.51.100.1"))
        peer = await door.opened()
        assert peer.websocket.peer_address == ("192.0.2.7", 5000)
        assert door.addresses == [("192.0.2.7", 5000)]
        assert door.clients == []
        client.close()
