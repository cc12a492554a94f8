"""An SSH connection of asyncssh whose bytes, lines and packets are shown.

asyncssh gets one end of a socket pair; what goes through the pair is carried between it and TCP
here, so the bytes of the wire are seen. What is in the packets that are enciphered is taken where
asyncssh enciphers and deciphers (docs/decisions/wire-hooks.md).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from hubbub.wire.decoding.guessing import guess
from hubbub.wire.decoding.ssh.conversation import SSHConversation
from hubbub.wire.decoding.ssh.packets import SSHLine, SSHPacket, SSHStream, packet_of
from hubbub.wire.ends.tcp import CLOSE_SECONDS, OPPOSITE, Tap
from hubbub.wire.failures import AnotherProtocol, CutOff, TooMuch, WireFailure
from hubbub.wire.seen import Show, Way, note

READ_BYTES: Final = 64 * 1024
MOST_BYTES: Final = 4 * 1024 * 1024
"""How much a server may send during one visit; whoever sends more is left."""
_FIRST: Final = 64
_SENDING: Final = "_send_encryption"
_RECEIVING: Final = "_next_recv_encryption"


class SSHTap:
    """Carry bytes between TCP and asyncssh, and show what they are.

    `socket` is asyncssh's end. `failure` says why nothing is carried any more, where it is a fault;
    `ended` that the other side sends no more.
    """

    def __init__(self, tap: Tap, show: Show, outgoing: Way = Way.SENT, most: int = 0) -> None:
        """Take over a connection, of which at most so many bytes are read if that is not 0."""
        self.socket, self._own = socket.socketpair()
        self._tap = tap
        self._show = show
        self._outgoing = outgoing
        self._most = most
        self._streams = {way: SSHStream() for way in OPPOSITE}
        self._conversation = SSHConversation()
        self._first = b""
        # Enciphered before what goes before them has passed by here.
        self._waiting: list[SSHPacket] = []
        self.failure: WireFailure | None = None
        self.ended = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to carry."""
        reader, writer = await asyncio.open_connection(sock=self._own)
        self._tasks = [
            asyncio.create_task(self._carry_in(writer)),
            asyncio.create_task(self._carry_out(reader)),
        ]

    async def close(self) -> None:
        """Carry what is on its way, and then no more."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(OSError):
            self.socket.close()
        await self._tap.close()

    async def _carry_in(self, writer: asyncio.StreamWriter) -> None:
        incoming, count = OPPOSITE[self._outgoing], 0
        try:
            while data := await self._tap.read():
                self._first = (self._first + data)[:_FIRST]
                count += len(data)
                if self._most and count > self._most:
                    raise TooMuch(f"more than {self._most} bytes came")
                self._see(data, incoming)
                writer.write(data)
                await writer.drain()
            self.ended = True
        except WireFailure as failure:
            self.failure = failure
        except OSError:
            # asyncssh has had enough.
            pass
        finally:
            writer.close()

    async def _carry_out(self, reader: asyncio.StreamReader) -> None:
        with suppress(CutOff, OSError):
            while data := await reader.read(READ_BYTES):
                self._see(data, self._outgoing)
                await self._tap.write(data)
        await self._tap.close()

    def _see(self, data: bytes, way: Way) -> None:
        stream = self._streams[way]
        for thing in stream.feed(data):
            if isinstance(thing, SSHLine):
                self._show(self._conversation.line(thing, way))
            else:
                self._packet(thing, way)
        if stream.encrypted and way is self._outgoing:
            waiting, self._waiting = self._waiting, []
            for packet in waiting:
                self._packet(packet, way)
        if stream.broken and way is not self._outgoing:
            said = guess(self._first, way=way)
            raise AnotherProtocol(f"what came is no SSH: {stream.broken}; {said}")

    def _packet(self, packet: SSHPacket, way: Way) -> None:
        for seen in self._conversation.packet(packet, way):
            self._show(seen)

    @property
    def answered(self) -> str:
        """Return a sentence about what came first."""
        return guess(self._first, "ssh")

    # Inside of asyncssh

    def watch_inside(self, connection: Any) -> None:
        """Show the packets that this connection of asyncssh enciphers and deciphers, too.

        To be called when the connection is made, before anything is sent.
        """
        sending, renewing = connection.send_packet, connection.send_newkeys

        def send_packet(*args: Any, **kwargs: Any) -> None:
            # Some packets go out as soon as there are keys, before send_newkeys returns.
            self._wrap(connection, _SENDING)
            sending(*args, **kwargs)

        def send_newkeys(k: bytes, h: bytes) -> None:
            renewing(k, h)
            wrapped = [self._wrap(connection, attribute) for attribute in (_SENDING, _RECEIVING)]
            if not all(wrapped):
                self._show(note(_NO_INSIDE))

        connection.send_packet, connection.send_newkeys = send_packet, send_newkeys

    def _wrap(self, connection: Any, attribute: str) -> bool:
        """Put a cipher that tells before asyncssh's own; say whether there is one."""
        inner = getattr(connection, attribute, None)
        if inner is not None and not isinstance(inner, PacketCipher):
            setattr(connection, attribute, PacketCipher(inner, self._inside))
        return inner is not None

    def _inside(self, sent: bool, packet: SSHPacket) -> None:
        if not sent:
            self._packet(packet, OPPOSITE[self._outgoing])
        elif self._streams[self._outgoing].encrypted:
            self._packet(packet, self._outgoing)
        else:
            self._waiting.append(packet)


class PacketCipher:
    """Do what a cipher of asyncssh does, and tell of each packet in the clear."""

    def __init__(self, inner: Any, tell: Callable[[bool, SSHPacket], None]) -> None:
        """Stand before `inner`; `tell` is told whether a packet was sent, and the packet."""
        self._inner = inner
        self._tell = tell

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        """Encipher a packet: its length field, and what is behind it."""
        data, mac = self._inner.encrypt_packet(seq, header, packet)
        self._tell(True, packet_of(seq, packet, len(mac), True))
        return data, mac

    def decrypt_header(self, seq: int, first: bytes, length: int) -> tuple[bytes, bytes]:
        """Decipher the first block, in which the length field is."""
        found: tuple[bytes, bytes] = self._inner.decrypt_header(seq, first, length)
        return found

    def decrypt_packet(
        self, seq: int, first: bytes, rest: bytes, length: int, mac: bytes
    ) -> bytes | None:
        """Check and decipher a packet; None where its MAC or tag is wrong."""
        packet: bytes | None = self._inner.decrypt_packet(seq, first, rest, length, mac)
        if packet:
            self._tell(False, packet_of(seq, packet, len(mac), True))
        return packet


_NO_INSIDE: Final = (
    "this version of asyncssh does not let its packets be seen inside: from NEWKEYS on only the "
    "bytes of the wire are shown"
)
