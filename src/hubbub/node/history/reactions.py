"""What belongs to the messages of a page: reactions, each account's once for each emoji."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hubbub.core.access.history import Reach
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.irc.names import fold

REACT: Final = "+draft/react"
UNREACT: Final = "+draft/unreact"
SHOWN: Final = 100
"""So many reactions to one message are shown, the first: a page is not to grow without end."""


def standing(
    context: Mapping[int, Sequence[Entry]], history: str, reach: Reach
) -> dict[int, list[Entry]]:
    """Return the reactions that stand, by the seqs of their messages, of those one may read."""
    found = {}
    for parent, entries in context.items():
        here = [
            one for one in entries if _is_here(one, history) and reach.shows((one.time, one.seq))
        ]
        found[parent] = _standing(here)[:SHOWN]
    return found


def _is_here(entry: Entry, history: str) -> bool:
    return isinstance(entry.record, Said) and history in entry.record.histories


def _standing(entries: Iterable[Entry]) -> list[Entry]:
    """Return the reactions that were not taken back, each account's once for each emoji."""
    held: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        tags = entry.body.tags if entry.body is not None else {}
        if UNREACT in tags:
            held.pop((_who(entry), tags[UNREACT]), None)
        elif REACT in tags:
            held.setdefault((_who(entry), tags[REACT]), entry)
    return list(held.values())


def _who(entry: Entry) -> str:
    """Return whose a reaction is: an account's, or a guest's by its source."""
    said = entry.record
    assert isinstance(said, Said), "what somebody said"
    return fold(said.account) if said.account else said.source
