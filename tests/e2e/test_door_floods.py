"""Two hostile addresses hold at every door what they can; a third comes in at once."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.server import Server

HOSTILE = ("127.0.0.2", "127.0.0.3")
FRIEND = "127.0.0.4"
TRIES = 200
"""Connections that each hostile address makes; more than any door has places for them."""
SOON = 10.0
"""Far less than the time for which a silent connection may stay: a place is had, not waited for."""
SLOW = {
    # Loopback counts as other addresses do as soon as there is a proxy.
    "HUBBUB_DOORS__PROXIES": '["192.0.2.1", "127.0.0.9"]',
    "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]',
    "HUBBUB_LIMITS__HANDSHAKE_SECONDS": "300",
    "HUBBUB_LIMITS__REGISTRATION_SECONDS": "300",
    "HUBBUB_LIMITS__LOGIN_SECONDS": "300",
    "HUBBUB_LIMITS__CONNECTIONS_PER_ADDRESS": "150",
}

Enter = Callable[[int, str], None]
"""Comes in through a port from an address; raises OSError or AssertionError where it cannot."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("floods") / "data", **SLOW) as running:
        yield running


def connected(port: int, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), SOON, (source, 0))


def until(held: socket.socket, text: bytes) -> bytes:
    received = b""
    while text not in received:
        data = held.recv(65536)
        assert data, received
        received += data
    return received


def says_nothing(held: socket.socket) -> None:
    """Wait for whatever the server may say or do."""


def begins_a_tls_handshake(held: socket.socket) -> None:
    """Be one of those who have begun: they are not closed before the silent ones."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    secured = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        secured.do_handshake()
    held.sendall(outgoing.read())


def begins_to_speak_ssh(held: socket.socket) -> None:
    """Send a version and half of what follows."""
    held.sendall(b"SSH-2.0-Slow\r\n\x00\x00\x04")


def begins_a_request(held: socket.socket) -> None:
    held.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")


def negotiates_for_ever(held: socket.socket) -> None:
    """Be somebody who could yet register."""
    held.sendall(b"CAP LS 302\r\nNICK a\r\n")


def enter_by_irc(port: int, source: str) -> None:
    with connected(port, source) as held:
        _register(held)


def enter_by_tls(port: int, source: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(connected(port, source)) as held:
        _register(held)


def _register(held: socket.socket) -> None:
    held.sendall(b"NICK friend\r\nUSER friend 0 * :friend\r\n")
    until(held, b" 001 friend ")
    held.sendall(b"QUIT\r\n")
    until(held, b"ERROR")


def enter_by_websocket(port: int, source: str) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with connected(port, source) as held:
        held.sendall(request.encode())
        assert b" 101 " in until(held, b"\r\n\r\n")


def enter_by_ssh(port: int, source: str) -> None:
    done = ssh.run(port, f"-b{source}", "help", user="guest")
    assert done.returncode == 0, done.stderr


DOORS = (
    ("plain", says_nothing, enter_by_irc),
    ("plain", negotiates_for_ever, enter_by_irc),
    ("tls", says_nothing, enter_by_tls),
    ("tls", begins_a_tls_handshake, enter_by_tls),
    ("websocket", says_nothing, enter_by_websocket),
    ("websocket", begins_a_request, enter_by_websocket),
    pytest.param("ssh", says_nothing, enter_by_ssh, marks=ssh.NEEDED),
    pytest.param("ssh", begins_to_speak_ssh, enter_by_ssh, marks=ssh.NEEDED),
)


@pytest.mark.parametrize(("kind", "begin", "enter"), DOORS)
def test_two_addresses_shut_no_door(
    server: Server, kind: str, begin: Callable[[socket.socket], None], enter: Enter
) -> None:
    port = server.ports[kind]
    enter(port, FRIEND)
    with contextlib.ExitStack() as stack:
        held = []
        for source in HOSTILE:
            for _ in range(TRIES):
                hostile = stack.enter_context(connected(port, source))
                with contextlib.suppress(OSError):
                    begin(hostile)
                held.append(hostile)
        # A third one comes in, again and again, and soon.
        for _ in range(5):
            began = time.monotonic()
            enter(port, FRIEND)
            assert time.monotonic() - began < SOON
        assert _still_open(held) == 2 * 16
    # What they held is free again, as soon as the server has noticed.
    deadline = time.monotonic() + SOON
    while True:
        try:
            enter(port, HOSTILE[0])
        except (OSError, AssertionError):
            assert time.monotonic() < deadline
        else:
            break


def _still_open(held: list[socket.socket]) -> int:
    """Count those that the server has neither refused nor closed."""
    count = 0
    for each in held:
        each.setblocking(False)
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            try:
                while each.recv(65536):
                    pass
            except BlockingIOError:
                count += 1
    return count


def behind_a_proxy(port: int, client: str) -> socket.socket:
    held = connected(port, "127.0.0.9")
    held.sendall(f"PROXY TCP4 {client} 127.0.0.1 5000 {port}\r\n".encode())
    return held


def test_those_behind_a_proxy_are_told_apart(server: Server) -> None:
    port = server.ports["plain"]
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(behind_a_proxy(port, client))
            for client in ("192.0.2.50", "192.0.2.51")
            for _ in range(TRIES)
        ]
        with behind_a_proxy(port, "192.0.2.52") as friend:
            _register(friend)
        assert _still_open(held) == 2 * 16


def test_an_ipv6_household_counts_as_one(server: Server) -> None:
    port = server.ports["plain"]
    with contextlib.ExitStack() as stack:
        held = []
        for each in range(TRIES):
            one = stack.enter_context(connected(port, "127.0.0.9"))
            one.sendall(f"PROXY TCP6 2001:db8::{each + 1:x} ::1 5000 {port}\r\n".encode())
            held.append(one)
        with behind_a_proxy(port, "192.0.2.53") as friend:
            _register(friend)
        assert _still_open(held) == 16


def test_a_balancers_look_at_a_door_is_not_logged(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **SLOW) as server:
        for port in server.ports.values():
            for source in (FRIEND, "127.0.0.9"):
                connected(port, source).close()
                with connected(port, source) as reset:
                    reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for kind, enter in (("plain", enter_by_irc), ("tls", enter_by_tls)):
            enter(server.ports[kind], FRIEND)
        assert server.stop() == 0
        assert server.log.read_text() == ""


@ssh.NEEDED
def test_ssh_says_why_it_turns_somebody_away(server: Server) -> None:
    port = server.ports["ssh"]
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            held = stack.enter_context(connected(port, HOSTILE[0]))
            until(held, b"SSH-2.0-Hubbub\r\n")
        refused = ssh.run(port, f"-b{HOSTILE[0]}", "help", user="guest")
    assert refused.returncode == 255
    assert "not logged in" in refused.stderr


def test_a_door_that_fills_up_refuses_some_by_chance_and_lets_others_in(tmp_path: Path) -> None:
    settings = {
        **SLOW,
        "HUBBUB_LIMITS__UNAUTHENTICATED": "40",
        "HUBBUB_LIMITS__UNAUTHENTICATED_PER_ADDRESS": "5",
    }
    with Server(tmp_path / "data", **settings) as server, contextlib.ExitStack() as stack:
        port = server.ports["plain"]
        held = [
            stack.enter_context(connected(port, f"127.0.1.{1 + each // 5}")) for each in range(25)
        ]
        tries = [_comes_in(port) for _ in range(40)]
        # From half of the bound on some are refused, and told; the others are in as ever.
        assert 0 < tries.count(True) < 40
        assert _still_open(held) >= 20


def _comes_in(port: int) -> bool:
    with connected(port, FRIEND) as held:
        with contextlib.suppress(OSError):
            held.sendall(b"NICK friend\r\nUSER friend 0 * :friend\r\n")
        received = b""
        with contextlib.suppress(OSError):
            while b" 001 " not in received:
                data = held.recv(65536)
                if not data:
                    return False
                received += data
            held.sendall(b"QUIT\r\n")
            until(held, b"ERROR")
            return True
    return False
