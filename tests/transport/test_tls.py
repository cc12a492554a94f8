"""What TLS is spoken, and certificates that change while the server runs."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hubbub.transport.errors import CertificateError
from hubbub.transport.tls import Certificates, server_context

from .doors import Door, join, make_pair, s_client

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


def test_missing_files_are_named(tmp_path: Path, pair: Pair) -> None:
    with pytest.raises(CertificateError, match=r"cannot read .*missing\.pem: No such file"):
        server_context(tmp_path / "missing.pem", pair[1])
    with pytest.raises(CertificateError, match=r"cannot read .*missing\.pem: No such file"):
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


class Clock:
    """Stand still until told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def replace(source: Path, target: Path) -> None:
    """Put a file in place as renewal tools do, at once and under a new inode."""
    draft = target.with_suffix(".new")
    draft.write_bytes(source.read_bytes())
    os.replace(draft, target)


def test_renewed_files_are_noticed_in_time(tmp_path: Path) -> None:
    pair, clock = make_pair(tmp_path), Clock()
    certificates = Certificates(*pair, check_seconds=10, clock=clock)
    first = certificates.context()
    (tmp_path / "renewed").mkdir()
    for new, current in zip(make_pair(tmp_path / "renewed"), pair, strict=True):
        replace(new, current)
    clock.now = 9.0
    assert certificates.context() is first
    clock.now = 10.0
    with capture_logs() as logs:
        second = certificates.context()
    assert second is not first
    assert [entry["event"] for entry in logs] == ["certificate renewed"]
    clock.now = 30.0
    assert certificates.context() is second


def test_broken_renewal_keeps_the_old_and_is_told_once(tmp_path: Path) -> None:
    pair, clock = make_pair(tmp_path), Clock()
    certificates = Certificates(*pair, check_seconds=10, clock=clock)
    first = certificates.context()
    (tmp_path / "renewed").mkdir()
    new = make_pair(tmp_path / "renewed")
    with capture_logs() as logs:
        # Halfway: the certificate is new, the key is still the old one.
        replace(new[0], pair[0])
        for seconds in (10.0, 20.0, 30.0):
            clock.now = seconds
            assert certificates.context() is first
        pair[1].unlink()
        for seconds in (40.0, 50.0):
            clock.now = seconds
            assert certificates.context() is first
        replace(new[1], pair[1])
        clock.now = 60.0
        assert certificates.context() is not first
    assert [entry["log_level"] for entry in logs] == ["error", "error", "info"]
    assert "is not the key of" in logs[0]["why"]
    assert "No such file" in logs[1]["why"]


async def test_renewal_reaches_new_clients_and_spares_the_old(tmp_path: Path) -> None:
    pair, clock = make_pair(tmp_path), Clock()
    (tmp_path / "renewed").mkdir()
    new = make_pair(tmp_path / "renewed")
    both = [ssl.PEM_cert_to_DER_cert(path.read_text()) for path in (pair[0], new[0])]
    certificates = Certificates(*pair, check_seconds=10, clock=clock)
    async with Door(context=certificates.context) as door:
        old_client, old_peer = await join(door, anyone())
        replace(new[0], pair[0])
        replace(new[1], pair[1])
        clock.now = 10.0
        new_client, _ = await join(door, anyone())
        with old_client, new_client:
            assert isinstance(old_client, ssl.SSLSocket)
            assert isinstance(new_client, ssl.SSLSocket)
            shown = [client.getpeercert(binary_form=True) for client in (old_client, new_client)]
            assert shown == both
            old_client.sendall(b"still here")
            await old_peer.has(b"still here")


def anyone() -> ssl.SSLContext:
    """Return a client's context that trusts whatever it is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
