"""Those who are turned away read why, and are awaited neither for long nor in any number."""

from __future__ import annotations

import asyncio
import socket

import pytest

from hubbub.transport import farewells
from hubbub.transport.farewells import FAREWELLS, Farewells


def pair() -> tuple[socket.socket, socket.socket]:
    """Return our end, which does not block, and a client's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(20)
    return ours, theirs


async def closed(sockets: list[socket.socket]) -> None:
    """Wait until all of these are closed."""
    async with asyncio.timeout(20):
        # Nobody is told of it but the system.
        while any(each.fileno() >= 0 for each in sockets):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_client_that_still_speaks_reads_why_and_then_it_is_over() -> None:
    ours, theirs = pair()
    farewell = Farewells(asyncio.get_running_loop())
    with theirs:
        theirs.sendall(b"SSH-2.0-Client\r\n" * 100)
        farewell.say(ours, b"too many are here")
        assert theirs.recv(100) == b"too many are here"
        assert theirs.recv(100) == b""
        assert ours.fileno() >= 0
        theirs.sendall(b"more")
        theirs.shutdown(socket.SHUT_WR)
        await closed([ours])


async def test_a_client_that_never_goes_is_awaited_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(farewells, "SECONDS", 0.05)
    ours, theirs = pair()
    with theirs:
        Farewells(asyncio.get_running_loop()).say(ours, b"no")
        await closed([ours])


async def test_of_too_many_the_one_that_was_awaited_longest_is_closed() -> None:
    farewell = Farewells(asyncio.get_running_loop())
    pairs = [pair() for _ in range(FAREWELLS + 1)]
    for ours, _ in pairs:
        farewell.say(ours, b"no")
    assert [ours.fileno() >= 0 for ours, _ in pairs] == [False] + [True] * FAREWELLS
    farewell.close()
    assert all(ours.fileno() < 0 for ours, _ in pairs)
    for _, theirs in pairs:
        theirs.close()


async def test_who_is_gone_already_is_told_nothing() -> None:
    ours, theirs = pair()
    theirs.close()
    Farewells(asyncio.get_running_loop()).say(ours, b"no")
    assert ours.fileno() < 0
