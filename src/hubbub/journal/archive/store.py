"""What a start finds in the archive: how far it goes, and what a node begins with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.core.records.entries import AnyRecord, Draft, Entry
from hubbub.journal.archive.filling import BATCH, ORDER
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.rows import write
from hubbub.journal.archive.setting_back import as_lived, latest, leap, move, remember_move
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.codec import decode_record, decode_state, encode_state
from hubbub.journal.database import mark
from hubbub.journal.database.file import DatabaseFile, explained
from hubbub.journal.database.migrations import OWN, SHARED, identity, is_shared
from hubbub.journal.database.transaction import transaction
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.port import Recovery
from hubbub.journal.sequencer import OrderState, Sequencer
from hubbub.journal.stamps import LEADING
from hubbub.journal.steady_clock import SAID

PART: Final = 1_000
"""Entries that a recovery reads at a time."""
EPOCH: Final = "msgid epoch "
"""What the names of msgids' epochs begin with in `meta`; their first seqs follow."""


class Store:
    """Hold an archive's file, whoever orders what goes into it.

    Its methods are for the time before entries are written (hubbub.journal.archive.filling).
    `sequencer` goes on where the entries end; `tombstones` are what readers must not be shown. The
    order `is_shared` where it comes of a log that other nodes hear as well.
    """

    def __init__(self, path: Path, accept_loss: bool = False) -> None:
        """Open or make the database at `path`.

        Raise JournalUnusable where it is corrupt, newer, in use, or cannot be written; JournalLost
        where records are missing, unless `accept_loss` says to go on without them.
        """
        self.file = DatabaseFile(path, accept_loss)
        self._connection = self.file.connection
        self.tombstones = Tombstones()
        try:
            with explained(path):
                self.index = HistoryIndex(self._connection)
                self._id, last_seq, _ = identity(self._connection)
                self.is_shared = is_shared(self._connection)
                self.msgids = MsgidKey(self._key(), self._epochs(last_seq))
                self.sequencer = Sequencer(self.msgids, self._find_state(last_seq))
                self._mark()
        except BaseException:
            self.file.close()
            raise

    def reader(self) -> SQLiteArchive:
        """Return what reads the entries back. Raise JournalUnusable where they cannot be read."""
        return SQLiteArchive(self.file.path, self.msgids, self.tombstones, self.index)

    def recoveries(self) -> Iterator[Recovery]:
        """Yield what a start needs, from the newest snapshot; each next is for when that is bad."""
        with explained(self.file.path):
            rows: list[Any] = self._connection.execute(
                "SELECT seq, data FROM snapshot ORDER BY seq DESC"
            ).fetchall()
        if len(rows) < 2:
            # Nothing is dropped until there are two: all can be read again from the first record.
            rows.append((0, None))
        for seq, snapshot in rows:
            yield Recovery(int(seq), snapshot, self._state_after(int(seq)), self.sequencer.last_seq)

    def counted_epoch(self, node: int) -> int:
        """Return to what an earlier version counted the starts of a node, 0 where none did."""
        with explained(self.file.path):
            value = self._connection.execute(
                "SELECT value FROM meta WHERE name = ?", (f"epoch of node {node}",)
            ).get
        return value if isinstance(value, int) else 0

    def set_back(self, now: int, record: Callable[[int, int], AnyRecord]) -> int:
        """Put right the times of entries that were given while the clock was ahead of `now`.

        They are known by the leap that the times make before the first of them: it is as long as
        the last is ahead of `now`, at least. Return by how much they were moved, in microseconds,
        0 where there is no such leap: the clock is behind, or has always been ahead. What `record`
        makes of that and the first time becomes the last entry.
        """
        seq, last = self.sequencer.last_seq, self.sequencer.stamps.clock
        ahead = last - now
        with explained(self.file.path):
            found = leap(self._connection, now)
            if ahead < SAID or found is None or found[2] - found[1] <= ahead:
                return 0
            # Not to before what was ahead of the clock when it leapt.
            room = found[2] - latest(self._connection, found[0]) - 1_000
            moved = min(ahead + 1_000, room)
            if moved <= 0:
                return 0
            draft = Draft(record(moved, found[2] - moved))
            with transaction(self._connection):
                move(self._connection, found[0], moved)
                remember_move(self._connection, found[0], seq + 1, moved)
                state = OrderState(seq, seq, last - moved)
                entries = Sequencer(self.msgids, state).place([draft], now)
                write(self._connection, entries)
            self.index.load()
            self.sequencer = Sequencer(self.msgids, self._find_state(seq + 1))
            self._mark()
        return moved

    def recall(self, name: str) -> str:
        """Return what `remember` has been given under a name, "" where that was nothing."""
        with explained(self.file.path):
            value = self._connection.execute(
                "SELECT value FROM meta WHERE name = ?", (f"note {name}",)
            ).get
        return "" if value is None else str(value)

    def remember(self, name: str, value: str) -> None:
        """Keep a note for the next start."""
        if self.recall(name) != value:
            with explained(self.file.path):
                self._connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"note {name}", value)
                )

    def share(self) -> None:
        """Let what comes next be of a log that others share, from its beginning."""
        self._go_on_in(SHARED)

    def own(self) -> None:
        """Let what comes next be of this file's own order again."""
        self._go_on_in(OWN)

    def _go_on_in(self, log: str) -> None:
        """Begin in another order after the last entry, with nothing heard in it."""
        state = self.sequencer.state
        begun = OrderState(seq=state.seq, clock=state.clock, newest=state.newest)
        put = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        with explained(self.file.path), transaction(self._connection):
            self._connection.execute(put, ("log", log))
            self._connection.execute(put, (ORDER, encode_state(begun).decode()))
        self.is_shared = log == SHARED
        self.sequencer = Sequencer(self.msgids, begun)

    def _mark(self) -> None:
        self.file.marks.write(self.sequencer.last_seq, self.sequencer.stamps.clock)

    def _key(self) -> bytes:
        key = self._connection.execute("SELECT value FROM meta WHERE name = 'msgid key'").get
        if not isinstance(key, bytes):
            raise apsw.CorruptError("the msgid key is missing")
        return key

    def _epochs(self, seq: int) -> list[tuple[int, int]]:
        """Return the epochs of msgids, and one more where seqs may be given a second time."""
        rows = self._connection.execute(
            "SELECT name, value FROM meta WHERE name GLOB ?", (f"{EPOCH}*",)
        ).fetchall()
        found = {int(str(name).removeprefix(EPOCH)): int(str(value)) for name, value in rows}
        # In an order that is shared no seq is given a second time: what was lost is heard again.
        if not self.is_shared and (seq or self.file.mark) and not self._goes_on(seq):
            first, epoch = seq + 1, secrets.randbits(62) + 1
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"{EPOCH}{first}", epoch)
            )
            found[first] = epoch
        return sorted(found.items())

    def _goes_on(self, seq: int) -> bool:
        """Say whether nothing can have been told of that is not in the database."""
        known = self.file.mark
        if known is None or known.id != self._id or known.seq > seq:
            return False
        # After a loss of power the mark itself may be older than what was told last.
        return known.clean or known.boot == mark.boot_id()

    def _find_state(self, seq: int) -> OrderState:
        """Return what the next entries follow from, as the process before would have had it.

        The entries up to a seq tell all of it where the order is that of the commits; of another
        order it is kept where to go on.
        """
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (ORDER,)).get
        kept = OrderState() if row is None else decode_state(str(row))
        if kept.seq == seq:
            return kept
        if self.is_shared:
            raise apsw.CorruptError("the place in the log is not that of the last record")
        return self._state_of_entries(seq, kept)

    def _state_of_entries(self, seq: int, kept: OrderState) -> OrderState:
        """Return what follows from the entries, after what is `kept` of an order before."""
        execute = self._connection.execute
        clock, newest = 0, dict[str, int]()
        rows: Any = execute("SELECT time, lead, data FROM record ORDER BY seq DESC")
        for time, lead, data in rows:
            clock = max(clock, time - lead)
            if time - lead + LEADING < clock:
                # What came before and is not over yet is of a history that leads.
                break
            if time // 1000 >= clock // 1000:
                for history in histories_of(decode_record(data)):
                    newest.setdefault(history, time)
        rows.close()
        leading: list[Any] = execute("SELECT target FROM leading").fetchall()
        for (target,) in leading:
            found = self.index.newest_time(target)
            if found >= clock:
                newest[target] = found
            else:
                execute("DELETE FROM leading WHERE target = ?", (target,))
        position, order = max(seq, kept.position), (kept.stamp, kept.time, kept.chain)
        return OrderState(position, seq, clock, newest, kept.heard, *order)

    def _state_after(self, seq: int) -> Iterator[Entry]:
        # What the last commits brought may have been refused without a mark: whoever applies it
        # again finds out. Earlier messages change nothing and are left out.
        tail = self.sequencer.last_seq - BATCH
        lived = as_lived(self._connection)
        while True:
            with explained(self.file.path):
                rows: list[Any] = self._connection.execute(
                    "SELECT seq, time, lead, data FROM record WHERE state = 1 AND seq > ?1"
                    " AND seq NOT IN (SELECT seq FROM refused)"
                    " UNION ALL SELECT seq, time, lead, data FROM record"
                    " WHERE state = 0 AND seq > max(?1, ?2)"
                    f" AND seq NOT IN (SELECT seq FROM refused) ORDER BY seq LIMIT {PART}",
                    (seq, tail),
                ).fetchall()
                records = [decode_record(data) for _, _, _, data in rows]
            names = self.msgids.encode([seq for seq, *_ in rows])
            for (seq, at, lead, _), record, name in zip(rows, records, names, strict=True):
                yield Entry(seq, lived(seq, at), name, record, None, lead)
            if len(rows) < PART:
                return
            seq = rows[-1][0]
