"""The thread that writes: it takes all that waits, commits it at once, and hands it back."""

from __future__ import annotations

import asyncio
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

import apsw
import structlog

from hubbub.core.records.entries import Draft, Entry
from hubbub.histogram import Histogram
from hubbub.journal.archive.filling import BATCH, Filling
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.tasks import Chore
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.database.file import DatabaseFile, rescue
from hubbub.journal.database.mark import SYNC_SECONDS
from hubbub.journal.port import (
    CLOSE_SECONDS,
    Figures,
    JournalBroken,
    JournalError,
    JournalFull,
    JournalUnknown,
    LogBroken,
)
from hubbub.journal.sequencer import Sequencer
from hubbub.journal.sqlite.orders import Begin, OwnOrder, SharedOrder
from hubbub.journal.stamps import LEADING
from hubbub.journal.steady_clock import span

MAINTENANCE_EVERY: Final = 16
"""Commits after which a slice of maintenance is done even if more drafts wait."""
LOOK_SECONDS: Final = 1.0
"""How often the files are looked at while nobody writes."""

STOP_SECONDS: Final = 5.0
"""How long a stop waits for what is on its way in an order that others share."""
UNKNOWN: Final = "the server stopped before it heard what became of what was on its way"

_log = structlog.get_logger(__name__)

BUSY_DRAFTS: Final = 2
"""A commit of so many drafts shows that several people write at once."""


class Writer:
    """Write drafts in the order in which they are put; everything but `put` runs in its thread.

    `apart` is how far apart commits are kept, in seconds, while several write.
    """

    def __init__(
        self,
        file: DatabaseFile,
        tombstones: Tombstones,
        index: HistoryIndex,
        sequencer: Sequencer,
        order: Callable[[Callable[[], None]], OwnOrder | SharedOrder],
        clock: Callable[[], int],
        hand_back: tuple[
            Callable[[Sequence[Entry], int], None], Callable[[Sequence[Draft], JournalError], None]
        ],
    ) -> None:
        """Go on where `sequencer` is; hand back on the loop that runs now.

        `order` returns where entries come from; it is given what wakes this thread. What is handed
        back are entries, and how many of this node's drafts they settle.
        """
        self._file, self._sequencer, self._clock = file, sequencer, clock
        self._marks, self._watch = file.marks, file.watch
        self._committed, self._failed = hand_back
        self._loop = asyncio.get_running_loop()
        self._taken: deque[Draft | Chore | Begin] = deque()
        self._is_idle = False
        self.apart = CLOSE_SECONDS
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._is_stopping = False
        self._stop_by = self._mark_at = self._tended_at = self._looked_at = 0.0
        self._full = ""
        self._commits, self._committed_at = Histogram(), 0.0
        self._stopped = self._loop.create_future()
        self._broken: JournalBroken | None = None
        self._filling = Filling(
            file, tombstones, index, sequencer.last_seq, wake=lambda: self._wake.put(None)
        )
        self._maintenance = self._filling.maintenance
        self._order = order(self._wake_up)
        self._is_shared = isinstance(self._order, SharedOrder)
        self.position = sequencer.position
        self.heard = sequencer.position, sequencer.last_seq
        self.eraser = self._maintenance.eraser
        self._runner = threading.Thread(target=self._run, name="journal", daemon=True)
        self._runner.start()

    def put(self, item: Draft | Chore | Begin) -> None:
        """Take what is to be written, and see that the thread is awake once this turn is over.

        What else the turn brings is then in the same commit: woken in its middle, the thread would
        begin as soon as the loop lets go of the interpreter's lock, which it does with each read.
        """
        self._taken.append(item)
        if self._is_idle:
            self._is_idle = False
            self._loop.call_soon(self._wake.put, None)

    def _wake_up(self) -> None:
        """See that the thread is awake; for any thread."""
        if self._is_idle:
            self._is_idle = False
            self._wake.put(None)

    async def stop(self) -> None:
        """Write what was taken, and end the thread."""
        self._stop_by = time.monotonic() + STOP_SECONDS
        self._is_stopping = True
        self._wake.put(None)
        await self._stopped
        self._runner.join()

    def _run(self) -> None:
        commits = 0
        while True:
            self._tend()
            drafts = self._take()
            # While there is no room all else waits for a draft, or for a look that finds some: it
            # alone would be tried, and fail, without pause.
            if drafts or (self._has_more and not self._full):
                began = time.monotonic()
                written = self._turn(drafts)
                self._commits.observe(time.monotonic() - began)
                self._pace(written, began)
                commits += 1
                # Otherwise a busy server would never come to it, and its log would grow for ever.
                if commits % MAINTENANCE_EVERY == 0:
                    self._maintain(is_busy=True)
            elif not self._maintain():
                if self._is_stopping and not self._taken and self._is_settled():
                    break
                self._wait()
        self._close()

    @property
    def _has_more(self) -> bool:
        """Say whether there is something to write beside drafts."""
        news = self._order.has_news and self._broken is None
        return news or self._filling.has_chores

    def _is_settled(self) -> bool:
        """Say whether a stop has nothing to wait for, or no more patience."""
        if self._broken is not None or not self._order.waiting:
            return True
        if time.monotonic() < self._stop_by:
            return False
        self._fail(self._order.give_up(), JournalUnknown(UNKNOWN))
        return True

    def _pace(self, entries: int, began: float) -> None:
        """Keep commits apart while many write."""
        if self._is_stopping or entries < BUSY_DRAFTS:
            return
        # A length of time, no point in it: that would be another one when the clock is set.
        select.select([], [], [], max(0.0, began + self.apart - time.monotonic()))

    def _ahead(self) -> int:
        return self._sequencer.stamps.latest - self._clock()

    def _wait(self) -> None:
        self._is_idle = True
        # What was put before the line above woke nobody.
        if not self._taken:
            try:
                self._wake.get(timeout=LOOK_SECONDS)
            except Empty:
                self._look()
            else:
                # Others' heartbeats wake it oftener than it would look.
                if self._is_shared and time.monotonic() - self._looked_at > LOOK_SECONDS:
                    self._look()
        self._is_idle = False

    def _look(self) -> None:
        """Look after the files while nobody writes."""
        self._looked_at = time.monotonic()
        if self._broken is not None:
            return
        try:
            self._watch.check()
            if self._full:
                self._look_for_room()
            if self._marks.mend():
                _log.warning("the mark was removed; made anew", file=str(self._marks.path))
            self._sync_mark()
        except (JournalBroken, OSError) as error:
            self._call(self._failed, [], self._break(error))

    def _look_for_room(self) -> None:
        """See whether there is room again: while nobody is let in nobody would try."""
        if self._is_shared and self._order.has_news:
            # There is something to try with, and it is more than that.
            self._full = ""
            self._turn([])
            return
        try:
            self._filling.try_room()
        except (apsw.FullError, apsw.BusyError, apsw.LockedError):
            return
        except apsw.Error as error:
            self._call(self._failed, [], self._break(error))
            return
        self._full = ""
        _log.info("the journal takes records again")

    def _sync_mark(self) -> None:
        self._mark_at = time.monotonic()
        order = self._order
        if isinstance(order, SharedOrder) and order.durable < self.position:
            # Its commits are not made durable one by one: what is lost is in the log.
            self._file.sync_log()
            self._marks.write(self._filling.position, self._sequencer.stamps.clock)
            order.durable = self.position
        self._marks.sync()

    def _tend(self) -> None:
        """Do for an order that others share what is due each second."""
        now, order = time.monotonic(), self._order
        if not isinstance(order, SharedOrder) or now - self._tended_at < LOOK_SECONDS:
            return
        self._tended_at = now
        if self._broken is None:
            order.tend()

    def _take(self) -> list[Draft]:
        drafts: list[Draft] = []
        take = self._taken.popleft
        try:
            while len(drafts) < BATCH:
                item = take()
                if isinstance(item, Draft):
                    drafts.append(item)
                elif isinstance(item, Begin):
                    if isinstance(self._order, SharedOrder):
                        self._order.begin(item.epoch, drafts)
                    drafts = []
                else:
                    # It concerns what was put before it, also what is only written with it now.
                    self._filling.take(item, self._sequencer.last_seq + len(drafts))
        except IndexError:
            pass
        return drafts

    def _turn(self, drafts: list[Draft]) -> int:
        """Commit, and hand back what came of it; return how many entries that are."""
        if self._takes_nothing(drafts):
            return 0
        order = self._order
        order.ask(drafts)
        try:
            entries = order.hear()
            # Nobody is told of what went into a file that nobody finds again.
            self._watch.check_before()
            due = time.monotonic() - self._mark_at > SYNC_SECONDS
            # Where nothing came of what was heard it may be heard again.
            state = order.state() if entries or due else None
            self._filling.write(entries, state)
            self._watch.check_after()
            if state is not None:
                self.position = state.position
            self._mark(due)
        except apsw.FullError:
            # SQLite rolled back: the frame that ends a transaction is the last one it writes.
            self._put_off("there is no room for the journal on its disk")
        except apsw.BusyError:
            self._put_off("another program has the journal locked")
        except Exception as error:
            # Whatever it was, nobody knows whether the commit is on the disk: nothing may follow.
            self._filling.give_up()
            self._call(self._failed, order.give_up(), self._break(error))
        else:
            self._hand_back(entries)
            return len(entries)
        return 0

    def _takes_nothing(self, drafts: list[Draft]) -> bool:
        """Say whether nothing can be asked for now; those who did are told."""
        if self._broken is not None:
            self._filling.give_up()
            self._fail(drafts, self._broken)
            return True
        if self._full and self._is_shared:
            # What is in the order has to be written: nothing is added to it.
            self._fail(drafts, JournalFull(f"{self._full}; nothing was written"))
            return True
        return False

    def _hand_back(self, entries: list[Entry]) -> None:
        """Tell of what is committed."""
        order = self._order
        self._full = ""
        self.heard = self._sequencer.position, self._sequencer.last_seq
        self._committed_at = time.time()
        # First what the archive must hide: a reader may ask as soon as it has the entries.
        self._filling.written(entries)
        for nowhere, why in order.nowhere():
            self._call(self._failed, nowhere, why)
        settled = order.settled()
        if entries or settled:
            self._call(self._committed, entries, settled)

    def _mark(self, due: bool) -> None:
        """Mark how far the archive has come, and make that durable when it is `due`."""
        if not self._is_shared:
            self._marks.write(self._sequencer.last_seq, self._sequencer.stamps.clock)
        if due:
            self._sync_mark()

    def _put_off(self, reason: str) -> None:
        """Hand drafts back that are nowhere; the chores go with the next commit."""
        self._full = reason
        drafts = self._order.put_off()
        self._filling.put_off()
        self._fail(drafts, JournalFull(f"{reason}; nothing was written"))

    def _fail(self, drafts: Sequence[Draft], error: JournalError) -> None:
        if drafts:
            self._call(self._failed, drafts, error)

    def _maintain(self, is_busy: bool = False) -> bool:
        """Do a slice of maintenance; return whether there may be more to do at once."""
        # A stop does not wait for maintenance: the next start goes on with it.
        if self._broken is not None or self._is_stopping:
            return False
        try:
            if not self._maintenance.is_pending(is_busy):
                return False
            self._watch.check()
            try:
                self._maintenance.slice()
            finally:
                # Also after an error: a checkpoint that failed may have emptied the log before.
                self._watch.log_shrank()
        except JournalBroken as broken:
            self._call(self._failed, [], self._break(broken))
            return False
        except (apsw.FullError, apsw.BusyError, apsw.LockedError):
            # Nothing of it is lost: it is tried again after later commits.
            return False
        except apsw.CorruptError as damage:
            # A damaged page keeps one slice from being done, and nobody from talking.
            self._filling.damaged(damage)
            self._maintenance.give_up()
        except apsw.Error as error:
            self._call(self._failed, [], self._break(error))
            return False
        return True

    def troubles(self) -> dict[str, str]:
        """Return what is wrong and what to do, by subject; for any thread."""
        found = {}
        if self._broken is not None:
            found["journal"] = f"failed: {self._broken}"
        elif self._full:
            found["journal"] = f"FULL, takes nothing: {self._full}"
        if self.eraser.unfinished:
            names = ", ".join(self.eraser.unfinished)
            found["erasing"] = f"what {names} said; it is over when this line is"
        if self._filling.damage:
            found["damage"] = self._filling.damage
        if self._filling.search.trouble:
            found["search"] = self._filling.search.trouble
        ahead = self._ahead()
        if ahead > LEADING:
            found["times"] = (
                f"{span(ahead)} ahead of the clock, for in one channel or conversation more than a "
                "thousand messages a second come; there they are shown with later times until "
                "there are fewer"
            )
        return found

    def figures(self) -> Figures:
        """Return how it does; for any thread."""
        size, log_size = self._watch.sizes
        full, failed = bool(self._full), self._broken is not None
        behind = self._filling.search.behind
        order, at = self._order, self.position
        lag = max(0, order.last - at) if isinstance(order, SharedOrder) else 0
        at = at if isinstance(order, SharedOrder) else 0
        return Figures(
            size, log_size, self._commits, self._committed_at, full, failed, behind, at, lag
        )

    def _break(self, error: Exception) -> JournalBroken:
        if self._broken is None and isinstance(error, JournalBroken):
            self._broken = error
            if not isinstance(error, LogBroken):
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
            rescued = rescue(self._file.path, self._file.connection, self._filling.position)
        except (apsw.Error, OSError, JournalError) as error:
            _log.error("the open journal could not be saved", error=str(error))
        else:
            _log.error("all that the journal held is saved; move it to its place", file=rescued)

    def _close(self) -> None:
        try:
            if self._broken is None:
                self._watch.check()
                self._maintenance.finish()
                self._marks.write(self._filling.position, self._sequencer.stamps.clock, clean=True)
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
