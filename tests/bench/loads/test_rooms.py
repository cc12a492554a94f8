"""Rooms share messages out, bound what is in flight, and notice a wrong count."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from hubbub.bench.errors import Miscount
from hubbub.bench.loads.peers import PlainPeer
from hubbub.bench.loads.rooms import MESSAGE_BYTES, MeasuredRoom

LINE = b"x" * (MESSAGE_BYTES - 1) + b"\n"


@contextlib.contextmanager
def room(
    members: int, speakers: int, window: int
) -> Iterator[tuple[MeasuredRoom, list[socket.socket]]]:
    with contextlib.ExitStack() as stack:
        ends: list[socket.socket] = []
        peers: list[PlainPeer] = []
        for number in range(members):
            near, far = socket.socketpair()
            stack.enter_context(near)
            ends.append(stack.enter_context(far))
            near.setblocking(False)
            far.setblocking(False)
            peers.append(PlainPeer(near, f"n{number}"))
        made = MeasuredRoom("#bench", peers, speakers, window)
        made.message = b"said\r\n"
        yield made, ends


def test_speakers_take_turns() -> None:
    with room(members=5, speakers=3, window=10) as (made, ends):
        for count in (4, 1, 1, 3):
            made.speak(count)
        assert made.sent == 9
        assert made.spoken == [3, 3, 3]
        assert [end.recv(1000) for end in ends[:3]] == [b"said\r\n" * 3] * 3


def test_the_slowest_listener_opens_the_window() -> None:
    with room(members=4, speakers=1, window=3) as (made, ends):
        made.speak(3)
        assert made.look() == 0
        for end in ends[2:]:
            end.send(LINE * 3)
        for listener in made.listeners:
            listener.count()
        assert made.look() == 0
        ends[1].send(LINE * 2)
        made.witness.count()
        assert made.look() == 2


def test_everybody_must_have_exactly_what_was_sent() -> None:
    with room(members=3, speakers=1, window=2) as (made, ends):
        made.speak(2)
        assert not made.check()
        for end in ends[1:]:
            end.send(LINE * 2)
        made.witness.count()
        made.listeners[1].count()
        assert made.check()
        ends[2].send(b"!")
        made.listeners[1].count()
        with pytest.raises(Miscount, match="n2 has 257 bytes, 256 were sent"):
            made.check()


def test_the_witness_counts_lines() -> None:
    with room(members=2, speakers=1, window=1) as (made, ends):
        made.speak(1)
        ends[1].send(b"x" * MESSAGE_BYTES)
        made.witness.count()
        with pytest.raises(Miscount, match="0 lines for 1 messages"):
            made.check()
