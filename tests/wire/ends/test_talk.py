"""IRC over WebSocket, with Hubbub and with those who cannot do it."""

from __future__ import annotations

import base64
import hashlib
import socket

import pytest

from hubbub.wire.ends.talk import MOST_BYTES
from hubbub.wire.failures import WireCode
from tests.e2e.server import Server
from tests.wire.looking import look, peer, until_closed

Capsys = pytest.CaptureFixture[str]


@pytest.mark.parametrize(("scheme", "door"), [("ws", "websocket"), ("wss", "wss")])
def test_the_upgrade_and_the_frames_are_shown(
    hubbub: Server, capsys: Capsys, scheme: str, door: str
) -> None:
    shown = look(capsys, f"{scheme}://127.0.0.1:{hubbub.ports[door]}")
    assert bool(shown.named("ClientHello")) == (scheme == "wss")
    assert shown.code == WireCode.DONE
    asked, answered = shown.one("upgrade asked for"), shown.one("upgrade answered")
    assert asked["details"]["Sec-WebSocket-Protocol"] == "text.ircv3.net"
    assert answered["details"]["line"] == "HTTP/1.1 101 Switching Protocols"
    frames = shown.named("text frame")
    assert {frame["details"]["masked"][:3] for frame in frames} == {"yes", "no"}
    assert shown.one("001 RPL_WELCOME", "received")
    assert shown.one("close frame", "received")


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", WireCode.ANOTHER_PROTOCOL, "403 Forbidden"),
        (b"HTTP/1.1 101 Yes\r\n\r\n", WireCode.ANOTHER_PROTOCOL, "does not belong"),
        (b":irc NOTICE * :hi\r\n", WireCode.ANOTHER_PROTOCOL, "try irc://"),
        (b"HTTP/1.1 1", WireCode.FELL_SILENT, "no answer to the upgrade"),
    ],
)
def test_who_does_not_upgrade_is_told_of(
    capsys: Capsys, answer: bytes, code: WireCode, said: str
) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(answer)
        until_closed(connection)

    with peer(refuse) as port:
        shown = look(capsys, f"ws://127.0.0.1:{port}", seconds=0.5)
    assert (shown.code, said in shown.error) == (code, True)


def upgraded(connection: socket.socket, frames: bytes) -> None:
    """Agree to the upgrade that is asked for, and send frames."""
    request = connection.recv(4096).decode()
    [key] = [
        line.split()[1] for line in request.split("\r\n") if line.startswith("Sec-WebSocket-Key")
    ]
    magic = f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()
    accept = base64.b64encode(hashlib.sha1(magic).digest())  # noqa: S324
    head = b"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    connection.sendall(head + frames)


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (b"\x88\x05\x03\xe9bye", "agreed on, and then closed"),
        (b"\xc1\x02\xff\xff", ": a message that cannot be unpacked"),
    ],
)
def test_a_websocket_that_ends_ends_the_visit(capsys: Capsys, frames: bytes, said: str) -> None:
    def end(connection: socket.socket) -> None:
        upgraded(connection, frames)
        until_closed(connection)

    with peer(end) as port:
        # It does not wait for the TCP connection's end.
        shown = look(capsys, f"ws://127.0.0.1:{port}", seconds=30.0)
    assert (shown.code, said in shown.error) == (WireCode.ANOTHER_PROTOCOL, True)
    answered = shown.named("close frame", "sent")
    assert [frame["details"]["code"] for frame in answered] == ["1001"] * (frames[0] == 0x88)


def test_who_sends_too_much_is_left(capsys: Capsys) -> None:
    def flood(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"x" * 65536)

    with peer(flood) as port:
        shown = look(capsys, f"irc://127.0.0.1:{port}", seconds=20.0)
    assert shown.code == WireCode.CUT_OFF
    assert f"more than {MOST_BYTES} bytes" in shown.error


def test_garbage_is_shown_safely_and_told_of(capsys: Capsys) -> None:
    def garble(connection: socket.socket) -> None:
        connection.sendall(bytes(range(256)) * 4 + b"\x1b]0;title\x07\r\n")

    with peer(garble) as port:
        shown = look(capsys, f"irc://127.0.0.1:{port}", seconds=5.0)
    assert shown.code == WireCode.ANOTHER_PROTOCOL
    assert "no welcome of IRC" in shown.error
    assert "\x1b" not in f"{shown.error}{shown.things}"
