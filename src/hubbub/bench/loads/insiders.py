"""Ten kinds of people who are in and do what costs most, as fast as they are let.

    python -m hubbub.bench.loads.insiders PLAIN-PORT SSH-PORT

says `ready` when all are in, and goes on until it is ended. It is a process of its own, with the
lowest priority, so that the one that measures beside it is disturbed little.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import Final

import asyncssh

_READ: Final = 1 << 16
_LINES: Final = 50
"""Lines that are handed over at once; the server reads no more of them than it likes."""
_SESSIONS: Final = 20
"""Connections of the kind that has many."""
_BANS: Final = 100

Lines = Callable[[int], str]
"""Makes the next line of a number."""


class _InProcessGuest(asyncssh.SSHClient):
    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: object
    ) -> list[str]:
        return []


async def _ignore(reader: asyncio.StreamReader) -> None:
    while await reader.read(_READ):
        pass


async def _client(port: int, nick: str, *prelude: str) -> asyncio.StreamWriter:
    """Become a user, do what has to be done first, and listen no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = ["CAP REQ :message-tags", f"NICK {nick}", f"USER {nick} 0 * :x", "CAP END", *prelude]
    writer.write("".join(f"{line}\r\n" for line in [*lines, f"PING :in-{nick}"]).encode())
    await reader.readuntil(f"in-{nick}\r\n".encode())
    _TASKS.append(asyncio.create_task(_ignore(reader)))
    return writer


async def _say(writer: asyncio.StreamWriter, line: Lines) -> None:
    """Send for ever; the server's flood control says how fast."""
    numbers = count()
    while True:
        text = "".join(f"{line(next(numbers))}\r\n" for _ in range(_LINES))
        writer.write(text.encode())
        await writer.drain()


async def _terminal(port: int, name: str) -> asyncssh.SSHClientProcess[bytes]:
    connection = await asyncssh.connect(
        "127.0.0.1", port, username=name, client_factory=_InProcessGuest, known_hosts=None,
        config=None, client_keys=None, agent_path=None, gss_host=None,
    )  # fmt: skip
    process = await connection.create_process(
        term_type="xterm-256color", term_size=(80, 24), encoding=None
    )
    await process.stdout.read(1)
    _TASKS.append(asyncio.create_task(_ignore(process.stdout)))  # type: ignore[arg-type]
    return process


async def _type(process: asyncssh.SSHClientProcess[bytes], first: bytes, keys: bytes) -> None:
    """Type for ever, some hundred thousand keys a second at most."""
    process.stdin.write(first)
    while True:
        process.stdin.write(keys)
        await process.stdin.drain()
        await asyncio.sleep(len(keys) / 300_000)


async def _change_size(process: asyncssh.SSHClientProcess[bytes]) -> None:
    for number in count():
        process.change_terminal_size(60 + number % 40, 24)
        if number % 120 == 0:
            await asyncio.sleep(0.01)


def _banning() -> Iterator[str]:
    for first in range(0, _BANS, 4):
        masks = [f"*x{number}*!*@*y" for number in range(first, first + 4)]
        yield f"MODE #ins-bans +bbbb {' '.join(masks)}"
        yield f"MODE #ins-bans +eeee {' '.join(masks)}"


async def _all(plain: int, ssh: int) -> None:
    # Each does without pause what is known to cost most: a long line that is drawn anew with every
    # key (with wide characters it is measured, too), a window that never has one size.
    up, mixed = b"\x1b[A", b"\x1b[D\x1b[C\x01\x05\x1bb\x1bf\x17\x19"
    busy: list[Awaitable[None]] = [
        _type(await _terminal(ssh, "ins-arrows"), b"a" * 8192, up * 10_000),
        _type(await _terminal(ssh, "ins-keys"), "日本 ".encode() * 2700, mixed * 2000),
        _change_size(await _terminal(ssh, "ins-sizes")),
    ]
    # As long as a line takes, and such that a matcher which steps back would need years for it.
    wild = "*?" * 100 + "zz"
    tags = "x" * 3500
    owner = await _client(plain, "ins-owner", "JOIN #ins-bans", "MODE #ins-bans -n")
    # The lists are full before anybody speaks: each word is held against all of them.
    for line in _banning():
        owner.write(f"{line}\r\n".encode())
    alone: dict[str, Lines] = {
        "ins-who": lambda _: f"WHO {wild}",
        "ins-list": lambda number: f"LIST *{'?*' * 40}{number}",
        "ins-bans": lambda number: (
            "PRIVMSG #ins-bans :x" if number % 4 else "@+typing=active TAGMSG #ins-bans"
        ),
        "ins-tags": lambda _: f"@+x={tags} TAGMSG #ins-bans",
        "ins-invite": lambda number: f"INVITE ins-many{number % _SESSIONS} #ins-invite",
        "ins-comes": lambda number: ("PART" if number % 2 else "JOIN") + " #ins-comes",
    }
    for nick, lines in alone.items():
        # Who invites has to be an operator: of a channel that nobody else is in, it is one.
        channel = f"#{nick}" if nick == "ins-invite" else "#ins-bans"
        busy.append(_say(await _client(plain, nick, f"JOIN {channel}"), lines))
    for number in range(_SESSIONS):
        writer = await _client(plain, f"ins-many{number}", "JOIN #ins-many")
        busy.append(_say(writer, lambda _: "PRIVMSG #ins-many :one of many"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    # A server may throw some of them out; the others go on until they are stopped.
    await asyncio.gather(*busy, return_exceptions=True)


_TASKS: Final[list[asyncio.Task[None]]] = []

if __name__ == "__main__":
    os.nice(19)
    asyncio.run(_all(*map(int, sys.argv[1:3])))
