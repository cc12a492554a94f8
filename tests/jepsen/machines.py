"""Three machines that are one server, each in a network namespace, on a bridge of their own.

All of it is made inside a network namespace of the run itself: nothing of the machine's own network
is touched, and all is gone when the run ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.members import make_members, nats_pid
from tests.e2e.server import Server
from tests.jepsen.workload import Place

BRIDGE = "hubbub0"
CLIENTS = "10.77.0.254"
"""Where the people are: cutting machines off from each other leaves their way open."""
DOOR, LISTEN = 6667, 7901


def run(*command: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, check=True, capture_output=True)


@dataclass(slots=True)
class Machine:
    """One machine: an address, the process that holds its namespace, and its server."""

    number: int
    holder: subprocess.Popen[bytes]
    server: Server

    @property
    def address(self) -> str:
        """Return where it is."""
        return address_of(self.number)

    @property
    def place(self) -> Place:
        """Return where people come in."""
        return Place(self.number, (self.address, DOOR))

    def inside(self, *command: str) -> tuple[str, ...]:
        """Return a command that runs in its namespace."""
        return (*inside(self.holder), *command)

    def pids(self, parts: Sequence[str]) -> list[int]:
        """Return the processes that parts of it are: "node", "log"."""
        found = []
        if "log" in parts:
            with suppress(OSError, ValueError):
                found.append(nats_pid(self.server))
        if "node" in parts:
            found.append(self.server.pid)
        return found

    def signal(self, number: int, *parts: str) -> None:
        """Send a signal to parts of it."""
        for pid in self.pids(parts):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def die(self) -> None:
        """Lose node and log's server at once, as a machine does without power."""
        self.signal(signal.SIGKILL, "log")
        self.server.kill()
        self.signal(signal.SIGKILL, "log")

    def shut_out(self, *others: str, incoming: bool = True, outgoing: bool = True) -> None:
        """Let nothing through from, and to, other machines; nothing else changes."""
        rules = []
        for other in others:
            rules += [f"add rule inet cut input ip saddr {other} drop"] if incoming else []
            rules += [f"add rule inet cut output ip daddr {other} drop"] if outgoing else []
        self._rules(rules)

    def lose(self, percent: int) -> None:
        """Lose so many of a hundred packets from and to the other machines."""
        drop = f"ip {{}} != {CLIENTS} numgen random mod 100 < {percent} drop"
        chains = (("input", "saddr"), ("output", "daddr"))
        self._rules([f"add rule inet cut {chain} {drop.format(end)}" for chain, end in chains])

    def let_in(self) -> None:
        """Let everything through again."""
        run(*self.inside("nft", "flush", "ruleset"))

    def _rules(self, rules: Sequence[str]) -> None:
        chains = [
            f"add chain inet cut {name} {{ type filter hook {name} priority 0; }}"
            for name in ("input", "output")
        ]
        text = "\n".join(["add table inet cut", *chains, *rules])
        subprocess.run(self.inside("nft", "-f", "-"), input=text.encode(), check=True)


def address_of(number: int) -> str:
    """Return where the machine of a number is."""
    return f"10.77.0.{number + 1}"


def inside(holder: subprocess.Popen[bytes]) -> tuple[str, ...]:
    """Return what puts a command into a holder's namespace."""
    return ("nsenter", f"--net=/proc/{holder.pid}/ns/net")


@contextmanager
def machines(folder: Path, count: int = 3) -> Iterator[list[Machine]]:
    """Give so many machines, on which a cluster runs, in a namespace that is this process's own."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{CLIENTS}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    holders = [_holder(number) for number in range(count)]
    hosts = [address_of(each) for each in range(count)]
    # While there is one node its settings say what is kept; afterwards they do not any more.
    servers = make_members(folder, count, hosts, HUBBUB_CHANNELS__KEEP='["#jepsen-*"]')
    made = []
    for number, (holder, server) in enumerate(zip(holders, servers, strict=True)):
        server.prefix = inside(holder)
        server.settings |= {
            "HUBBUB_ACCESS": "open",
            "HUBBUB_DOORS__TLS": "[]",
            "HUBBUB_DOORS__PLAIN": f'["{address_of(number)}:{DOOR}"]',
            "HUBBUB_DOORS__PLAIN_BEYOND_LOOPBACK": "true",
            "HUBBUB_CLUSTER__LISTEN": f'["127.0.0.1:{LISTEN}"]',
            "HUBBUB_LIMITS__CONNECTIONS_PER_ADDRESS": "1000",
            "HUBBUB_LIMITS__UNAUTHENTICATED_PER_ADDRESS": "1000",
        }
        made.append(Machine(number, holder, server))
    try:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda one: one.server.start(), made))
        yield made
    finally:
        for machine in made:
            machine.signal(signal.SIGCONT, "node", "log")
            machine.die()
        for holder in holders:
            holder.kill()
            holder.wait()
        run("ip", "link", "del", BRIDGE)


def _holder(number: int) -> subprocess.Popen[bytes]:
    """Make a namespace with an end in the bridge, held by a process that sleeps."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    name = f"machine{number}"
    while not _has_own_network(holder.pid):
        assert holder.poll() is None
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
    run("ip", "link", "set", name, "master", BRIDGE, "up")
    for command in (
        ("ip", "link", "set", "lo", "up"),
        ("ip", "address", "add", f"{address_of(number)}/24", "dev", "eth0"),
        ("ip", "link", "set", "eth0", "up"),
    ):
        run(*inside(holder), *command)
    return holder


def _has_own_network(pid: int) -> bool:
    own, other = (os.readlink(f"/proc/{each}/ns/net") for each in ("self", pid))
    return own != other and Path(f"/proc/{pid}/comm").read_text().strip() == "sleep"
