"""Copies of a member's store, made while it serves, and handed out in pieces.

A copy is one file: entries, snapshots of the World and where to go on in the order are of one
moment. Whoever fetches it asks for piece after piece, and goes on where it broke off.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.members import FOLDER
from hubbub.journal.database.duplicate import duplicate
from hubbub.journal.port import JournalError

PIECE: Final = 512 * 1024
COPIES: Final = 2
"""How many copies there are at once; who wants another one is asked to come again."""
YOUNG_SECONDS: Final = 300.0
"""How long a copy is handed to others as well: what came after it is in the order."""
KEPT_SECONDS: Final = 600.0
"""How long a copy is kept of which nobody fetches a piece."""
ROOM: Final = 64 << 20
"""How much room a copy has to leave on the disk: the journal needs it."""


@dataclass(slots=True)
class Copy:
    """Name a copy, its size and SHA-256; `made` and `used` are by the steady clock."""

    name: str
    path: Path
    size: int
    digest: str
    made: float
    used: float


class Copies:
    """Make copies of a journal, and read pieces of them; on the event loop, with its threads."""

    def __init__(
        self, data_dir: Path, journal: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Be ready; what an earlier process left of copies is removed."""
        self._folder = data_dir / FOLDER / "copies"
        self._journal, self._clock = journal, clock
        self._made: dict[str, Copy] = {}
        self._making: asyncio.Task[Copy] | None = None
        shutil.rmtree(self._folder, ignore_errors=True)

    async def offer(self) -> Copy:
        """Return a copy that may be fetched: a young one, or a new one.

        Raise PeerUnreachable where there are as many as may be, or none can be made: another
        member may have one.
        """
        now = self._clock()
        await self._drop_old(now)
        for copy in self._made.values():
            if now - copy.made < YOUNG_SECONDS:
                copy.used = now
                return copy
        if self._making is None:
            if len(self._made) >= COPIES:
                raise PeerUnreachable(f"{COPIES} copies are being fetched; come again in a minute")
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
            self._making.add_done_callback(self._have)
        # Who hangs up does not take it from those who wait for the same one.
        return await asyncio.shield(self._making)

    async def piece(self, name: str, at: int) -> bytes:
        """Return a piece of a copy, less than PIECE at its end. Raise ClusterError."""
        copy = self._made.get(name)
        if copy is None:
            raise ClusterError("that copy is not kept any more; ask for a new one")
        copy.used = self._clock()
        return await asyncio.to_thread(_read, copy.path, at)

    def close(self) -> None:
        """Remove all copies; one that is being made is removed by the next process."""
        if self._making is not None:
            self._making.cancel()
        self._made.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self) -> Copy:
        name = secrets.token_hex(8)
        path = self._folder / name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            needed = self._journal.stat().st_size + ROOM
            if shutil.disk_usage(self._folder).free < needed:
                raise PeerUnreachable(
                    f"there is no room for a copy of the journal ({needed >> 20} MiB) on this "
                    "member's disk; make some, or ask another member"
                )
            duplicate(self._journal, path)
            size, digest = path.stat().st_size, digest_of(path)
        except OSError as error:
            raise PeerUnreachable(f"no copy can be made here: {error.strerror or error}") from None
        except JournalError as error:
            raise PeerUnreachable(f"no copy can be made here: {error}") from None
        now = self._clock()
        return Copy(name, path, size, digest, now, now)

    def _have(self, made: asyncio.Task[Copy]) -> None:
        self._making = None
        if not made.cancelled() and made.exception() is None:
            self._made[made.result().name] = made.result()

    async def _drop_old(self, now: float) -> None:
        for copy in list(self._made.values()):
            if now - copy.used >= KEPT_SECONDS:
                del self._made[copy.name]
                await asyncio.to_thread(copy.path.unlink, missing_ok=True)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raise OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, at: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, PIECE, at)
        finally:
            os.close(descriptor)
    except (OSError, OverflowError):
        raise ClusterError("that piece cannot be read; ask for a new copy") from None
