"""Moving the times of entries that were given while the clock was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import apsw

_MOVED: Final = "times moved "
"""What the names of moves begin with in `meta`; the seqs before and after them follow."""
_LAST_UPTO = "SELECT seq, time - lead FROM record WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
_FIRST_AFTER = "SELECT seq, time - lead FROM record WHERE seq > ? ORDER BY seq LIMIT 1"


def leap(connection: apsw.Connection, now: int) -> tuple[int, int, int] | None:
    """Return (last seq, its clock, the next one's clock) of the last entry that is not after `now`.

    None where all are, or none is: what the clock showed rises with the seqs.
    """
    low, high = 0, _seq(connection, "SELECT max(seq) FROM record")
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(_LAST_UPTO, (middle,)).fetchone()
        if row is None or int(str(row[1])) <= now:
            low = middle
        else:
            high = int(str(row[0])) - 1
    last = connection.execute(_LAST_UPTO, (low,)).fetchone()
    following = connection.execute(_FIRST_AFTER, (low,)).fetchone()
    if last is None or following is None:
        return None
    return int(str(last[0])), int(str(last[1])), int(str(following[1]))


def latest(connection: apsw.Connection, upto: int) -> int:
    """Return the latest time of all entries up to a seq: some may be ahead of the clock."""
    return _seq(connection, f"SELECT max(time) FROM record WHERE seq <= {upto}")


def move(connection: apsw.Connection, after: int, microseconds: int) -> None:
    """Take so much from the time of each entry after a seq, within a transaction."""
    connection.execute("UPDATE record SET time = time - ? WHERE seq > ?", (microseconds, after))
    connection.execute("UPDATE history SET time = time - ? WHERE seq > ?", (microseconds, after))
    connection.execute("UPDATE mention SET time = time - ? WHERE seq > ?", (microseconds, after))


def remember_move(connection: apsw.Connection, after: int, before: int, microseconds: int) -> None:
    """Note that so much has been taken from the times of the entries between two seqs."""
    name = f"{_MOVED}{after} {before}"
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, microseconds))


def as_lived(connection: apsw.Connection) -> Callable[[int, int], int]:
    """Return what gives an entry's first time, in microseconds, for its seq and its time now.

    With that the World followed it: what a snapshot holds of the time before it was put right, and
    what is applied to it, have to be of one clock. The ClockSetBack moves both.
    """
    rows = connection.execute("SELECT name, value FROM meta WHERE name GLOB ?", (f"{_MOVED}*",))
    moves = [(*map(int, str(name)[len(_MOVED) :].split()), int(str(by))) for name, by in rows]

    def lived(seq: int, time: int) -> int:
        return time + sum(by for after, before, by in moves if after < seq < before)

    return lived


def _seq(connection: apsw.Connection, sql: str) -> int:
    found = connection.execute(sql).get
    return int(found) if isinstance(found, int) else 0
