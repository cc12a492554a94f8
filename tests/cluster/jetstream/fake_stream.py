"""A stream that a test holds in its hands: what it has, what it answers, what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nats.aio.msg import Msg

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream.batches import encode
from hubbub.cluster.jetstream.stream import Held
from hubbub.journal.log import DraftBatch

STAMP = "2026-11-29T12:00:00.5Z"

Answer = int | StreamError | Exception


@dataclass
class FakeClient:
    """Be a connection: requests are answered from a list, in order."""

    answers: list[Answer] = field(default_factory=list)
    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    came: Callable[[Msg], Awaitable[None]] | None = None
    is_connected: bool = True

    async def subscribe(self, subject: str, cb: Callable[[Msg], Awaitable[None]]) -> None:
        self.came = cb

    async def request(
        self,
        subject: str,
        payload: bytes,
        timeout: float,  # noqa: ASYNC109
        headers: dict[str, str],
    ) -> Msg:
        self.sent.append((payload, headers))
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, StreamError):
            held: dict[str, Any] = {"error": {"err_code": answer.code, "description": answer.text}}
        elif isinstance(answer, Exception):
            raise answer
        else:
            held = {"stream": "HUBBUB", "seq": answer}
        return Msg(None, data=json.dumps(held).encode())  # type: ignore[arg-type]


class FakeStream:
    """Be a stream with batches at positions; a copy that `lags` answers as if it had none."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self.held: dict[int, bytes] = {}
        self.lags = 0
        self.asked: list[int] = []
        self.last = 0

    def put(self, position: int, batch: DraftBatch, nonce: str = "n") -> Msg:
        """Put a batch in its place; return it as it is sent on."""
        payload = self.held[position] = encode(batch, nonce)
        headers = {"Nats-Sequence": str(position), "Nats-Time-Stamp": STAMP}
        return Msg(None, data=payload, headers=headers)  # type: ignore[arg-type]

    async def send_on(self, message: Msg) -> None:
        """Let it be heard."""
        assert self.client.came is not None
        await self.client.came(message)

    async def after(self, position: int) -> list[Held]:
        self.asked.append(position)
        if self.lags:
            self.lags -= 1
            return []
        return [Held(at, 1, self.held[at]) for at in sorted(self.held) if at > position]

    async def last_of(self, node: int) -> int:
        return self.last
