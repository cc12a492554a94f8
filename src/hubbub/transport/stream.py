"""One connection: bytes in, bytes out, over TCP or TLS, on a non-blocking socket.

The socket is used directly, under TLS too: against memory BIOs that is faster and smaller. Three
laws of OpenSSL shape this file:

* A refused write is offered again unchanged, or the connection is dead. So a write is at most one
  record, and its length stays pinned until it is taken, whatever comes behind it.
* Reading may have to wait until the socket can be written, and writing until it can be read
  (KeyUpdate). Whoever waits for the other direction is watched for that one only, since a ready
  direction that nobody uses would keep the loop spinning.
* Decrypted bytes may wait inside OpenSSL while the socket is silent. A read takes a whole record,
  and reading is tried at once when it is resumed.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import sys
from enum import Enum
from functools import partial
from typing import Final, Protocol

from hubbub.transport import tls
from hubbub.transport.errors import describe, is_end
from hubbub.transport.rounds import rounds_of

READ_BYTES: Final = 16384
"""What one read takes: the most that a TLS record holds (RFC 8446 5.1)."""
READS_PER_WAKE: Final = 4
"""Full reads of one stream before the others have their turn."""
TLS_WRITE_BYTES: Final = 16384
"""What one TLS write offers: one record, for OpenSSL has no partial writes here."""
CLOSE_SECONDS: Final = 3.0
"""Time for what is still to be sent, and for the peer to close its end, before a reset."""

_BLOCKED: Final = (BlockingIOError, InterruptedError, ssl.SSLWantWriteError)
_NO_INPUT: Final = (BlockingIOError, InterruptedError, ssl.SSLWantReadError)
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_NOTHING: Final = memoryview(b"")

Address = tuple[str, int]
"""A peer's IP address, as text, and its port."""


class StreamPeer(Protocol):
    """The owner of a stream; called on the loop's thread, never from within a call to it."""

    def received(self, data: bytes) -> None:
        """Take bytes that arrived; never empty. The stream may be called meanwhile."""

    def writable(self) -> None:
        """Learn that what `send` could not pass on has now gone; more may be given."""

    def closed(self, error: str | None) -> None:
        """Learn, once, that the connection has ended: in order (None), or why. Nothing follows."""


class _Phase(Enum):
    OPEN = "open"
    CLOSING = "closing: what is kept is still being sent"
    LINGERING = "lingering: all was sent, the peer has yet to close"
    CLOSED = "closed"


_OPEN: Final = _Phase.OPEN


class Stream:
    """Carry bytes to and from one connected peer; of a TLS socket the handshake must be done.

    It does nothing until `attach` names its owner, and keeps at most what that gave it while the
    socket took no more: so its memory is bounded by its owner.
    """

    __slots__ = (
        "_close_timer",
        "_kept",
        "_largest_write",
        "_loop",
        "_outcome",
        "_paused",
        "_peer",
        "_phase",
        "_pinned",
        "_read_awaits_write",
        "_reading",
        "_receive",
        "_rounds",
        "_socket",
        "_transmit",
        "_waits_for_round",
        "_write_awaits_read",
        "_writing",
        "descriptor",
        "last_accepted",
        "peer_address",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connected: socket.socket,
        address: Address,
        *,
        watched: bool = False,
    ) -> None:
        """Take over a connected, non-blocking socket; `watched`: the loop reads it already.

        Then only the callback changes, which is cheaper than to begin anew.
        """
        self._loop = loop
        self._rounds = rounds_of(loop)
        self._waits_for_round = False
        self._socket = connected
        self.descriptor = connected.fileno()
        self.peer_address = address
        self.last_accepted = loop.time()
        self._largest_write = TLS_WRITE_BYTES if self.tls else sys.maxsize
        self._transmit, self._receive = tls.calls_of(connected)
        self._peer: StreamPeer | None = None
        self._phase = _OPEN
        self._outcome: str | None = None
        self._kept = _NOTHING
        self._pinned = 0
        self._paused = False
        self._read_awaits_write = False
        self._write_awaits_read = False
        self._reading, self._writing = watched, False
        self._close_timer: asyncio.TimerHandle | None = None
        if watched:
            loop.add_reader(self.descriptor, self._on_readable)

    # What is known of the peer

    @property
    def unsent(self) -> int:
        """Return how many bytes are kept until the socket takes them."""
        return len(self._kept)

    @property
    def tls(self) -> bool:
        """Tell whether the connection is encrypted."""
        return isinstance(self._socket, ssl.SSLSocket)

    @property
    def certificate_fingerprint(self) -> str:
        """Return the SHA-256 of the peer's certificate (DER) in lower-case hex.

        It proved to have the key; nothing else of the certificate was looked at. "" without one,
        without TLS, or once closed.
        """
        return "" if self._phase is _Phase.CLOSED else tls.fingerprint_of(self._socket)

    # Sending

    def send(self, data: bytes) -> bool:
        """Pass bytes on; True when the socket accepted them all.

        Otherwise the rest is kept and sent when possible: give no more until `writable`. Never
        raises; after an error the bytes are dropped and `closed` follows.
        """
        if self._kept or self._phase is not _OPEN:
            return self._keep_behind(data)
        size = len(data)
        if size > self._largest_write:
            self._kept = memoryview(data)
            return self._flush()
        transmit = self._transmit  # which is no method: to call it as one costs more
        try:
            accepted = transmit(data)
        except OSError as error:
            self._kept = memoryview(data)
            self._refused(size, error)
            return False
        if accepted < size:
            self.took(data, accepted)
        return accepted == size

    @property
    def is_free(self) -> bool:
        """Say whether it keeps nothing of what it was given, and takes more."""
        return not self._kept and self._phase is _OPEN

    def took(self, data: bytes, accepted: int) -> None:
        """Keep what the system did not take of `data`; an error is its number with a minus."""
        self._kept = memoryview(data)[max(0, accepted) :]
        if accepted < 0:
            self._refused(len(data), OSError(-accepted, "not sent"))
        else:
            self.last_accepted = self._loop.time()
            self._watch()

    def _keep_behind(self, data: bytes) -> bool:
        """Put bytes behind those that are kept; their first `_pinned` are offered as before."""
        if self._phase is _OPEN:
            self._kept = memoryview(b"".join((self._kept, data)))
        return False

    def _flush(self) -> bool:
        """Offer what is kept until it is gone (True) or the socket takes no more."""
        while self._kept:
            # A write that OpenSSL refused it wants again with the same bytes, no more and no fewer.
            offered = self._kept[: self._pinned or self._largest_write]
            try:
                accepted = self._transmit(offered)
            except OSError as error:
                self._refused(len(offered), error)
                return False
            self.last_accepted = self._loop.time()
            self._pinned = 0
            self._kept = self._kept[accepted:]
            # The socket is full: to ask again at once would be a system call for nothing.
            if accepted < len(offered):
                break
        self._watch()
        return not self._kept

    def _refused(self, offered: int, error: OSError) -> None:
        """Wait for the direction that a write needs, or give the connection up."""
        if not self._pinned:
            # The wait begins now, however long ago anything was sent before.
            self.last_accepted = self._loop.time()
        if isinstance(error, _BLOCKED):
            self._pinned = offered
        elif isinstance(error, ssl.SSLWantReadError):
            self._pinned = offered
            self._write_awaits_read = True
        else:
            self._break(error)
            return
        self._watch()

    def _send_kept(self) -> None:
        """Go on with what is kept, and tell whoever waits for its end."""
        if not self._kept or not self._flush():
            return
        if self._phase is _Phase.CLOSING:
            self._shut_down()
        elif self._peer is not None:
            self._peer.writable()

    # Receiving

    def attach(self, peer: StreamPeer) -> None:
        """Name the owner and begin to read."""
        self._peer = peer
        if self._phase is _Phase.CLOSED:
            self._loop.call_soon(peer.closed, self._outcome)
        else:
            self._watch()

    def pause_reading(self) -> None:
        """Read nothing more; the end of the connection goes unnoticed, too, unless one sends."""
        self._paused = True
        self._watch()

    def resume_reading(self) -> None:
        """Read again, at the loop's next turn, what came meanwhile."""
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._read)
            self._watch()

    def _read(self) -> None:
        """Pass on what has arrived, a bounded part at a time."""
        for _ in range(READS_PER_WAKE):
            if self._paused or self._phase is not _OPEN or (peer := self._peer) is None:
                return
            try:
                data = self._receive(READ_BYTES)
            except _NO_INPUT:
                return
            except ssl.SSLWantWriteError:
                self._read_awaits_write = True
                self._watch()
                return
            except OSError as error:
                self._finish(None if is_end(error) else describe(error))
                return
            if not data:
                self._finish(None)
                return
            peer.received(data)
            # A short read has emptied the socket, or one record of several: the loop comes back
            # at less cost than a refused read.
            if len(data) < READ_BYTES:
                return

    # Readiness

    def _watch(self) -> None:
        """Watch the socket for exactly what somebody waits for."""
        # In TLS 1.3 a write may have to wait for input (a KeyUpdate), and a read for output.
        if self._phase is _Phase.CLOSED:
            reading = writing = False
        else:
            reading = not self._waits_for_round and (self._write_awaits_read or self._wants_input())
            writing = self._read_awaits_write or (bool(self._kept) and not self._write_awaits_read)
        # Asked for after nearly every write: the loop is told of changes only, each a system call.
        if reading is not self._reading:
            self._reading = reading
            if reading:
                self._loop.add_reader(self.descriptor, self._on_readable)
            else:
                self._loop.remove_reader(self.descriptor)
        if writing is not self._writing:
            self._writing = writing
            if writing:
                self._loop.add_writer(self.descriptor, self._on_writable)
            else:
                self._loop.remove_writer(self.descriptor)

    def _wants_input(self) -> bool:
        if self._phase is _OPEN:
            return self._peer is not None and not self._paused and not self._read_awaits_write
        return self._phase is _Phase.LINGERING

    def _on_readable(self) -> None:
        if self._rounds.has_time():
            self._take_input()
        else:
            # Watched, it would be called for until then: by uvloop up to 48 times in each turn.
            self._waits_for_round = True
            self._watch()
            self._rounds.later(self._go_on_reading)

    def _go_on_reading(self) -> None:
        self._waits_for_round = False
        self._take_input()
        self._watch()

    def _take_input(self) -> None:
        if self._write_awaits_read:
            self._write_awaits_read = False
            self._send_kept()
            self._watch()
        if self._phase is _Phase.LINGERING:
            self._drain()
        elif self._peer is not None:
            self._read()
        else:
            self._watch()

    def _on_writable(self) -> None:
        if self._read_awaits_write:
            self._read_awaits_write = False
            self._read()
            self._watch()
        self._send_kept()

    # The end

    def close(self, timeout: float = CLOSE_SECONDS, last: bytes = b"") -> None:
        """Send what is kept, then `last`, and close in order; after `timeout` seconds, anyhow.

        Nothing more is read. `closed(None)` follows when the peer has closed its end too, or an
        error when the time was not enough to send everything.
        """
        if self._phase is not _OPEN:
            return
        self._keep_behind(last)
        self._phase = _Phase.CLOSING
        self._read_awaits_write = False
        self._close_timer = self._loop.call_later(timeout, self._close_overdue)
        if not self._kept:
            self._shut_down()
        elif self._pinned:
            self._watch()
        else:
            self._send_kept()

    def abort(self) -> None:
        """Drop everything and reset the connection; `closed(None)` follows."""
        if self._phase is not _Phase.CLOSED:
            self._reset()
            self._finish(None)

    def _shut_down(self) -> None:
        """End our direction; what the peer still sends is drained, lest a reset overtake us."""
        if isinstance(self._socket, ssl.SSLSocket):
            # Sends close_notify; the peer's own is not waited for (RFC 8446 6.1).
            with contextlib.suppress(OSError, ValueError):
                self._socket.unwrap()
            self._transmit, self._receive = self._socket.send, self._socket.recv
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._finish(None)
            return
        self._phase = _Phase.LINGERING
        self._watch()

    def _drain(self) -> None:
        """Throw away what arrives after our end, until the peer's."""
        try:
            for _ in range(READS_PER_WAKE):
                if not self._receive(READ_BYTES):
                    break
            else:
                return
        except _NO_INPUT:
            return
        except OSError:
            pass
        self._finish(None)

    def _close_overdue(self) -> None:
        why = f"{self.unsent} bytes could not be sent in time" if self.unsent else None
        self._reset()
        self._finish(why)

    def _reset(self) -> None:
        """Make the coming close a reset, so that the system keeps no unsent bytes either."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def _break(self, error: OSError) -> None:
        """Give up after a failed write, but first pass on what the peer said before it left."""
        self._kept = _NOTHING
        self._outcome = describe(error)
        if self._phase is _OPEN:
            self._loop.call_soon(self._finish_broken)
        else:
            self._finish(self._outcome)
        self._watch()

    def _finish_broken(self) -> None:
        outcome = self._outcome
        self._read()
        self._finish(outcome)

    def _finish(self, outcome: str | None) -> None:
        """End now; tell the owner, once, and close the descriptor when there is a moment."""
        if self._phase is _Phase.CLOSED:
            return
        self._phase = _Phase.CLOSED
        self._outcome = outcome
        self._kept = _NOTHING
        self._transmit, self._receive = self._socket.send, self._socket.recv
        self._watch()
        if self._close_timer is not None:
            self._close_timer.cancel()
        # They know each other, which only the collector of cycles would find.
        peer, self._peer = self._peer, None
        if peer is not None:
            self._rounds.later(partial(peer.closed, outcome))
        self._rounds.end(self._socket.close)
