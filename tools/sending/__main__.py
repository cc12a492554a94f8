"""Figure what it costs to pass one message on to many sockets, by each way that there is.

The receivers are another process on another CPU, in a network namespace of its own if one is named,
and read all before the next way has its turn. Of each way:

* CPU of this process for a message, in microseconds, which is what a benchmark sees;
* the same with that of the system's thread for network work put off (ksoftirqd), on all CPUs;
* the time that it took: a quarter of the rounds took less.

Run: python -m tools.sending [--address A --netns NAME]; docs/decisions/io-uring.md tells how to
lay the wire. Needs Linux, and rights to see system threads for the second column.
"""

from __future__ import annotations

import argparse
import random
import resource
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hubbub.server.self_signed import make_self_signed
from tools.sending import ways
from tools.sending.receivers import Receivers
from tools.sending.ways import InMemory, Way

_CPUCLOCK_SCHED = 2
REST_SECONDS = 0.004


def putters_off() -> list[int]:
    """Return the process ids of the system's threads for network work put off."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes come and go meanwhile; these stay.
        with suppress(OSError):
            if (folder / "comm").read_text().startswith("ksoftirqd/"):
                found.append(int(folder.name))
    return found


def put_off(threads: Sequence[int]) -> float:
    """Return the CPU time of such threads, in seconds."""
    return sum(time.clock_gettime((~thread << 3) | _CPUCLOCK_SCHED) for thread in threads)


def figures(chosen: dict[str, Way], receivers: Receivers, rounds: int) -> dict[str, list[float]]:
    """Return for each way its CPU, the same with ksoftirqd's, and its time, in microseconds."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in chosen}
    threads = putters_off()
    for _ in range(rounds):
        # In another order each time: what disturbs the machine disturbs all.
        for name in random.sample(list(chosen), len(chosen)):
            system = put_off(threads)
            cpu, at = time.process_time(), time.perf_counter()
            chosen[name]()
            took, used = time.perf_counter() - at, time.process_time() - cpu
            receivers.have_read()
            time.sleep(REST_SECONDS)
            found[name].append((used, put_off(threads) - system, took))
    return {name: _summary(rows, receivers.count) for name, rows in found.items()}


def _summary(rows: Sequence[tuple[float, float, float]], count: int) -> list[float]:
    cpu, system, took = ([value / count * 1e6 for value in row] for row in zip(*rows, strict=True))
    quarter = sorted(took)[len(took) // 4]
    return [statistics.mean(cpu), statistics.mean(cpu) + statistics.mean(system), quarter]


def secure(context: ssl.SSLContext, connected: socket.socket) -> ssl.SSLSocket:
    """Shake hands on a socket, and let it wait no more."""
    secured = context.wrap_socket(connected, server_side=True)
    secured.setblocking(False)
    return secured


def secure_in_memory(context: ssl.SSLContext, connected: socket.socket) -> InMemory:
    """Shake hands in memory."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            secured.do_handshake()
        except ssl.SSLWantReadError:
            connected.sendall(outgoing.read())
            incoming.write(connected.recv(1 << 16))
        else:
            break
    connected.sendall(outgoing.read())
    connected.setblocking(False)
    return InMemory(connected, secured.write, outgoing.read)


def server_context(folder: Path) -> ssl.SSLContext:
    """Return a context with a new certificate."""
    certificate, key = make_self_signed(["localhost"], datetime.now(UTC))
    (folder / "certificate").write_bytes(certificate)
    (folder / "key").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context


def show(title: str, found: dict[str, list[float]]) -> None:
    """Print a table."""
    sys.stdout.write(f"{title:32}  CPU +ksoftirqd  time  (µs a message)\n")
    for name, (cpu, with_system, took) in found.items():
        sys.stdout.write(f"  {name:30} {cpu:5.2f} {with_system:10.2f} {took:5.2f}\n")
    sys.stdout.flush()


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Try all ways."""
    messages = [bytes([65 + at % 26]) * options.size for at in range(options.receivers)]

    def receivers(*, tls: bool) -> Receivers:
        return Receivers(options.address, options.netns, len(messages), options.size, tls=tls)

    with receivers(tls=False) as peers:
        for each in peers.connections:
            each.setblocking(False)
        chosen = ways.plain(peers.connections, messages)
        chosen |= ways.native(peers.connections, messages, folder)
        show("plain", figures(chosen, peers, options.rounds))
    context = server_context(folder)
    with receivers(tls=True) as peers:
        secured = [secure(context, each) for each in peers.connections]
        chosen = ways.wrapped(secured, messages) | ways.native(secured, messages, folder)
        show("TLS, on sockets", figures(chosen, peers, options.rounds))
    with receivers(tls=True) as peers:
        ends = [secure_in_memory(context, each) for each in peers.connections]
        show("TLS, in memory", figures(ways.in_memory(ends, messages), peers, options.rounds))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tools.sending", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--address", default="127.0.0.1", help="where to listen")
    parser.add_argument("--netns", default="", help="where the receivers are (`ip netns add`)")
    parser.add_argument("--receivers", type=int, default=500)
    parser.add_argument("--size", type=int, default=128, help="bytes of a message")
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args(argv)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        measure(options, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
