"""What the archive must not show, or not so, although the database still holds it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from hubbub.core.records.entries import Body
from hubbub.journal.names import is_prefix


class Tombstones:
    """Remember what is refused, erased or forgotten until the database has carried it out.

    Written by the event loop's thread and the writer's; read at the start of each query.
    """

    def __init__(self) -> None:
        """Begin with nothing hidden."""
        self._lock = threading.Lock()
        self._refused: set[int] = set()
        self._erased: set[int] = set()
        self._revised: dict[int, tuple[int, Body]] = {}
        self._forgotten: dict[str, int | None] = {}
        self._prefix_lengths: set[int] = set()

    def refuse(self, seq: int) -> None:
        """Hide an entry."""
        with self._lock:
            self._refused.add(seq)

    def refusals_stored(self, seqs: list[int]) -> None:
        """Stop remembering refusals that the database knows of."""
        with self._lock:
            self._refused.difference_update(seqs)

    def erase(self, seqs: Sequence[int]) -> None:
        """Hide what these entries held."""
        with self._lock:
            self._erased.update(seqs)

    def erasures_stored(self, seqs: Sequence[int]) -> None:
        """Stop remembering erasures that the database has carried out."""
        with self._lock:
            self._erased.difference_update(seqs)

    def revise(self, seq: int, by: int, body: Body) -> None:
        """Show an entry with another body, that of the entry `by`."""
        with self._lock:
            self._revised[seq] = (by, body)

    def revision_stored(self, seq: int, by: int) -> None:
        """Stop remembering a body that the database has, unless there is a newer one."""
        with self._lock:
            if self._revised.get(seq, (0,))[0] == by:
                del self._revised[seq]

    def revised(self) -> dict[int, Body]:
        """Return the bodies that entries are to have and have not yet."""
        with self._lock:
            return {seq: body for seq, (_, body) in self._revised.items()}

    def erased(self) -> frozenset[int]:
        """Return the seqs whose bodies are to go and have not gone yet."""
        with self._lock:
            return frozenset(self._erased)

    def forget(self, history: str) -> None:
        """Hide all of a history, until `forget_upto` says how much is meant."""
        self.forget_upto(history, None)

    def forget_upto(self, history: str, upto: int | None) -> None:
        """Hide a history up to a seq."""
        with self._lock:
            known = self._forgotten.get(history)
            if known is not None and upto is not None:
                # An earlier process may have meant more of it.
                upto = max(known, upto)
            self._forgotten[history] = upto
            if is_prefix(history):
                self._prefix_lengths.add(len(history) - 1)

    def forgotten(self, history: str, upto: int) -> None:
        """Stop remembering a history that is deleted, unless it was forgotten again."""
        with self._lock:
            if self._forgotten.get(history, -1) == upto:
                del self._forgotten[history]
            if not self._forgotten:
                self._prefix_lengths.clear()

    def refused(self) -> frozenset[int]:
        """Return the seqs that were refused and not yet marked so."""
        with self._lock:
            return frozenset(self._refused)

    def first_visible(self, history: str) -> int | None:
        """Return the least seq of a history that may be shown, or None where nothing may."""
        with self._lock:
            if not self._forgotten:
                return 0
            first = 0
            prefixes = (f"{history[:length]}*" for length in self._prefix_lengths)
            for name in (history, *filter(is_prefix, prefixes)):
                upto = self._forgotten.get(name, -1)
                if upto is None:
                    return None
                first = max(first, upto + 1)
            return first
