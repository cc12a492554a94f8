"""A drain: who is here is told, nobody else comes in, and it ends."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.node.limits import slices
from hubbub.server.drain import UNTOLD_SECONDS, Draining
from hubbub.transport import budget
from tests.node.node_harness import Guest, Node, commands, texts

LONG = 600


class Ending:
    """A node that can be drained."""

    def __init__(self, configured: int = 0) -> None:
        self.node = Node()
        self.stopped = asyncio.Event()
        self.drain = Draining(self.node.hub.sessions, self.stopped.set, lambda: configured)

    def until(self) -> float:
        """Return in how many seconds it is to end."""
        return self.drain._until - self.node.hub.sessions.now()


async def test_who_is_here_is_told_and_may_go_on() -> None:
    one = Ending()
    ann, bob = await one.node.guest("ann"), await one.node.guest("bob")
    one.drain.begin(LONG)
    await one.node.quiet()
    for guest in (ann, bob):
        assert texts(guest.read(), "NOTICE") == [
            f"The server stops within {LONG} s; come back a minute later"
        ]
    ann.give("PRIVMSG bob :still here")
    await one.node.quiet()
    assert texts(bob.read()) == ["still here"]
    assert not one.stopped.is_set()
    one.drain.end()


async def test_who_is_not_in_yet_is_closed_with_a_reason() -> None:
    one = Ending()
    ann = await one.node.guest("ann")
    half = Guest(one.node)
    half.give("NICK half")
    await one.node.quiet()
    one.drain.begin(LONG)
    await one.node.quiet()
    assert (
        half.read()[-1]
        .params[0]
        .endswith(f"(The server stops within {LONG} s; come back a minute later)")
    )
    assert "ERROR" not in commands(ann.read())
    one.drain.end()


async def test_it_ends_as_soon_as_everybody_has_gone() -> None:
    one = Ending()
    ann = await one.node.guest("ann")
    one.drain.begin(LONG)
    await one.node.quiet()
    assert not one.stopped.is_set()
    await ann.drop()
    async with asyncio.timeout(10):
        await one.stopped.wait()


async def test_it_ends_when_the_time_is_up() -> None:
    one = Ending()
    await one.node.guest("ann")
    one.drain.begin(1)
    async with asyncio.timeout(10):
        await one.stopped.wait()


@pytest.mark.parametrize(
    ("given", "configured", "seconds"),
    [(None, 0, UNTOLD_SECONDS), (None, 300, 300), (60, 300, 60)],
)
async def test_how_long_it_takes(given: int | None, configured: int, seconds: int) -> None:
    one = Ending(configured)
    await one.node.guest("ann")
    assert f"within {seconds} s" in one.drain.begin(given)
    assert seconds - 5 < one.until() <= seconds
    one.drain.end()


async def test_the_last_word_counts() -> None:
    one = Ending()
    await one.node.guest("ann")
    one.drain.begin(1)
    one.drain.begin(LONG)
    await asyncio.sleep(1.2)  # longer than what no longer counts
    assert not one.stopped.is_set()
    one.drain.end()


async def test_a_second_sigterm_stops_at_once() -> None:
    one = Ending(LONG)
    await one.node.guest("ann")
    one.drain.terminate()
    assert one.drain.is_on
    assert not one.stopped.is_set()
    one.drain.terminate()
    assert one.stopped.is_set()
    one.drain.end()


async def test_without_the_setting_sigterm_stops_at_once() -> None:
    one = Ending()
    one.drain.terminate()
    assert one.stopped.is_set()
    assert not one.drain.is_on


async def test_status_shows_it() -> None:
    one = Ending()
    await one.node.guest("ann")
    shown = one.node.hub.sessions.troubles.shown
    assert "draining" not in shown()
    one.drain.begin(LONG)
    assert shown()["draining"] == f"stops within {LONG} s; 1 connections are open"
    one.drain.end()


async def test_a_server_that_stops_begins_no_drain() -> None:
    one = Ending(LONG)
    await one.node.guest("ann")
    one.node.hub.sessions.is_stopping = True
    assert one.drain.begin() == "The server stops already"
    one.drain.terminate()
    assert not one.drain.is_on
    assert one.stopped.is_set()


class Turns:
    """Count how often others have their turn while a node drains."""

    def __init__(self, drain: Draining) -> None:
        self.count = 0
        self._drain = drain
        self._turn()

    def _turn(self) -> None:
        self.count += 1
        if self._drain.is_on:
            asyncio.get_running_loop().call_soon(self._turn)


@pytest.mark.pure
async def test_others_have_their_turn_while_many_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Ending()
    guests = [await one.node.guest(f"n{number}") for number in range(20)]
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(budget, "LEAST_SECONDS", 0.0)
    sessions = one.node.hub.sessions
    one.drain.begin(LONG)
    turns = Turns(one.drain)
    await one.node.quiet()
    assert not sessions._adopting.is_busy
    assert turns.count >= len(guests) - 1
    before = turns.count
    await sessions.stop(0)
    assert turns.count >= before + len(guests) - 1
    assert all(commands(guest.read())[-2:] == ["NOTICE", "ERROR"] for guest in guests)
    one.drain.end()
