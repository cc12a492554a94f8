"""Certificates that are renewed while the server runs."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from structlog.testing import capture_logs

from hubbub.transport.certificates import Certificates

from .doors import Door, join, make_pair


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
