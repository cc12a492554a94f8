"""The cluster's own authority: its members' certificates are good at both ends, others' are not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.cluster.authority import make_authority, make_member

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def _context(folder: Path, purpose: int, ca: bytes, pair: tuple[bytes, bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(purpose)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    (folder / "pair.pem").write_bytes(pair[0] + pair[1])
    context.load_cert_chain(folder / "pair.pem")
    context.load_verify_locations(cadata=ca.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Have a client and a server come to terms, in memory. Raise ssl.SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=name),
        server.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert [end.getpeercert(True) is not None for end in ends] == [True, True]


@pytest.mark.parametrize("name", ["b.example.org", "192.0.2.7", "2001:db8::7"])
def test_members_know_each_other(tmp_path: Path, name: str) -> None:
    ca, key = make_authority(NOW)
    hosts = ["b.example.org", "192.0.2.7", "2001:db8::7"]
    a, b = (make_member(ca, key, each, hosts, NOW) for each in "ab")
    client = _context(tmp_path, ssl.PROTOCOL_TLS_CLIENT, ca, a)
    _shake_hands(client, _context(tmp_path, ssl.PROTOCOL_TLS_SERVER, ca, b), name)


def test_a_member_of_another_cluster_is_a_stranger(tmp_path: Path) -> None:
    ca, key = make_authority(NOW)
    other, other_key = make_authority(NOW)
    a = make_member(other, other_key, "a", ["localhost"], NOW)
    b = make_member(ca, key, "b", ["localhost"], NOW)
    client = _context(tmp_path, ssl.PROTOCOL_TLS_CLIENT, ca, a)
    server = _context(tmp_path, ssl.PROTOCOL_TLS_SERVER, ca, b)
    with pytest.raises(ssl.SSLError, match=r"verify failed|unknown ca"):
        _shake_hands(client, server, "localhost")


def test_a_key_of_another_kind_is_refused() -> None:
    ca, _ = make_authority(NOW)
    with pytest.raises(ValueError, match=r".+"):
        make_member(ca, b"no key", "a", ["localhost"], NOW)
