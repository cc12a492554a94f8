"""A member's door for those who join and for members: bundles for tokens, copies of the store.

It is a listener of its own, in TLS, whose certificate is pinned by each token. What may come of a
stranger there is little: so many connections, so much time, so many bytes, so many guesses.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from hubbub.cluster import bundle as bundles
from hubbub.cluster import token as tokens
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.conversation import LINE_BYTES, door_context
from hubbub.cluster.copying import Copies
from hubbub.cluster.errors import ClusterError, PeerUnreachable, TokenRefused
from hubbub.cluster.members import is_name, is_word

CONNECTIONS: Final = 16
"""How many may be connected at once; who comes then is hung up on."""
HANDSHAKE_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 0.1
QUESTION_SECONDS: Final = 20.0
"""How long a question may take to come, and an answer to be taken; then it is hung up."""
GUESSES: Final = 10
"""How many tokens a minute may be wrong, from wherever; meanwhile no token is looked at."""

_log = structlog.get_logger(__name__)

Answer = tuple[dict[str, object], bytes]


class Admission(Protocol):
    """Give those who join their places, and their bundles."""

    def __call__(self, name: str, route: str, door: str) -> Awaitable[Bundle]:
        """Return a bundle for a new member. Raise ClusterError."""


class JoinDoor:
    """Listen for nodes that join, and for members that want a copy."""

    def __init__(
        self,
        data_dir: Path,
        admit: Admission,
        copies: Copies | None,
        position: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Be ready. Without `copies` there is no order yet in which one could go on.

        Members that repair the order are told the `position` of this one's archive.
        """
        self._data_dir, self._admit, self._copies, self._clock = data_dir, admit, copies, clock
        self._position = position
        self._connected: set[asyncio.Task[None]] = set()
        self._wrong: deque[float] = deque()
        # One at a time: who is admitted is told of those who were before.
        self._admitting = asyncio.Lock()
        self._doors: list[tuple[socket.socket, asyncio.Task[None]]] = []
        self._context: ssl.SSLContext

    async def open(self, host: str | None, port: int) -> int:
        """Listen at an address besides, or everywhere without one; return the port.

        Raise ClusterError or OSError.
        """
        self._context = door_context(self._data_dir)
        listening = _listen(host, port)
        self._doors.append((listening, asyncio.create_task(self._accept(listening))))
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and hang up on all."""
        accepting = [task for _, task in self._doors]
        for task in (*accepting, *self._connected):
            task.cancel()
        await asyncio.gather(*accepting, *self._connected, return_exceptions=True)
        for listening, _ in self._doors:
            listening.close()
        if self._copies is not None:
            self._copies.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, _ = await loop.sock_accept(listening)
            except OSError:
                # No descriptors are left, or who came has gone.
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            # Counted before there is TLS: who does not even begin to speak it is bounded, too.
            if len(self._connected) >= CONNECTIONS:
                connected.close()
                continue
            task = asyncio.create_task(self._take(connected))
            self._connected.add(task)
            task.add_done_callback(self._connected.discard)

    async def _take(self, connected: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(LINE_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                connected,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except OSError:
            connected.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.LimitOverrunError, asyncio.IncompleteReadError):
            pass
        finally:
            # Whoever does not take what it asked for is not waited for either.
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_member = writer.get_extra_info("peercert") not in (None, {})
        while True:
            async with asyncio.timeout(QUESTION_SECONDS):
                line = await reader.readuntil(b"\n")
            answer, data = await self._answered(line, is_member)
            async with asyncio.timeout(QUESTION_SECONDS):
                writer.write(json.dumps(answer).encode() + b"\n" + data)
                await writer.drain()
            if not is_member:
                # All that a stranger can ask for has been answered.
                await self._say_farewell(writer)
                return

    async def _say_farewell(self, writer: asyncio.StreamWriter) -> None:
        """Let the answer arrive before the end."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(QUESTION_SECONDS):
                writer.close()
                await writer.wait_closed()

    async def _answered(self, line: bytes, is_member: bool) -> Answer:
        try:
            question: Any = json.loads(line)
            if not isinstance(question, dict):
                raise ClusterError("that is no question")
            if question.get("ask") == "bundle":
                return await self._hand_over(question)
            if is_member:
                return await self._of_copies(question)
            raise ClusterError("that is for members only; join with a token first")
        except (ValueError, RecursionError):
            return {"error": "that is no question"}, b""
        except ClusterError as error:
            return {"error": str(error), "passes": isinstance(error, PeerUnreachable)}, b""
        except OSError as error:
            _log.warning("a node could not be served at the cluster's door", why=str(error))
            return {"error": "this member cannot do it just now; its log says why"}, b""

    async def _hand_over(self, question: dict[str, Any]) -> Answer:
        secret, name = question.get("secret"), question.get("name")
        route, door = question.get("route"), question.get("door")
        if not (isinstance(secret, str) and is_name(name) and is_word(route) and is_word(door)):
            raise ClusterError("that is no question")
        async with self._admitting:
            until = await self._spend(bytes.fromhex(secret))
            try:
                bundle = await self._admit(str(name), str(route), str(door))
            except ClusterError:
                await asyncio.to_thread(
                    tokens.give_back, self._data_dir, bytes.fromhex(secret), until
                )
                raise
        _log.info("a node has joined", number=bundle.member.number, name=bundle.member.name)
        data = bundles.encode(bundle)
        return {"size": len(data)}, data

    async def _spend(self, secret: bytes) -> float:
        """Use a token up. Raise TokenRefused."""
        now = self._clock()
        while self._wrong and now - self._wrong[0] >= 60:
            self._wrong.popleft()
        if len(self._wrong) >= GUESSES:
            raise PeerUnreachable("too many tokens were wrong here; try again in a minute")
        try:
            return await asyncio.to_thread(tokens.spend, self._data_dir, secret, now)
        except TokenRefused:
            self._wrong.append(now)
            _log.warning("a token was refused at the cluster's door")
            raise

    async def _of_copies(self, question: dict[str, Any]) -> Answer:
        if question.get("ask") == "position":
            if self._position is None:
                raise PeerUnreachable("this member's node is not being repaired")
            return {"position": self._position}, b""
        if self._copies is None:
            raise PeerUnreachable("the cluster has not begun: this member is one node still")
        match question:
            case {"ask": "copy"}:
                copy = await self._copies.offer()
                return {"copy": copy.name, "bytes": copy.size, "digest": copy.digest}, b""
            case {"ask": "piece", "copy": str(name), "at": int(at)}:
                data = await self._copies.piece(name, at)
                return {"size": len(data)}, data
        raise ClusterError("that is no question; is this member older? Update it")


def _listen(host: str | None, port: int) -> socket.socket:
    """Return a socket that listens at an address, or at all of this machine. Raise OSError."""
    if host is not None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    elif socket.has_dualstack_ipv6():
        listening = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    else:
        listening = socket.create_server(("", port))
    listening.setblocking(False)
    return listening
