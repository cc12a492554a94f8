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
    session = ClientSession(Wishes("ann", quiet=True), lambda: f"n{next(numbers)}", {})
    command = BY_NAME[name].make(output, session, rest, 0.0)
    command._clock = lambda: now[0]
    node = Mute(answers)
    node.inside = command.joined = Inside(session, command, Meanings(), set())
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
