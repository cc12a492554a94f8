"""A command through ssh, at a node that answers what the test says and nothing else."""

from __future__ import annotations

import asyncio
import itertools

from hubbub.client.network.in_process import Inside, Meanings
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.irc.message import Message, parse
from hubbub.ssh import pipe
from hubbub.ssh.commands import BY_NAME
from hubbub.transport.turns import Turns

WELCOME = ("001 ann :Welcome", "005 ann CHANTYPES=# :are", "422 ann :No MOTD")


CAPS = "message-tags server-time batch labeled-response echo-message draft/chathistory hubbub/quiet"


JOINED = (":ann!a@h JOIN #a", "366 ann #a :End")


class Mute:
    """Be a node that answers what the test says, and nothing else."""

    def __init__(self, answers: dict[str, tuple[str, ...]]) -> None:
        self.answers = {"CAP LS": (f"CAP * LS :{CAPS}",), **answers}
        self.inside: Inside
        self.left = False
        self.heard: list[Message] = []

    def received(self, data: bytes) -> None:
        for line in data.split(b"\r\n"):
            message = parse(line) if line else Message("")
            self.heard.append(message)
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
        self.reading = True

    def write(self, data: bytes, error: bool = False) -> bool:
        if error:
            self.err += data
        else:
            self.out += data
        return True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def exit(self, code: int) -> None:
        self.code = code


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Running:
    """A command that has been begun at a node, and the time that passes for it."""

    def __init__(self, words: str, node: Mute) -> None:
        name, *rest = words.split()
        numbers, self._now = itertools.count(1), 0.0
        self.node, self.output = node, Output()
        wishes = Wishes("ann", history=0, quiet=True)
        session = ClientSession(wishes, lambda: f"n{next(numbers)}", {})
        self.command = BY_NAME[name].make(self.output, session, rest, 0.0)
        self.command._clock = lambda: self._now
        inside = Inside(session, self.command, Meanings(), set(), Turns())
        self.node.inside = self.command.joined = inside
        inside.heard, inside.ticked = self.command.heard, self.command.tick
        inside.begin(node)

    @property
    def said(self) -> list[str]:
        """Return what was said so far."""
        return [each.params[1] for each in self.node.heard if each.command == "PRIVMSG"]

    async def take(self, given: bytes, ended: bool = False) -> None:
        """Let input come, and perhaps its end."""
        self.command.received(given)
        if ended:
            self.command.input_ended()
        await turns()

    async def end(self) -> Output:
        """Let time pass until the command has ended; return what it wrote."""
        for _ in range(5):
            self.command.tick()
            self._now += pipe.ANSWER + 1
            await turns()
            if self.output.code is not None:
                break
        assert self.node.left, "and the place at the node is free again"
        return self.output


async def run(words: str, answers: dict[str, tuple[str, ...]], given: bytes = b"") -> Output:
    """Run a command to its end, as if time passed."""
    running = Running(words, Mute(answers))
    await turns()
    await running.take(given, ended=True)
    return await running.end()


IN: dict[str, tuple[str, ...]] = {"CAP END": WELCOME}
