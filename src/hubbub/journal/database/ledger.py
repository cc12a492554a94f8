"""The ledger beside the journal: whose words were erased, so that a restored backup loses them too.

A backup of before holds all that has been erased since. The names stand in a file of their own,
which a restore leaves where it is; a start has erased again what is in it and not in the journal.
It holds nothing else: not a word, nor what could be compared with one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

SUFFIX: Final = "-erased"
_MODE: Final = 0o600


def ledger_of(journal: Path) -> Path:
    """Return where the ledger of a journal is."""
    return journal.with_name(journal.name + SUFFIX)


def read(journal: Path) -> list[str]:
    """Return the names (folded) of accounts that were erased, each once. Raise OSError."""
    try:
        lines = ledger_of(journal).read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return []
    return list(dict.fromkeys(line for line in lines if line))


def add(journal: Path, account: str) -> None:
    """Write a name down, durably, unless it is there. Raise OSError."""
    if account in read(journal):
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(ledger_of(journal), flags, _MODE)
    try:
        # A line that a full disk cut short is made none by the next one's beginning.
        os.write(file, f"\n{account}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
