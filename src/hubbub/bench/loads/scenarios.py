"""What is done to a server, and what is read off afterwards."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from hubbub.bench.contestants.servers import READY_SECONDS, Server
from hubbub.bench.errors import ServerFailed
from hubbub.bench.loads.crowd import ClientCrowd, Step, join, nicks, register, synchronise
from hubbub.bench.loads.peers import MeasuredPeer
from hubbub.bench.loads.rates import closed_loop, paced
from hubbub.bench.loads.rooms import Hall
from hubbub.bench.reporting.metrics import DOORS

_MILLI: Final = 1e3
_MICRO: Final = 1e6
_HANDSHAKES: Final = 10
"""How many clients shake hands at the same time where the CPU of that is measured."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; rates in messages a second."""

    members: int = 500
    senders: int = 20
    rooms: int = 50
    room_members: int = 10
    window: int = 10
    deep_window: int = 16
    rate: float = 100.0
    durable_rate: float = 10_000.0
    terminals: int = 300
    rounds: int = 200
    connects: int = 500
    idle: int = 2_000
    rejoin: int = 1_000
    beside_rooms: int = 10
    beside_members: int = 50
    beside_rate: float = 10.0
    vanishing: int = 4_000
    said: int = 400_000
    vanish_rate: float = 100.0
    warm_up: float = 0.5
    seconds: float = 3.0


QUICK: Final = Sizes(
    members=50,
    senders=5,
    rooms=5,
    rate=50.0,
    durable_rate=500.0,
    terminals=20,
    rounds=10,
    connects=20,
    idle=50,
    rejoin=50,
    beside_rooms=2,
    beside_members=5,
    vanishing=50,
    said=2_000,
    warm_up=0.1,
    seconds=0.3,
)
"""Enough to see that everything works; too little to compare anything."""

Readings = Mapping[str, float]
Scenario = Callable[[Server, Sizes], Readings]


@contextmanager
def _hall(server: Server, *, tls: bool) -> Iterator[Hall]:
    hall = Hall(server, tls=tls)
    try:
        server.start()
        yield hall
    finally:
        hall.close()
        server.kill()


@contextmanager
def _crowd(server: Server) -> Iterator[ClientCrowd]:
    crowd = ClientCrowd(server, tls=True)
    try:
        server.start()
        yield crowd
    finally:
        crowd.close()
        server.kill()


def fan_out(load: str, door: str, server: Server, sizes: Sizes) -> Readings:
    """Figure deliveries a second and CPU per delivery.

    The window is one message in flight in (a), which no server can batch, and `sizes.window` for
    each sender in (b) and (c).
    """
    with _hall(server, tls=door == "tls") as hall:
        if load == "a":
            hall.fill(1, sizes.members, speakers=1, window=1)
        elif load == "b":
            hall.fill(1, sizes.members, sizes.senders, window=sizes.senders * sizes.window)
        else:
            hall.fill(sizes.rooms, sizes.room_members, speakers=1, window=sizes.window)
        found = closed_loop(hall, sizes.warm_up, sizes.seconds)
    return {
        f"{load}.{door}.rate": found.deliveries / found.seconds,
        f"{load}.{door}.cpu": found.server_cpu / found.deliveries * _MICRO,
        f"{load}.{door}.driver": found.driver_cpu / found.seconds,
    }


def latency(door: str, server: Server, sizes: Sizes) -> Readings:
    """Figure the delay of each delivery at a fixed, low rate to one large channel."""
    with _hall(server, tls=door == "tls") as hall:
        hall.fill(1, sizes.members, speakers=1, window=1)
        found = paced(hall, sizes.rate, sizes.warm_up, sizes.seconds)
    key = f"latency.{door}"
    return {
        f"{key}.p50": found.quantile(0.5) * _MILLI,
        f"{key}.p99": found.quantile(0.99) * _MILLI,
        f"{key}.max": found.quantile(1.0) * _MILLI,
    }


def durable(door: str, server: Server, sizes: Sizes) -> Readings:
    """Figure many small rooms: delays at a fixed rate, then messages a second at most.

    Only Hubbub keeps what was said; the others are measured for comparison.
    """
    key = f"durable.{door}"
    with _hall(server, tls=door == "tls") as hall:
        hall.fill(sizes.rooms, sizes.room_members, speakers=1, window=sizes.deep_window)
        steady = paced(hall, sizes.durable_rate, sizes.warm_up, sizes.seconds)
        most = closed_loop(hall, sizes.warm_up, sizes.seconds)
    return {
        f"{key}.fixed": steady.rate,
        f"{key}.p50": steady.quantile(0.5) * _MILLI,
        f"{key}.p99": steady.quantile(0.99) * _MILLI,
        f"{key}.max": steady.quantile(1.0) * _MILLI,
        f"{key}.most": most.deliveries / (sizes.room_members - 1) / most.seconds,
    }


def _arrive(peer: MeasuredPeer) -> list[Step]:
    return [register(peer), synchronise(peer)]


def connect(server: Server, sizes: Sizes) -> Readings:
    """Figure the CPU of a TLS handshake, and of a registration on top of it."""
    with _crowd(server) as crowd:
        start = server.settled_cpu()
        crowd.enter(nicks(sizes.connects), lambda _: [], at_once=_HANDSHAKES)
        secure = server.settled_cpu()
        crowd.converse(_arrive)
        registered = server.settled_cpu()
    return {
        "connect.handshake": (secure - start) / sizes.connects * _MILLI,
        "connect.cpu": (registered - start) / sizes.connects * _MILLI,
    }


def memory(server: Server, sizes: Sizes) -> Readings:
    """Figure the memory that each registered TLS client adds, after the first fifty."""
    first = min(50, sizes.idle)
    names = nicks(first + sizes.idle)
    with _crowd(server) as crowd:
        crowd.enter(names[:first], _arrive)
        server.settled_cpu()
        before = server.memory()
        crowd.enter(names[first:], _arrive)
        server.settled_cpu()
        after = server.memory()
    return {"memory.idle": (after - before) / sizes.idle / _MILLI}


def rejoin(server: Server, sizes: Sizes) -> Readings:
    """Kill a server with a full channel, start it again, and let everybody back in at once.

    The time runs from the start of the new process to the last RPL_ENDOFNAMES.
    """
    channel = "#rejoin"
    names = nicks(sizes.rejoin)
    with _crowd(server) as crowd:
        crowd.enter(names, lambda peer: [register(peer), join(peer, channel)])
        server.kill()
        crowd.close()
        start = time.perf_counter()
        server.launch()
        _await_door(server)
        opened = time.perf_counter()
        crowd.enter(names, lambda peer: [register(peer), join(peer, channel)], at_once=len(names))
        done = time.perf_counter()
        # The CPU of what those that were in early are still to hear of the others is part of it.
        crowd.converse(lambda peer: [synchronise(peer)])
        cpu = server.settled_cpu()
    return {"rejoin.time": done - start, "rejoin.start": opened - start, "rejoin.cpu": cpu}


def start(server: Server, sizes: Sizes) -> Readings:
    """Figure the CPU until the doors are open: with nothing kept, and with much that was said."""
    server.start()
    empty = server.cpu_seconds()
    server.kill()
    journal = server.folder / "data" / "journal.sqlite"
    if not journal.exists():
        return {"start.empty": empty}
    # Imported here: no other scenario needs the journal.
    from hubbub.bench.loads.starting import keep, said

    asyncio.run(keep(journal, said(sizes.said)))
    server.start()
    full = server.cpu_seconds()
    server.kill()
    return {"start.empty": empty, "start.full": full}


def ssh(server: Server, sizes: Sizes) -> Readings:
    """Figure terminals that came in by SSH; nothing where a server has no such door."""
    if not server.has_ssh:
        return {}
    server.opens_ssh = True
    # Imported here: no other scenario needs its library.
    from hubbub.bench.loads.ssh import measure

    return measure(server, sizes.terminals, sizes.terminals, sizes.senders, sizes.rounds)


def vanish(server: Server, sizes: Sizes) -> Readings:
    """Let many clients that share a channel go at one moment, beside a conversation."""
    with _hall(server, tls=False) as hall:
        _converse(hall, sizes)
        arguments = map(str, (server.address.plain, sizes.vanishing, server.at_once))
        with _companions("vanishing", *arguments) as crowd:
            going = threading.Timer(sizes.warm_up + sizes.seconds / 3, crowd.kill)
            going.start()
            try:
                return _beside("vanish", hall, sizes, sizes.vanish_rate)
            finally:
                going.cancel()


def insider(server: Server, sizes: Sizes) -> Readings:
    """Let ten kinds of hostile sessions do what they may, beside a conversation.

    Flood control is on, as it is for people. Only a server with an SSH door is measured: from there
    comes the worst of it.
    """
    if not (server.has_ssh and server.has_flood_control):
        return {}
    server.opens_ssh = server.controls_flood = True
    with _hall(server, tls=False) as hall:
        _converse(hall, sizes)
        ports = (str(server.address.plain), str(server.address.ssh))
        with _companions("insiders", *ports):
            return _beside("insider", hall, sizes, sizes.beside_rate)


@contextmanager
def _companions(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a process of other clients, once all of them are in."""
    command = (sys.executable, "-m", f"hubbub.bench.loads.{module}", *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise ServerFailed(f"the {module} were not let in")
            yield process
        finally:
            process.kill()


def _converse(hall: Hall, sizes: Sizes) -> None:
    """Fill the rooms of a conversation; a speaker in each stays below every flood control."""
    hall.fill(sizes.beside_rooms, sizes.beside_members, speakers=1, window=1)


def _beside(key: str, hall: Hall, sizes: Sizes, rate: float) -> Readings:
    found = paced(hall, rate, sizes.warm_up, max(sizes.seconds, 2.0))
    return {
        f"{key}.p50": found.quantile(0.5) * _MILLI,
        f"{key}.p99": found.quantile(0.99) * _MILLI,
        f"{key}.max": found.quantile(1.0) * _MILLI,
    }


def _await_door(server: Server) -> None:
    """Try the TLS door until it accepts, as a client does that lost it."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        server.check()
        with suppress(ConnectionRefusedError), socket.socket() as probe:
            probe.connect(("127.0.0.1", server.address.tls))
            return
        time.sleep(0.002)
    raise ServerFailed("it did not open its door again")


def _all() -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for load in "abc":
        for door in DOORS:
            found[f"{load}-{door}"] = partial(fan_out, load, door)
    for door in DOORS:
        found[f"latency-{door}"] = partial(latency, door)
    found |= {"connect": connect, "memory": memory, "rejoin": rejoin, "start": start, "ssh": ssh}
    found |= {"vanish": vanish, "insider": insider}
    for door in DOORS:
        found[f"durable-{door}"] = partial(durable, door)
    return found


SCENARIOS: Final[dict[str, Scenario]] = _all()
"""Everything that can be measured, in the order in which it is."""
