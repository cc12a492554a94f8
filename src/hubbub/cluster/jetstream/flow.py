"""Hearing the log: what is sent on as it is ordered, and what is missing of that, asked for.

No server keeps a place for a node, so none takes one along when it dies: a batch that does not
follow on the last one, or a second without any, and the node asks any copy of the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream.batches import decode
from hubbub.cluster.jetstream.stream import FLOW, Held, LogStream, held
from hubbub.journal.log import Ordered
from hubbub.journal.port import LogBroken

SILENT_SECONDS: Final = 1.0
"""After how long without a batch it is asked whether there is one."""
AGAIN_SECONDS: Final = 0.05
"""How soon it is asked again for what is known to be there: a copy may lag behind."""

TOO_OLD: Final = (
    "the log begins at position {}, and this node has heard up to {} only: it was away for too"
    " long, and has to fetch a copy from another node"
)

Take = Callable[[Ordered], None]


class Flow:
    """Give what is heard to whoever last asked to `hear`, in order and without a gap.

    `learn` is given each batch first; `broken` is told what cannot be read. All in the log's loop.
    """

    def __init__(self, learn: Take, broken: Callable[[LogBroken], None]) -> None:
        self._learn, self._broken = learn, broken
        self._stream: LogStream | None = None
        self._take: Take | None = None
        self.position = 0
        # What is known to be there, without having been heard.
        self._target = 0
        self._stirred = asyncio.Event()
        self._heard = asyncio.Event()
        self._is_filling = False

    @property
    def is_hearing(self) -> bool:
        """Say whether somebody is given what comes."""
        return self._take is not None

    async def run(self, stream: LogStream) -> None:
        """Hear, until it is cancelled."""
        self._stream = stream
        await stream.client.subscribe(f"{FLOW}.*", cb=self._came)
        while True:
            self._heard.clear()
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    await self._stirred.wait()
            except TimeoutError:
                if self._heard.is_set():
                    continue
            self._stirred.clear()
            await self._fill(stream)

    def hear(self, position: int, take: Take) -> None:
        """Give what comes after a position from now on."""
        self.position, self._take = position, take
        self._target = max(self._target, position)
        self._stirred.set()

    def rest(self) -> None:
        """Give nothing until it is asked again."""
        self._take = None

    def expect(self, position: int) -> None:
        """Learn that there is a batch at a position; ask for it, if it does not come by itself."""
        if position > self.position:
            self._target = max(self._target, position)
            self._stirred.set()

    async def _came(self, message: Msg) -> None:
        batch = held(message)
        if self._take is None or self._is_filling or batch.position != self.position + 1:
            self.expect(batch.position)
        else:
            self._give(batch)

    def _give(self, batch: Held) -> None:
        if self._take is None or batch.position <= self.position:
            return
        try:
            ordered = decode(batch.payload, batch.position, batch.stamp)
        except LogBroken as error:
            self._take = None
            self._broken(error)
            return
        self.position = batch.position
        self._heard.set()
        self._learn(ordered)
        # What was learnt may be that this is the end.
        if self._take is not None:
            self._take(ordered)

    async def _see_gap(self, stream: LogStream) -> None:
        """Break where the log begins after what was heard."""
        with contextlib.suppress(Error, StreamError, TimeoutError):
            first = (await stream.extent()).first
            if first > self.position + 1 and self._take is not None:
                self._take = None
                self._broken(LogBroken(TOO_OLD.format(first, self.position)))

    async def _fill(self, stream: LogStream) -> None:
        """Ask for what is missing, as long as something is known to be."""
        self._is_filling = True
        try:
            while self._take is not None:
                try:
                    found = await stream.after(self.position)
                except (Error, StreamError, TimeoutError):
                    await asyncio.sleep(AGAIN_SECONDS)
                    found = []
                if found and found[0].position > self.position + 1:
                    # Positions may be passed over; what was let go of is missed for good.
                    await self._see_gap(stream)
                for batch in found:
                    self._give(batch)
                if not found:
                    if self.position >= self._target:
                        return
                    await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._is_filling = False
