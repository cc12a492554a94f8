"""A session on a connection, and on the next one when that is lost: to another place, if named."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final

from hubbub.client import error_words
from hubbub.client.errors import CannotConnect, LinkError, NotLetIn
from hubbub.client.events import (
    ConnectionRefused,
    Event,
    Registered,
    Silent,
    TokenGiven,
    TokenGone,
    Told,
)
from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.client.network.address import ServerAddress
from hubbub.client.network.link import Pins, ServerConnection, connect
from hubbub.client.session import ClientSession
from hubbub.irc.message import Message
from hubbub.terminal.tokens import KeptToken, Tokens

TICK: Final = 0.5
"""Seconds between two looks at the clock."""
GOODBYE: Final = 2.0
"""Seconds that the server has to close the connection after QUIT."""
_ELSEWHERE: Final = ("reconnect:", "try another", "about to stop")
"""How a server says that another of its nodes takes us in, in an ERROR."""
LONGEST_WAIT: Final = 60.0
"""Seconds between two attempts to connect, at most."""


def wait_before(attempt: int, chance: float) -> float:
    """Return the seconds to wait before an attempt to reconnect, the first being 0.

    Each waits twice as long as the one before, up to a minute; `chance`, from 0 to 1, spreads those
    who lost the same server over half that time.
    """
    longest: float = min(LONGEST_WAIT, 2.0 ** min(attempt, 10))
    return longest * (0.5 + 0.5 * chance)


def _elsewhere(words: tuple[str, ...]) -> str:
    """Return with what words a server sends us to another of its nodes, "" where it does not."""
    said = error_words.closing(words[-1]) if words else ""
    return said if any(each in said for each in _ELSEWHERE) else ""


class ReconnectingClient:
    """Keep a session connected until it is quit."""

    def __init__(
        self,
        address: ServerAddress,
        session: ClientSession,
        pins: Pins,
        on_events: Callable[[list[Event]], None],
        on_link: Callable[[LinkState], None],
        tokens: Tokens | None = None,
        certificate: str = "",
    ) -> None:
        """Begin without a connection; `run` makes it.

        `tokens` keeps those of this device; `certificate` is a PEM file that the server is shown.
        """
        self.address = address
        self._choices = address.choices
        self._turn = 0
        self._sent_away = ""
        self.session = session
        self._pins = pins
        self._on_events = on_events
        self._on_link = on_link
        self._tokens = tokens
        self._certificate = certificate
        self._keeping: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._asked = False
        self._link: ServerConnection | None = None
        self._quitting = asyncio.Event()
        self._refusal = ""
        self._silent = False
        self._heard = False
        self._was_registered = False
        self._gone = asyncio.Event()

    async def run(self) -> None:
        """Talk until `quit`; reconnect whenever the connection is lost.

        Raises CannotConnect when the first connection fails, NotLetIn, and CertificateRefused.
        """
        attempt = tried = 0
        came_in = False
        while not self._quitting.is_set():
            await self._person()
            if self._quitting.is_set():
                break
            try:
                reason = await self._talk()
            except CannotConnect as error:
                tried += 1
                self._turn_on()
                if tried % len(self._choices):
                    # There is another place, which may be there: no need to wait.
                    continue
                if not came_in:
                    raise
                reason = str(error)
            if self._was_registered:
                came_in, attempt, tried = True, 0, 0
                self._turn_on()
            elif self._refusal and not came_in:
                raise NotLetIn(self._refusal)
            elif self._asked:
                # The server closed while the person was thinking.
                continue
            elif not came_in and not self._quitting.is_set():
                raise CannotConnect(f"{self.address.name}: {reason}{self._door_hint()}")
            if not self._quitting.is_set():
                await self._wait(reason, attempt)
                attempt += 1
        self._on_link(LinkState(LinkStatus.CLOSED))

    def _turn_on(self) -> None:
        """Take another place the next time, or another address of the same name."""
        if len(self._choices) > 1 or self._sent_away:
            self._turn += 1

    async def finish(self) -> None:
        """Wait until everything that is to be kept is kept."""
        await asyncio.gather(*self._keeping)

    async def _person(self) -> None:
        """Wait until a connection would get further than the person's next answer."""
        if self.session.waits_for_person:
            self._on_link(LinkState(LinkStatus.ASKING))
        while self.session.waits_for_person and not self._quitting.is_set():
            self._stirred.clear()
            await self._stirred.wait()

    def flush(self) -> None:
        """Send what the session has to say, and tell what it has to tell."""
        self._stirred.set()
        self._handle(self.session.take_events())
        if self._link is not None and not self._link.is_full:
            self._link.send(self.session.take())

    async def quit(self, reason: str) -> None:
        """Say goodbye, and wait a moment for the server to close."""
        self._quitting.set()
        self._stirred.set()
        link = self._link
        if link is None:
            return
        self.session.quit(reason)
        self.flush()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), GOODBYE)
        await link.close()

    async def _talk(self) -> str:
        """Hold one connection; return why it ended."""
        self._was_registered = False
        self._refusal = ""
        self._silent = self._asked = False
        self._sent_away = ""
        # A new one: quit waits for the end of this connection, and the one before has ended.
        self._gone = asyncio.Event()
        self._on_link(LinkState(LinkStatus.CONNECTING))
        link = await self._connect()
        # The person left while it was being made.
        if link is None:
            return ""
        self._link = link
        ticking = asyncio.create_task(self._tick())
        self.session.connected(time.time())
        self._on_link(LinkState(LinkStatus.CONNECTED, identity=link.identity))
        self.flush()
        reason = "the server closed the connection"
        try:
            async for messages in link.messages():
                if self._take(messages) and self._was_registered:
                    # The session tells of it, with the server's reason.
                    reason = ""
        except LinkError as error:
            reason = str(error)
        finally:
            # Before closing, which may take a while: who quits waits for the server's end, not for
            # ours.
            self._gone.set()
            self._link = None
            ticking.cancel()
            await link.close()
        # The connection was dropped by us, so what the system says of its end explains nothing.
        if self._silent:
            reason = "the server does not answer"
        self._handle(self.session.disconnected(time.time()))
        if self._sent_away and not self._was_registered:
            raise CannotConnect(f"{self._place.name}: {self._sent_away}")
        return reason

    def _take(self, messages: list[Message]) -> bool:
        """Take up what the server says; return whether it said why it closes the connection."""
        self._heard |= bool(messages)
        is_over = False
        for message in messages:
            if message.command == "ERROR":
                is_over, self._sent_away = True, _elsewhere(message.params)
            self._handle(self.session.receive(message, time.time()))
        self.flush()
        return is_over

    @property
    def _place(self) -> ServerAddress:
        return self._choices[self._turn % len(self._choices)]

    async def _connect(self) -> ServerConnection | None:
        """Return a connection; None where the person leaves before there is one."""
        turn = self._turn // len(self._choices)
        connecting = asyncio.create_task(connect(self._place, self._pins, self._certificate, turn))
        leaving = asyncio.create_task(self._quitting.wait())
        try:
            await asyncio.wait({connecting, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not self._quitting.is_set():
                return await connecting
            if connecting.done() and connecting.exception() is None:
                await connecting.result().close()
            return None
        finally:
            connecting.cancel()
            leaving.cancel()

    def _door_hint(self) -> str:
        """Say which door may be the right one, where plain text met no server of IRC."""
        if self.address.tls or self._heard:
            return ""
        return f"; perhaps it speaks TLS there: try ircs://{self.address.name}"

    async def _tick(self) -> None:
        while self._link is not None:
            await asyncio.sleep(TICK)
            self._handle(self.session.tick(time.time()))
            self.flush()

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Registered):
                self._was_registered = True
            elif isinstance(event, ConnectionRefused) and self._sent_away:
                # Another place may take us in.
                self._hang_up()
            elif isinstance(event, ConnectionRefused):
                # What comes after it only says that the connection is closed.
                self._refusal = self._refusal or event.reason
                self._hang_up()
            elif isinstance(event, Silent):
                self._silent = True
                self._hang_up()
            elif isinstance(event, (TokenGiven, TokenGone)) and self._tokens is not None:
                self._start(self._keep(event, self._tokens))
        self._asked |= self.session.waits_for_person
        if self._sent_away:
            events = [each for each in events if not isinstance(each, ConnectionRefused)]
        self._on_events(events)

    def _start(self, keeping: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(keeping)
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, event: TokenGiven | TokenGone, tokens: Tokens) -> None:
        """Keep or forget a token of this device; a keyring may ask its owner first."""
        try:
            if isinstance(event, TokenGone):
                await asyncio.to_thread(tokens.forget, event.account)
                return
            kept = KeptToken(event.account, event.name, event.token)
            place = await asyncio.to_thread(tokens.keep, kept)
            text = f"this device logs in by itself from now on; its token is in {place}"
            self._on_events([Told(text, event.time)])
        except OSError as error:
            text = f"the token of this device cannot be kept: {error.strerror}"
            self._on_events([Told(text, event.time, error=True)])

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.abort()

    async def _wait(self, reason: str, attempt: int) -> None:
        seconds = wait_before(attempt, random.random())  # noqa: S311 - no secret
        self._on_link(LinkState(LinkStatus.WAITING, reason, seconds))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quitting.wait(), seconds)
