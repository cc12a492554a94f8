"""What older hubbubs wrote, and newer ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from hubbub.journal.archive import migrations
from hubbub.journal.codec import encode_record
from hubbub.journal.names import histories_of
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, ManualClock, kept, said


def test_what_an_older_hubbub_wrote_is_gone_on_with(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that told no two records of a millisecond apart but in their history."""
    clock = ManualClock()
    connection = apsw.Connection(str(path))
    with monkeypatch.context() as old:
        old.setattr(migrations, "STEPS", migrations.STEPS[:1])
        migrations.migrate(connection)
    records = [said("x", "#a").record, said("x", "#b").record, kept("#x").record]
    for seq, record in enumerate(records, 1):
        names = histories_of(record)
        row = (seq, clock.now + 5_000, len(names) << 2, encode_record(record).decode(), '["x"]')
        connection.execute(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, NULL)", (*row, names[0] if names else None)
        )
    connection.close()

    async def go_on() -> None:
        journal = SQLiteJournal(path, clock)
        assert journal.last_time == clock.now + 5_000
        keeper = Keeper(journal)
        entries = await keeper.keep(said("y", "#a"), said("y", "#c"), said("y", "#a"))
        times = [entry.time - clock.now for entry in entries]
        assert times == [6_000, 5_000, 7_000]
        await journal.stop()

    asyncio.run(go_on())
