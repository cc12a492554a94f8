"""The SSH door of a node: who comes in, and what is served: a terminal, or a command in a pipe."""

from __future__ import annotations

import asyncio
import secrets
import shlex
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from hubbub.client.commands.context import Console
from hubbub.client.credentials.credentials import Credentials
from hubbub.client.errors import UsageError
from hubbub.client.network.in_process import Inside, Meanings, NodeEnd, Screen
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.irc.text import visible
from hubbub.node.limits.slices import Slices, Steps
from hubbub.ssh import commands
from hubbub.ssh.line_discipline import Cooked
from hubbub.ssh.login import Identifier, SSHLogin, Visitor
from hubbub.transport.budget import budget_of
from hubbub.transport.ssh.bounds import SSHBounds
from hubbub.transport.ssh.channel import Request, SSHChannel, SSHPeer, Terminal
from hubbub.transport.ssh.login import Proven
from hubbub.transport.ssh.server import SSHGate, SSHServer
from hubbub.transport.stream import Address
from hubbub.transport.turns import Turns
from hubbub.ui.chat_screen import ChatScreen
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.editing.history import Typed
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode
from hubbub.ui.time_zones import zone_of

TICK: Final = 0.5
"""Seconds between two looks at the clock."""


class House(Protocol):
    """What the door asks of the node."""

    def enter(
        self, link: Inside, address: Address, screen: bool, proven: Proven | None, key: str
    ) -> NodeEnd:
        """Take a new connection from inside, for a screen or for a pipe, as whom was proved."""

    def held(self, what: str, seconds: float) -> None:
        """Learn what has held the loop for too long."""

    @property
    def ssh_gate(self) -> SSHGate:
        """Return who counts those who come by SSH."""


LOGGED: Final = 300
"""How many messages of a room a session keeps for /search; the archive has them all."""
REMEMBERED: Final = 75
"""How many messages of a room are remembered, lest one be shown twice: a line that is never lost
needs no more than come while the history of a room is read."""
ROOM: Final = "#lobby"
"""Where everybody begins."""


class SSHDoor:
    """Serve the sessions of the SSH door."""

    def __init__(
        self,
        house: House,
        identifier: Identifier,
        host_keys: Sequence[Path],
        directory: Path,
        bounds: SSHBounds,
        compression: bool,
        stalled_seconds: float,
        suspended: int,
    ) -> None:
        """Load the host keys, or make one in `directory`. Raise HostKeyError.

        At most so many may be `suspended`: their terminals have taken nothing for so many seconds.
        """
        self._house = house
        self._identifier = identifier
        self._stalled_seconds = stalled_seconds
        self._suspended = suspended
        self._meanings = Meanings()
        self._painter = Painter()
        self._sessions: set[Inside] = set()
        self._loop = asyncio.get_running_loop()
        self._ticking: asyncio.TimerHandle | None = None
        self._turns = Turns(house.held)
        self._ticks = Slices(
            self._loop.call_soon,
            held=lambda what, seconds: house.held(str(what), seconds),
            share=budget_of(self._loop).share,
        )
        self._server = SSHServer(
            host_keys,
            directory,
            bounds,
            compression,
            self._login,
            self._serve,
            house.ssh_gate,
            self._turns,
        )

    @property
    def fingerprints(self) -> list[str]:
        """Return the fingerprints of the host keys, as `ssh-keygen -l` prints them."""
        return self._server.fingerprints

    def accept(self, connected: socket.socket, address: Address) -> None:
        """Take over a connected socket."""
        if self._ticking is None:
            self._tick()
        self._server.accept(connected, address)

    def close(self) -> None:
        """Drop the connections that are left."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._server.close()

    def _tick(self) -> None:
        self._ticking = self._loop.call_later(TICK, self._tick)
        if not self._ticks.is_busy:
            self._ticks.do(self._tick_all())

    def _tick_all(self) -> Steps:
        """Let time pass for every session, each of which may draw."""
        now = self._loop.time()
        suspended: list[Inside] = []
        for inside in list(self._sessions):
            inside.tick()
            yield
            if inside.blocked_since and now - inside.blocked_since > self._stalled_seconds:
                suspended.append(inside)
        if len(suspended) > self._suspended:
            suspended.sort(key=lambda inside: inside.blocked_since)
            for inside in suspended[: len(suspended) - self._suspended]:
                inside.abort()

    def _login(self, address: Address) -> SSHLogin:
        return SSHLogin(self._identifier, address)

    def _serve(self, channel: SSHChannel, request: Request, address: Address) -> SSHPeer:
        scope = _visitor(request).scope
        if request.terminal is not None and not request.command and not scope:
            return self._chat(channel, request, request.terminal, address)
        if request.terminal is None:
            return self._pipe(channel, request, address)
        cooked = Cooked(channel)
        cooked.command = self._pipe(cooked, request, address)
        return cooked

    def _chat(
        self, channel: SSHChannel, request: Request, terminal: Terminal, address: Address
    ) -> SSHPeer:
        preferences = Preferences(colours="off") if terminal.no_colours else Preferences()
        visitor = _visitor(request)
        session = _session(visitor, preferences.history, person=True)
        transcript = Transcript(zone_of(terminal.zone))
        view = View(transcript, lambda name: session.state.features.fold(name), preferences, LOGGED)
        console = Console(session, view, preferences)
        size = Size(terminal.columns, terminal.rows)
        term = {"TERM": terminal.name}
        screen = ChatScreen(
            channel, console, self._painter, term, size, Typed(), self._turns, channel.share
        )
        inside = self._inside(session, screen)
        inside.ticked = screen.tick
        screen.joined = inside
        screen.begin(ROOM)
        inside.begin(self._house.enter(inside, address, True, visitor.proven, visitor.key))
        return screen

    def _inside(self, session: ClientSession, screen: Screen) -> Inside:
        return Inside(session, screen, self._meanings, self._sessions, self._turns)

    def _pipe(self, channel: Output, request: Request, address: Address) -> SSHPeer:
        try:
            words = shlex.split(request.command or "")
            name = words[0] if words else ""
            command = commands.BY_NAME.get(name)
            visitor = _visitor(request)
            if name == "help":
                return _Said(channel, commands.help_text(visitor.scope), ExitCode.DONE)
            # Without a command one wants to chat, which a token for one purpose is not for.
            if not name and visitor.scope:
                text = f"hubbub: {commands.help_text(visitor.scope)}"
                return _Said(channel, text, ExitCode.NOT_LET_IN)
            if command is None:
                text = f"there is no command {name}\n" if name else ""
                raise UsageError(text + commands.help_text(visitor.scope))
            if not commands.is_for(command, visitor.scope):
                text = f"hubbub: what you logged in with is for {visitor.scope} only"
                return _Said(channel, text, ExitCode.NOT_LET_IN)
            # A script comes and goes unseen, and asks for no history:
            # docs/decisions/quiet-sessions.md.
            session = _session(visitor, 0, quiet=True)
            pipe = command.make(channel, session, words[1:], time.time())
        except (UsageError, ValueError) as error:
            return _Said(channel, f"hubbub: {error}", ExitCode.USAGE)
        inside = self._inside(session, pipe)
        inside.heard, inside.ticked = pipe.heard, pipe.tick
        pipe.joined = inside
        if visitor.is_somebody_else:
            text = f"hubbub: your key is {visitor.nick}'s, so you are {visitor.nick} here\n"
            channel.write(text.encode(), error=True)
        inside.begin(self._house.enter(inside, address, False, visitor.proven, visitor.key))
        return pipe


def _visitor(request: Request) -> Visitor:
    assert isinstance(request.identity, Visitor), "who is admitted, is one"
    return request.identity


def _session(
    visitor: Visitor, history: int, quiet: bool = False, person: bool = False
) -> ClientSession:
    wishes = Wishes(
        visitor.nick,
        realname=visitor.user,
        password=visitor.password,
        history=history,
        remember=REMEMBERED,
        quiet=quiet,
        person=person,
    )
    # Between here and the node nobody can read along.
    return ClientSession(wishes, secrets.token_urlsafe, {}, Credentials(secure=True))


class _Said:
    """Say one thing and end."""

    def __init__(self, channel: Output, text: str, code: ExitCode) -> None:
        error = code is not ExitCode.DONE
        for line in text.split("\n"):
            # What was typed came from elsewhere, perhaps, and controls no terminal.
            channel.write(f"{visible(line)}\n".encode(errors="replace"), error=error)
        channel.exit(code)

    def received(self, data: bytes) -> None:
        """Ignore input."""

    def input_ended(self) -> None:
        """Ignore its end."""

    def resized(self, columns: int, rows: int) -> None:
        """Ignore a size."""

    def writable(self) -> None:
        """Have nothing to write."""

    def closed(self, error: str | None) -> None:
        """Have nothing to end."""
