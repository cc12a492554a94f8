"""The door through which nodes come: to whom it hands the bundle, and what strangers get there."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import pytest

from hubbub.cluster import fetching
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.conversation import DoorClient, plain_context
from hubbub.cluster.errors import ClusterError, PeerUnreachable, TokenRefused
from hubbub.cluster.joining import CONNECTIONS, GUESSES
from hubbub.cluster.token import Token
from tests.cluster.doors import opened
from tests.cluster.founder import SECRET, Founder


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return Founder(tmp_path / "a")


async def _join(founder: Founder, token: Token, name: str = "b") -> Bundle:
    def own(host: str) -> tuple[str, str]:
        return f"{host}:6222", f"{host}:7900"

    return await asyncio.to_thread(fetching.fetch_bundle, founder.door, token, name, own)


async def test_a_token_brings_the_bundle_once(founder: Founder) -> None:
    await founder.make()
    token = founder.token()
    async with opened(founder):
        bundle = await _join(founder, token)
        assert bundle.member.number == 1
        assert bundle.member.route == "127.0.0.1:6222"
        assert [each.name for each in bundle.members] == ["a", "b"]
        assert bundle.journal == founder.shared.journal
        with pytest.raises(ClusterError, match="not any more"):
            await _join(founder, token)


async def test_of_many_at_once_one_is_handed_it(founder: Founder) -> None:
    await founder.make()
    token = founder.token()
    async with opened(founder):
        joins = (_join(founder, token, f"b{number}") for number in range(5))
        found = await asyncio.gather(*joins, return_exceptions=True)
    assert sum(isinstance(each, Bundle) for each in found) == 1
    assert len(founder.shared.members) == 2


async def test_a_wrong_or_expired_token_brings_a_sentence(founder: Founder) -> None:
    await founder.make()
    now = 1_000.0
    token = founder.token(60, now)
    async with opened(founder, lambda: now):
        with pytest.raises(ClusterError, match="hubbub cluster token"):
            await _join(founder, Token(founder.fingerprint(), b"w" * 16))
        now += 61
        with pytest.raises(ClusterError, match="not any more"):
            await _join(founder, token)
    assert len(founder.shared.members) == 1


async def test_guessing_is_of_no_use(founder: Founder) -> None:
    await founder.make()
    now = 1_000.0
    token = founder.token(600, now)
    async with opened(founder, lambda: now):
        for number in range(GUESSES):
            with pytest.raises(ClusterError, match="not good here"):
                await _join(founder, Token(founder.fingerprint(), bytes([number]) * 16))
        with pytest.raises(PeerUnreachable, match="too many tokens were wrong"):
            await _join(founder, token)
        now += 60
        assert (await _join(founder, token)).member.number == 1


async def test_who_is_not_admitted_can_try_again(founder: Founder) -> None:
    await founder.make()
    token = founder.token()
    async with opened(founder):
        with pytest.raises(ClusterError, match="choose another one"):
            await _join(founder, token, "twin")
        assert (await _join(founder, token)).member.number == 1


async def test_nothing_is_sent_to_another_certificate(founder: Founder, tmp_path: Path) -> None:
    await founder.make()
    other = Founder(tmp_path / "other")
    await other.make()
    founder.token()
    async with opened(founder):
        with pytest.raises(ClusterError, match="Nothing was sent to it"):
            await _join(founder, Token(other.fingerprint(), SECRET))
        assert (await _join(founder, Token(founder.fingerprint(), SECRET))).member.number == 1


@pytest.mark.parametrize(
    "said",
    [
        b"\n",
        b"null\n",
        b"{}\n",
        b"[" * 3000 + b"\n",
        b'{"ask": "copy"}\n',
        b'{"ask": "piece", "copy": "x", "at": 0}\n',
        b'{"ask": "bundle"}\n',
        b'{"ask": "bundle", "secret": "zz", "name": "b", "route": "b:1", "door": "b:2"}\n',
        b'{"ask": "bundle", "secret": "", "name": "b\\n", "route": "b:1", "door": "b:2"}\n',
        b"\xff\xfe\n",
    ],
)
async def test_a_stranger_s_garbage_brings_a_sentence_and_the_end(
    founder: Founder, said: bytes
) -> None:
    await founder.make()
    async with opened(founder):
        reader, writer = await _connect(founder)
        writer.write(said)
        assert "error" in json.loads(await reader.readline())
        assert await _rest(reader) == b""
        writer.transport.abort()


async def test_a_line_without_an_end_is_hung_up_on(founder: Founder) -> None:
    await founder.make()
    async with opened(founder):
        reader, writer = await _connect(founder)
        writer.write(b"x" * 100_000)
        assert await _rest(reader) == b""
        writer.transport.abort()


async def test_who_does_not_speak_tls_takes_no_more_than_its_place(founder: Founder) -> None:
    await founder.make()
    token = founder.token()
    async with opened(founder):
        host, port = founder.door.split(":")
        idle = [await asyncio.open_connection(host, int(port)) for _ in range(CONNECTIONS)]
        with pytest.raises(PeerUnreachable):
            await _join(founder, token)
        for _, writer in idle:
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
        for reader, writer in idle:
            await _rest(reader)
            writer.transport.abort()
        assert (await _join(founder, token)).member.number == 1


async def test_a_member_of_another_cluster_is_no_member(founder: Founder, tmp_path: Path) -> None:
    await founder.make()
    other = Founder(tmp_path / "other")
    await other.make()
    async with opened(founder):
        context = plain_context()
        context.load_cert_chain(other.data_dir / "cluster/node.pem", _key(other))
        with pytest.raises(PeerUnreachable, match=r"broke off|speak TLS"):
            await asyncio.to_thread(_ask_for_a_copy, founder.door, context)


async def test_a_token_that_is_refused_leaves_no_trace_of_it(founder: Founder) -> None:
    await founder.make()
    async with opened(founder):
        with pytest.raises(ClusterError) as refused:
            await _join(founder, Token(founder.fingerprint(), b"w" * 16))
    assert not isinstance(refused.value, TokenRefused)
    assert (b"w" * 16).hex() not in str(refused.value)


def _ask_for_a_copy(address: str, context: ssl.SSLContext) -> None:
    with DoorClient(address, context) as member:
        member.ask(0, ask="copy")


def _key(founder: Founder) -> Path:
    return founder.data_dir / "cluster/node-key.pem"


async def _connect(founder: Founder) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = founder.door.split(":")
    return await asyncio.open_connection(host, int(port), ssl=plain_context())


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except OSError:
        return b""
