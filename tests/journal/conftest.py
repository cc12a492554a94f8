"""The implementations of the journal's contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal.archive import index
from hubbub.journal.port import Archive, OpenedJournal
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, ManualClock
from tests.journal.shared_log import Shelf


@dataclass
class Opened:
    """A journal that was opened: what it recovered, and what it does since."""

    snapshot: bytes | None
    state: list[Entry]
    last_seq: int
    keeper: Keeper
    archive: Archive


class Implementation(Protocol):
    """A way to open the same journal again and again."""

    path: Path
    clock: ManualClock

    def __init__(self, path: Path) -> None:
        """Keep it at a path."""

    def open(self) -> AbstractAsyncContextManager[Opened]:
        """Open it, start it, and stop it at the end."""


class SQLite:
    """The journal in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        journal: OpenedJournal = SQLiteJournal(self.path, self.clock)
        recovery = journal.load()
        state = list(recovery.entries)
        archive = journal.archive()
        keeper = Keeper(journal)
        try:
            yield Opened(recovery.snapshot, state, recovery.last_seq, keeper, archive)
        finally:
            await journal.stop()
            await archive.stop()


class OnSharedLog(SQLite):
    """The same, where the order is that of a log beside it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.shelf = Shelf(lambda: self.clock.now)
        self._epoch = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        self._epoch += 1
        journal = SQLiteJournal(self.path, self.clock)
        if not journal.is_shared:
            journal.share()
        recovery = journal.load()
        state = list(recovery.entries)
        archive = journal.archive()
        log = self.shelf.reader()
        journal.follow(log, 1)
        keeper = Keeper(journal)
        journal.begin(self._epoch)
        try:
            yield Opened(recovery.snapshot, state, recovery.last_seq, keeper, archive)
        finally:
            await journal.stop()
            log.stop()
            await archive.stop()


@pytest.fixture(params=[(SQLite, 1), (SQLite, 3), (SQLite, index.DUE), (OnSharedLog, 3)])
def implementation(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Implementation:
    """Return each implementation, with nothing in it; its index is written at once, or later."""
    make, due = request.param
    monkeypatch.setattr(index, "DUE", due)
    made: Implementation = make(tmp_path / "journal")
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where an SQLite journal can be made."""
    return tmp_path / "journal.sqlite"
