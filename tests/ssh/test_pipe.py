"""The waits of `ssh chat post` and its like: each has an end, a code and words."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine

import pytest

from hubbub.client.commands.context import Console
from hubbub.client.network.in_process import Inside, Meanings
from hubbub.client.preferences import Preferences
from hubbub.client.session import Session
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.message import Message, parse
from hubbub.ssh import pipe
from hubbub.ssh.commands import BY_NAME
from hubbub.terminal import pipe as local_pipe
from hubbub.transport.turns import Turns
from hubbub.ui.input_lines import LINE_BYTES, InputLines

WELCOME = ("001 ann :Welcome", "005 ann CHANTYPES=# :are", "422 ann :No MOTD")
CAPS = "message-tags server-time batch labeled-response echo-message draft/chathistory hubbub/quiet"
JOINED = (":ann!a@h JOIN #a", "366 ann #a :End")


class Mute:
    """Be a node that answers what the test says, and nothing else."""

    def __init__(self, answers: dict[str, tuple[str, ...]]) -> None:
        self.answers = {"CAP LS": (f"CAP * LS :{CAPS}",), **answers}
        self.inside: Inside
        self.left = False

    def received(self, data: bytes) -> None:
        for line in data.split(b"\r\n"):
            message = parse(line) if line else Message("")
            if message.command == "CAP" and message.params[0] == "REQ":
                self.say(f"CAP * ACK :{message.params[1]}")
            for begin in (message.command, " ".join((message.command, *message.params[:1]))):
                self.say(*self.answers.get(begin, ()))

    def say(self, *lines: str) -> None:
        for line in lines:
            start = "" if line.startswith((":", "@", "ERROR")) else ":hub.test "
            data = f"{start}{line}\r\n".encode()
            if line.startswith("ERROR"):
                self.inside.close(last=data)
            else:
                self.inside.send(data)

    def writable(self) -> None:
        raise AssertionError("nothing is ever blocked")

    def closed(self, error: str | None) -> None:
        self.left = True


class Output:
    """Keep what is written."""

    is_blocked = False

    def __init__(self) -> None:
        self.out = self.err = b""
        self.code: int | None = None

    def write(self, data: bytes, error: bool = False) -> bool:
        if error:
            self.err += data
        else:
            self.out += data
        return True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def exit(self, code: int) -> None:
        self.code = code


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def run(words: str, answers: dict[str, tuple[str, ...]], given: bytes = b"") -> Output:
    """Run a command to its end, as if time passed."""
    name, *rest = words.split()
    output, numbers, now = Output(), itertools.count(1), [0.0]
    session = Session(Wishes("ann", quiet=True), lambda: f"n{next(numbers)}", {})
    command = BY_NAME[name].make(output, session, rest, 0.0)
    command._clock = lambda: now[0]
    node = Mute(answers)
    node.inside = command.joined = Inside(session, command, Meanings(), set(), Turns())
    node.inside.heard, node.inside.ticked = command.heard, command.tick
    node.inside.begin(node)
    await turns()
    command.received(given)
    command.input_ended()
    await turns()
    for _ in range(5):
        command.tick()
        now[0] += pipe.ANSWER + 1
        await turns()
        if output.code is not None:
            break
    assert node.left, "and the place at the node is free again"
    return output


IN = {"CAP END": WELCOME}
SILENCE = "the server has not answered"
FAIL = "FAIL CHATHISTORY"


@pytest.mark.parametrize(
    ("words", "answers", "code", "told"),
    [
        ("post #a", {}, 1, SILENCE),
        ("tail #a", {}, 1, SILENCE),
        ("history #a", {}, 1, SILENCE),
        ("who #a", {}, 1, SILENCE),
        ("post #a", IN, 1, SILENCE),
        ("tail #a", IN, 1, SILENCE),
        ("history #a", IN, 1, SILENCE),
        ("history #a --since 2h", IN, 1, SILENCE),
        ("who #a", IN, 1, SILENCE),
        ("post #a", IN | {"PING may-post": ("PONG hub.test may-post",)}, 6, SILENCE),
        ("post --create #a", IN, 1, SILENCE),
        ("post --create #a", IN | {"JOIN": JOINED}, 1, SILENCE),
        ("tail #a", IN | {"JOIN": (*JOINED, ":bob!b@h KICK #a ann :x")}, 1, "bob kicked you (x)"),
        ("tail #a", IN | {"JOIN": ("403 ann #a :No such channel",)}, 5, "cannot join #a"),
        ("tail #a", IN | {"JOIN": (*JOINED, "ERROR :stopping")}, 1, "stopping"),
        ("history #a", IN | {"CHATHISTORY": ("FAIL CHATHISTORY TRY_AGAIN :Later",)}, 1, "Later"),
        ("history #a", IN | {"CHATHISTORY": ("FAIL CHATHISTORY X #a :No",)}, 5, "No"),
        ("history #a", IN | {"CHATHISTORY": (f"{FAIL} INVALID_TARGET #a :No",)}, 5, "for you"),
        ("history #a", IN | {"CHATHISTORY": (f"{FAIL} MESSAGE_ERROR LATEST #a :No",)}, 1, "No"),
        ("post #a", {"NICK": ("465 ann :Banned",)}, 5, "Banned"),
    ],
)
def test_every_wait_has_an_end(
    words: str, answers: dict[str, tuple[str, ...]], code: int, told: str
) -> None:
    output = asyncio.run(run(words, answers, b"hello\n"))
    assert (output.code, output.out) == (code, b"")
    assert told in output.err.decode()


def test_a_history_with_damage_is_printed_less_that_and_is_no_success() -> None:
    answer = (
        f"{FAIL} MESSAGE_ERROR LATEST #a PARTIAL :Some is left out",
        "BATCH +h chathistory #a",
        "@batch=h;time=2026-01-01T00:01:00.000Z;msgid=m1 :bob!b@h PRIVMSG #a :readable",
        "BATCH -h",
    )
    output = asyncio.run(run("history #a", IN | {"CHATHISTORY": answer}))
    assert (output.code, output.out) == (1, b"2026-01-01 00:01:00Z <bob> readable\n")
    assert "left out" in output.err.decode()


def test_a_command_that_is_done_waits_no_longer_than_a_moment_for_its_goodbye() -> None:
    output = asyncio.run(run("who x", IN | {"WHO": ("315 ann x :End",)}))
    assert (output.code, output.err) == (0, b"")


def test_hubbub_chat_waits_for_nothing_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pipe, "LOOK", 0.001)
    monkeypatch.setattr(local_pipe, "ANSWER", 0.01)

    async def wait(prepare: Callable[[Session], None]) -> int:
        session = Session(Wishes("ann"), lambda: "n", {})
        prepare(session)
        view = View(Transcript(None), str.lower, Preferences())  # type: ignore[arg-type]
        joined = local_pipe.Pipe(Console(session, view, Preferences()), "#a", False, None)  # type: ignore[arg-type]
        waiting: Coroutine[None, None, None] = joined.speak(lambda: None)
        monkeypatch.setattr(local_pipe, "_read_lines", asyncio.Queue)
        speaking = asyncio.create_task(waiting)
        await joined.over.wait()
        speaking.cancel()
        return joined.code

    def welcome(session: Session) -> None:
        session.connected(0.0)
        for line in WELCOME:
            session.receive(parse(f":hub.test {line}".encode()), 0.0)

    assert asyncio.run(wait(lambda session: None)) == 1


def test_lines_are_cut_where_no_character_is() -> None:
    lines = InputLines()
    text = "\u20ac" * LINE_BYTES
    found = [*lines.feed(text.encode()), *lines.end()]
    assert "".join(found) == text
    assert all(len(line.encode()) <= LINE_BYTES for line in found[:1])


def test_what_a_program_prints_is_no_request_to_anybodys_client() -> None:
    given = b"\x01VERSION\x01\n\x01ACTION waves\x01\na\r\n\r\nb"
    lines = InputLines()
    assert [*lines.feed(given), *lines.end()] == [
        "VERSION\x01",
        "\x01ACTION waves\x01",
        "a",
        "",
        "b",
    ]
