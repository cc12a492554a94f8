"""The thread that writes: it takes all that waits, commits it at once, and hands it back."""

from __future__ import annotations

import asyncio
import contextlib
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

import apsw
import structlog

from hubbub.core.records import Draft, Entry
from hubbub.journal import batch
from hubbub.journal.chores import Chore, DropCovered, Erasure, Forget, Refusal, Snapshot
from hubbub.journal.codec import decode_record, encode_seqs
from hubbub.journal.database import DatabaseFile, rescue
from hubbub.journal.hidden import Hidden
from hubbub.journal.mark import SYNC_SECONDS
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.port import MEND_DAMAGE, JournalBroken, JournalError, JournalFull
from hubbub.journal.stamps import AHEAD, Stamps
from hubbub.journal.steady import span
from hubbub.journal.transaction import transaction
from hubbub.journal.upkeep import Upkeep

BATCH: Final = 4_000
"""The most records of one commit."""
UPKEEP_EVERY: Final = 16
"""Commits after which a slice of upkeep is done even if more drafts wait."""
LOOK_SECONDS: Final = 1.0
"""How often the files are looked at while nobody writes."""

_log = structlog.get_logger(room="journal")

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
        last_seq: int,
        stamps: Stamps,
        hand_back: tuple[
            Callable[[Sequence[Entry]], None], Callable[[Sequence[Draft], JournalError], None]
        ],
    ) -> None:
        """Go on after `last_seq`; hand back on the loop that runs now."""
        self._file = file
        self._connection = file.connection
        self._msgids = msgids
        self._hidden = hidden
        self._clock = clock
        self._last_seq = last_seq
        self._stamps = stamps
        self._marks, self._watch = file.marks, file.watch
        self._mark_at = 0.0
        self._committed, self._failed = hand_back
        self._loop = asyncio.get_running_loop()
        self._taken: deque[Draft | Chore] = deque()
        self._chores: list[tuple[Chore, int]] = []
        self._is_idle = False
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._is_stopping = False
        self._full = ""
        self._damage = ""
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
            if drafts or (self._chores and not self._full):
                began = time.monotonic()
                self._turn(drafts)
                self._pace(len(drafts), began)
                commits += 1
                if commits % UPKEEP_EVERY == 0:
                    self._do_upkeep()
            elif not self._do_upkeep():
                if self._is_stopping and not self._taken:
                    break
                self._wait()
        self._close()

    def _pace(self, drafts: int, began: float) -> None:
        """Keep commits apart while many write."""
        if self._is_stopping or drafts < BUSY_DRAFTS:
            return
        # A length of time, no point in it: that would be another one when the clock is set.
        select.select([], [], [], max(0.0, began + BUSY_SECONDS - time.monotonic()))

    def _ahead(self) -> int:
        return self._stamps.last - self._clock()

    def _wait(self) -> None:
        self._is_idle = True
        # What was put before the line above woke nobody.
        if not self._taken:
            try:
                self._wake.get(timeout=LOOK_SECONDS)
            except Empty:
                self._look()
        self._is_idle = False

    def _look(self) -> None:
        """Look after the files while nobody writes."""
        if self._broken is not None:
            return
        try:
            self._watch.check()
            if self._marks.mend():
                _log.warning("the mark was removed; made anew", file=str(self._marks.path))
            self._sync_mark()
        except (JournalBroken, OSError) as error:
            self._call(self._failed, [], self._break(error))

    def _sync_mark(self) -> None:
        self._mark_at = time.monotonic()
        self._marks.sync()

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
            # Nobody is told of what went into a file that nobody finds again.
            self._watch.check_before()
            self._write(entries)
            self._watch.check_after()
            self._marks.write(self._last_seq + len(entries), self._stamps.last)
            if time.monotonic() - self._mark_at > SYNC_SECONDS:
                self._sync_mark()
        except apsw.FullError:
            # SQLite rolled back: the frame that ends a transaction is the last one it writes.
            self._put_off(drafts, "there is no room for the journal on its disk")
        except apsw.BusyError:
            self._put_off(drafts, "another program has the journal locked")
        except Exception as error:
            self._chores.clear()
            self._fail(drafts, self._break(error))
        else:
            self._full = ""
            self._last_seq += len(entries)
            # First what the archive must hide: a reader may ask as soon as it has the entries.
            self._after_commit()
            if entries:
                self._call(self._committed, entries)

    def _put_off(self, drafts: list[Draft], reason: str) -> None:
        """Hand drafts back unwritten; the chores go with the next commit."""
        self._full = reason
        self._chores = [(chore, min(seq, self._last_seq)) for chore, seq in self._chores]
        self._fail(drafts, JournalFull(f"{reason}; nothing was written"))

    def _fail(self, drafts: list[Draft], error: JournalError) -> None:
        if drafts:
            self._call(self._failed, drafts, error)

    def _write(self, entries: list[Entry]) -> None:
        if not self._chores:
            batch.write(self._connection, entries)
            return
        try:
            with transaction(self._connection):
                if entries:
                    batch.write(self._connection, entries)
                for chore, seq in self._chores:
                    self._do(chore, seq)
        except apsw.FullError:
            if not self._leave_snapshots():
                raise
            self._write(entries)
        except apsw.CorruptError as error:
            self._damaged(error)
            self._write_apart(entries)

    def _leave_snapshots(self) -> bool:
        """Give up snapshots, for which there is no room; say whether any waited.

        They are far larger than what people say, and only make a start faster. The next is tried
        when as much has changed again.
        """
        rest = [one for one in self._chores if not isinstance(one[0], Snapshot)]
        given_up, self._chores = len(rest) < len(self._chores), rest
        if given_up:
            _log.warning("no room to store what a start needs; it reads more of the journal")
        return given_up

    def _write_apart(self, entries: list[Entry]) -> None:
        """Write entries and do each chore on its own: one of them meets what cannot be read."""
        if entries:
            batch.write(self._connection, entries)
        for chore, seq in self._chores:
            parts = [Erasure((s,)) for s in chore.seqs] if isinstance(chore, Erasure) else [chore]
            for part in parts:
                # What it was to take away and cannot reach, nobody can read.
                with contextlib.suppress(apsw.CorruptError), transaction(self._connection):
                    self._do(part, seq)

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
            self._watch.check()
            try:
                self._upkeep.slice()
            finally:
                self._watch.log_shrank()
        except JournalBroken as error:
            self._call(self._failed, [], self._break(error))
            return False
        except (apsw.FullError, apsw.BusyError, apsw.LockedError):
            return False
        except apsw.CorruptError as error:
            self._damaged(error)
            self._upkeep.give_up()
        except apsw.Error as error:
            self._break(error)
            return False
        return True

    def _damaged(self, error: Exception) -> None:
        """Note that part of the database cannot be read; what does not need it goes on."""
        if not self._damage:
            _log.error("part of the journal is damaged", error=str(error))
        self._damage = f"part of the database is damaged ({error}); {MEND_DAMAGE}"

    def troubles(self) -> dict[str, str]:
        """Return what is wrong and what to do, by subject; for any thread."""
        found = {}
        if self._broken is not None:
            found["journal"] = f"failed: {self._broken}"
        elif self._full:
            found["journal"] = f"takes nothing: {self._full}"
        if self._damage:
            found["damage"] = self._damage
        ahead = self._ahead()
        if ahead > AHEAD * 0.9:
            found["times"] = (
                f"{span(ahead)} ahead of the clock, for many thousand records a second come; until "
                "there are fewer, messages of one channel can have the same millisecond"
            )
        return found

    def _break(self, error: Exception) -> JournalBroken:
        if self._broken is None and isinstance(error, JournalBroken):
            self._broken = error
            self._rescue()
        elif self._broken is None:
            self._broken = JournalBroken(
                f"the journal {self._file.path} could not be written, and nobody knows what became"
                f" of its last records: {error}; check the disk, then start again"
            )
        return self._broken

    def _rescue(self) -> None:
        """Write down beside the journal what only this process can still read."""
        try:
            rescued = rescue(self._file.path, self._connection, self._last_seq)
        except (apsw.Error, OSError, JournalError) as error:
            _log.error("the open journal could not be saved", error=str(error))
        else:
            _log.error("all that the journal held is saved; move it to its place", file=rescued)

    def _close(self) -> None:
        try:
            if self._broken is None:
                self._watch.check()
                self._upkeep.finish()
                self._marks.write(self._last_seq, self._stamps.last, clean=True)
                self._marks.sync()
        except (apsw.Error, JournalError, OSError):
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
