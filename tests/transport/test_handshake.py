"""TLS handshakes that succeed, fail, stall and crowd."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from hubbub.transport import handshake
from hubbub.transport.tls import server_context

from .doors import PATIENCE, Door, connect, join, read, reset

Pair = tuple[Path, Path]


def start_hello(door: Door) -> socket.socket:
    """Connect a client that sends the beginning of a ClientHello and no more."""
    client = connect(door.address)
    client.sendall(b"\x16\x03\x01\x02\x00\x01")
    return client


async def ended(client: socket.socket) -> bool:
    """Wait until the server has ended the connection."""
    try:
        # An alert may come first.
        while await asyncio.to_thread(client.recv, 4096):
            pass
    except ConnectionResetError:
        pass
    return True


async def test_silent_client_is_closed_in_time(pair: Pair) -> None:
    async with Door(pair, handshake_seconds=0.05) as door:
        with connect(door.address) as client:
            assert await door.released() == client.getsockname()
            assert await ended(client)
        assert (door.admitted, door.accepted, door.waiting_releases) == (1, 0, 0)


async def test_half_open_handshake_is_closed_in_time(pair: Pair) -> None:
    async with Door(pair, handshake_seconds=0.2) as door:
        with start_hello(door) as client:
            assert await door.released() == client.getsockname()
            assert await ended(client)
        assert door.accepted == 0


@pytest.mark.parametrize(
    "noise", [b"NICK ada\r\nUSER ada 0 * :Ada\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 5000]
)
async def test_what_is_no_tls_is_closed(noise: bytes, pair: Pair) -> None:
    async with Door(pair) as door:
        with connect(door.address) as client:
            client.sendall(noise)
            assert await door.released() == client.getsockname()
            assert await ended(client)
        assert (door.accepted, door.waiting_releases) == (0, 0)


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01\x02\x00\x01"])
async def test_client_that_leaves_is_released(hello: bytes, pair: Pair) -> None:
    async with Door(pair) as door:
        for leave in (socket.socket.close, reset):
            client = connect(door.address)
            client.sendall(hello)
            address = client.getsockname()
            leave(client)
            assert await door.released() == address
        assert (door.accepted, door.waiting_releases) == (0, 0)


async def test_client_that_distrusts_is_released(pair: Pair) -> None:
    async with Door(pair) as door:
        with connect(door.address) as client, pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(
                ssl.create_default_context().wrap_socket, client, server_hostname="localhost"
            )
        await door.released()
        assert door.accepted == 0


async def test_handshake_of_one_byte_at_a_time(pair: Pair, trusting: ssl.SSLContext) -> None:
    async with Door(pair) as door:
        with connect(door.address) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = trusting.wrap_bio(incoming, outgoing, server_hostname="localhost")

            def dribble() -> None:
                while True:
                    try:
                        tls.do_handshake()
                    except ssl.SSLWantReadError:
                        pass
                    else:
                        tls.write(b"slowly")
                    finally:
                        for byte in outgoing.read():
                            client.sendall(bytes([byte]))
                    if tls.version():
                        return
                    incoming.write(client.recv(65536))

            await asyncio.to_thread(dribble)
            peer = await door.peer()
            await peer.has(b"slowly")


async def test_long_chain_for_a_client_that_reads_late(pair: Pair, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    chain.write_text(pair[0].read_text() * 120)
    context = server_context(chain, pair[1])
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    outcome: asyncio.Future[ssl.SSLSocket] = asyncio.get_running_loop().create_future()
    handshakes = handshake.Handshakes(
        asyncio.get_running_loop(),
        lambda: context,
        done=lambda secured, address: outcome.set_result(secured),
        failed=lambda address, reason: outcome.set_exception(ConnectionError(reason)),
        timeout=PATIENCE,
    )
    # The socket takes less than the chain, so the server has to wait until it can write.
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours.setblocking(False)
    handshakes.start(ours, ("127.0.0.1", 1))
    theirs.settimeout(PATIENCE)
    with await asyncio.to_thread(anyone.wrap_socket, theirs), await outcome as secured:
        assert len(handshakes) == 0
        asyncio.get_running_loop().remove_reader(secured)


async def test_crowd_is_let_in_a_few_at_each_turn(
    pair: Pair, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "STEPS_PER_TURN", 1)
    async with Door(pair) as door:
        joined = await asyncio.gather(*(join(door, trusting) for _ in range(20)))
        for client, _ in joined:
            client.close()
        assert (door.accepted, door.waiting_releases) == (20, 0)


async def test_newcomers_wait_while_too_many_are_in_progress(
    pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with Door(pair, handshakes=2) as door:
        halves = [start_hello(door), start_hello(door)]
        joining = asyncio.create_task(join(door, trusting))
        _, waiting = await asyncio.wait([joining], timeout=0.3)
        assert waiting
        assert door.admitted == 2
        halves[0].close()
        client, peer = await joining
        with client:
            client.sendall(b"in")
            await peer.has(b"in")
        halves[1].close()
        await door.released()
        await door.released()


async def test_silent_clients_make_room(
    pair: Pair, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "SILENT_SECONDS", 0.0)
    async with Door(pair, handshakes=2) as door:
        silent = [connect(door.address) for _ in range(10)]
        client, peer = await join(door, trusting)
        with client:
            client.sendall(b"in")
            await peer.has(b"in")
        # The oldest went first.
        assert await door.released() == silent[0].getsockname()
        assert await ended(silent[0])
        for each in silent:
            each.close()


async def test_closing_the_door_ends_handshakes_but_no_streams(
    pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with Door(pair) as door:
        client, peer = await join(door, trusting)
        with client, start_hello(door) as half:
            await door.admits(2)
            door.listener.close()
            assert await door.released() == half.getsockname()
            assert await ended(half)
            with pytest.raises(ConnectionRefusedError):
                connect(door.address)
            assert peer.stream.send(b"still here") is True
            assert await read(client, 10) == b"still here"
        assert door.waiting_releases == 0
