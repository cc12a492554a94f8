"""How long people wait for what they said: a run of the order, event by event, in made-up time.

Each node has one batch on its way and gathers meanwhile. The log's leader takes batches one after
the other; each is synced on the leader and, a trip away, on the quicker of two followers; the nodes
hear it half a trip later, work it off in their loops and write to who is told.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from hubbub.bench.scale.capacity import Fleet
from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.load import Load

BATCH: Final = 4_000
"""The most messages of one batch, as hubbub.journal.unheard has it."""
_Z99: Final = 2.326


@dataclass(frozen=True, slots=True)
class Waited:
    """Say how long it took until all were told, in milliseconds, and how many batches it took."""

    p50: float
    p99: float
    batches: int
    messages: int


class Ordering:
    """Run one cluster under one load, from a seed: the same seed gives the same run."""

    def __init__(self, cluster: Fleet, load: Load, sessions: int, costs: Costs, seed: int) -> None:
        self._cluster, self._costs = cluster, costs
        self._chance = random.Random(seed)  # noqa: S311
        self._rate = load.messages(sessions) / cluster.nodes / 1_000
        told = load.heard_by(sessions) / cluster.nodes
        self._work = costs.heard + told * (costs.written + costs.copied)
        self._spread = math.log(costs.sync_p99 / costs.sync_median) / _Z99
        self._waiting: list[list[float]] = [[] for _ in range(cluster.nodes)]
        self._is_away = [False] * cluster.nodes
        self._sent = [-cluster.gather] * cluster.nodes
        self._loop_free = [0.0] * cluster.nodes
        self._leader_free = 0.0
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._serial = self._left = 0
        self.waited: list[float] = []
        self.batches = 0

    def run(self, messages: int) -> Waited:
        """Let so many messages be said; return how long they took."""
        self._left = messages
        for node in range(self._cluster.nodes):
            self._say_next(node, 0.0)
        while self._events:
            now, _, happen = heapq.heappop(self._events)
            happen(now)
        ranked = sorted(self.waited)
        last = len(ranked) - 1
        return Waited(ranked[last // 2], ranked[last * 99 // 100], self.batches, len(ranked))

    def _at(self, when: float, happen: Callable[[float], None]) -> None:
        self._serial += 1
        heapq.heappush(self._events, (when, self._serial, happen))

    def _say_next(self, node: int, now: float) -> None:
        self._at(now + self._chance.expovariate(self._rate), partial(self._say, node))

    def _say(self, node: int, now: float) -> None:
        if not self._left:
            return
        self._left -= 1
        self._waiting[node].append(now)
        self._say_next(node, now)
        self._send(node, now)

    def _send(self, node: int, now: float) -> None:
        waiting = self._waiting[node]
        if self._is_away[node] or not waiting:
            return
        next_one = self._sent[node] + self._cluster.gather
        if next_one > now:
            self._at(next_one, partial(self._send, node))
            return
        self._is_away[node], self._sent[node] = True, now
        batch = waiting[:BATCH]
        del waiting[:BATCH]
        costs, trip = self._costs, self._cluster.trip
        arrives = now + (costs.appended + len(batch) * costs.said) / 1_000 + trip / 2
        begins = max(arrives, self._leader_free)
        self._leader_free = begins + (costs.ordered_busy + len(batch) * costs.kept) / 1_000
        followers = min(trip + self._sync(), trip + self._sync())
        ordered = self._leader_free + costs.ordered / 1_000 + max(self._sync(), followers)
        self.batches += 1
        self._at(ordered + trip / 2, partial(self._come_back, node, batch))

    def _come_back(self, node: int, batch: list[float], now: float) -> None:
        self._is_away[node] = False
        costs = self._costs
        work = (costs.taken + costs.stored + len(batch) * self._work) / 1_000
        done = now
        for each, free in enumerate(self._loop_free):
            self._loop_free[each] = max(free, now) + work
            done = max(done, self._loop_free[each])
        self.waited += [done - said for said in batch]
        self._send(node, now)

    def _sync(self) -> float:
        return self._costs.sync_median * math.exp(self._spread * self._chance.gauss(0, 1))


def waited(
    cluster: Fleet, load: Load, sessions: int, costs: Costs, messages: int = 4_000, seed: int = 1
) -> Waited:
    """Return how long people wait with so many sessions, from a run of so many messages."""
    return Ordering(cluster, load, sessions, costs, seed).run(messages)
