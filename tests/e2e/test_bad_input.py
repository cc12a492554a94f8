"""Whatever arrives: a clear answer or a clean close, and nobody else is affected."""

from __future__ import annotations

import contextlib
import random
import re
import resource
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.e2e.irc_client import PATIENCE, Client
from tests.e2e.server import Server
from tests.e2e.test_lost_data import run

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one server for all; at its end its log is looked through for tracebacks."""
    settings = {
        "HUBBUB_LIMITS__HANDSHAKE_SECONDS": "1",
        "HUBBUB_LIMITS__REGISTRATION_SECONDS": "3",
    }
    with Server(tmp_path_factory.mktemp("bad") / "data", **settings) as server:
        yield server


@pytest.fixture(scope="module")
def pair(server: Server) -> Iterator[tuple[Client, Client]]:
    """Give two people who are there all the time."""
    with (
        Client(server.ports["plain"]).register("ann").join("#others") as ann,
        Client(server.ports["tls"], tls=True).register("bob").join("#others") as bob,
    ):
        yield ann, bob


@pytest.fixture(autouse=True)
def others(server: Server, pair: tuple[Client, Client]) -> Iterator[None]:
    """Hold the server to its other guests, and its memory to a bound."""
    ann, bob = pair
    before = server.resident_bytes()
    yield
    ann.send("PRIVMSG #others :still here?")
    assert bob.until("PRIVMSG").params[1] == "still here?"
    assert server.resident_bytes() - before < 64 * MEBIBYTE


def end(peer: socket.socket) -> bytes:
    """Return what a peer is sent before its connection ends."""
    received = b""
    try:
        while data := peer.recv(65536):
            received += data
    except (ConnectionError, ssl.SSLError):
        pass
    return received


def raw(server: Server, door: str = "plain") -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", server.ports[door]), PATIENCE)
    peer.settimeout(PATIENCE)
    return peer


@pytest.mark.parametrize("door", ["plain", "tls"])
def test_random_bytes(server: Server, door: str) -> None:
    chance = random.Random(11)
    for _ in range(20):
        with raw(server, door) as peer:
            try:
                for _ in range(8):
                    peer.sendall(chance.randbytes(4096))
                peer.shutdown(socket.SHUT_WR)
            except OSError:
                # The server has had enough of it before its end.
                continue
            end(peer)


def test_random_bytes_of_a_registered_user(server: Server) -> None:
    chance = random.Random(12)
    with Client(server.ports["plain"]).register("random") as client:
        for _ in range(50):
            junk = chance.randbytes(400).replace(b"\n", b"")
            client.socket.sendall(junk + b"\r\n")
        answers = client.sync()
        assert {m.command for m in answers} <= {"FAIL", "417", "421", "461"}


def test_an_endless_line(server: Server) -> None:
    with Client(server.ports["plain"]).register("endless") as client:
        for _ in range(256):
            client.socket.sendall(b"x" * 65536)
        client.send("")
        assert [m.command for m in client.sync()] == ["417"]


def test_an_endless_first_line(server: Server) -> None:
    with raw(server) as peer:
        try:
            for _ in range(64):
                peer.sendall(b"x" * 65536)
            peer.sendall(b"\n")
        except ConnectionError:
            return
        assert b"ERROR" in end(peer)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"PRIVMSG ann :nul\0nul", ("FAIL", "*", "INVALID_MESSAGE")),
        (b"PRIVMSG ann :\xc3\x28 \xff", ("FAIL", "PRIVMSG", "INVALID_UTF8")),
        (b"PRIVMSG ann :lone\rreturn", ("FAIL", "*", "INVALID_MESSAGE")),
        (b"@t=" + b"x" * 5000 + b" PRIVMSG ann :tags", ("417", "bad")),
        (b"PRIVMSG ann :" + b"x" * 600, ("417", "bad")),
        (b"@t=x :source", ("FAIL", "*", "INVALID_MESSAGE")),
        (b"PRIVMSG ann :" + "é".encode() * 240, ("417", "bad")),
        (b"JOIN " + b"," * 480, ("403", "bad")),
        (b"MODE #nosuch +" + b"o" * 400, ("403", "bad")),
        (b"PRIVMSG " + b",".join(b"a%d" % n for n in range(50)) + b" :x", ("407", "bad")),
        (b"WHO " + b"*?" * 200, ("315", "bad")),
        (b"CAP REQ :" + b"nosuch " * 60, ("CAP", "bad", "NAK")),
    ],
)
def test_a_bad_line(server: Server, line: bytes, answer: tuple[str, ...]) -> None:
    with Client(server.ports["plain"]).register("bad") as client:
        client.socket.sendall(line + b"\r\n")
        answers = client.sync()
        assert [(m.command, *m.params)[: len(answer)] for m in answers][:1] == [answer]
        client.leave()


def test_one_byte_at_a_time(server: Server) -> None:
    with raw(server) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"PING :slowly\r\n":
            peer.sendall(bytes([byte]))
        assert b"slowly" in peer.recv(65536)


def test_half_open_tls_is_closed_in_time(server: Server) -> None:
    peers = [raw(server, "tls") for _ in range(50)]
    for number, peer in enumerate(peers):
        # A record that promises more than comes, a few bytes, or nothing at all.
        peer.sendall((b"\x16\x03\x01\x02\x00\x01", b"\x16", b"")[number % 3])
    for peer in peers:
        end(peer)
        peer.close()


def test_plain_text_at_the_encrypted_door(server: Server) -> None:
    with raw(server, "tls") as peer:
        peer.sendall(b"NICK ann\r\nUSER ann 0 * :Ann\r\n")
        assert b"001" not in end(peer)


def test_tls_at_the_plain_door(server: Server) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with raw(server) as peer, pytest.raises((ssl.SSLError, ConnectionError, TimeoutError)):
        context.wrap_socket(peer)


def test_connections_that_are_reset(server: Server) -> None:
    for door in ("plain", "tls"):
        for _ in range(100):
            peer = raw(server, door)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()


def test_commands_before_registration(server: Server) -> None:
    with Client(server.ports["plain"]) as client:
        client.send("JOIN #others", "PRIVMSG #others :x", "WHOIS ann", "OPER a b", "KILL ann x")
        answers = client.sync()
        assert [m.command for m in answers] == ["451"] * 5


def test_who_says_nothing_is_told_and_closed(server: Server) -> None:
    with raw(server) as peer:
        assert b"Registration timed out" in end(peer)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\nNICK evil\r\nUSER e 0 * :e\r\nJOIN #others\r\n",
        b"POST /" + b"x" * 2000 + b" HTTP/1.1\r\n\r\nNICK evil\r\nUSER e 0 * :e\r\n",
        b"OPTIONS * HTTP/1.0\r\n\r\n",
    ],
)
def test_a_browser_is_shown_out(server: Server, request_: bytes) -> None:
    with raw(server) as peer:
        peer.sendall(request_)
        assert b"001" not in end(peer)


def test_a_person_with_nc_is_told_how_to_begin(server: Server) -> None:
    with raw(server) as peer:
        peer.sendall(b"hello\n")
        assert b"NICK yourname" in peer.recv(65536)


def test_a_mass_of_joins(server: Server) -> None:
    with Client(server.ports["plain"]).register("joiner") as client:
        for start in range(0, 400, 40):
            client.send("JOIN " + ",".join(f"#c{n}" for n in range(start, start + 40)))
        answers = client.sync()
        assert [m.command for m in answers].count("JOIN") == 100
        assert [m.command for m in answers].count("405") == 300


def test_who_asks_and_never_reads(server: Server) -> None:
    before = server.resident_bytes()
    clients = [
        Client(server.ports["plain"], receive_buffer=4096).register(f"deaf{n}") for n in range(5)
    ]
    for client in clients:
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.socket.sendall(b"HELP\r\nLUSERS\r\nMOTD\r\nVERSION\r\n" * 400_000)
    # Each has its outbox and its input full, and the system's buffers hold the rest.
    assert server.resident_bytes() - before < 30 * MEBIBYTE
    for client in clients:
        client.close()


def is_error(message: Message) -> bool:
    return message.command == "ERROR"


def descriptors(limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def let_in(server: Server) -> Client:
    """Come in as soon as there is a place: some are still turned away while places come free."""
    for _ in range(100):
        with contextlib.suppress(EOFError, OSError):
            return Client(server.ports["plain"]).register("later")
        threading.Event().wait(0.1)
    raise AssertionError("nobody is let in any more")


def test_an_operator_is_answered_though_there_are_no_descriptors_left(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.prepare = descriptors(100)
    with server, contextlib.ExitStack() as stack:
        for _ in range(120):
            stack.enter_context(raw(server))
        server.logged("subject=descriptors")
        ran = run(server, "status")
        assert ran.returncode == 1
        assert re.search(r"^descriptors +NONE LEFT", ran.stdout, re.M)
        assert re.search(r"^look-at +descriptors$", ran.stdout, re.M)


def test_more_connections_than_descriptors(tmp_path: Path) -> None:
    settings = {"HUBBUB_LIMITS__REGISTRATION_SECONDS": "2"}
    server = Server(tmp_path / "data", **settings)
    server.prepare = descriptors(100)
    with server, Client(server.ports["plain"]).register("early") as early:
        early.join("#lobby")
        silent = [raw(server) for _ in range(300)]
        early.send("PING :while they wait")
        assert early.until("PONG").params[-1] == "while they wait"
        for peer in silent:
            # Each is turned away, or let in and told when its time is up.
            received = end(peer)
            assert received == b"" or b"Registration timed out" in received
            peer.close()
        with let_in(server) as later:
            later.join("#lobby").send("PRIVMSG #lobby :room again")
            assert early.until("PRIVMSG").params[1] == "room again"
    # One complaint, not one for each that came.
    assert len(server.log.read_text().splitlines()) < 10
