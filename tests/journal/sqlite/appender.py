"""A process that appends until it is killed, and prints the seq and text of what is durable."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.port import JournalError
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import kept, said

WINDOW = 300


async def main(path: Path, mark: str) -> None:
    """Keep a window of drafts in flight; every tenth changes the World, some are snapshots."""
    journal = SQLiteJournal(path)
    number = 0

    def append() -> None:
        nonlocal number
        number += 1
        text = f"{mark}-{number}"
        journal.append(kept(text) if number % 10 == 0 else said(text, "#a"))

    def committed(entries: Sequence[Entry]) -> None:
        lines = []
        for entry in entries:
            append()
            if entry.body is not None:
                lines.append(f"{entry.seq} {entry.body.text}\n")
            elif entry.seq % 1000 == 0:
                journal.save_snapshot(entry.seq, b"world")
        os.write(1, "".join(lines).encode())

    def failed(drafts: Sequence[Draft], error: JournalError) -> None:
        os._exit(3)

    journal.start(committed, failed)
    for _ in range(WINDOW):
        append()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
