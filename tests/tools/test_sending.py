"""The ways to send to many sockets at once: each sends, and says so."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys

import pytest

from tools.sending import ways
from tools.sending.ring import Ring


def ring(places: int) -> Ring:
    try:
        return Ring(places)
    except OSError as error:
        pytest.skip(f"the system allows no io_uring here: {error}")


def test_a_ring_sends_more_often_than_it_has_places_and_tells_what_each_took() -> None:
    sending, ours = ring(4), [socket.socketpair() for _ in range(4)]
    for turn in range(5):
        messages = [b"%d to %d" % (turn, at) for at in range(4)]
        taken = sending.send([near.fileno() for near, _ in ours], messages)
        assert taken == [len(message) for message in messages]
        assert [far.recv(100) for _, far in ours] == messages
    ours[0][1].close()
    near = ours[1][0]
    near.setblocking(False)
    near.send(bytes(1 << 22))
    assert sending.send([ours[0][0].fileno(), near.fileno()], [b"gone", b"full"]) == [
        -errno.EPIPE,
        -errno.EAGAIN,
    ]
    for pair in ours:
        for end in pair:
            end.close()
    sending.close()


def test_where_it_is_forbidden_there_is_one_way_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(places: int) -> Ring:
        raise PermissionError(errno.EPERM, "not here")

    monkeypatch.setattr(ways, "Ring", forbidden)
    assert list(ways.plain([], [])) == ["send"]


def test_all_ways_are_measured() -> None:
    command = [sys.executable, "-m", "tools.sending", "--receivers", "3", "--rounds", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    for way in ("send", "SSLSocket.send", "what that calls", "memory BIO, then send"):
        (row,) = (line for line in done.stdout.splitlines() if line.strip().startswith(f"{way}  "))
        assert all(float(figure) > 0 for figure in row.split()[-3:])
