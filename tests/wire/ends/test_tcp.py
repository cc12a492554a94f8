"""A TCP connection tells of every read and write; who cannot be reached is told of."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from hubbub.wire.address import WireAddress
from hubbub.wire.ends.tcp import Tap, connect, name_of
from hubbub.wire.failures import CannotReach, CutOff, WireCode
from hubbub.wire.seen import Seen, Way
from tests.terminal.servers import free_port
from tests.wire.looking import look, peer


def talk(
    serve: Callable[[socket.socket], None], do: Callable[[Tap], Awaitable[None]], host: str
) -> list[Seen]:
    """Connect to a peer, do something there, and return what was shown."""
    told: list[Seen] = []

    async def run(port: int) -> None:
        tap = await connect(WireAddress("irc", host, port), told.append, 5)
        try:
            await do(tap)
        finally:
            await tap.close()

    with peer(serve) as port:
        asyncio.run(run(port))
    return told


def test_every_read_and_write_is_told() -> None:
    def echo(connection: socket.socket) -> None:
        connection.sendall(connection.recv(100) * 2)

    async def ask(tap: Tap) -> None:
        await tap.write(b"")
        await tap.write(b"hello")
        tap.finish()
        while await tap.read():
            pass

    told = talk(echo, ask, "localhost")
    assert [seen.name for seen in told[:2]] == ["looked up", "connected"]
    sent = [seen.size for seen in told if seen.way is Way.SENT]
    received = [seen.size or 0 for seen in told if seen.way is Way.RECEIVED]
    assert (sent, sum(received), told[-1].name) == ([5], 10, "ended")


def test_a_reset_is_told_in_words() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(1)
        linger = (1).to_bytes(4, "little") + bytes(4)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async def read(tap: Tap) -> None:
        await tap.write(b"x")
        with pytest.raises(CutOff, match="the connection broke"):
            await tap.read()

    talk(reset, read, "127.0.0.1")


def test_who_cannot_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
    shown = look(capsys, f"irc://127.0.0.1:{free_port()}")
    assert shown.code == WireCode.CANNOT_REACH
    assert "nobody listens there" in shown.error
    assert look(capsys, f"irc://{'x' * 64}.invalid").code == WireCode.CANNOT_REACH
    assert look(capsys, "irc://nowhere.invalid").code == WireCode.CANNOT_REACH


def test_who_does_not_answer_is_not_waited_for_for_ever() -> None:
    """The queue of a listener that accepts nobody is full, so the next SYN is dropped."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for other in (first, second):
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
        with pytest.raises(CannotReach, match="does not answer within"):
            asyncio.run(connect(WireAddress("irc", "127.0.0.1", port), lambda seen: None, 0.5))


def test_names_of_places() -> None:
    assert name_of(("::1", 5, 0, 0)) == "[::1]:5"
    assert name_of("") == "unknown"
