"""Filling the archive: entries, and what is to be done to those that are there, all or nothing."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Sequence
from typing import Final

import apsw
import structlog

from hubbub.core.records.entries import Entry
from hubbub.journal.archive import revising, rows
from hubbub.journal.archive.erasing import note, take_out
from hubbub.journal.archive.index import HistoryIndex
from hubbub.journal.archive.maintenance import Maintenance
from hubbub.journal.archive.search.index import SearchIndex
from hubbub.journal.archive.tasks import (
    AccountErasure,
    Chore,
    Erasure,
    Forget,
    Refusal,
    Revision,
    Snapshot,
)
from hubbub.journal.archive.tombstones import Tombstones
from hubbub.journal.codec import encode_seqs, encode_state
from hubbub.journal.database import ledger
from hubbub.journal.database.file import DatabaseFile
from hubbub.journal.database.transaction import transaction
from hubbub.journal.port import MEND_DAMAGE
from hubbub.journal.sequencer import OrderState

BATCH: Final = 4_000
"""The most entries of one commit; so many may have been refused without a mark when a node dies."""
ROOM_BYTES: Final = 64 * 1024
"""How much room is tried for where there was none: enough for some hundred messages."""
ORDER: Final = "order"
"""Under which name `meta` holds where to go on in an order that is not this file's own."""

_log = structlog.get_logger(__name__)


class Filling:
    """Write entries in the order of their seqs, and chores; used by one thread only.

    Whoever fills it gives entries their places: `position` is the seq of the last one it holds, and
    where to go on from.
    """

    def __init__(
        self,
        file: DatabaseFile,
        tombstones: Tombstones,
        index: HistoryIndex,
        position: int,
        wake: Callable[[], None],
    ) -> None:
        """Go on after `position`; `wake` says that there is maintenance to do."""
        self._connection, self._path = file.connection, file.path
        self._tombstones = tombstones
        self.position = position
        self._index = index
        self.search = SearchIndex(file.connection, position)
        self.maintenance = Maintenance(
            file.path, file.connection, tombstones, index, self.search, wake
        )
        self._chores: list[tuple[Chore, int]] = []
        self.damage = ""

    @property
    def has_chores(self) -> bool:
        """Say whether chores wait for a commit."""
        return bool(self._chores)

    def take(self, chore: Chore, seq: int) -> None:
        """Take a chore that goes with the next commit; `seq` was the last one when it was asked."""
        self._chores.append((chore, seq))

    def put_off(self) -> None:
        """Let chores that were to go with what was not written go with the next commit."""
        self._chores = [(chore, min(seq, self.position)) for chore, seq in self._chores]

    def give_up(self) -> None:
        """Leave the chores undone: nobody knows what became of the database."""
        self._chores.clear()

    def write(self, entries: Sequence[Entry], state: OrderState | None = None) -> None:
        """Write entries and the chores. Raise apsw.Error as SQLite says.

        With a `state` that is kept too: where to go on in the order that they come from. The order
        of one node needs none, for its entries tell.
        """
        if not self._chores and not self._index.is_due and state is None:
            rows.write(self._connection, entries)
            return
        try:
            with self._index.settling(), transaction(self._connection):
                if self._index.is_due:
                    self._index.write()
                if entries:
                    rows.write(self._connection, entries)
                if state is not None:
                    self._keep(state)
                for chore, seq in self._chores:
                    self._do(chore, seq)
        except apsw.FullError:
            if not self._leave_snapshots():
                raise
            self.write(entries, state)
        except apsw.CorruptError as error:
            self.damaged(error)
            self._write_apart(entries, state)

    def written(self, entries: Sequence[Entry]) -> None:
        """Take up what has been committed: the archive need not hide it any more."""
        if self._index.damaged:
            self.damaged(apsw.CorruptError(f"the index of {len(self._index.damaged)} histories"))
        if entries:
            self.position = entries[-1].seq
            self._index.add(entries)
            self.search.committed(self.position)
        chores, self._chores = self._chores, []
        if chores:
            self.search.look_for_leaving()
        refused = [chore.seq for chore, _ in chores if isinstance(chore, Refusal)]
        self._index.take_out(refused)
        self._tombstones.refusals_stored(refused)
        for chore, seq in chores:
            if isinstance(chore, Erasure):
                self._index.take_out(chore.seqs)
                self._tombstones.erasures_stored(chore.seqs)
                self.maintenance.shred()
            elif isinstance(chore, Revision):
                self._tombstones.revision_stored(chore.seq, chore.by)
                self.maintenance.shred()
            elif isinstance(chore, Forget):
                upto = seq if chore.upto is None else chore.upto
                self._tombstones.forget_upto(chore.history, upto)
                self.maintenance.forget(chore.history, upto)
            elif isinstance(chore, AccountErasure):
                self.maintenance.eraser.load()
            elif isinstance(chore, Snapshot):
                self.maintenance.drop_covered()
                self.maintenance.eraser.look()

    def damaged(self, error: Exception) -> None:
        """Note that part of the database cannot be read; what does not need it goes on."""
        if not self.damage:
            _log.error("part of the journal is damaged", error=str(error))
        self.damage = f"part of the database is damaged ({error}); {MEND_DAMAGE}"

    def try_room(self) -> None:
        """Write something and take it away. Raise apsw.Error as SQLite says."""
        execute = self._connection.execute
        with transaction(self._connection):
            execute("INSERT OR REPLACE INTO meta VALUES ('room', zeroblob(?))", (ROOM_BYTES,))
        with transaction(self._connection):
            execute("DELETE FROM meta WHERE name = 'room'")

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

    def _put_down(self, account: str) -> None:
        """Put down beside the database whose words are gone. Raise FullError without room."""
        try:
            ledger.add(self._path, account)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise apsw.FullError(str(error)) from None
            raise

    def _keep(self, state: OrderState) -> None:
        """Keep where to go on, within the transaction that has come so far."""
        data = encode_state(state).decode()
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (ORDER, data))

    def _write_apart(self, entries: Sequence[Entry], state: OrderState | None) -> None:
        """Write entries and do each chore on its own: one of them meets what cannot be read."""
        with transaction(self._connection):
            rows.write(self._connection, entries)
            if state is not None:
                self._keep(state)
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
                # Found nowhere any more; the record itself stays, and a start passes over it.
                take_out(self._connection, self._index, seq)
            case Erasure(seqs):
                execute(
                    "UPDATE record SET body = NULL WHERE seq IN (SELECT value FROM json_each(?))",
                    (encode_seqs(seqs).decode(),),
                )
                # What changes the World would still be shown there, without its words.
                for seq in seqs:
                    take_out(self._connection, self._index, seq)
            case Revision():
                revising.revise(self._connection, self._index, chore)
            case AccountErasure(account, upto):
                note(self._connection, account, upto)
                self._put_down(account)
            case Snapshot(seq, data):
                execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?)", (seq, data))
                # One more than needed, for when the newest cannot be read.
                execute(
                    "DELETE FROM snapshot WHERE seq NOT IN"
                    " (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
                )
            case Forget(history, upto):
                # A note only: so many rows may be meant that no commit could wait for them.
                execute(
                    "INSERT INTO forgetting VALUES (?, ?)"
                    " ON CONFLICT (target) DO UPDATE SET upto = max(upto, excluded.upto)",
                    (history, last_seq if upto is None else upto),
                )
