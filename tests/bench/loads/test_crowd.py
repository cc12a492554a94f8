"""Many clients are led through what they have to say."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hubbub.bench.contestants.servers import Ports
from hubbub.bench.errors import ServerFailed
from hubbub.bench.loads import crowd as crowd_module
from hubbub.bench.loads.crowd import ClientCrowd, join, nicks, register, synchronise


class Parrot:
    """A server that answers what clients ask, but to nobody whose nick it does not like."""

    at_once = 3

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.most = self.there = 0
        self.fault: ServerFailed | None = None
        self._ready = threading.Event()
        self._stopped: asyncio.Event | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._talks: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._came, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.address = Ports(port, port, port)
        self._ready.set()
        await self._stopped.wait()
        # Who has come gets its talk within some turns of the loop; and before the server is closed,
        # for of what it has accepted and not taken up yet asyncio closes nothing.
        for _ in range(10):
            await asyncio.sleep(0)
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._talks, return_exceptions=True)
        ends = (writer.wait_closed() for writer in self._writers)
        await asyncio.gather(*ends, return_exceptions=True)

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Noted here: a task that is cancelled before its first step closes nothing.
        self._writers.append(writer)
        self._talks.append(asyncio.get_running_loop().create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.there += 1
        self.most = max(self.most, self.there)
        nick = ""
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            word, _, rest = line.partition(" ")
            nick = rest if word == "NICK" else nick
            answers = {"USER": f":s 001 {nick} :hi", "JOIN": f":s 366 {nick} {rest} :end"}
            answer = f":s PONG s {rest}" if word == "PING" else answers.get(word)
            if answer and nick != "mute":
                # In two parts, as a network may bring it.
                writer.write(answer[:3].encode())
                await asyncio.sleep(0)
                writer.write(f"{answer[3:]}\r\n".encode())
            if word == "JOIN":
                self.there -= 1

    def check(self) -> None:
        """Say that it ended, where a test wants that."""
        if self.fault is not None:
            raise self.fault

    def stop(self) -> None:
        assert self._stopped is not None
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)


@pytest.fixture
def parrot() -> Iterator[Any]:
    server = Parrot()
    yield server
    server.stop()


def test_each_says_all_in_turn_and_few_at_once(parrot: Any) -> None:
    crowd = ClientCrowd(parrot, tls=False)
    crowd.enter(nicks(10), lambda peer: [register(peer), join(peer, "#a")])
    assert parrot.heard.count("JOIN #a") == 10
    assert {f"NICK n{number:05d}" for number in range(10)} <= set(parrot.heard)
    assert parrot.most <= 3
    crowd.converse(lambda peer: [synchronise(peer)])
    assert parrot.heard.count("PING :sync-n00007") == 1
    crowd.close()
    assert crowd.peers == []


def test_a_server_that_ends_or_answers_nothing_fails(
    parrot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd_module, "PATIENCE", 0.3)
    crowd = ClientCrowd(parrot, tls=False)
    with pytest.raises(ServerFailed, match="1 clients still waited after 0 s"):
        crowd.enter(["mute"], lambda peer: [register(peer)])
    parrot.fault = ServerFailed("ended with 1")
    with pytest.raises(ServerFailed, match="ended with 1"):
        crowd.enter(["ann"], lambda peer: [register(peer), join(peer, "#a")])
    crowd.close()
