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
from hubbub.journal.codec import decode_places, encode_names, encode_seqs
from hubbub.journal.port import Counted, Unread

Ask = Callable[[queries.Query], str]
"""Ask the database for one value, as text."""

_AUTHOR: Final = (
    # Rows from before the index had authors: the record tells, and no guest of then is still here.
    "coalesce(h.author, (SELECT coalesce(nullif(lower(json_extract(r.data, '$[3]')), ''), 'g:')"
    " FROM record AS r WHERE r.seq = h.seq))"
)
_WITHIN: Final = (
    "({0}.time, {0}.seq) > (?, ?) AND ({0}.time, {0}.seq) < (?, ?)"
    " AND {0}.seq >= ? AND {0}.seq <= ?"
    " AND {0}.seq NOT IN (SELECT value FROM json_each(?))"
    f" AND {_AUTHOR} NOT IN (SELECT value FROM json_each(?))"
)
_SAID: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM history AS h WHERE h.target = ? AND h.said = 1 AND "
    + _WITHIN.format("h")
    + " LIMIT ?)"
)
_MEANT: Final = (
    "SELECT json_group_array(json_array(time, seq)) FROM (SELECT m.time, m.seq FROM mention AS m"
    " CROSS JOIN history AS h ON h.target = m.target AND h.said = 1 AND h.time = m.time"
    " AND h.seq = m.seq WHERE m.who = ? AND m.target = ? AND "
    + _WITHIN.format("m")
    + " ORDER BY m.time DESC, m.seq DESC LIMIT ?)"
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
        within = _bounds(asked, stretch, first, upto, hidden)
        if asked.counts and total < page.limit:
            total += int(ask((_SAID, (page.history, *within, page.limit - total))))
        for who in asked.who:
            found = ask((_MEANT, (who, page.history, *within, page.limit)))
            places.update(decode_places(found))
    newest = sorted((one for one in places if not page.hides(one[1])), reverse=True)
    return Counted(min(total, page.limit), tuple(newest[: page.limit]))


def _bounds(
    asked: Unread, stretch: Stretch, first: int, upto: int, hidden: frozenset[int]
) -> tuple[str | int, ...]:
    seqs, authors = encode_seqs(sorted(hidden)).decode(), encode_names(asked.authors).decode()
    return *stretch[0], *stretch[1], first, upto, seqs, authors


def context(parents: list[int], upto: int, index: HistoryIndex, ask: Ask) -> list[Place]:
    """Return (parent, seq) of what belongs to messages, the oldest first."""
    newer = index.context(parents)
    found = decode_places(ask((_CONTEXT, (encode_seqs(parents).decode(), upto))))
    return sorted({*found, *(one for one in newer if one[1] <= upto)})
