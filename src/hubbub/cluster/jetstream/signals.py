"""What is never kept, from node to node: by the log's servers, beside the log.

It is dropped where it cannot go out at once: what comes late is of no use to anybody.
"""

from __future__ import annotations

import asyncio
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error

from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.node.peers.signals import PAYLOAD_BYTES, Take, Takers

SUBJECT: Final = "hubbub.sig"
WAITING: Final = 256
"""How many may wait to go out, and be given out, before further ones are dropped."""


class LogSignals:
    """Carry signals between nodes: a hubbub.node.peers.signals.Signals.

    `dropped` counts what was let go of.
    """

    def __init__(self, log: JetStreamLog, node: int, loop: asyncio.AbstractEventLoop) -> None:
        self._log, self._node, self._loop = log, node, loop
        self._takers = Takers()
        self._outgoing = self._incoming = 0
        self.dropped = 0

    def begin(self) -> None:
        """Hear the others' from now on; the log has to be open."""
        self._log.ask(lambda stream: stream.client.subscribe(f"{SUBJECT}.*.*", cb=self._came))

    def send(self, kind: str, payload: bytes) -> None:
        """Have all other nodes take it, or none: nobody is told."""
        if len(payload) > PAYLOAD_BYTES or self._outgoing >= WAITING:
            self.dropped += 1
            return
        self._outgoing += 1
        subject = f"{SUBJECT}.{kind}.{self._node}"
        self._log.thread.call(lambda: asyncio.ensure_future(self._send(subject, payload)))

    def take(self, kind: str, call: Take) -> None:
        """Have `call` given those of a kind that other nodes send, with their numbers."""
        self._takers.take(kind, call)

    async def _send(self, subject: str, payload: bytes) -> None:
        try:
            client = self._log.client
            if client is not None and client.is_connected:
                await client.publish(subject, payload)
            else:
                self.dropped += 1
        except (Error, OSError):
            self.dropped += 1
        finally:
            self._outgoing -= 1

    async def _came(self, message: Msg) -> None:
        *_, kind, number = message.subject.split(".")
        if not number.isdecimal() or int(number) == self._node:
            return
        if len(message.data) > PAYLOAD_BYTES or self._incoming >= WAITING:
            self.dropped += 1
            return
        self._incoming += 1
        try:
            self._loop.call_soon_threadsafe(self._give, kind, int(number), message.data)
        except RuntimeError:
            # The server has ended.
            self._incoming = 0

    def _give(self, kind: str, node: int, payload: bytes) -> None:
        self._incoming -= 1
        self._takers.came(kind, node, payload)
