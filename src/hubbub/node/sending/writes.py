"""What goes straight to sockets in a step of writing: all of it is handed on in one call."""

from __future__ import annotations

from typing import Protocol

import structlog

from hubbub.transport.sending import send_all
from hubbub.transport.stream import Stream

_log = structlog.get_logger(__name__)


class Offering(Protocol):
    """Whose bytes they are: an outbox."""

    def keep(self, data: bytes) -> None:
        """Learn that some of this has to wait until `writable` is called."""

    def give_up(self) -> None:
        """End the connection."""


def straight(outlet: object) -> Stream | None:
    """Return the stream that an outlet is, if nothing stands between it and the system."""
    return outlet if isinstance(outlet, Stream) and not outlet.tls else None


class Writes:
    """Collect writes, each to another socket, and pass them on together.

    Between `add` and `send` no stream may be closed: its descriptor could be another's then.
    """

    __slots__ = ("_descriptors", "_messages", "_streams", "_writers")

    def __init__(self) -> None:
        self._streams: list[Stream] = []
        self._writers: list[Offering] = []
        self._descriptors: list[int] = []
        self._messages: list[bytes] = []

    def add(self, stream: Stream, writer: Offering, data: bytes) -> None:
        """Take what is for a stream that is `straight` and free."""
        self._streams.append(stream)
        self._writers.append(writer)
        self._descriptors.append(stream.descriptor)
        self._messages.append(data)

    def send(self) -> None:
        """Pass all of it on, and let those wait whose sockets did not take everything."""
        streams, writers, messages = self._streams, self._writers, self._messages
        if not streams:
            return
        descriptors = self._descriptors
        # Whatever happens here, none of it may ever be sent again.
        self._streams, self._writers, self._descriptors, self._messages = [], [], [], []
        taken = send_all(descriptors, messages)
        for number, accepted in enumerate(taken or ()):
            data = messages[number]
            if accepted != len(data):
                try:
                    streams[number].took(data, accepted)
                    writers[number].keep(data)
                except Exception:
                    self.failed(writers[number])

    def failed(self, writer: Offering) -> None:
        """Give up who could not be written to: the others' turn comes all the same."""
        _log.exception("a connection could not be written to")
        writer.give_up()
