"""IRC over WebSocket (RFC 6455, IRCv3 websocket): one line a message, without its CR LF.

To its owner a WebSocket is what a stream is: lines with their endings go in and come out, and what
the socket does not take is kept and told in the same way. Both subprotocols accept both kinds of
message; they differ in what is sent.
"""

from __future__ import annotations

from typing import Final

from websockets.frames import CTRL_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from hubbub.transport.stream import CLOSE_SECONDS, Address, Stream, StreamPeer

BINARY: Final = Subprotocol("binary.ircv3.net")
TEXT: Final = Subprotocol("text.ircv3.net")

MESSAGE_BYTES: Final = 32 * 1024
"""The largest message, in however many frames; more than any line may have, so that lines which are
merely too long are answered as on other doors. Beyond it: closed with 1009."""
EMPTY_FRAMES: Final = 64
"""Frames of one read that bring no line: pings, empty messages, parts. More: closed with 1008, for
a read can hold thousands, each of which costs time and tells nothing."""

_FAULTS: Final[dict[int, str]] = {
    CloseCode.PROTOCOL_ERROR: "WebSocket: protocol error",
    CloseCode.INVALID_DATA: "WebSocket: text that is not UTF-8",
    CloseCode.MESSAGE_TOO_BIG: "WebSocket: message too big",
    CloseCode.POLICY_VIOLATION: "WebSocket: too many frames that bring nothing",
}


class WebSocket:
    """Carry lines over a stream whose opening handshake is done.

    It owns the stream, and does nothing until `attach` names its own owner.
    """

    __slots__ = (
        "_message",
        "_opcode",
        "_peer",
        "_pong",
        "_protocol",
        "_stream",
        "_text",
        "peer_address",
    )

    def __init__(self, stream: Stream, protocol: ServerProtocol, address: Address) -> None:
        """Take over a stream; `address` is the client's, which may be behind a proxy."""
        self.peer_address = address
        self._stream = stream
        self._protocol = protocol
        self._opcode = Opcode.BINARY if protocol.subprotocol == BINARY else Opcode.TEXT
        self._peer: StreamPeer | None = None
        self._message = bytearray()
        self._text = False
        self._pong = b""

    @property
    def tls(self) -> bool:
        """Tell whether the connection is encrypted."""
        return self._stream.tls

    @property
    def certificate_fingerprint(self) -> str:
        """Return "": the client's certificate is not asked for, and a proxy's would not be it."""
        return ""

    @property
    def unsent(self) -> int:
        """Return how many bytes are kept until the socket takes them."""
        return self._stream.unsent

    @property
    def last_accepted(self) -> float:
        """Return the loop's time when the socket last accepted bytes that had waited."""
        return self._stream.last_accepted

    def attach(self, peer: StreamPeer) -> None:
        """Name the owner."""
        self._peer = peer

    # Sending

    def send(self, data: bytes) -> bool:
        """Pass whole lines on; False when some are kept and `writable` will be called."""
        if self._protocol.state is not OPEN:
            return False
        return self._stream.send(self._framed(data))

    def _framed(self, data: bytes) -> bytes:
        """Return a frame for each line."""
        opcode = self._opcode
        return b"".join(
            Frame(opcode, line).serialize(mask=False) for line in data.split(b"\r\n") if line
        )

    def pause_reading(self) -> None:
        """Read nothing more."""
        self._stream.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._stream.resume_reading()

    def close(self, timeout: float = CLOSE_SECONDS, last: bytes = b"") -> None:
        """Send what is kept, the lines in `last` and a close frame, and close."""
        lines = self._framed(last)
        if self._protocol.state is OPEN:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
        self._stream.close(timeout, lines + b"".join(self._protocol.data_to_send()))

    def abort(self) -> None:
        """Drop everything and reset the connection."""
        self._stream.abort()

    # What the stream tells

    def received(self, data: bytes) -> None:
        """Take bytes that arrived: hand on the lines, answer pings, and close if asked to."""
        self._protocol.receive_data(data)
        lines = self._lines()
        if lines and self._peer is not None:
            self._peer.received(lines)
        self._answer()

    def _lines(self) -> bytes:
        """Return the lines that the frames of one read complete, each with its ending."""
        lines, empty = bytearray(), 0
        for frame in self._protocol.events_received():
            # What brings no line is counted: it costs work, and no bound on lines would end it.
            if not isinstance(frame, Frame) or frame.opcode in CTRL_OPCODES:
                empty += 1
                continue
            if frame.opcode is not Opcode.CONT:
                self._text = frame.opcode is Opcode.TEXT
            self._message += frame.data
            if not (frame.fin and self._message):
                empty += 1
                continue
            # Of the whole message, for a frame may end within a character (RFC 6455 8.1).
            if self._text and not _is_utf8(self._message):
                self._fail(CloseCode.INVALID_DATA)
                break
            lines += self._message + b"\r\n"
            self._message.clear()
        if empty > EMPTY_FRAMES:
            self._fail(CloseCode.POLICY_VIOLATION)
        return bytes(lines)

    def _fail(self, code: CloseCode) -> None:
        if self._protocol.state is OPEN:
            self._protocol.fail(code, _FAULTS[code].removeprefix("WebSocket: "))

    def _answer(self) -> None:
        """Send what the protocol answers by itself: pongs, and the end."""
        frames = self._protocol.data_to_send()
        if self._protocol.close_expected():
            self._stream.close(last=b"".join(frames))
        elif frames and self._stream.unsent:
            # Only the last ping needs an answer (RFC 6455 5.5.3); more would have no bound.
            self._pong = frames[-1]
        elif frames:
            self._stream.send(frames[-1])

    def writable(self) -> None:
        """Go on sending."""
        pong, self._pong = self._pong, b""
        if pong and not self._stream.send(pong):
            return
        if self._peer is not None:
            self._peer.writable()

    def closed(self, error: str | None) -> None:
        """Tell the owner that the connection has ended, and why."""
        sent = self._protocol.close_sent
        fault = _FAULTS.get(sent.code) if sent is not None and error is None else None
        if self._peer is not None:
            self._peer.closed(fault or error)


def _is_utf8(data: bytearray) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
