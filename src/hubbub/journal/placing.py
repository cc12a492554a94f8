"""Giving drafts their places: a seq, a time and a msgid each."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.stamps import Stamps


class Placing:
    """Place drafts one after the other; who gives the order has one of these.

    A place is taken when `settle` says that its entry is kept. The time is not given back.
    """

    def __init__(self, msgids: MsgidKey, last_seq: int, stamps: Stamps) -> None:
        """Go on after `last_seq`, with times after those of `stamps`."""
        self._msgids = msgids
        self.last_seq = last_seq
        self.stamps = stamps

    def place(self, drafts: Sequence[Draft], now: int) -> list[Entry]:
        """Return drafts as entries, the clock showing `now`, in microseconds since 1970."""
        first = self.last_seq + 1
        names = self._msgids.encode_many(first, len(drafts))
        stamp, entries = self.stamps.stamp, []
        for seq, (name, draft) in enumerate(zip(names, drafts, strict=True), first):
            record = draft.record
            time, lead = stamp(now, histories_of(record))
            entries.append(Entry(seq, time, name, record, draft.body, lead))
        return entries

    def settle(self, entries: Sequence[Entry]) -> None:
        """Let the next places be those after these entries."""
        self.last_seq += len(entries)
