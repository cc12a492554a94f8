"""The health door: what it answers, and whom it answers nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from hubbub.server import serve
from hubbub.server.data_directory import DataDirectory
from hubbub.server.health import door as health_door
from hubbub.server.health.door import CONNECTIONS, REQUEST_BYTES, HealthDoor
from hubbub.settings import Address, Settings, SettingsError
from hubbub.settings.model import DoorSettings

PATIENCE = 20.0


class Door:
    """A health door of a server whose state the test says."""

    def __init__(self) -> None:
        self.door = HealthDoor(asyncio.get_running_loop())
        self.port = self.door.open("127.0.0.1", 0)
        self.why = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.door.close()

    def start(self) -> None:
        self.door.not_ready = lambda: self.why
        self.door.metrics = lambda: (b"a 1\n", "text/plain; version=1")

    async def asked(self, request: bytes) -> bytes:
        """Return all that a request is answered."""
        return await asyncio.to_thread(self._asked, request)

    def _asked(self, request: bytes) -> bytes:
        with self.connect() as client:
            client.sendall(request)
            return read(client)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    async def get(self, path: str, method: str = "GET") -> bytes:
        return await self.asked(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def read(client: socket.socket) -> bytes:
    """Return what comes up to the end."""
    found = b""
    while data := client.recv(65536):
        found += data
    return found


async def test_a_server_that_starts_lives_and_is_not_ready() -> None:
    async with Door() as door:
        assert (await door.get("/live")).startswith(b"HTTP/1.1 200 OK\r\n")
        answer = await door.get("/ready")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert answer.endswith(b"\r\n\r\nstarting\n")
        assert (await door.get("/metrics")).startswith(b"HTTP/1.1 503 ")


async def test_one_word_says_why_a_server_is_not_ready() -> None:
    async with Door() as door:
        door.start()
        answer = await door.get("/ready")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\nready\n")
        door.why = "journal-full"
        answer = await door.get("/ready?verbose")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert answer.endswith(b"\r\n\r\njournal-full\n")
        assert (await door.get("/live")).startswith(b"HTTP/1.1 200 ")


async def test_head_has_the_same_headers_and_no_body() -> None:
    async with Door() as door:
        door.start()
        whole = await door.get("/metrics")
        head, _, body = whole.partition(b"\r\n\r\n")
        assert body == b"a 1\n"
        assert b"Content-Type: text/plain; version=1" in head
        assert await door.get("/metrics", "HEAD") == head + b"\r\n\r\n"


async def test_metrics_that_cannot_be_read_break_nothing_else() -> None:
    async with Door() as door:
        door.start()

        def broken() -> tuple[bytes, str]:
            raise LookupError

        door.door.metrics = broken
        assert (await door.get("/metrics")).startswith(b"HTTP/1.1 500 ")
        assert (await door.get("/ready")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /live HTTP/1.0\r\n\r\n", b"200"),
        (b"GET /live HTTP/1.1\nHost: x\n\n", b"200"),
        (b"GET http://x/live HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
        (b"GET /live?x=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", b"200"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /live/../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"POST /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", b"405"),
        (b"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
        (b"GET /live HTTP/2.0\r\nHost: x\r\n\r\n", b"505"),
        (b"GET /live HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /live HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"400"),
        (b"GET /live HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n", b"400"),
        (b"GET /live HTTP/1.1\r\nHost : x\r\n\r\n", b"400"),
        (b"GET http://[/live HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"NICK ann\r\n\r\n", b"400"),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
        (b"\r\n\r\n", b"400"),
        (b"GET /live HTTP/1.1\r\nX: " + b"x" * REQUEST_BYTES, b"431"),
        (b"x" * (REQUEST_BYTES + 1), b"431"),
    ],
)
async def test_what_is_answered(request_: bytes, status: bytes) -> None:
    async with Door() as door:
        answer = await door.asked(request_)
        assert answer.startswith(b"HTTP/1.1 " + status + b" ")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert b"Connection: close" in head
        assert (b"Allow: GET, HEAD" in head) == (status == b"405")


async def test_a_request_may_come_in_pieces() -> None:
    async with Door() as door:

        def trickle() -> bytes:
            with door.connect() as client:
                for byte in b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n":
                    client.sendall(bytes([byte]))
                return read(client)

        assert (await asyncio.to_thread(trickle)).endswith(b"live\n")


async def test_who_says_nothing_or_too_little_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Door() as door:
        monkeypatch.setattr(health_door, "SECONDS", 0.2)
        began = time.monotonic()
        for said in (b"", b"GET /live HT"):
            assert (await door.asked(said)).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < PATIENCE


async def test_who_takes_all_places_keeps_nobody_from_asking() -> None:
    async with Door() as door:
        with ExitStack() as stack:
            door.start()
            slow = [stack.enter_context(door.connect()) for _ in range(CONNECTIONS)]
            for client in slow:
                client.sendall(b"GET /live HTTP/1.1\r\n")
            # Some have had their answer and do not close their end.
            answered = [stack.enter_context(door.connect()) for _ in range(CONNECTIONS)]
            for client in answered:
                client.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in range(3):
                assert (await door.get("/live")).startswith(b"HTTP/1.1 200 ")
            assert len(door.door._requests) <= CONNECTIONS
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(read, slow[0])


async def test_a_place_is_given_back_whatever_becomes_of_it() -> None:
    async with Door() as door:
        for _ in range(3 * CONNECTIONS):
            assert (await door.get("/live")).startswith(b"HTTP/1.1 200 ")


async def test_a_door_that_closes_drops_who_waits() -> None:
    async with Door() as door:
        with ExitStack() as stack:
            client = stack.enter_context(door.connect())
            client.sendall(b"GET /live HTTP/1.1\r\n")
            # An answer to another shows that the first has come in.
            await door.get("/live")
            door.door.close()
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(read, client)


async def test_a_long_start_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As while a large journal is read: that is done beside the loop, which goes on answering.
    opened: list[HealthDoor] = []
    reading, read_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class SlowlyStored:
        def __init__(self, *arguments: object) -> None:
            loop.call_soon_threadsafe(reading.set)
            assert read_on.wait(PATIENCE)
            raise SettingsError("enough seen")

    class Seen(HealthDoor):
        def open(self, host: str, port: int) -> int:
            opened.append(self)
            self.port = super().open(host, port)
            return self.port

    monkeypatch.setattr("hubbub.server.member.membership.Stored", SlowlyStored)
    monkeypatch.setattr(serve, "HealthDoor", Seen)
    settings = Settings(doors=DoorSettings(health=(Address("127.0.0.1", 0),)), data_dir=tmp_path)
    with DataDirectory(tmp_path) as directory:
        start = asyncio.create_task(serve._serve(settings, lambda: settings, directory, False))
        await reading.wait()
        door = Door.__new__(Door)
        (door.door,) = opened
        door.port = opened[0].port  # type: ignore[attr-defined]
        assert (await door.get("/live")).startswith(b"HTTP/1.1 200 ")
        assert (await door.get("/ready")).endswith(b"\r\n\r\nstarting\n")
        read_on.set()
        with pytest.raises(SettingsError, match="enough seen"):
            await start
