"""The driver's end of one connection: cheap to read from, plain or TLS.

While a crowd is being built a peer reads text. While load is measured it only counts bytes: plain
ones as they come, TLS ones from the headers of the records, without decrypting them, so that the
driver needs less CPU than any server it drives. A few witnesses decrypt everything, and what they
find has to agree with the counts.
"""

from __future__ import annotations

import select
import socket
import ssl
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Final

from hubbub.bench.errors import PeerClosed

RECEIVE_BYTES: Final = 256 * 1024
_WRITABLE_MILLISECONDS: Final = 30_000
_RECORD_HEADER: Final = 5
# TLS 1.3 adds a content type and a 16-byte tag to what is sent (RFC 8446 5.2); no server pads.
_RECORD_OVERHEAD: Final = 17

_buffer: Final = bytearray(RECEIVE_BYTES)
_view: Final = memoryview(_buffer)


class MeasuredPeer(ABC):
    """A non-blocking connection to the server under test."""

    __slots__ = ("counted", "fileno", "nick", "room", "sock")

    def __init__(self, sock: socket.socket, nick: str) -> None:
        """Take over a connecting socket."""
        self.sock = sock
        self.fileno = sock.fileno()
        self.nick = nick
        self.counted = 0
        self.room = 0

    def close(self) -> None:
        """Close the socket; the server sees an end of file or a reset."""
        self.sock.close()

    def _receive(self) -> int:
        """Fill the shared buffer and return the number of bytes, 0 if nothing was there."""
        try:
            count = self.sock.recv_into(_buffer)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            raise PeerClosed(f"{self.nick}: {error}") from error
        if not count:
            raise PeerClosed(f"{self.nick}: closed by the server")
        return count

    def _transmit(self, data: bytes) -> None:
        while data:
            try:
                data = data[self.sock.send(data) :]
            except BlockingIOError:
                self._wait_writable()
            except OSError as error:
                raise PeerClosed(f"{self.nick}: {error}") from error

    def _wait_writable(self) -> None:
        # What a driver sends at once is far below a socket's buffer, so this is the exception.
        poller = select.poll()
        poller.register(self.fileno, select.POLLOUT)
        if not poller.poll(_WRITABLE_MILLISECONDS):
            raise PeerClosed(f"{self.nick}: the server does not read")

    @abstractmethod
    def shake_hands(self) -> bool:
        """Go on with the handshake; return whether it is complete."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send some lines."""

    @abstractmethod
    def read(self) -> bytes:
        """Return the text that has come, b"" if none."""

    @abstractmethod
    def count(self) -> int:
        """Read what has come, add its length without TLS to `counted`, and return that length."""


class PlainPeer(MeasuredPeer):
    """A peer over TCP."""

    __slots__ = ()

    def shake_hands(self) -> bool:
        """Return True; there is nothing to negotiate."""
        return True

    def send(self, data: bytes) -> None:
        """Send some lines."""
        self._transmit(data)

    def read(self) -> bytes:
        """Return the text that has come, b"" if none."""
        return _view[: self._receive()].tobytes()

    def count(self) -> int:
        """Read and count bytes."""
        count = self._receive()
        self.counted += count
        return count


class TlsPeer(MeasuredPeer):
    """A peer over TLS 1.3."""

    __slots__ = ("_header", "_incoming", "_outgoing", "_rest", "tls")

    def __init__(self, sock: socket.socket, nick: str, context: ssl.SSLContext) -> None:
        """Take over a connecting socket; every handshake is a full one."""
        super().__init__(sock, nick)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing)
        self._header = b""
        self._rest = 0

    def shake_hands(self) -> bool:
        """Go on with the handshake; return whether it is complete."""
        self._incoming.write(_view[: self._receive()])
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise PeerClosed(f"{self.nick}: {error}") from error
        finally:
            self._transmit(self._outgoing.read())
        return True

    def send(self, data: bytes) -> None:
        """Encrypt and send some lines."""
        self.tls.write(data)
        self._transmit(self._outgoing.read())

    def read(self) -> bytes:
        """Return the decrypted text that has come, b"" if none."""
        self._incoming.write(_view[: self._receive()])
        pieces: list[bytes] = []
        with suppress(ssl.SSLWantReadError):
            while piece := self.tls.read(RECEIVE_BYTES):
                pieces.append(piece)
        return b"".join(pieces)

    def count(self) -> int:
        """Read records and count what is in them, going by their headers."""
        end = self._receive()
        if not end:
            return 0
        if self._rest >= end:
            self._rest -= end
            return 0
        return self._walk(end)

    def _walk(self, end: int) -> int:
        """Step over the records in the buffer; a record counts when its header is seen."""
        position = self._rest
        total = 0
        # A read ends anywhere, also within the five bytes that say how long the next record is.
        if self._header:
            missing = _RECORD_HEADER - len(self._header)
            header = self._header + _buffer[: min(missing, end)]
            if len(header) < _RECORD_HEADER:
                self._header = bytes(header)
                return 0
            size = header[3] << 8 | header[4]
            total = size - _RECORD_OVERHEAD
            position = missing + size
            self._header = b""
        while position + _RECORD_HEADER <= end:
            size = _buffer[position + 3] << 8 | _buffer[position + 4]
            total += size - _RECORD_OVERHEAD
            position += _RECORD_HEADER + size
        # Either the rest of a header is to come, or `_rest` bytes of a record that counts already.
        if position < end:
            self._header = bytes(_buffer[position:end])
            self._rest = 0
        else:
            self._rest = position - end
        self.counted += total
        return total


def client_context() -> ssl.SSLContext:
    """Return the context of all TLS peers: TLS 1.3 only, any certificate, no tickets reused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def begin(port: int, nick: str, context: ssl.SSLContext | None) -> MeasuredPeer:
    """Begin to connect to a port of 127.0.0.1, with TLS if there is a context."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.connect_ex(("127.0.0.1", port))
    return TlsPeer(sock, nick, context) if context else PlainPeer(sock, nick)
