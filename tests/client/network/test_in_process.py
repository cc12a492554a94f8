"""The joint between a session in the server and its node: what goes through, waits, and ends."""

from __future__ import annotations

import asyncio
import secrets

from hubbub.client.events import Event, Said
from hubbub.client.network import in_process
from hubbub.client.network.in_process import Inside, Meanings
from hubbub.client.session import Session
from hubbub.client.state.state import Wishes
from hubbub.irc.message import Message
from hubbub.transport.turns import SLICE_SECONDS, Turns

WELCOME = b":s 001 ann :hi\r\n:s 376 ann :end\r\n:ann!a@h JOIN #c\r\n:s 366 ann #c :end\r\n"


class Screen:
    """Remember what is shown."""

    def __init__(self) -> None:
        self.is_blocked = False
        self.said: list[str] = []
        self.ends: list[str] = []

    def show(self, events: list[Event]) -> None:
        self.said += [event.text for event in events if isinstance(event, Said)]

    def over(self, reason: str) -> None:
        self.ends.append(reason)


class Node:
    """Be the node's end."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.writables = 0
        self.ends: list[str | None] = []

    def received(self, data: bytes) -> None:
        self.lines += data.splitlines()

    def writable(self) -> None:
        self.writables += 1

    def closed(self, error: str | None) -> None:
        self.ends.append(error)


def joint() -> tuple[Inside, Screen, Node, set[Inside]]:
    screen, node, sessions = Screen(), Node(), set[Inside]()
    session = Session(Wishes("ann", history=0), secrets.token_urlsafe, {})
    joined = Inside(session, screen, Meanings(), sessions, Turns())
    joined.begin(node)
    return joined, screen, node, sessions


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def run(test: object) -> None:
    asyncio.run(test)  # type: ignore[arg-type]


def test_what_is_said_goes_to_the_node_later_and_what_it_answers_is_shown() -> None:
    async def test() -> None:
        joined, screen, node, sessions = joint()
        assert node.lines == []
        await settle()
        assert b"NICK ann" in node.lines
        assert sessions == {joined}
        assert joined.send(WELCOME + b":bob!b@h PRIVMSG #c :hello\r\n")
        assert screen.said == ["hello"]
        joined.session.say("#c", "hi")
        joined.flush()
        await settle()
        assert any(line.endswith(b"PRIVMSG #c :hi") for line in node.lines)

    run(test())


def test_nothing_more_is_taken_while_the_screen_is_blocked() -> None:
    async def test() -> None:
        joined, screen, node, _ = joint()
        joined.send(WELCOME)
        screen.is_blocked = True
        assert not joined.send(b":bob!b@h PRIVMSG #c :one\r\n")
        assert joined.unsent
        assert joined.blocked_since
        joined.unblock()
        assert node.writables == 1
        assert not joined.unsent

    run(test())


def lines(first: int, last: int) -> list[bytes]:
    return [b":bob!b@h PRIVMSG #c :%d" % number for number in range(first, last)]


def test_a_long_answer_is_taken_in_turns_and_in_order() -> None:
    """All sessions together have the loop for two milliseconds; a line is made to take one."""

    async def test() -> None:
        joined, screen, node, _ = joint()
        clock = [0.0]
        joined._turns._clock = lambda: clock[0]
        joined.send(WELCOME)
        taken: list[Message] = []

        def heard(message: Message) -> None:
            clock[0] += SLICE_SECONDS / in_process.AT_ONCE
            taken.append(message)

        joined.heard = heard
        assert not joined.send(b"\r\n".join([*lines(0, 100), b""]))
        at_first = len(taken)
        assert joined.unsent
        assert node.writables == 0
        screen.is_blocked = True
        for _ in range(5):
            await asyncio.sleep(2 * SLICE_SECONDS)
        assert len(taken) < 40, "who takes nothing more is shown nothing more"
        screen.is_blocked = False
        joined.unblock()
        while not node.writables:
            before = len(taken)
            await asyncio.sleep(0)
            assert len(taken) - before <= 2 * in_process.AT_ONCE
        assert at_first <= 3 * in_process.AT_ONCE
        assert [message.params[-1] for message in taken] == [str(each) for each in range(100)]
        assert not joined.unsent

    run(test())


def test_what_is_left_of_a_long_answer_does_not_keep_an_end_waiting() -> None:
    async def test() -> None:
        joined, screen, node, _ = joint()
        joined.send(WELCOME)
        joined._turns._clock = iter(range(10_000)).__next__
        joined.send(b"\r\n".join([*lines(0, 100), b""]))
        assert joined.unsent
        joined.close(last=b"ERROR :Closing link: h (Server is stopping)\r\n")
        await settle()
        assert node.ends == [None]
        assert len(screen.ends) == 1

    run(test())


def test_what_the_node_does_not_read_waits_and_is_bounded() -> None:
    async def test() -> None:
        joined, _, node, _ = joint()
        await settle()
        joined.send(WELCOME)
        await settle()
        joined.pause_reading()
        before = len(node.lines)
        for _ in range(in_process.UNSENT // 1000 * 3):
            joined.session.send("PRIVMSG", "#c", "x" * 1000)
            joined.flush()
        await settle()
        assert len(node.lines) == before
        assert joined._octets < in_process.UNSENT + 2000
        joined.resume_reading()
        await settle()
        assert len(node.lines) - before == in_process.UNSENT // 1000 * 3

    run(test())


def test_the_last_word_is_shown_and_the_end_told_once() -> None:
    async def test() -> None:
        joined, screen, node, sessions = joint()
        joined.send(WELCOME)
        joined.close(last=b"ERROR :Closing link: h (Server is stopping)\r\n")
        joined.abort()
        assert node.ends == []
        await settle()
        assert node.ends == [None]
        assert len(screen.ends) == 1
        assert not sessions

    run(test())


def test_a_fault_in_showing_ends_the_session_and_does_not_reach_the_node() -> None:
    async def test() -> None:
        faults: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
        joined, screen, node, sessions = joint()
        fault = RuntimeError("a fault of ours")

        def broken(events: list[Event]) -> None:
            raise fault

        screen.show = broken  # type: ignore[method-assign]
        assert joined.send(WELCOME)
        joined.close(last=b"ERROR :Closing link: h (Server is stopping)\r\n")
        await settle()
        assert faults == [fault]
        assert node.ends == [None]
        assert len(screen.ends) == 1
        assert not sessions

    run(test())


def test_a_fault_as_time_passes_ends_the_session() -> None:
    async def test() -> None:
        faults: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
        joined, screen, node, sessions = joint()
        fault = RuntimeError("a fault of ours")

        def broken() -> None:
            raise fault

        joined.ticked = broken
        joined.tick()
        joined.tick()
        await settle()
        assert faults == [fault]
        assert node.ends == [None]
        assert len(screen.ends) == 1
        assert not sessions

    run(test())


def test_a_line_that_is_gone_is_told_the_node() -> None:
    async def test() -> None:
        joined, screen, node, _ = joint()
        joined.hang_up("Connection lost")
        assert node.ends == ["Connection lost"]
        assert screen.ends == [""]

    run(test())


def test_a_line_means_the_same_message_for_everybody() -> None:
    meanings = Meanings()
    one = meanings.of(b":a!a@a PRIVMSG #c :x\r\n:a!a@a PRIVMSG #c :y\r\n")
    two = meanings.of(b":a!a@a PRIVMSG #c :y\r\n")
    assert one[1] is two[0]
    for number in range(in_process.REMEMBERED * 2):
        meanings.of(b":a!a@a PRIVMSG #c :%d\r\n" % number)
    assert len(meanings._known) <= in_process.REMEMBERED
    assert meanings.of(b"\r\n \xff\r\n") == meanings.of(b" \xff\r\n")
