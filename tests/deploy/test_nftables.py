"""The machine's own firewall: loaded by the kernel, between two machines that are networks only."""

from __future__ import annotations

import contextlib
import selectors
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.deploy.machine import Machine
from tests.deploy.programs import ROOT, program, root_needed

RULES = ROOT / "deploy/nftables/nftables.conf"
OURS = ("192.0.2.1", "2001:db8::1")
THEIRS = ("192.0.2.10", "192.0.2.11", "2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1")
DOOR = 6697
BURST = 100
FLOOD = 300
SECONDS = 0.9
"""Less than a second, after which TCP would try again."""


@contextlib.contextmanager
def network() -> Iterator[Machine]:
    """Make a network of its own, which a process that sleeps holds."""
    process = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo there; exec sleep 600"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"there\n"
        yield Machine(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def connect(there: Machine, here: Machine) -> None:
    """Lay a cable between two networks, and give both their addresses."""
    there("ip", "link", "add", "cable", "type", "veth", "peer", "cable", "netns", str(here.leader))
    for machine, addresses in ((here, OURS), (there, THEIRS)):
        machine("ip", "link", "set", "lo", "up")
        machine("ip", "link", "set", "cable", "up")
        for address in addresses:
            words = ["/32", "nodad"] if ":" in address else ["/24"]
            machine("ip", "address", "add", address + words[0], "dev", "cable", *words[1:])


@pytest.fixture
def machines() -> Iterator[tuple[Machine, Machine]]:
    """Make a machine with the firewall whose doors are open, and the others' side of the cable."""
    root_needed()
    program("ip", "iproute2")
    nft = program("nft", "nftables")
    with network() as here, network() as there, contextlib.ExitStack() as doors:
        connect(there, here)
        here(nft, "-f", RULES)
        for port in (22, 80, 2222, DOOR, 6667):
            listener = here.in_its_network(lambda: socket.socket(socket.AF_INET6))
            doors.enter_context(listener)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(("::", port))
            listener.listen(2 * FLOOD)
        yield here, there


def get_in(there: Machine, address: str, count: int = 1, port: int = DOOR) -> int:
    """Begin so many connections from an address at once; return how many came about."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    ours = OURS[family == socket.AF_INET6]
    made = there.in_its_network(lambda: [socket.socket(family) for _ in range(count)])
    with contextlib.ExitStack() as all_of_them, selectors.DefaultSelector() as waiting:
        for one in made:
            all_of_them.enter_context(one)
            one.bind((address, 0))
            one.setblocking(False)
            one.connect_ex((ours, port))
            waiting.register(one, selectors.EVENT_WRITE)
        deadline, done = time.monotonic() + SECONDS, 0
        while waiting.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in waiting.select(left):
                waiting.unregister(key.fileobj)
                done += 1
        return done


def test_the_rules_are_rules() -> None:
    root_needed()
    done = subprocess.run(
        ["unshare", "--net", program("nft", "nftables"), "-c", "-f", RULES], check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("flooding", "others"), [("192.0.2.10", "192.0.2.11"), ("2001:db8:1::1", "2001:db8:2::1")]
)
def test_who_floods_shuts_out_nobody_else(
    machines: tuple[Machine, Machine], flooding: str, others: str
) -> None:
    _, there = machines
    got_in = get_in(there, flooding, FLOOD)
    assert get_in(there, others, 60) == 60
    assert get_in(there, others, port=2222) == 1
    assert BURST <= got_in <= BURST + 20


def test_one_network_of_a_customer_is_one_address(machines: tuple[Machine, Machine]) -> None:
    _, there = machines
    get_in(there, "2001:db8:1::1", FLOOD)
    assert get_in(there, "2001:db8:1::2", 60) < 40


def test_only_what_is_named_is_open(machines: tuple[Machine, Machine]) -> None:
    _, there = machines
    for address in ("192.0.2.10", "2001:db8:1::1"):
        opened = [port for port in (22, 80, 2222, DOOR, 6667) if get_in(there, address, port=port)]
        assert opened == [22, 80, 2222, DOOR]


def test_loading_it_again_leaves_what_others_have_set(machines: tuple[Machine, Machine]) -> None:
    """Docker and fail2ban have tables of their own, which `flush ruleset` would empty."""
    here, there = machines
    here("nft", "add", "table", "inet", "of_docker")
    here("nft", "-f", RULES)
    assert here("nft", "list", "tables").count("table inet") == 2
    assert get_in(there, "192.0.2.10") == 1
