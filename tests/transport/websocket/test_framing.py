"""Lines over WebSocket: framing, bounds, and the same behaviour as a stream's."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect as connect_web
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hubbub.transport.stream import Stream
from hubbub.transport.websocket.framing import BINARY, EMPTY_FRAMES, MESSAGE_BYTES, TEXT, WebSocket

from ..doors import read, reset
from ..web_doors import WebDoor, close_of, frame, open_raw


@pytest.mark.parametrize("subprotocol", [TEXT, BINARY, None])
async def test_one_line_a_message(subprotocol: Subprotocol | None) -> None:
    async with WebDoor() as door:
        offered = None if subprotocol is None else [subprotocol]
        async with connect_web(door.url, subprotocols=offered, proxy=None) as client:
            peer = await door.opened()
            await client.send("NICK änn")
            await client.send(b"USER a 0 * :a")
            await peer.has("NICK änn\r\nUSER a 0 * :a\r\n".encode())
            assert peer.websocket.send("one\r\nzwö\r\n".encode())
            assert peer.websocket.send(b"three\r\n")
            got = [await client.recv() for _ in range(3)]
        wanted = ["one", "zwö", "three"]
        assert got == ([w.encode() for w in wanted] if subprotocol == BINARY else wanted)
        assert await peer.end() is None


async def test_over_tls(pair: tuple[Path, Path], trusting: ssl.SSLContext) -> None:
    async with (
        WebDoor(pair) as door,
        connect_web(door.url, ssl=trusting, proxy=None) as client,
    ):
        peer = await door.opened()
        assert peer.websocket.tls
        assert peer.websocket.certificate_fingerprint == ""
        await client.send("x" * 20_000)
        await peer.has(b"x" * 20_000 + b"\r\n")
        peer.websocket.send(b"y" * 20_000 + b"\r\n")
        assert await client.recv() == "y" * 20_000


async def test_a_message_in_parts_with_a_ping_between() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        euro = "€".encode()
        client.sendall(
            frame(Opcode.TEXT, b"cost: " + euro[:1], fin=False)
            + frame(Opcode.PING, b"are you there?")
            + frame(Opcode.CONT, euro[1:], fin=False)
            + frame(Opcode.CONT, b"")
            + frame(Opcode.PONG, b"")
            + frame(Opcode.TEXT, b"")
            + frame(Opcode.TEXT, b"next")
        )
        await peer.has(b"cost: " + euro + b"\r\nnext\r\n")
        pong = frame(Opcode.PONG, b"are you there?", mask=False)
        assert await read(client, len(pong)) == pong
        client.close()


async def test_line_ends_that_should_not_be_there_end_lines() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        client.sendall(frame(Opcode.TEXT, b"one\r\ntwo\n"))
        await peer.has(b"one\r\ntwo\n\r\n")
        client.close()


@pytest.mark.parametrize(
    ("sent", "code", "reason"),
    [
        (frame(Opcode.TEXT, b"\xff"), CloseCode.INVALID_DATA, "not UTF-8"),
        (frame(Opcode.TEXT, b"x" * (MESSAGE_BYTES + 1)), CloseCode.MESSAGE_TOO_BIG, "too big"),
        (
            frame(Opcode.TEXT, b"x" * MESSAGE_BYTES, fin=False) + frame(Opcode.CONT, b"x"),
            CloseCode.MESSAGE_TOO_BIG,
            "too big",
        ),
        (frame(Opcode.TEXT, b"x", mask=False), CloseCode.PROTOCOL_ERROR, "protocol error"),
        (frame(Opcode.CONT, b"x"), CloseCode.PROTOCOL_ERROR, "protocol error"),
        (b"\xff" * 20, CloseCode.PROTOCOL_ERROR, "protocol error"),
        (
            frame(Opcode.PING, b"") * (EMPTY_FRAMES + 1),
            CloseCode.POLICY_VIOLATION,
            "bring nothing",
        ),
        (frame(Opcode.TEXT, b"") * 1000, CloseCode.POLICY_VIOLATION, "bring nothing"),
    ],
)
async def test_what_breaks_the_rules_closes(sent: bytes, code: CloseCode, reason: str) -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        client.sendall(frame(Opcode.TEXT, b"before") + sent + frame(Opcode.TEXT, b"after"))
        assert await close_of(client) == code
        client.close()
        error = await peer.end()
        assert error is not None
        assert reason in error
        assert b"before" in peer.data
        assert code is CloseCode.POLICY_VIOLATION or b"after" not in peer.data


async def test_bytes_that_are_no_text_come_through_in_binary() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        client.sendall(frame(Opcode.BINARY, b"caf\xe9"))
        await peer.has(b"caf\xe9\r\n")
        client.close()


async def test_closing_says_the_last_line_and_then_goodbye() -> None:
    async with WebDoor() as door, connect_web(door.url, proxy=None) as client:
        peer = await door.opened()
        peer.websocket.close(last=b"ERROR :bye\r\n")
        assert not peer.websocket.send(b"too late\r\n")
        assert await client.recv() == "ERROR :bye"
        with pytest.raises(ConnectionClosedOK):
            await client.recv()
        assert await peer.end() is None


async def test_a_client_that_closes_is_answered_after_what_it_said() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        peer.on_received = lambda data: peer.websocket.close(last=b"ERROR :bye\r\n")
        client.sendall(frame(Opcode.TEXT, b"QUIT") + frame(Opcode.CLOSE, b"\x0f\xa1bye"))
        wanted = frame(Opcode.TEXT, b"ERROR :bye", mask=False)
        wanted += frame(Opcode.CLOSE, b"\x0f\xa1bye", mask=False)
        assert await read(client, len(wanted) + 1) == wanted
        client.close()
        assert await peer.end() is None
        assert peer.data == b"QUIT\r\n"


async def test_a_reset_is_told() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        reset(client)
        assert await peer.end() == "Connection reset by peer"


async def test_an_abort_ends_it() -> None:
    async with WebDoor() as door, connect_web(door.url, proxy=None) as client:
        peer = await door.opened()
        peer.websocket.abort()
        with pytest.raises(ConnectionClosedError):
            await client.recv()
        assert await peer.end() is None


async def test_a_slow_reader_is_noticed_and_its_pings_do_not_pile_up() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door, small=True)
        line = b"x" * 400 + b"\r\n"
        sent = 1
        while peer.websocket.send(line):
            sent += 1
        kept = peer.websocket.unsent
        assert kept > 0
        assert peer.websocket.last_accepted > 0
        for number in range(200):
            client.sendall(frame(Opcode.PING, b"%d" % number))
            client.sendall(frame(Opcode.TEXT, b"%d" % number))
            await peer.has(b"".join(b"%d\r\n" % n for n in range(number + 1)))
        assert peer.websocket.unsent == kept
        wanted = frame(Opcode.TEXT, line[:-2], mask=False) * sent
        wanted += frame(Opcode.PONG, b"199", mask=False)
        assert await read(client, len(wanted)) == wanted
        await peer.until(lambda: peer.writables > 0)
        client.close()


async def test_reading_pauses_and_goes_on() -> None:
    async with WebDoor() as door:
        client, peer = await open_raw(door)
        peer.websocket.pause_reading()
        client.sendall(frame(Opcode.TEXT, b"late"))
        await asyncio.sleep(0)
        assert not peer.data
        peer.websocket.resume_reading()
        await peer.has(b"late\r\n")
        client.close()


class _Nothing:
    """Stand where a stream does, and take everything."""

    def __init__(self) -> None:
        self.sent = b""
        self.over = False

    @property
    def unsent(self) -> int:
        return 0

    def send(self, data: bytes) -> bool:
        self.sent += data
        return True

    def close(self, timeout: float = 3.0, last: bytes = b"") -> None:
        self.over = True


class _Collector:
    def __init__(self) -> None:
        self.data = b""

    def received(self, data: bytes) -> None:
        self.data += data

    def writable(self) -> None:
        raise AssertionError

    def closed(self, error: str | None) -> None:
        raise AssertionError


def _websocket() -> tuple[WebSocket, _Nothing, _Collector]:
    stream, peer = _Nothing(), _Collector()
    opened = WebSocket(
        cast("Stream", stream), ServerProtocol(state=OPEN, max_size=MESSAGE_BYTES), ("::1", 0)
    )
    opened.attach(peer)
    return opened, stream, peer


@given(st.lists(st.text(min_size=1).map(str.encode), max_size=8), st.data())
def test_messages_come_out_whole_however_they_are_cut(
    messages: list[bytes], data: st.DataObject
) -> None:
    opened, _, peer = _websocket()
    wire = bytearray()
    for message in messages:
        cut = data.draw(st.integers(0, len(message)))
        wire += frame(Opcode.TEXT, message[:cut], fin=False) + frame(Opcode.CONT, message[cut:])
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        opened.received(bytes(wire[:size]))
        del wire[:size]
    assert peer.data == b"".join(message + b"\r\n" for message in messages)


@given(st.lists(st.binary(max_size=40) | st.binary(max_size=40).map(
    lambda data: Frame(Opcode.TEXT, data).serialize(mask=True)), max_size=8))  # fmt: skip
def test_nothing_that_comes_in_breaks_it(pieces: list[bytes]) -> None:
    opened, stream, peer = _websocket()
    for piece in pieces:
        if piece and not stream.over:
            opened.received(piece)
    assert not peer.data or peer.data.endswith(b"\r\n")
