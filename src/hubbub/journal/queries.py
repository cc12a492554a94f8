"""The archive's questions as SQL. Each answers with one row, a JSON array of all that was found.

One row, because every further one would make the reading thread wait for the interpreter lock
again: docs/decisions/journal-writes.md. No query looks at more than it returns by more than a
constant factor; tests hold the query plans to it.
"""

from __future__ import annotations

from typing import Final

from hubbub.journal.names import after_prefix
from hubbub.journal.port import Page, Position

Query = tuple[str, tuple[str | int, ...]]
"""SQL and its parameters."""

_JSON: Final = (
    "'[' || group_concat('[' || seq || ',' || time || ',' || data || ',' ||"
    " coalesce(body, 'null') || ']') || ']'"
)
_EVERY_TIME: Final = (1 << 63) - 1

ENTRIES: Final = (
    f"SELECT {_JSON} FROM (SELECT r.seq, r.time, r.data, r.body FROM json_each(?) AS j"  # noqa: S608
    " CROSS JOIN record AS r ON r.seq = j.value WHERE NOT (r.state = 0 AND r.body IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.seq = r.seq))"
)
"""The entries whose seqs are in a JSON array, in any order."""


def page(page: Page, first_visible: int, limit: int) -> Query:
    """Return the query for the rows of a page, in any order."""
    low_time, low_seq = _low(page)
    high_time, high_seq = _high(page)
    direction = "DESC" if page.latest else "ASC"
    bounds = (low_time, low_seq, high_time, high_seq, first_visible, page.upto)
    kinds = (1, 0) if page.events else (1,)
    parts = " UNION ALL ".join(_part(said) for said in kinds)
    sql = f"SELECT {_JSON} FROM ({parts} ORDER BY time {direction}, seq {direction} LIMIT ?)"  # noqa: S608
    return sql, (*(page.history, *bounds) * len(kinds), limit)


def _part(said: int) -> str:
    return (
        "SELECT h.time AS time, h.seq AS seq, r.data AS data, r.body AS body"  # noqa: S608
        " FROM history AS h CROSS JOIN record AS r ON r.seq = h.seq"
        f" WHERE h.target = ? AND h.said = {said}"
        " AND (h.time, h.seq) > (?, ?) AND (h.time, h.seq) < (?, ?)"
        " AND h.seq >= ? AND h.seq <= ? AND NOT (r.state = 0 AND r.body IS NULL)"
    )


def _low(page: Page) -> tuple[int, int]:
    """Return the position, excluded, after which a page begins."""
    after, since = page.after, page.since
    low = (-1, -1)
    if after is not None:
        low = (_millisecond(after) + 1000, -1) if after.seq is None else (after.time, after.seq)
    if since is not None:
        here = (_millisecond(since), -1) if since.seq is None else (since.time, since.seq - 1)
        low = max(low, here)
    return low


def _high(page: Page) -> tuple[int, int]:
    """Return the position, excluded, before which a page ends."""
    before = page.before
    if before is None:
        return (_EVERY_TIME, -1)
    return (_millisecond(before), -1) if before.seq is None else (before.time, before.seq)


def _millisecond(position: Position) -> int:
    return position.time // 1000 * 1000


def newest(history: str, upto: int) -> Query:
    """Return the query for [history, time of its newest PRIVMSG or NOTICE], for one or a prefix."""
    time = (
        "(SELECT h.time FROM history AS h WHERE h.target = t.target AND h.said = 1 AND h.seq <= ?"
        " ORDER BY h.time DESC, h.seq DESC LIMIT 1)"
    )
    answer = "SELECT json_group_array(json_array(target, time)) FROM "
    if not history.endswith("*"):
        sql = f"{answer}(SELECT t.target, {time} AS time FROM (SELECT ? AS target) AS t)"
        return f"{sql} WHERE time IS NOT NULL", (upto, history)
    first = history[:-1]
    end = after_prefix(first)
    within = "" if end is None else " AND target < ?"
    ends = () if end is None else (end,)
    # Each step seeks the next name, so that a long history costs no more than a short one.
    names = (
        f"WITH RECURSIVE t (target) AS (SELECT (SELECT min(target) FROM history WHERE target >= ?"  # noqa: S608
        f"{within}) UNION ALL SELECT (SELECT min(target) FROM history WHERE target > t.target"
        f"{within}) FROM t WHERE t.target IS NOT NULL) "
    )
    sql = f"{names}{answer}(SELECT t.target, {time} AS time FROM t) WHERE time IS NOT NULL"  # noqa: S608
    return sql, (first, *ends, *ends, upto)
