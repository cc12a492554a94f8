"""A short visit to an IRC server: register, look around, leave; or say what is typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from hubbub.irc.message import Message
from hubbub.wire.ends.talk import Talk
from hubbub.wire.failures import AnotherProtocol, CutOff, FellSilent, NotAdmitted, WireFailure

WANTED: Final = ("message-tags", "server-time", "account-tag", "batch", "labeled-response")
"""The capabilities that are asked for where there are such: those whose tags can be seen."""
NICKS: Final = 3
"""How many nicks are tried where one is in use."""
_WELCOME: Final = "001"
_END_OF_MOTD: Final = ("376", "422")
_NICK_TROUBLE: Final = ("432", "433", "436", "437")
_REFUSED: Final = ("464", "465", "466", "ERROR")


class IRCVisit:
    """Do what a client does that comes and goes."""

    def __init__(self, talk: Talk, nick: str) -> None:
        """Prepare to come in under a nick, or one like it."""
        self._talk = talk
        self._nick = nick
        self._tries = 1
        self._welcome = False
        self._leaving = False
        self._offered: list[str] = []
        self._granted: tuple[str, ...] = ()
        self._refusal = ""

    async def run(self, seconds: float) -> None:
        """Register, and leave when the server has said its welcome.

        Raise FellSilent, CutOff, AnotherProtocol, NotAdmitted, or TooMuch.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._talk.say(
                    "CAP LS 302", f"NICK {self._nick}", f"USER {self._nick} 0 * :hubbub wire"
                )
                while (messages := await self._talk.hear()) is not None:
                    for message in messages:
                        await self._answer(message)
        except TimeoutError:
            raise self._too_late(seconds) from None
        if not self._welcome:
            raise self._ended()

    async def _answer(self, message: Message) -> None:
        command, params = message.command, message.params
        if command == "PING":
            await self._talk.say(f"PONG :{params[-1] if params else ''}")
        elif command == "CAP" and len(params) > 2:
            await self._capabilities(params)
        elif command in _NICK_TROUBLE and not self._welcome:
            await self._another_nick()
        elif command == _WELCOME:
            self._welcome = True
        elif command in _END_OF_MOTD and not self._leaving:
            self._leaving = True
            # The answer to a line with a label carries a tag, which not much else does by itself.
            labelled = ["@label=1 PING :tags"] if "labeled-response" in self._granted else []
            await self._talk.say(*labelled, "QUIT :seen enough")
        elif command in _REFUSED and not self._welcome:
            self._refusal = params[-1] if params else command

    async def _capabilities(self, params: tuple[str, ...]) -> None:
        subcommand = params[1].upper()
        if subcommand == "LS":
            self._offered += [name.partition("=")[0] for name in params[-1].split()]
            # A star says that more lines of the list follow.
            if params[2] != "*" or len(params) == 3:
                wanted = [name for name in WANTED if name in self._offered]
                await self._talk.say(f"CAP REQ :{' '.join(wanted)}" if wanted else "CAP END")
        elif subcommand in ("ACK", "NAK") and not self._welcome:
            self._granted = tuple(params[-1].split()) if subcommand == "ACK" else ()
            await self._talk.say("CAP END")

    async def _another_nick(self) -> None:
        if self._tries >= NICKS:
            raise NotAdmitted(f"no nick like {self._nick} is free; try another with --nick")
        self._tries += 1
        await self._talk.say(f"NICK {self._nick}{self._tries}")

    def _too_late(self, seconds: float) -> WireFailure:
        if self._leaving:
            return FellSilent(f"it did not end the connection within {seconds:g} s of QUIT")
        if self._welcome:
            return FellSilent(f"the welcome had no end within {seconds:g} s")
        return FellSilent(f"it did not let us in within {seconds:g} s; {self._talk.beginning}")

    def _ended(self) -> WireFailure:
        if self._refusal:
            return NotAdmitted(f"the server does not let us in: {self._refusal}")
        if not self._talk.anything_came:
            return CutOff("the other side ended the connection without a word")
        return AnotherProtocol(f"what came is no welcome of IRC; {self._talk.beginning}")


async def say_typed(talk: Talk, lines: AsyncIterator[str], seconds: float) -> None:
    """Send what is typed, line by line, and show what comes; PINGs are answered.

    When the input has ended the other side has so many seconds for its last words.
    """
    typing = asyncio.create_task(_type(talk, lines))
    hearing = asyncio.create_task(_hear(talk))
    try:
        await asyncio.wait((typing, hearing), return_when=asyncio.FIRST_COMPLETED)
        if typing.done():
            typing.result()
            # Nothing more is asked, so silence is no fault.
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(hearing), seconds)
        if hearing.done():
            hearing.result()
    finally:
        for task in (typing, hearing):
            task.cancel()
        await asyncio.gather(typing, hearing, return_exceptions=True)


async def _type(talk: Talk, lines: AsyncIterator[str]) -> None:
    async for line in lines:
        await talk.say(line)


async def _hear(talk: Talk) -> None:
    while (messages := await talk.hear()) is not None:
        for message in messages:
            if message.command == "PING":
                await talk.say(f"PONG :{message.params[-1] if message.params else ''}")
