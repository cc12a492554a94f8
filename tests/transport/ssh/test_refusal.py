"""How an SSH client is told why it is turned away."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.transport.ssh.refusal import VERSION, refusal
from tests.e2e import ssh


def parts(data: bytes) -> tuple[bytes, int, str]:
    """Return the version, the code, and the text of a refusal, taken apart as RFC 4253 6 says."""
    version, _, packet = data.partition(b"\r\n")
    length, padding = int.from_bytes(packet[:4], "big"), packet[4]
    assert len(packet) == 4 + length
    assert len(packet) % 8 == 0
    assert padding >= 4
    payload = packet[5 : len(packet) - padding]
    assert payload[0] == 1
    size = int.from_bytes(payload[5:9], "big")
    assert payload[9 + size :] == bytes(4)
    return version, int.from_bytes(payload[1:5], "big"), payload[9 : 9 + size].decode()


@given(st.text(max_size=300))
def test_whatever_the_reason_it_is_one_packet(reason: str) -> None:
    assert parts(refusal(reason)) == (f"SSH-2.0-{VERSION}".encode(), 12, reason)


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
def test_ssh_shows_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def turn_away() -> None:
            connected, _ = listening.accept()
            with connected:
                connected.sendall(refusal("Too many people are coming in at once"))
                connected.shutdown(socket.SHUT_WR)
                while connected.recv(4096):
                    pass

        thread = threading.Thread(target=turn_away)
        thread.start()
        done = subprocess.run(
            ssh.command(listening.getsockname()[1], "help"),
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        thread.join()
    assert done.returncode == 255
    assert "Too many people are coming in at once" in done.stderr
