"""Measure what a server holds in memory, with nobody and with many accounts, members and clients.

Each figure is the resident size of a real server process (VmRSS), started on a journal that was
written here. Run: python -m tools.measure_memory
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hubbub.bench.loads.starting import keep
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Joined
from hubbub.core.records.entries import AnyRecord, Body, Draft
from hubbub.core.records.users import Connected
from hubbub.core.world.accounts import secrets_of

ACCOUNTS = 10_000
CLIENTS = 1_000
SETTLE_SECONDS = 3.0
HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "x" * 22 + "$" + "y" * 43


def accounts(count: int = ACCOUNTS) -> Iterator[Draft]:
    """Register accounts with a password each."""
    for number in range(count):
        origin, name = Origin(SessionId(0, 1, number), number), f"somebody{number}"
        record = AccountRegistered(origin, name, histories=(secrets_of(name),))
        yield Draft(record, Body(HASH))


def members() -> Iterator[Draft]:
    """Let each account come, and enter a channel of a hundred members; it stays when it goes."""
    for number in range(ACCOUNTS):
        session, name = SessionId(0, 2, number), f"somebody{number}"
        room, host = f"#room{number // 100}", f"{number:020x}.cloak"
        records: tuple[AnyRecord, ...] = (
            Connected(Origin(session, 3 * number), name, name, host, name, name),
            Joined(
                Origin(session, 3 * number + 1), f"{name}!{name}@{host}", name, name, room, "", ()
            ),
        )
        yield from (Draft(record) for record in records)


def serve(directory: Path, clients: int = 0) -> int:
    """Return how many bytes a server on a data directory holds, with so many guests connected."""
    command = [sys.executable, "-m", "hubbub", "serve", "--data", str(directory)]
    environment = {
        "HUBBUB_DOORS__TLS": '["127.0.0.1:0"]',
        "HUBBUB_DOORS__PLAIN": "[]",
        "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = 0
        for line in server.stdout:
            found = re.match(r" +tls +127\.0\.0\.1:(\d+)", line)
            port = int(found[1]) if found else port
            if line.strip() == "ready":
                break
        held = [_enter(port, number) for number in range(clients)]
        time.sleep(SETTLE_SECONDS)
        status = Path(f"/proc/{server.pid}/status").read_text()
        for each in held:
            each.close()
        server.terminate()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident is not None
    return int(resident[1]) * 1024


def _enter(port: int, number: int) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connected = context.wrap_socket(socket.create_connection(("127.0.0.1", port)))
    connected.sendall(f"NICK guest{number}\r\nUSER guest 0 * :guest\r\n".encode())
    received = b""
    while b" 422 " not in received and b" 376 " not in received:
        received += connected.recv(65536)
    return connected


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        new = serve(data)
        print(f"a new server: {new / 1e6:.0f} MB")  # noqa: T201
        again = serve(data)
        print(f"started again: {again / 1e6:.0f} MB")  # noqa: T201
        crowded = serve(data, CLIENTS)
        each = (crowded - again) / CLIENTS
        print(f"each of {CLIENTS:,} connected guests (TLS): {each / 1e3:.1f} KB")  # noqa: T201
        asyncio.run(keep(data / "journal.sqlite", accounts()))
        with_accounts = serve(data)
        each = (with_accounts - again) / ACCOUNTS
        print(f"each of {ACCOUNTS:,} accounts: {each / 1e3:.1f} KB")  # noqa: T201
        asyncio.run(keep(data / "journal.sqlite", members()))
        with_members = serve(data)
        each = (with_members - with_accounts) / ACCOUNTS
        print(f"each that stays in a channel: {each / 1e3:.1f} KB")  # noqa: T201
        print(f"in all: {with_members / 1e6:.0f} MB")  # noqa: T201


if __name__ == "__main__":
    main()
