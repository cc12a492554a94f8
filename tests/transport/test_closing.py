"""The end of a stream, by its owner."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from .doors import Door, join, read
from .test_stream import MUCH, both, client_context, door_for

Pair = tuple[Path, Path]


@both
async def test_sends_last_words_and_ends_in_order(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        peer.stream.send(b"one\r\n")
        peer.stream.close(last=b"ERROR :Closing link\r\n")
        # Over TLS this raises if the end comes without close_notify.
        assert await read(client, 1000) == b"one\r\nERROR :Closing link\r\n"
        assert peer.ends == []
        client.close()
        assert await peer.end() is None


@both
async def test_sends_what_is_kept_first(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            peer.stream.close(timeout=20, last=b"ERROR :bye\r\n")
            assert await read(client, len(MUCH) + 1000) == MUCH + b"ERROR :bye\r\n"
        assert await peer.end() is None
        assert peer.writables == 0


@both
async def test_unread_input_does_not_overtake_last_words(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            peer.stream.pause_reading()
            client.sendall(b"x" * 30_000)
            peer.stream.close(last=b"ERROR :bye\r\n")
            client.sendall(b"x" * 30_000)
            assert await read(client, 1000) == b"ERROR :bye\r\n"
        await peer.end()
        assert peer.data == b""


@both
async def test_client_that_never_reads_is_reset(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            peer.stream.close(timeout=0.05)
            reason = await peer.end()
            assert reason is not None
            assert "could not be sent in time" in reason
            assert peer.stream.unsent == 0


@both
async def test_client_that_never_closes_is_closed(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            peer.stream.close(timeout=0.05)
            assert await peer.end() is None


@both
async def test_client_that_resets_meanwhile(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        peer.stream.close(timeout=20)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        assert await peer.end() is None


@both
async def test_abort_resets(tls: bool, pair: Pair, trusting: ssl.SSLContext) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting), small=True)
        with client:
            assert peer.stream.send(MUCH) is False
            peer.stream.abort()
            assert peer.ends == []
            assert await peer.end() is None
            with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
                await read(client, len(MUCH))


@both
async def test_ends_once_however_often_it_is_ended(
    tls: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with door_for(tls, pair) as door:
        client, peer = await join(door, client_context(tls, trusting))
        with client:
            peer.stream.close(timeout=20)
            peer.stream.close()
            assert peer.stream.send(b"too late") is False
            peer.stream.pause_reading()
            peer.stream.resume_reading()
            peer.stream.abort()
            peer.stream.abort()
            peer.stream.close()
            assert await peer.end() is None
            assert peer.stream.certificate_fingerprint == ""


async def test_owner_may_close_while_it_is_told_of_bytes(
    pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with Door(pair) as door:
        client, peer = await join(door, trusting)
        peer.on_received = lambda data: peer.stream.close(last=b"ERROR :no\r\n")
        with client:
            await asyncio.to_thread(client.sendall, b"x" * 100_000)
            assert await read(client, 100) == b"ERROR :no\r\n"
        await peer.end()
        assert len(peer.pieces) == 1
