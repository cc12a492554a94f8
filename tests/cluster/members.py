"""Three servers that are one, as processes of their own, made by hand of the first one's data."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hubbub.cluster.authority import make_authority
from hubbub.cluster.bundle import AUTHORITY, CLOAK_KEY, write_own
from hubbub.cluster.jetstream.connection import Access, LogUser
from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.cluster.jetstream.stream import Shape
from hubbub.cluster.members import FOLDER, ListedMember, MemberList, write_shared
from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.entries import Entry
from hubbub.core.world.world import World
from hubbub.journal.codec import decode_record
from hubbub.journal.database.duplicate import examine, msgid_key
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.server.member.membership import SYSTEM, USER, password
from hubbub.server.recovery import JOURNAL, load
from tests.cluster.servers import free_ports
from tests.e2e.server import Server

LOOPBACK = "127.0.0.1"
ROUTE, DOOR = 7900, 7902


def make_members(
    folder: Path, count: int = 3, hosts: Sequence[str] = (), **settings: str
) -> list[Server]:
    """Return servers that share secrets and a log, none of them started.

    Where `hosts` names an address for each they are on machines of their own, and have fixed ports.
    """
    first = Server(folder / "node0", **settings)
    with first:
        # It makes its journal and its keys.
        pass
    _share(first.directory)
    ports = free_ports(3 * count)
    routes = [f"{LOOPBACK}:{port}" for port in ports[:count]]
    doors = [f"{LOOPBACK}:{port}" for port in ports[count : 2 * count]]
    if hosts:
        routes = [f"{host}:{ROUTE}" for host in hosts]
        doors = [f"{host}:{DOOR}" for host in hosts]
    members = tuple(
        ListedMember(number, f"node{number}", routes[number], doors[number])
        for number in range(count)
    )
    journal = first.directory / JOURNAL
    shared = MemberList(examine(journal).id, msgid_key(journal).hex(), 0, members)
    authority = make_authority(datetime.now(UTC))
    servers = []
    for number, port in enumerate(ports[2 * count :]):
        directory = folder / f"node{number}"
        if number:
            shutil.copytree(first.directory, directory)
        (directory / FOLDER).mkdir(exist_ok=True)
        (directory / AUTHORITY).write_bytes(authority[0])
        here = (hosts[number],) if hosts else (LOOPBACK,)
        write_own(directory, authority, f"node{number}", here, datetime.now(UTC))
        write_shared(directory, MemberList(shared.journal, shared.msgid_key, number, members))
        listen = f'["{LOOPBACK}:{port}"]'
        servers.append(Server(directory, HUBBUB_CLUSTER__LISTEN=listen, **settings))
    return servers


def _share(directory: Path) -> None:
    journal = SQLiteJournal(directory / JOURNAL)
    journal.share()
    asyncio.run(journal.stop())


def nats_pid(server: Server) -> int:
    """Return the process of a member's nats-server."""
    return int((server.directory / "nats" / "nats-server.pid").read_text())


@contextmanager
def running(servers: list[Server]) -> Iterator[list[Server]]:
    """Start servers, all at once, and end them."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(lambda one: one.start(), servers))
        try:
            yield servers
        finally:
            list(pool.map(lambda one: one.stop(), servers))


def assert_same(servers: list[Server]) -> list[str]:
    """Find that members which have stopped have the same records, and the same World of them.

    Return what was said, by those records.

    They stopped one after the other: what the last ones heard besides is what the others lack.
    """
    found = [_stored(server) for server in servers]
    _, longest = max(found, key=lambda each: len(each[1]))
    worlds = set()
    for world, rows in found:
        assert rows == longest[: len(rows)]
        for seq, time, lead, data, _ in longest[len(rows) :]:
            apply(world, Entry(seq, time, "", decode_record(data), None, lead))
        worlds.add(snapshot.encode(world))
    assert len(worlds) == 1
    return [json.loads(body)["text"] for *_, body in longest if body is not None]


def _stored(server: Server) -> tuple[World, list[tuple[Any, ...]]]:
    journal = SQLiteJournal(server.directory / JOURNAL)
    world, _ = load(journal, server.directory / JOURNAL)
    rows = journal._store.file.connection.execute(
        "SELECT seq, time, lead, data, body FROM record ORDER BY seq"
    )
    found = rows.fetchall()
    asyncio.run(journal.stop())
    return world, found


def leader(servers: list[Server]) -> int:
    """Return the number of the member whose nats-server leads the log."""
    (listen,) = json.loads(servers[0].settings["HUBBUB_CLUSTER__LISTEN"])
    return leader_at(servers[0].directory, listen)


def leader_at(directory: Path, listen: str) -> int:
    """Return that number as one of the servers says."""
    key = (directory / CLOAK_KEY).read_bytes()
    user, system = (LogUser(name, password(key, name)) for name in (USER, SYSTEM))
    journal = examine(directory / JOURNAL).id
    log = JetStreamLog(Access([f"nats://{listen}"], user, system), 99, Shape(journal, 3, 1 << 20))
    try:
        return int(log.open(0).result(30).leader.removeprefix("hubbub-"))
    finally:
        log.close()
