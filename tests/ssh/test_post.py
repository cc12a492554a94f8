"""`ssh chat post`: what comes in is said, in as few messages as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hubbub.irc.message import Message
from hubbub.ssh import post
from hubbub.ssh.post import GATHERED_LINES, WAITING
from tests.ssh.harness import IN, Mute, Output, Running, run, turns

MAY: dict[str, tuple[str, ...]] = IN | {"PING may-post": ("PONG hub.test may-post",)}


class Echo(Mute):
    """Be a node that echoes what is said, until it is told to be silent."""

    def __init__(self) -> None:
        super().__init__(MAY | {"CAP LS": (f"CAP * LS :{CAPS}",)})
        self.is_silent = False
        self._label = ""
        self._lines: list[str] = []

    def received(self, data: bytes) -> None:
        start = len(self.heard)
        super().received(data)
        if not self.is_silent:
            for message in self.heard[start:]:
                self._echo(message)

    def _echo(self, message: Message) -> None:
        label = message.tags.get("label", "")
        if message.command == "PRIVMSG":
            batch = "batch=e" if "batch" in message.tags else f"label={label}"
            line = f"@{batch} :ann!a@h PRIVMSG {message.params[0]} :{message.params[1]}"
            self._lines.append(line)
        elif message.command == "BATCH" and label:
            self._lines.append(f"@label={label} :ann!a@h BATCH +e draft/multiline #a")
        elif message.command == "BATCH":
            self._lines.append(":ann!a@h BATCH -e")
        if (message.command == "BATCH" and label) or "batch" in message.tags:
            return
        self.say(*self._lines)
        self._lines.clear()


CAPS = (
    "message-tags server-time batch labeled-response echo-message hubbub/quiet "
    "draft/multiline=max-bytes=4096,max-lines=100"
)


def posting(test: Callable[[Running], Awaitable[None]], words: str = "post #a") -> None:
    async def run_test() -> None:
        running = Running(words, Echo())
        await turns()
        await test(running)

    asyncio.run(run_test())


def test_lines_that_come_together_are_one_message_and_then_it_is_over() -> None:
    async def test(running: Running) -> None:
        await running.take(b"one\ntwo\nthree", ended=True)
        assert running.said == ["one", "two", "three"]
        batches = [each for each in running.node.heard if each.command == "BATCH"]
        assert len(batches) == 2
        output = await running.end()
        assert (output.code, output.out, output.err) == (0, b"", b"")

    posting(test)


def test_a_line_waits_a_moment_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "GATHERED_SECONDS", 0.01)

    async def test(running: Running) -> None:
        await running.take(b"one\n")
        assert running.said == []
        async with asyncio.timeout(20):
            while not running.said:
                await turns()
        assert running.said == ["one"]
        await running.take(b"two\n", ended=True)
        assert (await running.end()).code == 0
        assert running.said == ["one", "two"]

    posting(test)


def test_nothing_and_blanks_are_not_said() -> None:
    async def test(running: Running) -> None:
        await running.take(b"\n \n\n", ended=True)
        assert (await running.end()).code == 0
        assert running.said == []

    posting(test)


def test_no_more_is_read_than_is_confirmed_by_and_by() -> None:
    async def test(running: Running) -> None:
        running.node.is_silent = True  # type: ignore[attr-defined]
        await running.take(b"x\n" * (GATHERED_LINES * (WAITING + 3)))
        assert not running.output.reading
        assert len(running.said) <= GATHERED_LINES * WAITING
        output = await running.end()
        assert output.code == 6
        assert b"the server has not answered" in output.err

    posting(test)


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        ("403 ann #a :No such channel", 5, b"there is no channel #a; post --create makes one"),
        ("FAIL TAGMSG OUT_OF_SCOPE #a :This token is for another channel", 5, b"another channel"),
        ("473 ann #a :Cannot join channel (+i)", 5, b"cannot join #a: Cannot join channel (+i)"),
    ],
)
def test_whether_the_target_takes_anything_is_told_before_anything_is_said(
    answer: str, code: int, why: bytes
) -> None:
    output = asyncio.run(run("post #a", MAY | {"TAGMSG": (answer,)}, b"hello\n"))
    assert (output.code, output.out) == (code, b"")
    assert why in output.err


def test_what_is_refused_is_told_with_its_first_line() -> None:
    async def tried() -> Output:
        running = Running("post #a", Mute(MAY))
        await turns()
        await running.take(b"hello\n", ended=True)
        running.node.say("@label=n1 404 ann #a :Cannot send to channel")
        await turns()
        return await running.end()

    output = asyncio.run(tried())
    assert output.code == 6
    assert b"not confirmed: hello: " in output.err


def test_what_waits_when_the_server_goes_is_told_of() -> None:
    async def tried() -> Output:
        running = Running("post #a", Mute(MAY))
        await turns()
        await running.take(b"hello\n", ended=True)
        running.node.say("ERROR :Closing link: h (stopping)")
        await turns()
        return running.output

    output = asyncio.run(tried())
    assert output.code == 6
    assert b"stopping" in output.err


def test_a_line_that_is_gone_takes_what_was_not_said_with_it() -> None:
    async def test(running: Running) -> None:
        await running.take(b"hello\n")
        running.command.closed("Connection lost")
        await turns()
        assert running.node.left
        assert running.said == []

    posting(test)


def test_a_person_is_written_to_without_a_channel_to_ask_for() -> None:
    async def test(running: Running) -> None:
        await running.take(b"psst\n", ended=True)
        assert (await running.end()).code == 0
        assert running.said == ["psst"]
        assert not [each for each in running.node.heard if each.command == "TAGMSG"]

    posting(test, "post bob")


def test_what_is_refused_while_nothing_is_kept_ends_with_the_code_for_not_confirmed() -> None:
    async def test(running: Running) -> None:
        running.node.is_silent = True  # type: ignore[attr-defined]
        await running.take(b"one\n", ended=True)
        label = next(each.tags["label"] for each in running.node.heard if "label" in each.tags)
        reason = "The server does not reach the others it needs; this was not taken"
        running.node.say(f"@label={label} :hub.test FAIL PRIVMSG READ_ONLY :{reason}")
        output = await running.end()
        assert (output.code, output.out) == (6, b"")
        assert b"not confirmed: one: The server does not reach the others" in output.err

    posting(test)
