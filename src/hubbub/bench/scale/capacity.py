"""What so many machines carry, and which part of them gives out first.

Nothing is queued here: a part is full when the work that comes in a second takes it `FULL` of a
second. How long people wait for what they said is for hubbub.bench.scale.ordering.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.load import Load

FULL: Final = 0.7
"""How much of a part may be used: above that what waits grows without end at every small burst."""
MOST: Final = 4_000_000
"""How many sessions are asked about at most."""
_BEATS: Final = 0.5
"""Batches a second of a node of which nobody says anything."""
_GIGABYTE: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fleet:
    """Describe machines: so many, with so many cores and gigabytes, `trip` ms from each other.

    On each run `processes` nodes and one server of the log; one machine is a node without a log.
    People are led to nodes as it comes, or, where there are several `logs` and they are `placed`,
    to those that hear their channels' log. A node's batches are `gather` ms apart at least.
    """

    machines: int
    cores: int
    gigabytes: float
    trip: float
    processes: int = 1
    logs: int = 1
    placed: bool = False
    gather: float = 0.0
    gigabits: float = 5.0

    @property
    def nodes(self) -> int:
        """Return how many nodes there are on all machines."""
        return self.machines * self.processes

    @property
    def is_alone(self) -> bool:
        """Say whether there is one node, which needs no log."""
        return self.machines == 1

    @property
    def heard(self) -> float:
        """Return which share of all messages a node hears."""
        return 1 / self.logs if self.placed else 1.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Say how full each part is, by name: 1.0 is all of it."""

    parts: dict[str, float]

    @property
    def fullest(self) -> str:
        """Return the part that gives out first."""
        return max(self.parts, key=self.parts.__getitem__)

    @property
    def is_too_much(self) -> bool:
        """Say whether a part is fuller than it may be."""
        return self.parts[self.fullest] > FULL


def batches(cluster: Fleet, messages: float, costs: Costs) -> float:
    """Return how many batches a second are ordered: of each node one is on its way at most."""
    each = messages / cluster.nodes
    if cluster.is_alone:
        return 0.0
    if not each:
        return _BEATS * cluster.nodes
    return max(_BEATS, 1 / (apart(cluster, costs) + 1 / each)) * cluster.nodes


def apart(cluster: Fleet, costs: Costs) -> float:
    """Return how many seconds a node's batches are apart at least: one is on its way at a time."""
    return max(cluster.trip + costs.sync_median, cluster.gather) / 1_000


def use(cluster: Fleet, load: Load, sessions: int, costs: Costs) -> Usage:
    """Return how full each part is with so many sessions."""
    said = load.messages(sessions)
    told = said * load.heard_by(sessions)
    heard = said * cluster.heard
    came = batches(cluster, said, costs)
    nodes, machines = cluster.nodes, cluster.machines
    # What is said within one commit to one session shares a write.
    gathered = max(1.0, told / sessions * apart(cluster, costs))
    delivery = costs.written / gathered + costs.copied
    loop = (
        heard * costs.heard
        + said / nodes * costs.said
        + told / nodes * delivery
        + came * cluster.heard * costs.taken
        + came / nodes * costs.appended
    ) / 1e6
    busy = min(1.0, came / 3_000)
    ordered = costs.ordered + (costs.ordered_busy - costs.ordered) * busy
    log = (came * ordered + said * costs.kept) / 1e6 / cluster.logs
    thread = heard * costs.stored / 1e6
    spare = max(0.5, cluster.cores - cluster.processes)
    all_cores = ((loop + thread) * cluster.processes + log * cluster.logs) / cluster.cores
    wire = 8 * (
        told / machines * costs.line_bytes
        + said * costs.record_bytes * (2 + cluster.processes * cluster.heard)
    )
    memory: float = cluster.processes * (costs.process + sessions * costs.known)
    memory += sessions / machines * costs.session
    return Usage(
        {
            "a node's Python loop": loop,
            "a node's journal thread": thread,
            "the log's leading server": log / spare,
            "the machine's cores": all_cores,
            "memory": memory / (cluster.gigabytes * _GIGABYTE),
            "the network": wire / (cluster.gigabits * 1e9),
        }
    )


@dataclass(frozen=True, slots=True)
class Carried:
    """Say what a cluster carries: sessions, messages and deliveries a second, and what is full."""

    cluster: Fleet
    sessions: int
    messages: float
    deliveries: float
    fullest: str


def carried(cluster: Fleet, load: Load, costs: Costs) -> Carried:
    """Return the most that a cluster carries of a load."""
    low, high = 0, MOST
    while high - low > max(1, low // 1_000):
        middle = (low + high + 1) // 2
        if use(cluster, load, middle, costs).is_too_much:
            high = middle - 1
        else:
            low = middle
    said = load.messages(low)
    fullest = "none of them" if low >= MOST - MOST // 1_000 else _next(cluster, load, low, costs)
    return Carried(cluster, low, said, said * load.heard_by(low), fullest)


def _next(cluster: Fleet, load: Load, sessions: int, costs: Costs) -> str:
    return use(cluster, load, sessions + 1, costs).fullest


def best(cluster: Fleet, load: Load, costs: Costs) -> Carried:
    """Return the most that the machines carry with as many nodes on each as suit the load."""
    room = range(1, max(2, cluster.cores))
    found = [carried(replace(cluster, processes=each), load, costs) for each in room]
    # The fewest nodes that carry as much, within a hundredth: each costs memory and a copy of all.
    most = max(each.sessions for each in found)
    return next(each for each in found if each.sessions >= most * 0.99)
