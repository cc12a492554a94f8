"""Bytes for many sockets in one call, by whichever twin of it runs."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from hubbub.transport.sending import send_all

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    found = [socket.socketpair() for _ in range(3)]
    for near, far in found:
        near.setblocking(False)
        far.setblocking(False)
    yield found
    for pair in found:
        for each in pair:
            each.close()


def descriptors(pairs: list[Pair]) -> list[int]:
    return [near.fileno() for near, _ in pairs]


def test_each_is_given_its_own(pairs: list[Pair]) -> None:
    assert send_all(descriptors(pairs), [b"one", b"two", b"three"]) is None
    assert [far.recv(10) for _, far in pairs] == [b"one", b"two", b"three"]


def test_nobody_is_no_trouble() -> None:
    assert send_all([], []) is None


def test_what_one_takes_is_no_matter_to_the_others(pairs: list[Pair]) -> None:
    """The first takes a part, then nothing, and the second has gone, which raises no signal."""
    pairs[1][1].close()
    much = b"x" * 10_000_000
    taken = send_all(descriptors(pairs), [much, b"two", b"three"])
    assert taken is not None
    assert 0 < taken[0] < len(much)
    assert taken[1:] == [-errno.EPIPE, 5]
    assert send_all(descriptors(pairs), [much, b"two", b"four"]) == [-errno.EAGAIN, -errno.EPIPE, 4]
    assert pairs[2][1].recv(10) == b"threefour"


def test_a_descriptor_that_is_closed_is_an_error_of_its_own(pairs: list[Pair]) -> None:
    there = descriptors(pairs)
    for each in pairs[0]:
        each.close()
    assert send_all(there, [b"one", b"two", b"three"]) == [-errno.EBADF, 3, 5]


def test_messages_for_others_than_there_are_are_refused(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match=r"short|messages"):
        send_all(descriptors(pairs), [])
