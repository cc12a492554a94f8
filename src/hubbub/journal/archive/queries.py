"""The archive's questions as SQL. Each answers with one row, a JSON array of all that was found.

One row, because every further one would make the reading thread wait for the interpreter lock
again: docs/decisions/journal-writes.md. No query looks at more than it returns by more than a
constant factor; tests hold the query plans to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.journal.codec import encode_names
from hubbub.journal.names import after_prefix
from hubbub.journal.questions import Page, Position

Query = tuple[str, tuple[str | int, ...]]
"""SQL and its parameters."""

_JSON: Final = (
    "'[' || group_concat('[' || seq || ',' || time || ',' || data || ',' ||"
    " coalesce(body, 'null') || ',' || lead || ']') || ']'"
)
EVERY_TIME: Final = (1 << 63) - 1
"""A time after all others."""

ENTRIES: Final = (
    f"SELECT {_JSON} FROM (SELECT r.seq, r.time, r.data, r.body, r.lead FROM json_each(?) AS j"
    " CROSS JOIN record AS r ON r.seq = j.value WHERE NOT (r.state = 0 AND r.body IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.seq = r.seq))"
)
"""The entries whose seqs are in a JSON array, in any order."""

_FROM_HERE: Final = (
    "SELECT * FROM (SELECT time, seq FROM history WHERE target = ?2 AND said = {}"
    " AND time >= (SELECT time FROM clock) AND seq >= ?1 ORDER BY time, seq LIMIT 1)"
)
PLACE: Final = (
    "WITH clock (time) AS"
    " (SELECT time - lead FROM record WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1)"
    " SELECT clock.time, here.time, here.seq FROM clock"
    f" LEFT JOIN ({_FROM_HERE.format(1)} UNION ALL {_FROM_HERE.format(0)}"
    " ORDER BY time, seq LIMIT 1) AS here"
)
"""What the clock showed at a seq, and the (time, seq) of the first entry of a history from there
on, or nulls; no row before the first entry of all. It passes over those only that were ahead of the
clock when that seq was given."""


def positions(page: Page, said: int, first_visible: int) -> Query:
    """Return the query for the (time, seq) of a page's entries of one kind, a row each."""
    direction = "DESC" if page.latest else "ASC"
    sql = (
        "SELECT time, seq FROM history WHERE target = ? AND said = ? AND (time, seq) > (?, ?)"
        " AND (time, seq) < (?, ?) AND seq >= ? AND seq <= ?"
        f" ORDER BY time {direction}, seq {direction}"
    )
    return sql, (page.history, said, *low(page), *high(page), first_visible, page.upto)


def page(page: Page, first_visible: int, limit: int) -> Query:
    """Return the query for the rows of a page, in any order."""
    direction = "DESC" if page.latest else "ASC"
    kinds = (1, 0) if page.events else (1,)
    shown = stretches(page)
    parts = " UNION ALL ".join(_part(said) for said in kinds for _ in shown)
    sql = f"SELECT {_JSON} FROM ({parts} ORDER BY time {direction}, seq {direction} LIMIT ?)"
    bounds = [
        value
        for start, end in shown
        for value in (page.history, *start, *end, first_visible, page.upto)
    ]
    return sql, (*bounds * len(kinds), limit)


def stretches(page: Page) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the stretches, bounds excluded, of which a page consists: each is read by the index.

    There is always one, which may be empty.
    """
    start, end = low(page), high(page)
    shown = []
    for first, beyond in page.hidden:
        stop = min(end, (first.time, first.seq or 0))
        if start < stop:
            shown.append((start, stop))
        start = max(start, (beyond.time, (beyond.seq or 0) - 1))
    if start < end or not shown:
        shown.append((start, end))
    return shown


def _part(said: int) -> str:
    return (
        "SELECT h.time AS time, h.seq AS seq, r.data AS data, r.body AS body, r.lead AS lead"
        " FROM history AS h CROSS JOIN record AS r ON r.seq = h.seq"
        f" WHERE h.target = ? AND h.said = {said}"
        " AND (h.time, h.seq) > (?, ?) AND (h.time, h.seq) < (?, ?)"
        " AND h.seq >= ? AND h.seq <= ? AND NOT (r.state = 0 AND r.body IS NULL)"
    )


def low(page: Page) -> tuple[int, int]:
    """Return the position, excluded, after which a page begins."""
    after, since = page.after, page.since
    low = (-1, -1)
    if after is not None:
        low = (_millisecond(after) + 1000, -1) if after.seq is None else (after.time, after.seq)
    if since is not None:
        here = (_millisecond(since), -1) if since.seq is None else (since.time, since.seq - 1)
        low = max(low, here)
    return low


def high(page: Page) -> tuple[int, int]:
    """Return the position, excluded, before which a page ends."""
    before = page.before
    if before is None:
        return (EVERY_TIME, -1)
    return (_millisecond(before), -1) if before.seq is None else (before.time, before.seq)


def _millisecond(position: Position) -> int:
    return position.time // 1000 * 1000


BEYOND: Final = (
    "SELECT seq FROM history WHERE target = ? AND said = 1 AND seq <= ?"
    " ORDER BY time DESC, seq DESC LIMIT 1 OFFSET ?"
)
"""The seq of the newest message of a history but for so many; read from the index alone."""


def newest(names: Sequence[str], upto: int) -> Query:
    """Return the query for (history, time, seq) of the newest PRIVMSG or NOTICE of each history."""
    listed = "SELECT value AS target FROM json_each(?)"
    return _newest_of(listed), (encode_names(names).decode(), upto)


def newest_within(prefix: str, upto: int) -> Query:
    """Return the same query for all histories whose names begin with `prefix`."""
    end = after_prefix(prefix)
    within = "" if end is None else " AND target < ?"
    ends = () if end is None else (end,)
    # Each step seeks the next name, so that a long history costs no more than a short one.
    listed = (
        "WITH RECURSIVE name (target) AS ("
        f"SELECT (SELECT min(target) FROM history WHERE target >= ?{within})"
        " UNION ALL"
        f" SELECT (SELECT min(target) FROM history WHERE target > name.target{within})"
        " FROM name WHERE name.target IS NOT NULL"
        ") SELECT target FROM name WHERE target IS NOT NULL"
    )
    return _newest_of(listed), (prefix, *ends, *ends, upto)


def _newest_of(listed: str) -> str:
    return (
        "SELECT json_group_array(json_array(h.target, h.time, h.seq))"
        f" FROM ({listed}) AS t CROSS JOIN history AS h ON h.target = t.target AND h.said = 1"
        " AND (h.time, h.seq) = (SELECT time, seq FROM history AS n WHERE n.target = t.target"
        " AND n.said = 1 AND n.seq <= ? ORDER BY n.time DESC, n.seq DESC LIMIT 1)"
    )
