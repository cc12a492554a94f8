"""What goes straight to sockets: in one call, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
import socket

import pytest

from hubbub.node.sending.outbox import Outbox
from hubbub.node.sending.run import Run
from hubbub.node.sending.writes import Writes, straight
from hubbub.transport.stream import Stream

MUCH = b"x" * 10_000_000


class Peer:
    """Own a stream over a socket pair, and an outbox before it, as a connection does."""

    def __init__(self, dirty: list[Outbox]) -> None:
        near, self.far = socket.socketpair()
        near.setblocking(False)
        self.far.setblocking(False)
        self.stream = Stream(asyncio.get_running_loop(), near, ("192.0.2.1", 1))
        self.box = Outbox(self.stream, 1 << 30, 10, dirty, self)
        self.ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.stream.attach(self)

    def received(self, data: bytes) -> None:
        raise AssertionError("nobody says anything here")

    def writable(self) -> None:
        self.box.writable()
        self.box.flush()

    def closed(self, error: str | None) -> None:
        self.ended.set_result(error)

    def read_again(self, seqs: list[int]) -> None:
        raise AssertionError("nobody is behind here")

    def missed(self, count: int) -> bytes:
        raise AssertionError("nobody is behind here")

    def caught_up(self) -> None:
        """Do nothing: nothing waits."""

    async def heard(self, size: int) -> bytes:
        """Read so many bytes at the other end."""
        data = b""
        while len(data) < size:
            data += await asyncio.get_running_loop().sock_recv(self.far, size - len(data))
        return data

    async def end(self) -> None:
        self.stream.abort()
        self.far.close()
        await self.ended


async def test_who_has_gone_or_takes_little_is_no_matter_to_the_others() -> None:
    dirty: list[Outbox] = []
    gone, slow, quick = peers = [Peer(dirty) for _ in range(3)]
    # It is found out by the write, not by a read.
    gone.stream.pause_reading()
    gone.far.close()
    for peer, data in zip(peers, (b"one", MUCH, b"three"), strict=True):
        peer.box.answer(data)
    writes = Writes()
    assert [box.offer(writes) for box in dirty] == [True, True, True]
    writes.send()
    assert await quick.heard(5) == b"three"
    assert await gone.ended == "Broken pipe"
    assert 0 < slow.stream.unsent < len(MUCH)
    assert slow.box.held == len(MUCH)
    assert await slow.heard(len(MUCH)) == MUCH
    assert slow.box.held == slow.stream.unsent == 0
    await slow.end()
    await quick.end()


async def test_who_waits_for_what_is_kept_or_has_closed_is_not_written_to_directly() -> None:
    dirty: list[Outbox] = []
    slow, closed = peers = [Peer(dirty), Peer(dirty)]
    slow.box.answer(MUCH)
    slow.box.flush()
    closed.stream.abort()
    writes = Writes()
    for peer in peers:
        peer.box.answer(b"more")
        assert not peer.box.offer(writes)
        peer.box.flush()
    assert await slow.heard(len(MUCH) + 4) == MUCH + b"more"
    await slow.end()
    await closed.end()


async def test_a_fault_with_one_ends_that_one_and_nothing_is_sent_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Faulty:
        def keep(self, data: bytes) -> None:
            raise RuntimeError("a fault of ours")

        def give_up(self) -> None:
            slow.stream.abort()

    slow, quick = [Peer([]) for _ in range(2)]
    writes = Writes()
    writes.add(slow.stream, Faulty(), MUCH)
    writes.add(quick.stream, quick.box, b"once")
    writes.send()
    writes.send()
    assert await slow.ended is None
    assert "a fault of ours" in capsys.readouterr().out
    assert await quick.heard(4) == b"once"
    with pytest.raises(BlockingIOError):
        quick.far.recv(1)
    slow.far.close()
    await quick.end()


async def test_what_came_of_a_run_goes_with_it_and_is_counted() -> None:
    dirty: list[Outbox] = []
    peer, run = Peer(dirty), Run(lambda: None)
    peer.box.enter(run)
    run.add(b"one")
    run.add(b"two")
    writes = Writes()
    assert peer.box.offer(writes)
    assert (run.is_open, peer.box.run, peer.box.dirty) == (False, None, False)
    writes.send()
    assert await peer.heard(6) == b"onetwo"
    assert peer.box.sent == 6
    peer.box.mark()
    assert not peer.box.offer(writes)
    peer.box.flush()
    writes.send()
    await peer.end()


def test_only_a_stream_without_tls_is_straight() -> None:
    assert straight(object()) is None
