"""What a connection leaves behind when it has ended: nothing that only the collector would find."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Iterator

import pytest

from hubbub.node.connection import Connection
from hubbub.node.sending.outbox import Outbox
from hubbub.transport.stream import Stream
from tests.node.node_harness import Node

KINDS = {Connection, Stream, Outbox}


def held() -> int:
    """Return how many objects of these kinds there are, whether somebody knows them or not."""
    return sum(type(one) in KINDS for one in gc.get_objects())


@pytest.fixture(autouse=True)
def _uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def talk(there: socket.socket) -> None:
    """Come in, join a channel, and say something."""
    there.sendall(b"NICK ann\r\nUSER ann 0 * :ann\r\nJOIN #a\r\nPRIVMSG #a :hi\r\n")
    answered = b""
    while b" 366 " not in answered:
        answered += await asyncio.get_running_loop().sock_recv(there, 4096)


async def test_all_of_a_connection_is_gone_when_it_has_ended() -> None:
    node, before = Node(), held()
    here, there = socket.socketpair()
    for each in (here, there):
        each.setblocking(False)
    stream = Stream(asyncio.get_running_loop(), here, ("127.0.0.1", 1))
    stream.attach(node.hub.sessions.connect(stream, "127.0.0.1", "host", True))
    await talk(there)
    assert held() == before + len(KINDS)
    del stream
    there.close()
    while node.world.users:
        await node.quiet()
    await node.quiet()
    assert held() == before
