"""How far apart commits are kept: further where several people are heard by the same ones.

What one commit brings to a connection leaves in one write, and writes are most of the cost of a big
room. So where that merges anything, as many messages are let come together as are told in the time
that it takes to tell them.
"""

from __future__ import annotations

from typing import Final

from hubbub.journal.port import CLOSE_SECONDS

MERGES: Final = 1.5
"""From how many speakers for each write on it pays to wait for more of them."""
MERGED: Final = 1.2
"""Below how many it does not any more: between the two it stays as it is."""
TIMES: Final = 2.0
"""By how many times as long as telling takes commits are kept apart then."""
FAR_SECONDS: Final = 0.02
"""How far apart commits are kept at most."""
_NEWS: Final = 0.2
"""How much of an average is the newest commit."""


class Pacing:
    """Learn what commits bring, and say how far apart the next ones are to be, in seconds.

    What is counted is how many people were heard in one write, not how many messages: of one person
    the more come together the longer one waits, which proves nothing and holds up that person.
    """

    __slots__ = ("_merges", "_speakers", "_told")

    def __init__(self) -> None:
        self._speakers = 1.0
        self._told = 0.0
        self._merges = False

    def learn(self, heard: int, writes: int, seconds: float) -> float:
        """Take up a commit: how often its speakers were heard, in how many writes, told how fast.

        Each speaker counts once for each who hears it, however much is said.
        """
        if writes:
            self._speakers += (heard / writes - self._speakers) * _NEWS
        self._told += (seconds - self._told) * _NEWS
        self._merges = self._speakers >= (MERGED if self._merges else MERGES)
        if not self._merges:
            return CLOSE_SECONDS
        return min(max(self._told * TIMES, CLOSE_SECONDS), FAR_SECONDS)
