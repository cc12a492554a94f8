"""Balancers look every few seconds whether a door is there: nobody wants to read of that."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.e2e.test_health import HEALTH, scraped, wait_for
from tests.transport.proxy_headers import raw_version_2

DOORS = {
    **HEALTH,
    "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WSS": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]',
    "HUBBUB_LOG__FORMAT": "json",
    "HUBBUB_LOG__LEVEL": "debug",
}
KINDS = {"tls": 1, "plain": 1, "ssh": 1, "websocket": 2}
"""What the doors are called where they are counted, and how many there are of each."""
LOCAL = raw_version_2(0x20, 0)
"""The header with which a proxy says that it connects for itself."""


def close(connected: socket.socket) -> None:
    connected.close()


def reset(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connected.close()


@pytest.mark.parametrize("proxies", ["", "127.0.0.0/8"])
def test_who_only_looks_in_is_counted_and_not_complained_of(tmp_path: Path, proxies: str) -> None:
    ways: tuple[Callable[[socket.socket], None], ...] = (close, reset)
    with Server(tmp_path / "data", **DOORS, HUBBUB_DOORS__PROXIES=proxies) as server:
        for end in ways:
            for door in ("tls", "plain", "ssh", "wss", "websocket"):
                end(socket.create_connection(("127.0.0.1", server.ports[door])))

        def all_counted() -> bool:
            found = scraped(server)
            unused = {kind: found["hubbub_connections_unused_total", kind] for kind in KINDS}
            return unused == {kind: n * len(ways) for kind, n in KINDS.items()}

        wait_for(all_counted)
        if proxies:
            for door in ("tls", "plain", "ssh", "wss", "websocket"):
                with socket.create_connection(("127.0.0.1", server.ports[door])) as connected:
                    connected.sendall(LOCAL)
        assert server.stop() == 0
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line for line in lines if line["level"] not in ("debug", "info")] == []
