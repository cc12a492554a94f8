"""The write-ahead log is copied, and emptied where something was erased."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from hubbub.journal.archive import checkpoint
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.behind import at_rest, held, until
from tests.journal.keeper import Keeper, kept, said


def test_what_is_erased_is_gone_from_every_file_while_it_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "RETRY_SECONDS", 0.0)

    async def check() -> None:
        journal = SQLiteJournal(path)
        keeper = Keeper(journal)
        long, short, *_ = await keeper.keep(
            said("whisper " * 2_000, "#a"), said("whisper", "#a"), said("stays", "#a")
        )
        assert held(path, b"whisper")
        reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM record").fetchall()
        journal.erase([long.seq, short.seq])
        await until(path, "SELECT count(*) FROM record WHERE body IS NOT NULL", 1)
        await at_rest(journal)
        assert held(path, b"whisper")
        reader.close()
        while held(path, b"whisper"):
            # What readers kept is tried again between later commits.
            await keeper.keep(kept("#a"))
        assert held(path, b"stays")
        await journal.stop()

    asyncio.run(check())
