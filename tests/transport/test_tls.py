"""What TLS is spoken, and which pairs of certificate and key cannot be used."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Never

import pytest

from hubbub.transport.errors import CertificateError
from hubbub.transport.stream import Stream
from hubbub.transport.tls import calls_of, server_context

from .doors import Door, join, make_pair, read, s_client

Pair = tuple[Path, Path]


async def test_openssl_verifies_and_talks(pair: Pair) -> None:
    async with Door(pair) as door:
        talk = asyncio.create_task(
            s_client(
                door,
                *("-CAfile", str(pair[0]), "-verify_return_error", "-verify_hostname", "localhost"),
                *("-alpn", "irc", "-brief", "-crlf"),
                said=b"NICK ada\n",
            )
        )
        peer = await door.peer()
        await peer.has(b"NICK ada\r\n")
        done = await talk
        assert done.returncode == 0
        assert b"Protocol version: TLSv1.3" in done.stderr
        assert b"Verification: OK" in done.stderr
        assert await peer.end() is None


async def test_alpn_irc_is_taken_but_not_required(pair: Pair) -> None:
    async with Door(pair) as door:
        assert b"ALPN protocol: irc" in (await s_client(door, "-alpn", "irc")).stdout
        assert b"No ALPN negotiated" in (await s_client(door, "-alpn", "h2")).stdout
        assert b"No ALPN negotiated" in (await s_client(door)).stdout
        assert door.accepted == 3


async def test_tls_1_2_has_forward_secrecy_and_aead_only(pair: Pair) -> None:
    async with Door(pair) as door:
        spoken = await s_client(door, "-tls1_2")
        assert b"New, TLSv1.2, Cipher is ECDHE-ECDSA-AES256-GCM-SHA384" in spoken.stdout
        assert (
            await s_client(door, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")
        ).returncode != 0
        assert (await s_client(door, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")).returncode != 0
        await door.released()
        await door.released()
        assert (door.accepted, door.waiting_releases) == (1, 0)


async def test_tls_1_3_hands_out_no_tickets(pair: Pair) -> None:
    async with Door(pair) as door:
        peers = asyncio.create_task(door.peer())
        spoken = asyncio.create_task(s_client(door, "-msg", "-ign_eof"))
        peer = await peers
        # Tickets would come before the first bytes.
        peer.stream.close(last=b"ERROR :bye\r\n")
        output = (await spoken).stdout
        assert b"ERROR :bye" in output
        assert b"NewSessionTicket" not in output


async def test_key_update_goes_unnoticed(pair: Pair) -> None:
    async with Door(pair) as door:
        client = await asyncio.create_subprocess_exec(
            *("openssl", "s_client", "-connect", f"127.0.0.1:{door.address[1]}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stderr is not None
        peer = await door.peer()
        for line in (b"one\n", b"two\n", b"three\n"):
            client.stdin.write(line)
            expected = bytes(peer.data) + line
            await peer.has(expected)
            assert peer.stream.send(b"heard " + line)
            while await client.stdout.readline() != b"heard " + line:
                pass
            # A line that begins with K asks both sides for new keys.
            client.stdin.write(b"K\n")
            while b"KEYUPDATE" not in await client.stderr.readline():
                pass
        client.stdin.write(b"Q\n")
        await client.communicate()
        assert await peer.end() is None


async def test_messages_go_past_the_layers_of_python(
    pair: Pair, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Door(pair) as door:
        with monkeypatch.context() as patch:
            patch.setattr(ssl.SSLSocket, "send", not_this_way)
            patch.setattr(ssl.SSLSocket, "recv", not_this_way)
            client, peer = await join(door, trusting)
            assert isinstance(client, ssl.SSLSocket)
            assert peer.stream.send(b"PING :1\r\n") is True
            await asyncio.to_thread(client.write, b"PONG :1\r\n")
            await peer.has(b"PONG :1\r\n")
        with client:
            assert await read(client, 9) == b"PING :1\r\n"


def not_this_way(*_: object) -> Never:
    raise AssertionError("a message went through Python's part of TLS")


def test_what_cannot_be_reached_is_gone_round() -> None:
    with socket.socket() as plain:
        assert calls_of(plain) == (plain.send, plain.recv)


@pytest.mark.parametrize("ours", [True, False], ids=["our end", "their end"])
async def test_a_stream_that_ends_keeps_nothing_of_openssl(
    ours: bool, pair: Pair, trusting: ssl.SSLContext
) -> None:
    async with Door(pair) as door:
        client, peer = await join(door, trusting)
        inner = getattr(peer.stream._socket, "_sslobj", None)
        assert inner in behind_calls(peer.stream)
        with client:
            if ours:
                # It waits for the other end still.
                peer.stream.close()
                assert inner not in behind_calls(peer.stream)
        assert await peer.end() is None
        assert inner not in behind_calls(peer.stream)


def behind_calls(stream: Stream) -> set[object]:
    return {getattr(one, "__self__", None) for one in gc.get_referents(stream)}


def test_missing_files_are_named(tmp_path: Path, pair: Pair) -> None:
    with pytest.raises(CertificateError, match=r"missing\.pem cannot be read: No such file"):
        server_context(tmp_path / "missing.pem", pair[1])
    with pytest.raises(CertificateError, match=r"missing\.pem cannot be read: No such file"):
        server_context(pair[0], tmp_path / "missing.pem")


def test_key_of_another_certificate(tmp_path: Path, pair: Pair) -> None:
    _, key = make_pair(tmp_path)
    with pytest.raises(CertificateError, match="is not the key of"):
        server_context(pair[0], key)


def test_file_that_is_no_certificate(tmp_path: Path, pair: Pair) -> None:
    path = tmp_path / "certificate.pem"
    path.write_text("nonsense")
    with pytest.raises(CertificateError, match="cannot use"):
        server_context(path, pair[1])


def test_protected_key_is_refused_without_asking(tmp_path: Path, pair: Pair) -> None:
    key = tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "ec", "-in", pair[1], "-aes256", "-passout", "pass:secret", "-out", key],
        check=True,
        capture_output=True,
    )
    with pytest.raises(CertificateError, match="protected by a passphrase"):
        server_context(pair[0], key)
