"""What is done to a cluster while people talk: each breaks something and mends it again."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from tests.jepsen.machines import Machine

Mend = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Nemesis:
    """One kind of fault: how it is done, for how many seconds, and how long nobody may be heard.

    `strike` breaks something of some machines, of which the one with the given number leads the
    log, and returns what mends it.
    """

    name: str
    strike: Callable[[Sequence[Machine], int, random.Random], Mend]
    seconds: float
    budget: float


def _node(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    victim = chance.choice(machines)
    victim.server.kill()
    return victim.server.start


def _log_of(lead: bool) -> Callable[[Sequence[Machine], int, random.Random], Mend]:
    def strike(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
        _one(machines, leader, lead, chance).signal(signal.SIGKILL, "log")
        return _nothing

    return strike


def _machine(lead: bool) -> Callable[[Sequence[Machine], int, random.Random], Mend]:
    def strike(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
        victim = _one(machines, leader, lead, chance)
        victim.die()
        return victim.server.start

    return strike


def _all_machines(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    for machine in machines:
        machine.die()
    return _start(machines)


def _two_machines(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    victims = chance.sample(list(machines), 2)
    for machine in victims:
        machine.die()
    return _start(victims)


def _restart(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    victim = chance.choice(machines)
    victim.server.stop(seconds=60)
    return victim.server.start


def _stopped(lead: bool, *parts: str) -> Callable[[Sequence[Machine], int, random.Random], Mend]:
    def strike(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
        victim = _one(machines, leader, lead, chance)
        victim.signal(signal.SIGSTOP, *parts)
        return lambda: victim.signal(signal.SIGCONT, *parts)

    return strike


def _alone(lead: bool) -> Callable[[Sequence[Machine], int, random.Random], Mend]:
    def strike(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
        victim = _one(machines, leader, lead, chance)
        victim.shut_out(*(each.address for each in machines if each is not victim))
        return victim.let_in

    return strike


def _one_way(outgoing: bool) -> Callable[[Sequence[Machine], int, random.Random], Mend]:
    def strike(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
        victim = machines[leader]
        others = [each.address for each in machines if each is not victim]
        victim.shut_out(*others, incoming=not outgoing, outgoing=outgoing)
        return victim.let_in

    return strike


def _bridge(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    one, other = (each for each in machines if each.number != (leader + 1) % len(machines))
    one.shut_out(other.address)
    return one.let_in


def _apart(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    for machine in machines:
        machine.shut_out(*(each.address for each in machines if each is not machine))
    return partial(_let_in, machines)


def _lossy(machines: Sequence[Machine], leader: int, chance: random.Random) -> Mend:
    for machine in machines:
        machine.lose(5)
    return partial(_let_in, machines)


def _one(machines: Sequence[Machine], leader: int, lead: bool, chance: random.Random) -> Machine:
    """Return the machine whose server leads the log, or one of the others."""
    return machines[leader] if lead else chance.choice([m for m in machines if m.number != leader])


def _start(machines: Sequence[Machine]) -> Mend:
    def start() -> None:
        with ThreadPoolExecutor(len(machines)) as pool:
            list(pool.map(lambda each: each.server.start(), machines))

    return start


def _let_in(machines: Sequence[Machine]) -> None:
    for machine in machines:
        machine.let_in()


def _nothing() -> None:
    """Mend nothing: it mends itself."""


FOLLOWER, LEADER, ALL = 0.5, 10.0, 30.0
"""For how many seconds nobody may be heard: beside what lasts as long as the fault itself."""

NEMESES: Final = (
    Nemesis("a node is killed", _node, 1.0, FOLLOWER),
    Nemesis("a follower's server of the log is killed", _log_of(lead=False), 3.0, FOLLOWER),
    Nemesis("the leader's server of the log is killed", _log_of(lead=True), 8.0, LEADER),
    Nemesis("a machine dies that follows", _machine(lead=False), 3.0, FOLLOWER),
    Nemesis("the machine dies that leads", _machine(lead=True), 8.0, LEADER),
    Nemesis("two machines die at once", _two_machines, 2.0, ALL),
    Nemesis("all machines die at once", _all_machines, 1.0, ALL),
    Nemesis("a node is restarted in good order", _restart, 0.0, 1.0),
    Nemesis("a node is stopped for 5 s", _stopped(False, "node"), 5.0, FOLLOWER),
    Nemesis("a machine is stopped for 20 s", _stopped(False, "node", "log"), 20.0, FOLLOWER),
    Nemesis("the leading server is stopped for 12 s", _stopped(True, "log"), 12.0, LEADER),
    Nemesis("a follower is cut off", _alone(lead=False), 12.0, FOLLOWER),
    Nemesis("the leader is cut off", _alone(lead=True), 12.0, LEADER),
    Nemesis("the leader is heard and hears nothing", _one_way(outgoing=False), 10.0, LEADER),
    Nemesis("the leader hears and is not heard", _one_way(outgoing=True), 10.0, LEADER),
    Nemesis("two see each other only through the third", _bridge, 10.0, LEADER),
    Nemesis("nobody sees anybody", _apart, 8.0, ALL),
    Nemesis("one packet in twenty is lost", _lossy, 10.0, ALL),
)
"""All of them, in the order of the table."""
