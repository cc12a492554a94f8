"""The joint between a session in the server and its node: what goes through, waits, and ends."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Never

import pytest

from hubbub.client.events import ChatMessage, Event
from hubbub.client.network import in_process
from hubbub.client.network.in_process import Inside, Meanings
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.irc.message import Message
from hubbub.transport.turns import SLICE_SECONDS, Turns

LAST = b"ERROR :Closing link: h (Server is stopping)\r\n"
FAULT = RuntimeError("a fault of ours")
WELCOME = b":s 001 ann :hi\r\n:s 376 ann :end\r\n:ann!a@h JOIN #c\r\n:s 366 ann #c :end\r\n"


class Screen:
    """Remember what is shown."""

    def __init__(self) -> None:
        self.is_blocked = False
        self.said: list[str] = []
        self.ends: list[str] = []

    def show(self, events: list[Event]) -> None:
        self.said += [event.text for event in events if isinstance(event, ChatMessage)]

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


class Joint:
    """Hold a session inside the server, what shows it, and the node's end."""

    def __init__(self) -> None:
        self.screen, self.node, self.sessions = Screen(), Node(), set[Inside]()
        self.faults: list[object] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: self.faults.append(context["exception"])
        )
        session = ClientSession(Wishes("ann", history=0), secrets.token_urlsafe, {})
        self.inside = Inside(session, self.screen, Meanings(), self.sessions, Turns())
        self.inside.begin(self.node)

    @property
    def is_over(self) -> bool:
        """Say whether each side has been told of the end, once."""
        return self.node.ends == [None] and len(self.screen.ends) == 1 and not self.sessions


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def at_a_joint(test: Callable[[Joint], Awaitable[None]]) -> None:
    async def run() -> None:
        await test(Joint())

    asyncio.run(run())


def test_what_is_said_goes_to_the_node_later_and_what_it_answers_is_shown() -> None:
    async def test(joint: Joint) -> None:
        inside, node = joint.inside, joint.node
        assert node.lines == []
        await settle()
        assert b"NICK ann" in node.lines
        assert joint.sessions == {inside}
        assert inside.send(WELCOME + b":bob!b@h PRIVMSG #c :hello\r\n")
        assert joint.screen.said == ["hello"]
        inside.session.say("#c", "hi")
        inside.flush()
        await settle()
        assert any(line.endswith(b"PRIVMSG #c :hi") for line in node.lines)

    at_a_joint(test)


def test_nothing_more_is_taken_while_the_screen_is_blocked() -> None:
    async def test(joint: Joint) -> None:
        inside = joint.inside
        inside.send(WELCOME)
        joint.screen.is_blocked = True
        assert not inside.send(b":bob!b@h PRIVMSG #c :one\r\n")
        assert inside.unsent
        assert inside.blocked_since
        inside.unblock()
        assert joint.node.writables == 1
        assert not inside.unsent

    at_a_joint(test)


def lines(first: int, last: int) -> list[bytes]:
    return [b":bob!b@h PRIVMSG #c :%d" % number for number in range(first, last)]


def test_a_long_answer_is_taken_in_turns_and_in_order() -> None:
    """All sessions together have the loop for two milliseconds; a line is made to take one."""

    async def test(joint: Joint) -> None:
        inside, screen = joint.inside, joint.screen
        clock = [0.0]
        inside._turns._clock = lambda: clock[0]
        inside.send(WELCOME)
        taken: list[Message] = []

        def heard(message: Message) -> None:
            clock[0] += SLICE_SECONDS / in_process.AT_ONCE
            taken.append(message)

        inside.heard = heard
        assert not inside.send(b"\r\n".join([*lines(0, 100), b""]))
        at_first = len(taken)
        assert inside.unsent
        assert joint.node.writables == 0
        screen.is_blocked = True
        for _ in range(5):
            await asyncio.sleep(2 * SLICE_SECONDS)
        assert len(taken) < 40, "who takes nothing more is shown nothing more"
        screen.is_blocked = False
        inside.unblock()
        while not joint.node.writables:
            before = len(taken)
            await asyncio.sleep(0)
            assert len(taken) - before <= 2 * in_process.AT_ONCE
        assert at_first <= 3 * in_process.AT_ONCE
        assert [message.params[-1] for message in taken] == [str(each) for each in range(100)]
        assert not inside.unsent

    at_a_joint(test)


def test_what_is_left_of_a_long_answer_does_not_keep_an_end_waiting() -> None:
    async def test(joint: Joint) -> None:
        inside = joint.inside
        inside.send(WELCOME)
        inside._turns._clock = iter(range(10_000)).__next__
        inside.send(b"\r\n".join([*lines(0, 100), b""]))
        assert inside.unsent
        inside.close(last=LAST)
        await settle()
        assert joint.is_over

    at_a_joint(test)


def test_what_the_node_does_not_read_waits_and_is_bounded() -> None:
    async def test(joint: Joint) -> None:
        inside, node = joint.inside, joint.node
        await settle()
        inside.send(WELCOME)
        await settle()
        inside.pause_reading()
        before = len(node.lines)
        for _ in range(in_process.UNSENT // 1000 * 3):
            inside.session.send("PRIVMSG", "#c", "x" * 1000)
            inside.flush()
        await settle()
        assert len(node.lines) == before
        assert inside._octets < in_process.UNSENT + 2000
        inside.resume_reading()
        await settle()
        assert len(node.lines) - before == in_process.UNSENT // 1000 * 3

    at_a_joint(test)


def test_the_last_word_is_shown_and_the_end_told_once() -> None:
    async def test(joint: Joint) -> None:
        joint.inside.send(WELCOME)
        joint.inside.close(last=LAST)
        joint.inside.abort()
        assert joint.node.ends == []
        await settle()
        assert joint.is_over

    at_a_joint(test)


def fail(*_: object) -> Never:
    raise FAULT


def show_wrongly(joint: Joint) -> None:
    joint.screen.show = fail  # type: ignore[assignment, method-assign]
    assert joint.inside.send(WELCOME)
    joint.inside.close(last=LAST)


def tick_wrongly(joint: Joint) -> None:
    joint.inside.ticked = fail
    joint.inside.tick()
    joint.inside.tick()


@pytest.mark.parametrize("go_wrong", [show_wrongly, tick_wrongly])
def test_a_fault_ends_the_session_and_does_not_reach_the_node(
    go_wrong: Callable[[Joint], None],
) -> None:
    async def test(joint: Joint) -> None:
        go_wrong(joint)
        await settle()
        assert joint.faults == [FAULT]
        assert joint.is_over

    at_a_joint(test)


def test_a_line_that_is_gone_is_told_the_node() -> None:
    async def test(joint: Joint) -> None:
        joint.inside.hang_up("Connection lost")
        assert joint.node.ends == ["Connection lost"]
        assert joint.screen.ends == [""]

    at_a_joint(test)


def test_a_line_means_the_same_message_for_everybody() -> None:
    meanings = Meanings()
    one = meanings.of(b":a!a@a PRIVMSG #c :x\r\n:a!a@a PRIVMSG #c :y\r\n")
    two = meanings.of(b":a!a@a PRIVMSG #c :y\r\n")
    assert one[1] is two[0]
    for number in range(in_process.REMEMBERED * 2):
        meanings.of(b":a!a@a PRIVMSG #c :%d\r\n" % number)
    assert len(meanings._known) <= in_process.REMEMBERED
    assert meanings.of(b"\r\n \xff\r\n") == meanings.of(b" \xff\r\n")
