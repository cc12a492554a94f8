"""What is kept for a server to start on is a journal like any other."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from hubbub.bench.loads.starting import keep, said

COUNT = 5_000
"""More than the journal is given at once."""


def test_all_that_was_said_is_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    asyncio.run(keep(path, said(COUNT)))
    with closing(sqlite3.connect(path)) as journal:
        counted = journal.execute("SELECT count(*), max(seq) FROM record WHERE body IS NOT NULL")
        assert counted.fetchone() == (COUNT, COUNT)
    # It is gone on with.
    asyncio.run(keep(path, said(1)))
    with closing(sqlite3.connect(path)) as journal:
        assert journal.execute("SELECT max(seq) FROM record").fetchone() == (COUNT + 1,)
