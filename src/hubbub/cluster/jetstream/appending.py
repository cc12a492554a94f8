"""Appending a batch: the same one again, until it is heard or certainly not in the log.

That an answer stays away says nothing. The stream takes a batch once (by its name, for some
minutes) and only behind the batch of this node that was heard last, so sending it again does no
harm, whatever became of it before; beyond that the sequencer counts it once.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Final

from nats.errors import Error, NoRespondersError

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream.asking import insist
from hubbub.cluster.jetstream.batches import encode
from hubbub.cluster.jetstream.stream import (
    ANSWER_SECONDS,
    NAME,
    NO_ROOM,
    SUBJECT,
    WRONG_LAST,
    LogStream,
    answer,
)
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import JournalFull, LogBroken

AGAIN_SECONDS: Final = 0.1
HEARD_SECONDS: Final = 5.0
"""How long a batch that was acknowledged may stay unheard before it is sent again."""

FULL: Final = (
    "the log of all nodes is full; give it more room (max_bytes in [cluster], disks of its servers)"
)
TWIN: Final = (
    "another process appends to the log as this node: two servers have one node's number, or a copy"
    " of its data directory; stop one of them for good, and start the other one again"
)

_LAST: Final = re.compile(r"last sequence: (\d+)")


class Appending:
    """Send one batch at a time as `node`, the one that was asked for last.

    `expect` is told up to where there must be something to hear. `nonce` is of this process.
    """

    def __init__(
        self,
        node: int,
        journal: str,
        nonce: str,
        expect: Callable[[int], None],
        refused: Callable[[DraftBatch, JournalFull], None],
        broken: Callable[[LogBroken], None],
    ) -> None:
        self._node, self._journal, self._nonce = node, journal, nonce
        self._expect, self._refused, self._broken = expect, refused, broken
        self._batch: DraftBatch | None = None
        self._digest = b""
        self._last = 0
        self._asked = asyncio.Event()
        self._heard = asyncio.Event()

    def append(self, batch: DraftBatch) -> None:
        """Send a batch from now on."""
        self._batch = batch
        self._asked.set()

    def learn(self, ordered: Ordered) -> None:
        """Take note of a batch that is heard."""
        batch, ours = ordered.batch, self._batch
        if batch.node != self._node:
            return
        self._last = max(self._last, ordered.position)
        if ours is None or batch.place != ours.place:
            # The sequencer finds out, if it is of another start.
            return
        if self._digest and ordered.digest != self._digest:
            self._broken(LogBroken(TWIN))
        self._batch = None
        self._heard.set()

    async def run(self, stream: LogStream) -> None:
        """Send what is asked for, until it is cancelled."""
        self._last = max(self._last, await insist(lambda: stream.last_of(self._node)))
        while True:
            await self._asked.wait()
            self._asked.clear()
            if self._batch is not None:
                await self._send(stream, self._batch)

    async def _send(self, stream: LogStream, batch: DraftBatch) -> None:
        payload = encode(batch, self._nonce)
        self._digest = hashlib.sha256(payload).digest()
        self._heard.clear()
        unknown = False
        while self._batch is batch:
            try:
                position = await self._try(stream, batch, payload)
            except StreamError as error:
                if error.code in NO_ROOM and not unknown:
                    self._batch = None
                    self._refused(batch, JournalFull(f"{FULL}; nothing was written"))
                elif error.code in WRONG_LAST and (last := _LAST.search(error.text)):
                    # Whatever came before, it may be this very batch: it has to be heard first.
                    self._expect(int(last[1]))
                    # Where all of this node's was trimmed there is nothing to hear.
                    self._last = min(self._last, int(last[1]))
                    await self._wait(AGAIN_SECONDS)
                else:
                    await self._wait(AGAIN_SECONDS)
            except NoRespondersError:
                await self._wait(AGAIN_SECONDS)
            except (Error, TimeoutError, OSError):
                unknown = True
                await self._wait(AGAIN_SECONDS)
            else:
                self._expect(position)
                await self._wait(HEARD_SECONDS)

    async def _try(self, stream: LogStream, batch: DraftBatch, payload: bytes) -> int:
        """Send a batch; return where it is in the log. Raise StreamError, or Error: unknown."""
        node, epoch, number = batch.place
        headers = {
            "Nats-Msg-Id": f"{self._journal}.{node}.{epoch}.{number}.{self._nonce}",
            "Nats-Expected-LogStream": NAME,
            "Nats-Expected-Last-Subject-Sequence": str(self._last),
        }
        subject = f"{SUBJECT}.{node}"
        request = stream.client.request(subject, payload, timeout=ANSWER_SECONDS, headers=headers)
        return int(answer(await request)["seq"])

    async def _wait(self, seconds: float) -> None:
        """Wait until the batch is heard, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return
