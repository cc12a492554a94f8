"""The thread that writes: it takes all that waits, commits it at once, and hands it back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

import apsw

from hubbub.core.records import Draft, Entry
from hubbub.journal import batch
from hubbub.journal.codec import decode_record, encode_seqs
from hubbub.journal.database import DatabaseFile
from hubbub.journal.hidden import Hidden
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.port import JournalBroken, JournalError, JournalFull
from hubbub.journal.stamps import Stamps
from hubbub.journal.transaction import transaction
from hubbub.journal.upkeep import Upkeep

BATCH: Final = 4_000
"""The most records of one commit."""
UPKEEP_EVERY: Final = 16
"""Commits after which a slice of upkeep is done even if more drafts wait."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry was refused."""

    seq: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """The bodies of entries are to go."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """A history is to be deleted, up to a seq or what was taken before this."""

    history: str
    upto: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The World as of a seq."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class DropCovered:
    """What two snapshots cover may go."""


Chore = Refusal | Erasure | Forget | Snapshot | DropCovered

BUSY_DRAFTS: Final = 2
"""A commit of so many drafts shows that several people write at once."""
BUSY_SECONDS: Final = 0.002
"""How far apart commits are kept then: fewer and larger ones cost less, also for those who read,
for what one commit brings to a connection leaves in one write."""


class Writer:
    """Write drafts in the order in which they are put; everything but `put` runs in its thread."""

    def __init__(
        self,
        file: DatabaseFile,
        msgids: MsgidKey,
        hidden: Hidden,
        clock: Callable[[], int],
        last: tuple[int, int],
        hand_back: tuple[
            Callable[[Sequence[Entry]], None], Callable[[Sequence[Draft], JournalError], None]
        ],
    ) -> None:
        """Go on after `last`, a (seq, time); hand back on the loop that runs now."""
        self._file = file
        self._connection = file.connection
        self._msgids = msgids
        self._hidden = hidden
        self._clock = clock
        self._last_seq = last[0]
        self._stamps = Stamps(last[1])
        self._committed, self._failed = hand_back
        self._loop = asyncio.get_running_loop()
        self._taken: deque[Draft | Chore] = deque()
        self._chores: list[tuple[Chore, int]] = []
        self._is_idle = False
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._is_stopping = False
        self._is_full = False
        self._stopped = self._loop.create_future()
        self._broken: JournalBroken | None = None
        self._upkeep = Upkeep(
            file.path, self._connection, hidden, wake=lambda: self._wake.put(None)
        )
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def put(self, item: Draft | Chore) -> None:
        """Take what is to be written, and see that the thread is awake."""
        self._taken.append(item)
        if self._is_idle:
            self._is_idle = False
            self._wake.put(None)

    async def stop(self) -> None:
        """Write what was taken, and end the thread."""
        self._is_stopping = True
        self._wake.put(None)
        await self._stopped
        self._thread.join()

    def _run(self) -> None:
        commits = 0
        while True:
            drafts = self._take()
            if drafts or (self._chores and not self._is_full):
                began = time.monotonic()
                self._turn(drafts)
                if len(drafts) >= BUSY_DRAFTS and not self._is_stopping:
                    time.sleep(max(0.0, began + BUSY_SECONDS - time.monotonic()))
                commits += 1
                if commits % UPKEEP_EVERY == 0:
                    self._do_upkeep()
            elif not self._do_upkeep():
                if self._is_stopping and not self._taken:
                    break
                self._wait()
        self._close()

    def _wait(self) -> None:
        self._is_idle = True
        # What was put before the line above woke nobody.
        if not self._taken:
            self._wake.get()
        self._is_idle = False

    def _take(self) -> list[Draft]:
        drafts: list[Draft] = []
        take = self._taken.popleft
        try:
            while len(drafts) < BATCH:
                item = take()
                if isinstance(item, Draft):
                    drafts.append(item)
                else:
                    self._chores.append((item, self._last_seq + len(drafts)))
        except IndexError:
            pass
        return drafts

    def _turn(self, drafts: list[Draft]) -> None:
        """Commit, and hand back what came of it."""
        try:
            if self._broken is not None:
                raise self._broken
            entries = batch.place(
                drafts, self._last_seq + 1, self._clock(), self._stamps, self._msgids
            )
            self._write(entries)
        except apsw.FullError:
            # SQLite rolled back: the frame that ends a transaction is the last one it writes.
            self._put_off(drafts, "there is no room for the journal on its disk")
        except apsw.BusyError:
            self._put_off(drafts, "another program has the journal locked")
        except Exception as error:
            self._chores.clear()
            self._fail(drafts, self._break(error))
        else:
            self._is_full = False
            self._last_seq += len(entries)
            # First what the archive must hide: a reader may ask as soon as it has the entries.
            self._after_commit()
            if entries:
                self._call(self._committed, entries)

    def _put_off(self, drafts: list[Draft], reason: str) -> None:
        """Hand drafts back unwritten; the chores go with the next commit."""
        self._is_full = True
        self._chores = [(chore, min(seq, self._last_seq)) for chore, seq in self._chores]
        self._fail(drafts, JournalFull(f"{reason}; nothing was written"))

    def _fail(self, drafts: list[Draft], error: JournalError) -> None:
        if drafts:
            self._call(self._failed, drafts, error)

    def _write(self, entries: list[Entry]) -> None:
        if not self._chores:
            batch.write(self._connection, entries)
            return
        with transaction(self._connection):
            if entries:
                batch.write(self._connection, entries)
            for chore, seq in self._chores:
                self._do(chore, seq)

    def _do(self, chore: Chore, last_seq: int) -> None:
        """Write what a chore asks for, within the transaction."""
        execute = self._connection.execute
        match chore:
            case Refusal(seq):
                execute("INSERT OR IGNORE INTO refused VALUES (?)", (seq,))
                self._take_out(seq)
            case Erasure(seqs):
                execute(
                    "UPDATE record SET body = NULL WHERE seq IN (SELECT value FROM json_each(?))",
                    (encode_seqs(seqs).decode(),),
                )
                for seq in seqs:
                    self._take_out(seq)
            case Snapshot(seq, data):
                execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?)", (seq, data))
                execute(
                    "DELETE FROM snapshot WHERE seq NOT IN"
                    " (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
                )
            case Forget(history, upto):
                execute(
                    "INSERT INTO forgetting VALUES (?, ?)"
                    " ON CONFLICT (target) DO UPDATE SET upto = max(upto, excluded.upto)",
                    (history, last_seq if upto is None else upto),
                )

    def _take_out(self, seq: int) -> None:
        """Take an entry out of its histories."""
        execute = self._connection.execute
        row = execute("SELECT time, data FROM record WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            return
        time, data = row
        record = decode_record(data)
        for history in batch.histories_of(record):
            execute(
                "DELETE FROM history WHERE target = ? AND said = ? AND time = ? AND seq = ?",
                (history, batch.is_said(record), time, seq),
            )

    def _after_commit(self) -> None:
        chores, self._chores = self._chores, []
        self._hidden.refusals_stored([c.seq for c, _ in chores if isinstance(c, Refusal)])
        for chore, seq in chores:
            if isinstance(chore, Erasure):
                self._hidden.erasures_stored(chore.seqs)
                self._upkeep.shred()
            elif isinstance(chore, Forget):
                upto = seq if chore.upto is None else chore.upto
                self._hidden.forget_upto(chore.history, upto)
                self._upkeep.forget(chore.history, upto)
            elif isinstance(chore, Snapshot | DropCovered):
                self._upkeep.drop_covered()

    def _do_upkeep(self) -> bool:
        """Do a slice of upkeep; return whether there may be more to do at once."""
        if self._broken is not None or self._is_stopping:
            return False
        try:
            if not self._upkeep.pending:
                return False
            self._upkeep.slice()
        except (apsw.FullError, apsw.BusyError, apsw.LockedError):
            return False
        except apsw.Error as error:
            self._break(error)
            return False
        return True

    def _break(self, error: Exception) -> JournalBroken:
        if self._broken is None:
            self._broken = JournalBroken(
                f"the journal {self._file.path} could not be written, and nobody knows what became"
                f" of its last records: {error}; check the disk, then start again"
            )
        return self._broken

    def _close(self) -> None:
        try:
            self._upkeep.finish()
        except apsw.Error:
            # All is in the write-ahead log; the next start copies it.
            pass
        finally:
            self._file.close()
            self._call(self._stopped.set_result, None)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            # The loop is closed: nobody is left to be told.
            return
