"""What the journal's tests share: drafts, a clock, and somebody to hand entries back to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Joined, Kept
from hubbub.core.records.entries import Body, Draft, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.users import Renamed
from hubbub.journal.port import Journal, JournalError

ORIGIN = Origin(SessionId(1, 2, 3), 4)
EVERYTHING = 1 << 60


def said(text: str, *histories: str, command: str = "PRIVMSG") -> Draft:
    """Return a draft of a message, found in these histories."""
    target = histories[0] if histories else "bob"
    record = Said(ORIGIN, "ann!a@host", "", command, target, None, histories)
    return Draft(record, Body(text, {"+typing": "done"}))


def joined(channel: str, *histories: str) -> Draft:
    """Return a draft of a join, which changes the World."""
    return Draft(Joined(ORIGIN, "ann!a@host", "", "Ann", channel, histories=histories))


def credential(secret: str, *histories: str) -> Draft:
    """Return a draft of a record that changes the World and has a body."""
    return Draft(joined("#a", *histories).record, Body(secret))


def renamed(nick: str, *histories: str) -> Draft:
    """Return a draft of a change of nick, seen in these histories."""
    return Draft(Renamed(ORIGIN, "ann!a@host", nick, histories))


def kept(*patterns: str) -> Draft:
    """Return a draft that changes the World and is in no history."""
    return Draft(Kept(ORIGIN, patterns))


def texts(entries: Sequence[Entry]) -> list[str]:
    """Return what was said."""
    return [entry.body.text for entry in entries if entry.body is not None]


class ManualClock:
    """Show the time that the test sets, in microseconds."""

    def __init__(self, now: int = 1_700_000_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Keeper:
    """Take what the journal hands back."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.entries: list[Entry] = []
        self.failures: list[tuple[Draft, JournalError]] = []
        self.errors: list[JournalError] = []
        self._back = asyncio.Event()
        journal.start(self._committed, self._failed)

    def _committed(self, entries: Sequence[Entry]) -> None:
        self.entries += entries
        self._back.set()

    def _failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self.failures += [(draft, error) for draft in drafts]
        self.errors.append(error)
        self._back.set()

    async def told(self) -> JournalError:
        """Wait until it says that something is wrong, and return what it said first."""
        while not self.errors:
            self._back.clear()
            await self._back.wait()
        return self.errors[0]

    async def keep(self, *drafts: Draft) -> list[Entry]:
        """Append drafts, wait until all are back, and return the entries that became of them."""
        before = len(self.entries)
        for draft in drafts:
            self.journal.append(draft)
        while self.journal.waiting:
            self._back.clear()
            await self._back.wait()
        return self.entries[before:]
