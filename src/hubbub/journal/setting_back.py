"""Moving the times of entries that were given while the clock was wrong."""

from __future__ import annotations

import apsw

_LAST_UPTO = "SELECT seq, time FROM record WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
_FIRST_AFTER = "SELECT seq, time FROM record WHERE seq > ? ORDER BY seq LIMIT 1"


def leap(connection: apsw.Connection, now: int) -> tuple[int, int, int] | None:
    """Return (last seq, its time, the next one's time) of the last entry that is not after `now`.

    None where all are, or none is: times rise with the seqs.
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


def move(connection: apsw.Connection, after: int, microseconds: int) -> None:
    """Take so much from the time of each entry after a seq, within a transaction."""
    connection.execute("UPDATE record SET time = time - ? WHERE seq > ?", (microseconds, after))
    connection.execute("UPDATE history SET time = time - ? WHERE seq > ?", (microseconds, after))


def _seq(connection: apsw.Connection, sql: str) -> int:
    found = connection.execute(sql).get
    return int(found) if isinstance(found, int) else 0
