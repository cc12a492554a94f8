"""The answers of the model as tables of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from hubbub.bench.scale.capacity import MOST, Carried, Fleet, best, carried
from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.load import LOADS, Load
from hubbub.bench.scale.ordering import waited

MACHINES: Final = ((2, 8.0), (8, 32.0), (32, 128.0))
"""Cores and gigabytes of a machine."""
TRIPS: Final = (("one zone", 0.15), ("three zones", 1.0))
"""How far machines are from each other: milliseconds there and back."""
COUNTS: Final = (1, 3, 5, 9)
"""How many machines; one is a node alone, on its own SQLite file."""
_LOGS: Final = (1, 4, 16)
_GATHERS: Final = (0.0, 5.0, 20.0)

BEGIN, END = "<!-- begin: hubbub.bench.scale -->", "<!-- end: hubbub.bench.scale -->"


def tables(costs: Costs) -> str:
    """Return all tables, in Markdown."""
    parts: list[str] = []
    for load in LOADS:
        parts += [f"### {load.name[0].upper()}{load.name[1:]}", "", *_sizes(load, costs), ""]
    parts += ["### Batches further apart", "", *_gathering(costs), ""]
    parts += ["### Several logs", "", *_sharding(costs)]
    return "\n".join(parts)


def put_into(page: str, found: str) -> str:
    """Return a page with the tables between its two marks. Raise ValueError where it has none."""
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{found}\n\n{END}{after}"


def _sizes(load: Load, costs: Costs) -> Iterator[str]:
    heads = ("machines", "cores", "nodes on each", "sessions", "messages/s", "deliveries/s")
    waits = (f"{where}: p50, p99" for where, _ in TRIPS)
    yield from _row((*heads, "full first", *waits), is_head=True)
    for machines in COUNTS:
        for cores, gigabytes in MACHINES[:1] if machines == 1 else MACHINES:
            near, far = (Fleet(machines, cores, gigabytes, trip) for _, trip in TRIPS)
            most = best(near, load, costs)
            processes = most.cluster.processes
            waits = (_half(most, each.trip, load, costs) for each in (near, far))
            first = (str(machines), str(cores), str(processes))
            yield from _row((*first, *_carried(most), *waits))


def _gathering(costs: Costs) -> Iterator[str]:
    heads = ("load", "ms apart", "sessions", "messages/s", "deliveries/s", "full first")
    yield from _row((*heads, "p50, p99"), is_head=True)
    for load in LOADS[:3]:
        for gather in _GATHERS:
            most = carried(Fleet(5, 2, 8.0, 0.15, gather=gather), load, costs)
            row = (_short(load), f"{gather:g}", *_carried(most), _half(most, 0.15, load, costs))
            yield from _row(row)


def _sharding(costs: Costs) -> Iterator[str]:
    heads = ("load", "logs", "people are led to", "nodes on each", "sessions")
    yield from _row((*heads, "messages/s", "deliveries/s", "full first"), is_head=True)
    for load in LOADS[:3]:
        for logs in _LOGS:
            for placed in (False, True) if logs > 1 else (False,):
                machines = Fleet(9, 8, 32.0, 0.15, logs=logs, placed=placed)
                most = best(machines, load, costs)
                led = "their channels' nodes" if placed else "any node"
                nodes = str(most.cluster.processes)
                yield from _row((_short(load), str(logs), led, nodes, *_carried(most)))


def _short(load: Load) -> str:
    return load.name.split(":")[0]


def _carried(most: Carried) -> tuple[str, str, str, str]:
    sessions = f"over {MOST:,}" if most.sessions > MOST * 0.998 else f"{_round(most.sessions):,}"
    told = (f"{_round(most.messages):,}", f"{_round(most.deliveries):,}")
    return sessions, *told, most.fullest


def _half(most: Carried, trip: float, load: Load, costs: Costs) -> str:
    """Say how long people wait with half as many sessions as are carried."""
    if most.cluster.is_alone:
        return "-"
    found = waited(replace(most.cluster, trip=trip), load, max(1, most.sessions // 2), costs)
    return f"{found.p50:.1f}, {found.p99:.1f} ms"


def _round(number: float) -> int:
    """Return a number with two digits that say something: it is a model."""
    whole = round(number)
    return int(round(whole, 2 - len(str(whole)))) if whole >= 100 else whole


def _row(cells: Sequence[str], is_head: bool = False) -> Iterable[str]:
    line = "| " + " | ".join(cells) + " |"
    return [line, "|" + " --- |" * len(cells)] if is_head else [line]
