"""The log of several nodes on NATS JetStream: a SharedLog (hubbub.journal.shared).

connection   a thread, and what connects it to the servers
durability   what each server has to be set to
stream       what the servers hold
flow         hearing batches, in order and without a gap
appending    one batch on its way
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from nats.aio.client import Client
from nats.errors import Error

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream.appending import Appending
from hubbub.cluster.jetstream.asking import insist
from hubbub.cluster.jetstream.clocks import LeadersClock
from hubbub.cluster.jetstream.connection import Access, LogThread, connect, end
from hubbub.cluster.jetstream.durability import ServerFacts, fault, gather
from hubbub.cluster.jetstream.flow import TOO_OLD, Flow
from hubbub.cluster.jetstream.stream import ANSWER_SECONDS, Extent, LogStream, Shape, answer
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import (
    JournalBehind,
    JournalBroken,
    JournalFull,
    JournalUnusable,
    LogBroken,
    LogRoute,
)
from hubbub.journal.steady_clock import wall_clock

REMOVE: Final = "$JS.API.SERVER.REMOVE"
LOOK_SECONDS: Final = 2.0
"""How often it is asked how the log does."""
SURE_LOOKS: Final = 5
"""In how many looks in a row the log has to end before what was heard of it, to be sure: a new
leader may need a moment to know all that it has."""
SILENT_SECONDS: Final = 4.0
"""After how long without an answer of the log's leader there is taken to be none."""

CLOSE_SECONDS: Final = 2.0
"""How long a server has to take leave of."""

LOST_TAIL: Final = (
    "the log has lost batches that had been acknowledged: it ends at position {}, and this node has"
    " heard up to {}; nothing of that is gone from this node. `hubbub cluster repair` makes the log"
    " go on from what the nodes have"
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogStanding:
    """Tell how the log does: what it has, who of its servers is there, and how far this node sees.

    `servers` are those that answer; `fault` says what is wrong with one of them.
    """

    route: LogRoute
    extent: Extent
    servers: tuple[ServerFacts, ...] = ()
    fault: str = ""
    server: str = ""


class JetStreamLog:
    """Append to the log as `node` and hear it; everything waits while no server is there.

    `open` has to have come to its end before it is followed.
    """

    def __init__(self, access: Access, node: int, shape: Shape) -> None:
        self._access, self._node, self._shape = access, node, shape
        self.thread = LogThread()
        self._client: Client | None = None
        self._stream: LogStream | None = None
        self._system: Client | None = None
        self._refused: Callable[[DraftBatch, JournalFull], None] = _ignore
        self._broken: Callable[[JournalBroken], None] = _ignore
        self._flow = Flow(self._learn, self._break)
        expect = self._flow.expect
        nonce = secrets.token_urlsafe(6)
        self._appending = Appending(node, shape.journal, nonce, expect, self._refuse, self._break)
        self._extent = Extent(0, 0)
        self._servers: tuple[ServerFacts, ...] = ()
        self._fault = ""
        self._clock = LeadersClock()
        self._answered = 0.0
        self._short = 0
        self._tasks: list[asyncio.Task[None]] = []

    # What a journal asks for, in its thread

    def report(
        self,
        refused: Callable[[DraftBatch, JournalFull], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        """Take whom to tell of what comes to nothing."""
        self._refused, self._broken = refused, broken

    def append(self, batch: DraftBatch) -> None:
        """Send a batch until it is heard, or refused."""
        self.thread.call(self._appending.append, batch)

    def hear(self, position: int, take: Callable[[Ordered], None]) -> None:
        """Give what comes after a position."""
        self.thread.call(self._flow.hear, position, take)

    def rest(self) -> None:
        """Give nothing more for now; what is on its way to the thread may come yet."""
        self.thread.call(self._flow.rest)

    def trim(self, upto: int) -> None:
        """Let go of what comes up to a position; where that cannot be done now, the next does."""
        self.thread.call(lambda: self._tasks.append(asyncio.ensure_future(self._trim(upto))))

    @property
    def route(self) -> LogRoute:
        """Return how far this node sees; for any thread."""
        client = self._client
        if client is None or not client.is_connected:
            return LogRoute.CUT_OFF
        if time.monotonic() - self._answered < SILENT_SECONDS:
            return LogRoute.LEADER
        # Of those that hold the log most have to be there, for one of them to lead.
        most = max(self._shape.replicas, len(self._extent.servers)) // 2 + 1
        return LogRoute.NO_LEADER if len(self._servers) >= most else LogRoute.CUT_OFF

    def standing(self) -> LogStanding:
        """Return how the log does; for any thread."""
        client = self._client
        url = client.connected_url if client is not None else None
        server = "" if url is None else f"{url.hostname}:{url.port}"
        return LogStanding(self.route, self._extent, self._servers, self._fault, server)

    # Beginning and ending, and what an operator has done

    def open(self, position: int) -> Future[Extent]:
        """Connect, and make sure of the servers and the log; wait as long as it takes.

        `position` is up to where this node has heard. The future returns what the log has, or
        raises JournalUnusable, with what to do.
        """
        return self.thread.run(self._open(position))

    def ask(self, question: Callable[[LogStream], Any]) -> Future[Any]:
        """Ask the stream something; the future may raise StreamError, or nats' Error."""
        return self.thread.run(self._ask(question))

    def go_on_after(self, position: int) -> Future[None]:
        """Let go of all that the log has, and have it go on after a position: for a repair."""
        return self.ask(lambda stream: insist(lambda: stream.trim(position)))

    def extent(self) -> Future[Extent]:
        """Return what the log has, whoever leads it by then."""
        return self.ask(lambda stream: insist(stream.extent))

    def erase(self, windows: Sequence[range], upto: int) -> Future[None]:
        """Overwrite batches, by stretches of positions, and let go of all up to a position."""
        return self.ask(partial(_erase, windows, upto))

    def stamp_of(self, position: int) -> Future[int | None]:
        """Return the stamp of the first batch from a position on."""
        return self.ask(lambda stream: stream.stamp_of(position))

    def remove_server(self, name: str) -> Future[None]:
        """Let the servers go on without one, which is not to come back; others take its part."""
        return self.thread.run(self._remove_server(name))

    def step_down(self) -> Future[None]:
        """Have another server lead the log."""
        return self.ask(lambda stream: stream.step_down())

    def close(self) -> None:
        """Let go of the servers, and end the thread."""
        self.thread.run(self._close()).result()
        self.thread.stop()

    async def _open(self, position: int) -> Extent:
        self._client = await connect(self._access, self._access.user, f"hubbub-{self._node}")
        self._system = await connect(
            self._access, self._access.system, f"hubbub-{self._node}-system"
        )
        self._stream = stream = LogStream(self._client, self._shape)
        # Before anything is trusted to them.
        await self._check_servers()
        self._extent = extent = await insist(lambda: stream.open(position))
        await self._check_servers()
        for _ in range(SURE_LOOKS):
            if extent.last >= position:
                break
            await asyncio.sleep(LOOK_SECONDS / 4)
            extent = await insist(stream.extent)
        self._notice(extent)
        if extent.last < position:
            raise JournalUnusable(LOST_TAIL.format(extent.last, position))
        if extent.first > position + 1:
            raise JournalBehind(TOO_OLD.format(extent.first, position))
        parts = self._flow.run(stream), self._appending.run(stream), self._look_on(stream)
        self._tasks = [asyncio.ensure_future(self._guarded(part)) for part in parts]
        return extent

    async def _guarded(self, part: Coroutine[Any, Any, None]) -> None:
        """Run what goes on for ever: a fault in it must not leave a node that seems to hear."""
        try:
            await part
        except Exception as error:
            _log.exception("the log cannot be followed any more")
            self._break(LogBroken(f"a fault in following the log: {error!r}; start again"))

    async def _check_servers(self) -> None:
        """Raise JournalUnusable where a server is not set as it has to be."""
        assert self._system is not None
        found: list[ServerFacts] = []
        while not found:
            found = await gather(self._system, self._extent.servers)
        self._servers = tuple(found)
        words = fault(found)
        if words:
            raise JournalUnusable(words)

    async def _close(self) -> None:
        await end(self._tasks)
        for client in (self._client, self._system):
            if client is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await client.close()

    @property
    def client(self) -> Client | None:
        """Return the connection, None before there is one; for the log's loop."""
        return self._client

    async def _ask(self, question: Callable[[LogStream], Any]) -> Any:
        if self._stream is None:
            raise StreamError(0, "the log is not open")
        return await question(self._stream)

    async def _remove_server(self, name: str) -> None:
        if self._system is None:
            return
        try:
            asked = json.dumps({"peer": name}).encode()
            said = await self._system.request(REMOVE, asked, timeout=ANSWER_SECONDS)
            answer(said)
        except (StreamError, Error, TimeoutError, ValueError) as error:
            _log.info("a server was not removed from the log's", server=name, why=str(error))

    async def _trim(self, upto: int) -> None:
        try:
            if self._stream is not None:
                await self._stream.trim(upto)
        except (StreamError, Error, TimeoutError) as error:
            _log.warning("the log could not be trimmed", why=str(error))

    # In the log's own loop

    def _learn(self, ordered: Ordered) -> None:
        self._answered = time.monotonic()
        self._clock.note(ordered.stamp, wall_clock(), self._answered)
        self._appending.learn(ordered)

    def _refuse(self, batch: DraftBatch, error: JournalFull) -> None:
        self._refused(batch, error)

    def _break(self, error: LogBroken) -> None:
        self._flow.rest()
        self._broken(error)

    def _notice(self, extent: Extent) -> None:
        self._extent, self._answered = extent, time.monotonic()
        self._flow.expect(extent.last)

    async def _look_on(self, stream: LogStream) -> None:
        """See how the log and its servers do, as long as this goes on."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                heard = self._flow.position
                self._look_at(await stream.extent(), heard)
            except (StreamError, Error, TimeoutError):
                pass
            if self._system is not None:
                servers = await gather(self._system, self._extent.servers)
                self._servers = tuple(servers)
                self._fault = fault(servers) or self._clock.fault(self._extent.leader)
            if self._clock.asks_for_another(time.monotonic()):
                with contextlib.suppress(StreamError, Error, TimeoutError):
                    await stream.step_down()

    def _look_at(self, extent: Extent, heard: int) -> None:
        # Not the extent that it forgot: that a leader ends earlier is how a loss shows.
        self._short = self._short + 1 if extent.last < heard else 0
        if not self._short:
            self._notice(extent)
            if self._flow.is_hearing and extent.first > self._flow.position + 1:
                self._break(LogBroken(TOO_OLD.format(extent.first, self._flow.position)))
        elif self._short >= SURE_LOOKS:
            self._break(LogBroken(LOST_TAIL.format(extent.last, heard)))


async def _erase(windows: Sequence[range], upto: int, stream: LogStream) -> None:
    first = (await stream.extent()).first
    if first > upto:
        return
    for window in windows:
        for position in range(max(first, window.start), window.stop):
            await stream.overwrite(position)
    await stream.trim(upto)


def _ignore(*_: object) -> None:
    """Tell nobody."""
