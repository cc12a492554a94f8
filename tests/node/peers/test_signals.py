"""Signals: to all others, dropped rather than queued, and harmless whatever they say."""

from __future__ import annotations

import asyncio

from hubbub.node.peers.signals import PAYLOAD_BYTES, NoSignals, Relay, Takers


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_all_others_take_a_signal_and_the_sender_does_not() -> None:
    relay, took = Relay(), list[tuple[int, int, bytes]]()
    ends = {node: relay.of(node) for node in (1, 2, 3)}
    for node, end in ends.items():
        end.take("x", lambda sender, payload, node=node: took.append((node, sender, payload)))  # type: ignore[misc]
    ends[2].send("x", b"hello")
    assert took == []
    await turn()
    assert took == [(1, 2, b"hello"), (3, 2, b"hello")]


async def test_who_is_away_neither_hears_nor_is_heard() -> None:
    relay, took = Relay(), list[bytes]()
    one, two = relay.of(1), relay.of(2)
    two.take("x", lambda sender, payload: took.append(payload))
    relay.away.add(1)
    one.send("x", b"lost")
    await turn()
    relay.away.clear()
    one.send("x", b"there")
    await turn()
    assert took == [b"there"]


async def test_what_does_not_fit_is_dropped_and_counted() -> None:
    relay, took = Relay(), list[bytes]()
    one, two = relay.of(1), relay.of(2)
    two.take("x", lambda sender, payload: took.append(payload))
    one.send("x", bytes(PAYLOAD_BYTES + 1))
    for _ in range(Relay.WAITING + 5):
        one.send("x", b"")
    await turn()
    assert len(took) == Relay.WAITING
    assert relay.dropped == 6


def test_an_unknown_kind_and_a_fault_are_nobodys_harm() -> None:
    takers, took = Takers(), list[bytes]()

    def fails(node: int, payload: bytes) -> None:
        raise ValueError(payload)

    takers.take("bad", fails)
    takers.take("good", lambda node, payload: took.append(payload))
    takers.came("bad", 1, b"x")
    takers.came("of-a-newer-node", 1, b"x")
    takers.came("good", 1, bytes(PAYLOAD_BYTES + 1))
    takers.came("good", 1, b"y")
    assert took == [b"y"]


def test_who_is_alone_tells_nobody() -> None:
    alone = NoSignals()
    alone.take("x", lambda node, payload: None)
    alone.send("x", b"")
