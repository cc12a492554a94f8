"""The journal in one SQLite file, for one process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from hubbub.core.records import AnyRecord, Draft, Entry
from hubbub.journal import mark
from hubbub.journal.batch import histories_of, place, write
from hubbub.journal.chores import Chore, DropCovered, Erasure, Forget, Refusal, Snapshot
from hubbub.journal.codec import decode_record
from hubbub.journal.database import DatabaseFile, explained
from hubbub.journal.hidden import Hidden
from hubbub.journal.migrations import identity
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.port import Committed, Failed, Figures, JournalError
from hubbub.journal.setting_back import as_lived, leap, move, remember_move
from hubbub.journal.stamps import Stamps
from hubbub.journal.steady import SAID, wall_clock
from hubbub.journal.transaction import transaction
from hubbub.journal.writer import BATCH, Writer

PART: Final = 1_000
"""Entries that `load` reads at a time."""
EPOCH: Final = "msgid epoch "
"""What the names of msgids' epochs begin with in `meta`; their first seqs follow."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a start needs: the last snapshot (0, None where there is none) and what came after.

    `entries` are those that change the World, and all of the last few thousand, less those marked
    as refused; in order and without bodies. Read them before `start`. Where times were put right
    later, entries have those that they were applied with. `last_seq` is the last seq there is, 0
    where there is none.
    """

    snapshot_seq: int
    snapshot: bytes | None
    entries: Iterator[Entry]
    last_seq: int


class SQLiteJournal:
    """Keep records in an SQLite database, committed in groups by a thread of its own.

    `load`, `next_epoch`, `recall` and `remember` are for before `start`. The file belongs to this
    process until `stop`. `msgids` and `hidden` are for the archive of the same file.
    """

    def __init__(
        self, path: Path, clock: Callable[[], int] = wall_clock, accept_loss: bool = False
    ) -> None:
        """Open or make the database at `path`. `clock` returns microseconds since 1970.

        Raise JournalUnusable where it is corrupt, newer, in use, or cannot be written; JournalLost
        where records are missing, unless `accept_loss` says to go on without them.
        """
        self._clock = clock
        self._file = DatabaseFile(path, accept_loss)
        self._connection = self._file.connection
        try:
            with explained(path):
                self._id, *last = identity(self._connection)
                self._last: tuple[int, int] = (last[0], last[1])
                self._stamps = self._find_stamps()
                self.msgids = MsgidKey(self._key(), self._epochs())
                self._file.marks.write(*self._last)
        except BaseException:
            self._file.close()
            raise
        self.hidden = Hidden()
        self._waiting = 0
        self._writer: Writer | None = None
        self._committed: Committed
        self._failed: Failed

    @property
    def last_time(self) -> int:
        """Return the time of the last entry that there was at the start, 0 where none was."""
        return self._last[1]

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with the journal and what to do, by subject."""
        return {} if self._writer is None else self._writer.troubles()

    def figures(self) -> Figures:
        """Return how it does."""
        return Figures() if self._writer is None else self._writer.figures()

    def load(self) -> Recovery:
        """Return what a start needs, from the newest snapshot."""
        return next(self.recoveries())

    def recoveries(self) -> Iterator[Recovery]:
        """Yield what a start needs, from the newest snapshot; each next is for when that is bad."""
        with explained(self._file.path):
            rows: list[Any] = self._connection.execute(
                "SELECT seq, data FROM snapshot ORDER BY seq DESC"
            ).fetchall()
        if len(rows) < 2:
            # Nothing is dropped until there are two: all can be read again from the first record.
            rows.append((0, None))
        for seq, snapshot in rows:
            yield Recovery(int(seq), snapshot, self._state_after(int(seq)), self._last[0])

    def next_epoch(self, node: int) -> int:
        """Return the number of this start of a node: 1, then one more each time, durably."""
        with explained(self._file.path):
            value = self._connection.execute(
                "INSERT INTO meta VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (f"epoch of node {node}",),
            ).get
        assert isinstance(value, int), "epochs are counted"
        return value

    def set_back(self, now: int, record: Callable[[int, int], AnyRecord]) -> int:
        """Put right the times of entries that were given while the clock was ahead of `now`.

        They are known by the leap that the times make before the first of them: it is as long as
        the last is ahead of `now`, at least. Return by how much they were moved, in microseconds,
        0 where there is no such leap: the clock is behind, or has always been ahead. What `record`
        makes of that and the first time becomes the last entry.
        """
        seq, last = self._last
        ahead = last - now
        with explained(self._file.path):
            found = leap(self._connection, now)
            if ahead < SAID or found is None or found[2] - found[1] <= ahead:
                return 0
            moved, since = ahead + 1_000, found[2] - ahead - 1_000
            draft = Draft(record(moved, since))
            with transaction(self._connection):
                move(self._connection, found[0], moved)
                remember_move(self._connection, found[0], seq + 1, moved)
                entries = place([draft], seq + 1, now, Stamps(last - moved), self.msgids)
                write(self._connection, entries)
            self._last = (seq + 1, entries[0].time)
            self._stamps = self._find_stamps()
            self._file.marks.write(*self._last)
        return moved

    def recall(self, name: str) -> str:
        """Return what `remember` has been given under a name, "" where that was nothing."""
        with explained(self._file.path):
            value = self._connection.execute(
                "SELECT value FROM meta WHERE name = ?", (f"note {name}",)
            ).get
        return "" if value is None else str(value)

    def remember(self, name: str, value: str) -> None:
        """Keep a note for the next start."""
        if self.recall(name) != value:
            with explained(self._file.path):
                self._connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"note {name}", value)
                )

    def start(self, committed: Committed, failed: Failed) -> None:
        """Begin to write; the callbacks run on the running event loop's thread."""
        self._committed, self._failed = committed, failed
        self._writer = Writer(
            self._file,
            self.msgids,
            self.hidden,
            self._clock,
            self._last[0],
            self._stamps,
            (self._hand_back, self._hand_back_failed),
        )

    def append(self, draft: Draft) -> None:
        """Take a draft; it comes back through `committed` or `failed`, in order. Never blocks."""
        assert self._writer is not None, "append comes after start"
        self._waiting += 1
        self._writer.put(draft)

    @property
    def waiting(self) -> int:
        """Return how many drafts have been taken and have not come back."""
        return self._waiting

    def refuse(self, seq: int) -> None:
        """Mark an entry as refused by apply; the mark is stored with the next commit."""
        self.hidden.refuse(seq)
        self._put(Refusal(seq))

    def forget(self, history: str, upto: int | None = None) -> None:
        """Let go of a history, up to a seq or all that was taken: it cannot be read again.

        `@OWNER/*` stands for all direct histories of OWNER; any other `*` is part of a name.
        """
        if upto is None:
            self.hidden.forget(history)
        else:
            self.hidden.forget_upto(history, upto)
        self._put(Forget(history, upto))

    def erase(self, seqs: Sequence[int]) -> None:
        """Let the bodies of these entries be gone for good with the next commit.

        From this call on the archive finds them in no history, and shows no body of theirs.
        """
        self.hidden.erase(seqs)
        self._put(Erasure(tuple(seqs)))

    def save_snapshot(self, seq: int, snapshot: bytes) -> None:
        """Store the World as of `seq`, with the next commit; the one before it is kept as well.

        Records that the older of the two covers, and no history shows, are dropped afterwards.
        """
        self._put(Snapshot(seq, snapshot))

    def drop_covered(self) -> None:
        """Drop what the older snapshot covers and no history shows, a slice at a time."""
        self._put(DropCovered())

    async def stop(self) -> None:
        """Write what was taken, hand it back, and close."""
        if self._writer is None:
            self._file.close()
        else:
            await self._writer.stop()

    def _put(self, chore: Chore) -> None:
        assert self._writer is not None, "chores come after start"
        self._writer.put(chore)

    def _hand_back(self, entries: Sequence[Entry]) -> None:
        self._waiting -= len(entries)
        self._committed(entries)

    def _hand_back_failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self._waiting -= len(drafts)
        self._failed(drafts, error)

    def _key(self) -> bytes:
        key = self._connection.execute("SELECT value FROM meta WHERE name = 'msgid key'").get
        if not isinstance(key, bytes):
            raise apsw.CorruptError("the msgid key is missing")
        return key

    def _epochs(self) -> list[tuple[int, int]]:
        """Return the epochs of msgids, and one more where seqs may be given a second time."""
        rows = self._connection.execute(
            "SELECT name, value FROM meta WHERE name GLOB ?", (f"{EPOCH}*",)
        ).fetchall()
        found = {int(str(name).removeprefix(EPOCH)): int(str(value)) for name, value in rows}
        seq, _ = self._last
        if (seq or self._file.mark) and not self._goes_on():
            first, epoch = seq + 1, secrets.randbits(62) + 1
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"{EPOCH}{first}", epoch)
            )
            found[first] = epoch
        return sorted(found.items())

    def _goes_on(self) -> bool:
        """Say whether nothing can have been told of that is not in the database."""
        known = self._file.mark
        if known is None or known.id != self._id or known.seq > self._last[0]:
            return False
        # After a loss of power the mark itself may be older than what was told last.
        return known.clean or known.boot == mark.boot_id()

    def _find_stamps(self) -> Stamps:
        """Return what gives the next times, as the process before would have."""
        last = self._last[1]
        seen: set[str] = set()
        rows = self._connection.execute("SELECT time, data FROM record ORDER BY seq DESC")
        for time, data in rows:
            if int(str(time)) // 1000 != last // 1000:
                break
            seen.update(histories_of(decode_record(str(data))))
        rows.close()
        return Stamps(last, seen)

    def _state_after(self, seq: int) -> Iterator[Entry]:
        # What the last commits brought may have been refused without a mark: whoever applies it
        # again finds out. Earlier messages change nothing and are left out.
        tail = self._last[0] - BATCH
        lived = as_lived(self._connection)
        while True:
            with explained(self._file.path):
                rows: list[Any] = self._connection.execute(
                    "SELECT seq, time, data FROM record WHERE state = 1 AND seq > ?1"
                    " AND seq NOT IN (SELECT seq FROM refused)"
                    " UNION ALL SELECT seq, time, data FROM record"
                    " WHERE state = 0 AND seq > max(?1, ?2)"
                    f" AND seq NOT IN (SELECT seq FROM refused) ORDER BY seq LIMIT {PART}",
                    (seq, tail),
                ).fetchall()
                records = [(seq, at, decode_record(data)) for seq, at, data in rows]
            names = self.msgids.encode([seq for seq, _, _ in records])
            for (seq, at, record), name in zip(records, names, strict=True):
                yield Entry(seq, lived(seq, at), name, record)
            if len(rows) < PART:
                return
            seq = records[-1][0]
