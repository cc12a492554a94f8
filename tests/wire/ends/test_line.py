"""A line gives out plain bytes, whatever is below; each wait for a handshake has an end."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from hubbub.wire.failures import WireCode
from tests.wire.looking import look, peer, until_closed

Capsys = pytest.CaptureFixture[str]


def drip(connection: socket.socket) -> None:
    """Send a record that takes for ever, byte by byte."""
    for byte in b"\x16\x03\x03\x40\x00" + bytes(2**14):
        connection.sendall(bytes((byte,)))
        time.sleep(0.05)


def half_open(connection: socket.socket) -> None:
    """Say nothing more, and listen."""
    connection.shutdown(socket.SHUT_WR)
    until_closed(connection)


def test_a_slow_handshake_has_an_end(capsys: Capsys) -> None:
    for serve in (drip, until_closed):
        with peer(serve) as port:
            began = time.monotonic()
            shown = look(capsys, f"ircs://127.0.0.1:{port}", seconds=0.4)
        assert (shown.code, time.monotonic() - began < 10) == (WireCode.FELL_SILENT, True)
        assert "the TLS handshake was not done within 0.4 s" in shown.error


def test_who_reads_nothing_is_not_waited_for_for_ever(capsys: Capsys) -> None:
    """Its goodbye would wait behind all that it has not taken."""

    def deaf(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.sendall(b"PING :x\r\n" * 400_000)
        over.wait(60)

    over = threading.Event()
    with peer(deaf) as port:
        began = time.monotonic()
        shown = look(capsys, f"irc://127.0.0.1:{port}", seconds=1.0)
        over.set()
    assert shown.code in (WireCode.FELL_SILENT, WireCode.CUT_OFF)
    assert time.monotonic() - began < 40


@pytest.mark.parametrize("scheme", ["irc", "ircs", "ws", "wss", "ssh"])
def test_who_ends_without_a_word_is_told_of(capsys: Capsys, scheme: str) -> None:
    with peer(half_open) as port:
        shown = look(capsys, f"{scheme}://127.0.0.1:{port}", seconds=5.0)
    assert shown.code == WireCode.CUT_OFF
    assert "the other side ended the connection" in shown.error
    assert shown.named("ended", "received")
