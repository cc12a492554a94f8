"""One session on an SSH connection: a terminal or a pipe, as bytes, with a bound on what waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import asyncssh
from asyncssh.packet import SSHPacket

from hubbub.transport.ssh.bounds import COMMAND_BYTES, TERM_BYTES
from hubbub.transport.turns import Share

LEAST_PACKET: Final = 1024
"""The smallest packets sent, whatever a client asks for; all take 32 KiB (RFC 4253 6.1)."""
ZONE_BYTES: Final = 64
"""The longest name of a time zone that is taken."""
MOST_CELLS: Final = 1000
"""The most columns or rows that are believed of a terminal."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Say what terminal is at the other end: its name (TERM), columns and rows.

    `no_colours` where the client sent NO_COLOR; `zone` is the TZ that it sent, or "".
    """

    name: str
    columns: int
    rows: int
    no_colours: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Say what a session is for: whose it is, its terminal if it has one, its command if any."""

    identity: object
    terminal: Terminal | None
    command: str | None


class SSHPeer(Protocol):
    """Whoever serves a session; called on the loop's thread."""

    def received(self, data: bytes) -> None:
        """Take bytes that arrived; never empty."""

    def input_ended(self) -> None:
        """Learn that nothing more will arrive; output may go on."""

    def resized(self, columns: int, rows: int) -> None:
        """Learn the terminal's new size."""

    def writable(self) -> None:
        """Learn that what `write` counted as too much has gone."""

    def closed(self, error: str | None) -> None:
        """Learn, once, that the session has ended: in order (None), or why. Nothing follows."""


class Carrier(Protocol):
    """What a session asks of its connection."""

    @property
    def waiting(self) -> int:
        """Return how many bytes wait in the connection, of all its sessions."""

    @property
    def bound(self) -> int:
        """Return how many bytes may wait for a session."""

    share: Share
    """What the connection may take of the loop's time, with all of its sessions."""

    def served(self) -> None:
        """Learn that a session is served: the connection is of use."""


Serve = Callable[["SSHChannel", Request], SSHPeer]
"""Begins to serve a session."""


class SSHChannel(asyncssh.SSHServerSession[bytes]):
    """Carry the bytes of one session.

    asyncssh buffers whatever it is given and its own count misses what the transport holds, so the
    bound is kept here: `write` says False as soon as too much waits, and `writable` follows.
    """

    def __init__(
        self, carrier: Carrier, identity: object, serve: Serve, ended: Callable[[SSHChannel], None]
    ) -> None:
        self._carrier = carrier
        self._identity = identity
        self._serve = serve
        self._ended = ended
        self._channel: asyncssh.SSHServerChannel[bytes]
        self._terminal: Terminal | None = None
        self._command: str | None = None
        self._peer: SSHPeer | None = None
        self._blocked = False
        self.last_accepted = 0.0

    # What the peer asks

    @property
    def share(self) -> Share:
        """Return what this session may take of the loop's time, with the others beside it."""
        return self._carrier.share

    @property
    def unsent(self) -> int:
        """Return how many bytes wait until the other end takes them."""
        return self._channel.get_write_buffer_size() + self._carrier.waiting

    @property
    def is_served(self) -> bool:
        """Say whether it has begun, and not ended."""
        return self._peer is not None

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits: nothing more should be written before `writable`."""
        return self._blocked

    def write(self, data: bytes, error: bool = False) -> bool:
        """Pass bytes on, to the other end's standard error if so; False when too much waits."""
        if not self._channel.is_closing():
            self._channel.write(data, asyncssh.EXTENDED_DATA_STDERR if error else None)
            self._blocked = self._blocked or self.unsent > self._carrier.bound
        return not self._blocked

    def pause_reading(self) -> None:
        """Take nothing more; a window's worth waits here, the rest at the other end."""
        self._channel.pause_reading()

    def resume_reading(self) -> None:
        """Take input again."""
        self._channel.resume_reading()

    def exit(self, code: int) -> None:
        """Send what waits, then the exit code, and close."""
        with contextlib.suppress(OSError):
            self._channel.exit(code)

    def abort(self) -> None:
        """Drop everything and close; `closed` follows."""
        self._channel.abort()

    # What the connection tells

    def drained(self) -> None:
        """Look whether little enough waits to go on."""
        if self._blocked and self.unsent <= self._carrier.bound // 2:
            self._blocked = False
            if self._peer is not None:
                self._peer.writable()

    # What asyncssh tells

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Begin."""
        self._channel = chan
        # Together with the transport's mark: whenever the bound is passed, one of them is.
        chan.set_write_buffer_limits(self._carrier.bound // 2, self._carrier.bound // 8)

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object
    ) -> bool:
        """Take note of the terminal."""
        if len(term_type) > TERM_BYTES:
            return False
        columns, rows = _believed(term_size[0], term_size[1])
        self._terminal = Terminal(term_type, columns, rows)
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """Pass a new size on."""
        columns, rows = _believed(width, height)
        if self._peer is not None:
            self._peer.resized(columns, rows)
        elif self._terminal is not None:
            self._terminal = Terminal(self._terminal.name, columns, rows)

    def shell_requested(self) -> bool:
        """Allow a session without a command."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Allow a command of ours; none is ever run by a shell."""
        if len(command.encode()) > COMMAND_BYTES:
            return False
        self._command = command
        return True

    def session_started(self) -> None:
        """Begin to serve."""
        self._carrier.served()
        if self._terminal is not None and isinstance(self._channel, ServerChannel):
            sent = self._channel
            self._terminal = replace(self._terminal, no_colours=sent.no_colours, zone=sent.zone)
        request = Request(self._identity, self._terminal, self._command)
        self._peer = self._serve(self, request)

    def data_received(self, data: bytes, datatype: object) -> None:
        """Pass input on."""
        if self._peer is not None:
            self._peer.received(data)

    def eof_received(self) -> bool:
        """Pass the end of input on; output goes on."""
        if self._peer is not None:
            self._peer.input_ended()
        return True

    def resume_writing(self) -> None:
        """Learn that the window has let go of much."""
        # asyncssh is in the middle of a write.
        asyncio.get_running_loop().call_soon(self.drained)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass the end on."""
        self._ended(self)
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.closed("Connection lost" if exc is not None else None)


def _believed(columns: int, rows: int) -> tuple[int, int]:
    return min(columns, MOST_CELLS) or 80, min(rows, MOST_CELLS) or 24


class ServerChannel(asyncssh.SSHServerChannel[bytes]):
    """Refuse what a session must not ask for: an environment, which asyncssh would keep.

    Of NO_COLOR it is noted that it was sent, and of TZ what it says.
    """

    no_colours = False
    zone = ""

    def process_open(
        self, send_chan: int, send_window: int, send_pktsize: int, session: Any
    ) -> None:
        """Begin; byte by byte a line would cost as much as a hundred."""
        super().process_open(send_chan, send_window, max(send_pktsize, LEAST_PACKET), session)

    def log_sent_packet(
        self, pkttype: int, pktid: int | None, packet: bytes | SSHPacket, note: str = ""
    ) -> None:
        """Log no packets, as the connection does."""

    def _process_env_request(self, packet: SSHPacket) -> bool:
        name, value = packet.get_string(), packet.get_string()
        if name == b"TZ" and len(value) <= ZONE_BYTES:
            self.zone = value.decode(errors="replace")
            return True
        self.no_colours = self.no_colours or (name == b"NO_COLOR" and value != b"")
        return name == b"NO_COLOR"
