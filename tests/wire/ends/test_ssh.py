"""The packets of SSH are seen inside and out; where they cannot be, that is said."""

from __future__ import annotations

import socket

import asyncssh
import pytest

from hubbub.wire.ends import ssh
from hubbub.wire.failures import WireCode
from tests.e2e.server import Server
from tests.wire.looking import look, peer

Capsys = pytest.CaptureFixture[str]


def test_all_that_goes_over_tcp_is_told_as_packets(hubbub: Server, capsys: Capsys) -> None:
    shown = look(capsys, f"ssh://127.0.0.1:{hubbub.ports['ssh']}", command="help")
    assert shown.code == WireCode.DONE
    for way in ("sent", "received"):
        layers = {"tcp": 0, "ssh": 0}
        for thing in shown.things:
            if thing["way"] == way and "bytes" in thing:
                # A version line is told without its ending.
                layers[thing["layer"]] += thing["bytes"] + 2 * (thing["what"] == "version")
        assert layers["tcp"] == layers["ssh"]


def test_without_a_way_inside_that_is_said(
    hubbub: Server, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "_SENDING", "_no_such_attribute")
    shown = look(capsys, f"ssh://127.0.0.1:{hubbub.ports['ssh']}", command="help")
    assert shown.code == WireCode.DONE
    assert shown.named("this version of asyncssh")
    assert shown.named("KEXINIT")
    assert not shown.named("CHANNEL_REQUEST", "sent")


def test_the_ways_inside_are_there() -> None:
    """They are asyncssh's own, so another version of it may take them away."""
    connection = asyncssh.SSHClientConnection
    assert callable(connection.send_packet)
    assert callable(connection.send_newkeys)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b":irc NOTICE * :hi\r\n" * 1100, "try irc://"),
        (b"SSH-2.0-x\r\n\xff\xff\xff\xff", "a packet of 4294967295 bytes"),
        (b"x" * 9000, "a line without an end"),
    ],
)
def test_what_is_no_ssh_is_told(capsys: Capsys, first: bytes, said: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        while connection.recv(65536):
            pass

    with peer(answer) as port:
        shown = look(capsys, f"ssh://127.0.0.1:{port}", seconds=5.0)
    assert (shown.code, said in shown.error) == (WireCode.ANOTHER_PROTOCOL, True)
