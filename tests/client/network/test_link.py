"""Tests of connections: whose certificate is trusted, and what comes over the wire."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.client.errors import (
    CannotConnect,
    CertificateRefused,
    ChangedCertificate,
    UnexpectedCertificate,
)
from hubbub.client.link_state import Trust
from hubbub.client.network.address import ServerAddress
from hubbub.client.network.link import ServerConnection, connect
from hubbub.irc.message import Message
from hubbub.server.self_signed import make_self_signed

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Notebook:
    """Remember certificates in memory."""

    expected: str = ""
    place: str = "notebook"
    pins: dict[str, str] = field(default_factory=dict)

    def known(self, server: str) -> str | None:
        return self.pins.get(server)

    def remember(self, server: str, fingerprint: str) -> None:
        self.pins[server] = fingerprint


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate with its key in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(b"".join(make_self_signed(["127.0.0.1"], datetime.now(UTC))))
    return path


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@asynccontextmanager
async def serving(certificate: Path | None, talk: Talk = _hang_up) -> AsyncIterator[ServerAddress]:
    """Run a server on the loopback that talks like this."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield ServerAddress("127.0.0.1", port, certificate is not None)


async def met(address: ServerAddress, pins: Notebook) -> ServerConnection:
    link = await connect(address, pins)
    await link.close()
    return link


def test_a_certificate_is_remembered_and_another_one_refused(certificate: Path) -> None:
    async def scenario() -> None:
        pins = Notebook()
        async with serving(certificate) as address:
            first = await met(address, pins)
            assert first.identity.trust is Trust.FIRST_USE
            assert pins.pins == {address.name: first.identity.fingerprint}
            assert (await met(address, pins)).identity.trust is Trust.KNOWN
            pins.pins[address.name] = "00" * 32
            with pytest.raises(ChangedCertificate, match="HAS CHANGED"):
                await met(address, pins)
            assert pins.pins[address.name] == "00" * 32

    asyncio.run(scenario())


def test_several_places_of_a_server_have_one_certificate(certificate: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(b"".join(make_self_signed(["127.0.0.1"], datetime.now(UTC))))

    async def scenario() -> None:
        pins = Notebook()
        async with serving(certificate) as one, serving(certificate) as two, serving(other) as bad:
            first, second, third = replace(one, others=(two, bad)).choices
            assert (await met(first, pins)).identity.trust is Trust.FIRST_USE
            assert (await met(second, pins)).identity.trust is Trust.KNOWN, "it is the same server"
            assert pins.pins.keys() == {one.name, two.name}
            with pytest.raises(ChangedCertificate):
                await met(third, pins)
            assert bad.name not in pins.pins

    asyncio.run(scenario())


def test_each_turn_begins_with_another_address_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    async def scenario() -> None:
        async def found(host: str, port: int) -> list[tuple[object, ...]]:
            return [(2, 1, 6, "", (f"127.0.0.{last}", port)) for last in (1, 2, 3, 1)]

        async def opened(place: str, port: int, **_: object) -> None:
            tried.append(place)
            raise ConnectionRefusedError

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
        monkeypatch.setattr(asyncio, "open_connection", opened)
        for turn in (1, 2, 3):
            with pytest.raises(CannotConnect, match="connection refused"):
                await connect(ServerAddress("chat.test", 1, False), Notebook(), "", turn)

    asyncio.run(scenario())
    assert [tried[at][-1] for at in range(9)] == list("231312123")


def test_a_named_certificate_is_the_only_one_that_will_do(certificate: Path) -> None:
    async def scenario() -> None:
        async with serving(certificate) as address:
            shown = (await met(address, Notebook())).identity.fingerprint
            pins = Notebook(expected=shown, pins={address.name: "00" * 32})
            assert (await met(address, pins)).identity.trust is Trust.KNOWN
            assert pins.pins[address.name] == shown
            with pytest.raises(UnexpectedCertificate):
                await met(address, Notebook(expected="00" * 32))

    asyncio.run(scenario())


def test_a_certificate_that_verifies_needs_no_pin(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def scenario() -> None:
        pins = Notebook()
        async with serving(certificate) as address:
            assert (await met(address, pins)).identity.trust is Trust.VERIFIED
            assert pins.pins == {}
            pins.pins[address.name] = "00" * 32
            assert (await met(address, pins)).identity.trust is Trust.VERIFIED

    asyncio.run(scenario())


def test_nothing_is_sent_to_a_server_that_is_refused(certificate: Path) -> None:
    async def scenario() -> bytes:
        received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            received.set_result(await reader.read())
            writer.close()

        async with serving(certificate, listen) as address:
            with pytest.raises(CertificateRefused):
                await connect(address, Notebook(expected="00" * 32))
            return await received

    assert asyncio.run(scenario()) == b""


def test_nobody_there_and_no_tls_there() -> None:
    async def scenario() -> None:
        async with serving(None) as plain:
            with pytest.raises(CannotConnect):
                await connect(ServerAddress(plain.host, plain.port, True), Notebook())
            gone = plain
        with pytest.raises(CannotConnect, match=gone.name):
            await connect(gone, Notebook())

    asyncio.run(scenario())


def test_broken_lines_do_no_harm() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff\xfe\r\n:a PRIVMSG #c :caf\xe9\r\n:a PRIVMSG #c :x\ry\0z\r\n")
        writer.write(b"x" * 100_000 + b"\r\n@\r\n: \r\nPING :end\r\n")
        await writer.drain()
        writer.close()

    async def scenario() -> list[Message]:
        async with serving(None, babble) as address:
            link = await connect(address, Notebook())
            received = [message async for messages in link.messages() for message in messages]
            await link.close()
            return received

    received = asyncio.run(scenario())
    assert [m.params[-1] for m in received if m.command == "PRIVMSG"] == ["caf�", "x␍y␀z"]
    assert received[-1] == Message("PING", ("end",))


def test_a_full_link_says_so() -> None:
    async def scenario() -> None:
        enough, closed = asyncio.Event(), asyncio.Event()

        async def sleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await enough.wait()
            writer.transport.abort()
            closed.set()

        async with serving(None, sleep) as address:
            link = await connect(address, Notebook())
            assert not link.is_full
            for _ in range(100):
                link.send([Message("PRIVMSG", ("#c", "x" * 400))] * 1000)
                if link.is_full:
                    break
            assert link.is_full
            link.abort()
            assert [messages async for messages in link.messages()] == []
            await link.close()
            enough.set()
            await closed.wait()

    asyncio.run(scenario())
