"""Bytes through streams, plain and TLS, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from hubbub.transport.stream import READ_BYTES, READS_PER_WAKE, Stream

from .doors import Door, Recorder, join, read, reset

Pair = tuple[Path, Path]

MUCH = b"".join(b"%07d\n" % number for number in range(1_500_000))
"""12 MB, more than the system buffers for a client that does not read; every place is unique."""

both = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


def door_for(tls: bool, pair: Pair) -> Door:
    return Door(pair if tls else None)


def client_context(tls: bool, trusting: ssl.SSLContext) -> ssl.SSLContext | None:
    return trusting if tls else None


@both
async def test_carries_bytes_both_ways(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            client.sendall(b"NICK ada\r\n")
            await peer.has(b"NICK ada\r\n")
            assert peer.stream.send(b"PING :1\r\n") is True
            assert await read(client, 9) == b"PING :1\r\n"
            assert peer.stream.unsent == 0
            assert peer.stream.peer_address == client.getsockname()


@both
async def test_tells_if_it_is_encrypted(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            stream = peer.stream
            assert stream.tls is tls
            assert stream.certificate_fingerprint == ""


@both
async def test_takes_one_byte_at_a_time(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    line = b"PRIVMSG #lobby :slowly\r\n"
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            for place in range(len(line)):
                client.sendall(line[place : place + 1])
                await peer.has(line[: place + 1])
    assert peer.pieces == [1] * len(line)


@both
async def test_slow_reader_gets_every_byte_in_order(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            assert 0 < peer.stream.unsent < len(MUCH)
            # It is over and over refused, and the pinned chunk must survive that.
            first = await read(client, 100_000)
            assert peer.writables == 0
            assert first + await read(client, len(MUCH) - len(first)) == MUCH
            await peer.until(lambda: peer.writables == 1)
            assert peer.stream.unsent == 0
            assert peer.stream.send(b"and on") is True
            assert await read(client, 6) == b"and on"


@both
async def test_keeps_what_comes_too_early_in_order(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    pieces = [MUCH, b"", b"a", b"b" * 40_000, *(b"%d " % number for number in range(50))]
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert not any(peer.stream.send(piece) for piece in pieces)
            sent = b"".join(pieces)
            assert await read(client, len(sent)) == sent
            await peer.until(lambda: peer.stream.unsent == 0)


@both
async def test_reads_while_it_cannot_write(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            client.sendall(b"still here\r\n")
            await peer.has(b"still here\r\n")
            assert await read(client, len(MUCH)) == MUCH


@both
async def test_accepted_bytes_count_as_life(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            peer.stream.last_accepted = -1.0
            client.sendall(b"hello")
            await peer.has(b"hello")
            assert peer.stream.last_accepted == -1.0
            await read(client, len(MUCH))
            await peer.until(lambda: peer.writables == 1)
            assert peer.stream.last_accepted >= 0.0


async def test_a_wait_begins_with_the_first_refusal() -> None:
    async with Door() as door:
        client, peer = await join(door, None)
        with client:
            peer.stream.last_accepted = -1.0
            peer.stream._transmit = refuse
            assert peer.stream.send(b"late") is False
            assert peer.stream.last_accepted >= 0.0
            assert peer.stream.unsent == 4


def refuse(data: bytes | memoryview) -> int:
    raise BlockingIOError


@both
async def test_pauses_reading(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    context = client_context(tls, trusting)
    async with door_for(tls, pair) as door:
        client, peer = await join(door, context)
        other, witness = await join(door, context)
        with client, other:
            peer.stream.pause_reading()
            client.sendall(b"x" * 1000)
            other.sendall(b"y")
            await witness.has(b"y")
            assert peer.data == b""
            peer.stream.resume_reading()
            await peer.has(b"x" * 1000)


@both
async def test_owner_that_pauses_after_each_piece_misses_nothing(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    sent = MUCH[:500_000]
    loop = asyncio.get_running_loop()
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))

        def rest(data: bytes) -> None:
            peer.stream.pause_reading()
            loop.call_soon(peer.stream.resume_reading)

        peer.on_received = rest
        with client:
            await asyncio.to_thread(client.sendall, sent)
            await peer.has(sent)


@both
async def test_one_peer_cannot_fill_a_turn_of_the_loop(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    sent = MUCH[:400_000]
    loop = asyncio.get_running_loop()
    turns: list[int] = [0]

    def next_turn() -> None:
        turns.append(0)
        loop.call_soon(next_turn)

    def count(data: bytes) -> None:
        turns[-1] += 1

    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        peer.stream.pause_reading()
        peer.on_received = count
        with client:
            sending = asyncio.create_task(asyncio.to_thread(client.sendall, sent))
            next_turn()
            peer.stream.resume_reading()
            await peer.has(sent)
            await sending
    # Once for being ready, and once for being resumed.
    assert max(turns) <= 2 * READS_PER_WAKE
    assert max(peer.pieces) <= READ_BYTES


@both
async def test_peer_that_closes_in_order(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        client.sendall(b"QUIT\r\n")
        if isinstance(client, ssl.SSLSocket):
            client.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                client.unwrap()
        client.close()
        assert await peer.end() is None
        assert peer.data == b"QUIT\r\n"


async def test_end_without_close_notify_is_an_end(pair: Pair, trusting: ssl.SSLContext) -> None:
    async with Door(pair) as door:
        client, peer = await join(door, trusting)
        client.sendall(b"QUIT\r\n")
        client.close()
        assert await peer.end() is None
        assert peer.data == b"QUIT\r\n"


@both
async def test_reset_is_told(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        reset(client)
        reason = await peer.end()
        # Before Python 3.13, OpenSSL's report of the cause is lost.
        assert reason == "Connection reset by peer" or (tls and reason == "Connection lost")
        assert peer.stream.send(b"too late") is False
        assert peer.stream.unsent == 0


@both
async def test_last_words_are_heard_though_a_write_failed(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        client.sendall(b"QUIT :bye\r\n")
        reset(client)
        # No await since: the write meets the reset before anything was read.
        assert peer.stream.send(b"PRIVMSG ada :are you there?\r\n") is False
        assert peer.ends == []
        await peer.end()
        assert peer.data == b"QUIT :bye\r\n"


@both
async def test_reset_while_bytes_are_kept(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        assert peer.stream.send(MUCH) is False
        reset(client)
        assert await peer.end() is not None
        assert peer.stream.unsent == 0
        assert peer.writables == 0


async def test_broken_record_ends_the_connection(pair: Pair, trusting: ssl.SSLContext) -> None:
    async with Door(pair) as door:
        client, peer = await join(door, trusting)
        with socket.socket(fileno=client.detach()) as raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"?" * 32)
            reason = await peer.end()
    assert reason is not None
    assert reason.startswith("TLS: ")
    assert "_" not in reason


async def test_owner_that_attaches_late_is_told() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs:
        stream = Stream(asyncio.get_running_loop(), ours, ("127.0.0.1", 1))
        stream.abort()
        peer = Recorder(stream)
        stream.attach(peer)
        assert peer.ends == []
        assert await peer.end() is None


class Contrary(socket.socket):
    """Refuse in the direction that nobody expects, as OpenSSL does during a KeyUpdate."""

    refuse_read = False
    refuse_write = False
    reads = 0
    writes = 0
    decrypted = b""

    def recv(self, size: int, flags: int = 0) -> bytes:
        self.reads += 1
        if self.refuse_read:
            raise ssl.SSLWantWriteError
        if self.decrypted:
            data, self.decrypted = self.decrypted, b""
            return data
        return super().recv(size, flags)

    def send(self, data: bytes | memoryview, flags: int = 0) -> int:  # type: ignore[override]
        self.writes += 1
        if self.refuse_write:
            raise ssl.SSLWantReadError
        return super().send(data, flags)


def contrary_pair() -> tuple[Contrary, socket.socket, Recorder]:
    ours, theirs = socket.socketpair()
    contrary = Contrary(fileno=ours.detach())
    contrary.setblocking(False)
    theirs.settimeout(10)
    stream = Stream(asyncio.get_running_loop(), contrary, ("127.0.0.1", 1))
    peer = Recorder(stream)
    stream.attach(peer)
    return contrary, theirs, peer


async def some_turns() -> None:
    """Let the loop look at its sockets a few times."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_read_that_waits_for_writing() -> None:
    contrary, theirs, peer = contrary_pair()
    with theirs:
        assert peer.stream.send(MUCH) is False
        contrary.refuse_read = True
        theirs.sendall(b"hello")
        await some_turns()
        # Tried once, and not again until the socket takes bytes.
        assert contrary.reads == 1
        contrary.refuse_read = False
        assert await read(theirs, len(MUCH)) == MUCH
        await peer.has(b"hello")
    assert await peer.end() is None


async def test_write_that_waits_for_reading() -> None:
    contrary, theirs, peer = contrary_pair()
    with theirs:
        peer.stream.pause_reading()
        contrary.refuse_write = True
        assert peer.stream.send(b"PING") is False
        await some_turns()
        # Tried once, and not again until there is something to read.
        assert contrary.writes == 1
        contrary.refuse_write = False
        theirs.sendall(b"x")
        await peer.until(lambda: peer.writables == 1)
        assert theirs.recv(10) == b"PING"
        assert peer.data == b""
        peer.stream.resume_reading()
        await peer.has(b"x")
    assert await peer.end() is None


async def test_decrypted_bytes_are_found_when_reading_resumes() -> None:
    contrary, theirs, peer = contrary_pair()
    with theirs:
        peer.stream.pause_reading()
        contrary.decrypted = b"the socket itself is silent"
        peer.stream.resume_reading()
        await peer.has(b"the socket itself is silent")
    assert await peer.end() is None


async def test_watched_socket_rests_until_an_owner_attaches() -> None:
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    contrary = Contrary(fileno=ours.detach())
    contrary.setblocking(False)
    turns: list[None] = []
    loop.add_reader(contrary.fileno(), turns.append, None)
    stream = Stream(loop, contrary, ("127.0.0.1", 1), watched=True)
    with theirs:
        theirs.sendall(b"early")
        await some_turns()
        assert (contrary.reads, turns) == (0, [])
        peer = Recorder(stream)
        stream.attach(peer)
        await peer.has(b"early")
    assert await peer.end() is None
