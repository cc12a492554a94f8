"""Addresses as people write them; and an end to each wait, whatever the other side does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.cluster import conversation
from hubbub.cluster.conversation import PORT, Conversation, join, member_context, split
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from tests.cluster.doors import hostile
from tests.cluster.founder import Founder


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("a.example.org", "a.example.org", PORT),
        ("a.example.org:7901", "a.example.org", 7901),
        ("192.0.2.1:7901", "192.0.2.1", 7901),
        ("2001:db8::1", "2001:db8::1", PORT),
        ("[2001:db8::1]", "2001:db8::1", PORT),
        ("[2001:db8::1]:7901", "2001:db8::1", 7901),
    ],
)
def test_addresses_are_taken_as_people_write_them(text: str, host: str, port: int) -> None:
    assert split(text) == (host, port)
    assert split(join(host, port)) == (host, port)


@pytest.mark.parametrize("text", ["", ":1", "a:0", "a:65536", "a:b", "a:-1", "[::1]:x"])
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(ClusterError, match="give HOST:PORT"):
        split(text)


async def test_a_peer_that_drips_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    monkeypatch.setattr(conversation, "ANSWER_SECONDS", 0.5)

    def ask(door: str) -> None:
        with Conversation(door, member_context(founder.data_dir)) as peer:
            peer.ask(0, ask="copy")

    # It answers the first question with nothing, and waits for the second.
    async with hostile(founder.data_dir, b"", b"") as door:
        with pytest.raises(PeerUnreachable, match="broke off"):
            await asyncio.to_thread(ask, door)


async def test_what_is_no_tls_is_said(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    door = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(PeerUnreachable, match="does not speak TLS as a member does"):
        await asyncio.to_thread(Conversation, door, member_context(founder.data_dir))
    server.close()


async def test_keys_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    (founder.data_dir / "cluster/node-key.pem").write_text("no key")
    with pytest.raises(ClusterError, match="restore them from a backup"):
        member_context(founder.data_dir)
