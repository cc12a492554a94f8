"""A stop with many clients: all are told, and the exit code says that all is well."""

from __future__ import annotations

import asyncio
import resource
import selectors
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.server.recovery import JOURNAL, load
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

CLIENTS = 1_000


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Let this process hold enough sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CLIENTS + 200
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine allows {hard} descriptors only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("descriptors")
def test_a_thousand_clients_are_told(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        crowd = []
        for number in range(CLIENTS):
            peer = socket.create_connection(("127.0.0.1", server.ports["plain"]), 20)
            peer.sendall(f"NICK n{number}\r\nUSER u 0 * :u\r\nPING :in\r\n".encode())
            crowd.append(peer)
        for peer in crowd:
            received = b""
            while b"PONG" not in received:
                received += peer.recv(65536)
        server.signal(15)
        told = 0
        with selectors.DefaultSelector() as selector:
            tails = dict.fromkeys(crowd, b"")
            for peer in crowd:
                selector.register(peer, selectors.EVENT_READ)
            while tails:
                ready = selector.select(20)
                assert ready, f"{len(tails)} clients are still waiting"
                for key, _ in ready:
                    client = key.fileobj
                    assert isinstance(client, socket.socket)
                    data = client.recv(65536)
                    tails[client] += data
                    if not data:
                        told += tails.pop(client).endswith(b"(Server is stopping)\r\n")
                        selector.unregister(client)
                        client.close()
        assert told == CLIENTS
        assert server.stop() == 0


def test_clients_that_neither_read_nor_leave_do_not_hold_it_up(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        port = server.ports["plain"]
        deaf = [Client(port, receive_buffer=4096).register(f"deaf{n}") for n in range(20)]
        half = [socket.create_connection(("127.0.0.1", server.ports["tls"])) for _ in range(20)]
        with Client(port).register("ann", "echo-message").join("#lobby") as ann:
            for client in deaf:
                client.join("#lobby")
            ann.send(*(f"PRIVMSG #lobby :{'x' * 400}" for _ in range(2_000)))
            # The server is told to stop while all this is on its way.
            ann.until("PRIVMSG")
            assert server.stop() == 0
        for one in deaf:
            one.close()
        for waiting in half:
            waiting.close()


def test_nobody_is_here_any_more_when_a_server_has_stopped(tmp_path: Path) -> None:
    """Not only when it has started again, which others would wait for."""
    with Server(tmp_path / "data") as server, Client(server.ports["plain"]) as ann:
        ann.register("ann").join("#lobby")
        assert server.stop() == 0
        ann.until("ERROR")
    path = tmp_path / "data" / JOURNAL
    journal = SQLiteJournal(path)
    world, _ = load(journal, path)
    asyncio.run(journal.stop())
    assert (world.users, world.sessions, list(world.channels)) == ({}, {}, ["#lobby"])
    assert [past.nick for past in world.whowas] == ["ann"]
    assert world.housekeeper is None
