"""Do all nodes have heard the same, and made the same of it? They tell digests, and each compares.

A log may break its promise: replicas that differ after a loss of power, a flipped bit. So may a
program that follows from the same records differently. Either shows here, and nowhere else before
people see two histories.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

REMEMBERED: Final = 4_096
"""How many of its own digests a node remembers: what a node tells that is further behind is not
compared, until it has caught up."""
TOLD: Final = 64
"""How many digests are remembered of each other node, to compare others with each other."""


class Accord(Enum):
    """What a node is to do: go on, be read-only, or stop and keep its files."""

    AGREES = "agrees"
    SPLIT = "split"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Say what a node is to do, and which others have something else than it has.

    Of those `unknown` nothing has been told that it could be compared with.
    """

    verdict: Accord
    differing: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


class Agreement:
    """Compare one kind of digest: each is of a place, and of all that was before.

    So nodes that differ at one place differ at all after it, and the newest place at which two can
    be compared tells.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._own: dict[int, bytes] = {}
        self._told: dict[int, dict[int, bytes]] = {}

    def found(self, place: int, digest: bytes) -> None:
        """Note what this node has come to at a place, which is after those before."""
        _note(self._own, place, digest, REMEMBERED)

    def told(self, node: int, place: int, digest: bytes) -> None:
        """Note what a node says that it has come to."""
        if digest:
            _note(self._told.setdefault(node, {}), place, digest, TOLD)

    def finding(self, own: int, live: Collection[int]) -> Comparison:
        """Say how this node, `own`, stands among those that are live.

        It goes on while it may still be with the most: of some it may not be known yet.
        """
        same, unknown, other = [own], list[int](), list[int]()
        for node in sorted(set(live) - {own}):
            agree = _agree(self._own, self._told.get(node, {}))
            (unknown if agree is None else same if agree else other).append(node)
        verdict = self._verdict(len({*live, own}) // 2 + 1, len(same), len(unknown), other)
        return Comparison(verdict, tuple(other), tuple(unknown))

    def _verdict(self, most: int, same: int, unknown: int, other: list[int]) -> Accord:
        if not other or same >= most:
            return Accord.AGREES
        if max(map(len, self._camps(other))) >= most:
            return Accord.DIFFERS
        return Accord.AGREES if same + unknown >= most else Accord.SPLIT

    def _camps(self, nodes: Iterable[int]) -> list[list[int]]:
        """Return those together of whom it is not known that they differ."""
        camps: list[list[int]] = []
        for node in nodes:
            told = self._told[node]
            for camp in camps:
                if all(_agree(told, self._told[each]) is not False for each in camp):
                    camp.append(node)
                    break
            else:
                camps.append([node])
        return camps


def worst(one: Comparison, other: Comparison) -> Comparison:
    """Return what is to be done where two kinds were compared; unknown is as the one says."""
    order = list(Accord)
    graver = max(one.verdict, other.verdict, key=order.index)
    return Comparison(graver, tuple(sorted({*one.differing, *other.differing})), one.unknown)


def _note(known: dict[int, bytes], place: int, digest: bytes, most: int) -> None:
    known[place] = digest
    if len(known) > most:
        del known[next(iter(known))]


def _agree(one: dict[int, bytes], other: dict[int, bytes]) -> bool | None:
    """Say whether two have the same at the newest place that both know; None where none is."""
    place = max(one.keys() & other.keys(), default=None)
    return None if place is None else one[place] == other[place]
