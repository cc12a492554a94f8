"""How much was said that somebody has not read, and what of it was meant for whom.

No counter is kept that each message would have to raise for each member: a count is a range of the
index, which has who said what, and ends at the most that is asked for. So a message costs the same
in a channel of five and of five thousand, what is redacted or forgotten is counted no more, and a
start has nothing to make up for. See docs/decisions/counts-are-ranges.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.journal.archive import queries
from hubbub.journal.archive.index import HistoryIndex, Stretch
from hubbub.journal.codec import decode_places, encode_seqs
from hubbub.journal.questions import Counted, Unread

Ask = Callable[[queries.Query], str]
"""Ask the database for one value, as text."""

# Rows from before the index had authors: the record tells, and no guest of then is still here.
_RECORDED: Final = (
    "(SELECT coalesce(nullif(lower(json_extract(r.data, '$[3]')), ''), 'g:')"
    " FROM record AS r WHERE r.seq = h.seq)"
)
_SAID: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM history AS h WHERE h.target = ? AND h.said = 1 AND {}"
    " LIMIT ?)"
)
_MEANT: Final = (
    "SELECT json_group_array(json_array(time, seq)) FROM (SELECT m.time, m.seq FROM mention AS m"
    " CROSS JOIN history AS h ON h.target = m.target AND h.said = 1 AND h.time = m.time"
    " AND h.seq = m.seq WHERE m.who = ? AND m.target = ? AND {}"
    " ORDER BY m.time DESC, m.seq DESC LIMIT ?)"
)
CONTEXT_MOST: Final = 2_000
"""How much that belongs to the messages of one page is read at most, the newest: a message may be
reacted to again and again."""
_CONTEXT: Final = (
    "SELECT json_group_array(json_array(parent, seq)) FROM (SELECT parent, seq FROM context"
    " WHERE parent IN (SELECT value FROM json_each(?)) AND seq <= ?"
    f" ORDER BY seq DESC LIMIT {CONTEXT_MOST})"
)
Place = tuple[int, int]


def count(
    asked: Unread, index: HistoryIndex, first: int, hidden: frozenset[int], ask: Ask
) -> Counted:
    """Return what others said within a page, and where of it what was meant for somebody is.

    `first` is the least seq that may be shown, `hidden` those that are to go.
    """
    page = asked.page
    stretches = queries.stretches(page)
    # First: what the index does not hold any more is in the database by the next line.
    indexed = index.indexed
    newer, meant = index.said(
        page.history, stretches, range(max(first, indexed + 1), page.upto + 1)
    )
    of_others = {
        seq
        for seq, author in newer
        if seq not in hidden and author not in asked.authors and not page.hides(seq)
    }
    places = {(time, seq) for seq, time, who in meant if who in asked.who and seq in of_others}
    upto, total = min(page.upto, indexed), len(of_others) if asked.counts else 0
    for stretch in stretches:
        where, values = _within("h", asked, stretch, (first, upto), hidden)
        if asked.counts and total < page.limit:
            question = (page.history, *values, page.limit - total)
            total += int(ask((_SAID.format(where), question)))
        where, values = _within("m", asked, stretch, (first, upto), hidden)
        for who in asked.who:
            found = ask((_MEANT.format(where), (who, page.history, *values, page.limit)))
            places.update(decode_places(found))
    newest = sorted((one for one in places if not page.hides(one[1])), reverse=True)
    return Counted(min(total, page.limit), tuple(newest[: page.limit]))


def _within(
    table: str, asked: Unread, stretch: Stretch, seqs: tuple[int, int], hidden: frozenset[int]
) -> tuple[str, tuple[str | int, ...]]:
    """Return what is so of rows that count, and its parameters; what is rare stands there if so."""
    authors = asked.authors
    mine = f"({','.join('?' * len(authors))})"
    where = (
        f"({table}.time, {table}.seq) > (?, ?) AND ({table}.time, {table}.seq) < (?, ?)"
        f" AND {table}.seq >= ? AND {table}.seq <= ?"
        f" AND (h.author NOT IN {mine} OR (h.author IS NULL AND {_RECORDED} NOT IN {mine}))"
    )
    values: tuple[str | int, ...] = (*stretch[0], *stretch[1], *seqs, *authors, *authors)
    if hidden:
        where += f" AND {table}.seq NOT IN (SELECT value FROM json_each(?))"
        values = (*values, encode_seqs(sorted(hidden)).decode())
    return where, values


def context(parents: list[int], upto: int, index: HistoryIndex, ask: Ask) -> list[Place]:
    """Return (parent, seq) of what belongs to messages, the oldest first."""
    newer = index.context(parents)
    found = decode_places(ask((_CONTEXT, (encode_seqs(parents).decode(), upto))))
    return sorted({*found, *(one for one in newer if one[1] <= upto)})
