"""Channels full of clients, ready to be loaded: who speaks, who listens, and what is said."""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import Final

from hubbub.bench.contestants.servers import Server
from hubbub.bench.errors import Miscount, ServerFailed
from hubbub.bench.loads.crowd import PATIENCE, ClientCrowd, Step, join, nicks, register, synchronise
from hubbub.bench.loads.peers import MeasuredPeer

MESSAGE_BYTES: Final = 128
"""The length of every delivered line, its source, text and line ending included."""
_PROBE: Final = "probe"


class Witness:
    """A listener that decrypts everything and counts the lines in it."""

    __slots__ = ("lines", "peer")

    def __init__(self, peer: MeasuredPeer) -> None:
        """Listen in place of a peer."""
        self.peer = peer
        self.lines = 0

    def count(self) -> int:
        """Read, count the bytes for the peer and the lines for itself; return the bytes."""
        data = self.peer.read()
        self.peer.counted += len(data)
        self.lines += data.count(b"\n")
        return len(data)


class MeasuredRoom:
    """A channel with a bounded number of messages in flight.

    A message is in flight until the slowest listener has it. Speakers hear each other, but nobody
    hears themselves, so the window looks at those that only listen.
    """

    __slots__ = ("_slowest", "_turn", "channel", "done", "listeners", "message", "sent", "speakers",
                 "spoken", "window", "witness")  # fmt: skip

    def __init__(
        self, channel: str, members: Sequence[MeasuredPeer], speakers: int, window: int
    ) -> None:
        """Make the first members of a channel its speakers."""
        self.channel = channel
        self.speakers = list(members[:speakers])
        self.listeners = list(members[speakers:])
        self.witness = Witness(self.listeners[0])
        self.window = window
        self.message = b""
        self.sent = 0
        self.done = 0
        self.spoken = [0] * len(self.speakers)
        self._slowest = self.listeners[0]
        self._turn = 0

    def speak(self, count: int) -> None:
        """Send messages, shared out evenly among the speakers, who take turns."""
        self.sent += count
        each, more = divmod(count, len(self.speakers))
        for offset in range(len(self.speakers) if each else more):
            number = (self._turn + offset) % len(self.speakers)
            mine = each + (offset < more)
            self.spoken[number] += mine
            self.speakers[number].send(self.message * mine)
        self._turn += more

    def look(self) -> int:
        """Return how many messages may be sent now."""
        if self._slowest.counted // MESSAGE_BYTES > self.done:
            self._slowest = min(self.listeners, key=_counted)
            self.done = self._slowest.counted // MESSAGE_BYTES
        return self.window - (self.sent - self.done)

    def check(self) -> bool:
        """Return whether everybody has everything. Raises Miscount if somebody has too much."""
        complete = True
        for peer, own in self._owed():
            expected = (self.sent - own) * MESSAGE_BYTES
            if peer.counted > expected:
                raise Miscount(f"{peer.nick} has {peer.counted} bytes, {expected} were sent")
            complete = complete and peer.counted == expected
        if complete and self.witness.lines != self.sent:
            raise Miscount(f"{self.witness.lines} lines for {self.sent} messages")
        return complete

    def forget(self) -> None:
        """Count from zero again."""
        self.sent = self.done = self._turn = self.witness.lines = 0
        self.spoken = [0] * len(self.speakers)
        for peer in (*self.speakers, *self.listeners):
            peer.counted = 0

    def _owed(self) -> list[tuple[MeasuredPeer, int]]:
        speaking = zip(self.speakers, self.spoken, strict=True)
        return [*speaking, *((peer, 0) for peer in self.listeners)]


def _counted(peer: MeasuredPeer) -> int:
    return peer.counted


class Hall:
    """A crowd spread over rooms of equal size."""

    def __init__(self, server: Server, *, tls: bool) -> None:
        """Prepare an empty hall."""
        self.server = server
        self.crowd = ClientCrowd(server, tls=tls)
        self.rooms: list[MeasuredRoom] = []

    def fill(self, rooms: int, size: int, speakers: int, window: int) -> None:
        """Bring `size` clients into each of `rooms` channels and agree on the message.

        The first `speakers` of each room speak, with `window` messages in flight in the room.
        """
        names = nicks(rooms * size)
        channels = {name: f"#bench{index // size:03d}" for index, name in enumerate(names)}

        def script(peer: MeasuredPeer) -> list[Step]:
            return [register(peer), join(peer, channels[peer.nick])]

        self.crowd.enter(names, script)
        members = {peer.nick: peer for peer in self.crowd.peers}
        for start in range(0, len(names), size):
            group = [members[name] for name in names[start : start + size]]
            room = MeasuredRoom(channels[names[start]], group, speakers, window)
            self.rooms.append(room)
        self.crowd.converse(lambda peer: [synchronise(peer)])
        self._agree()

    def counters(self) -> dict[int, tuple[Callable[[], int], MeasuredRoom]]:
        """Return for each descriptor what counts its bytes, and its room."""
        found: dict[int, tuple[Callable[[], int], MeasuredRoom]] = {}
        for room in self.rooms:
            for peer in (*room.speakers, *room.listeners):
                found[peer.fileno] = (peer.count, room)
            found[room.witness.peer.fileno] = (room.witness.count, room)
        return found

    def close(self) -> None:
        """Disconnect everybody."""
        self.crowd.close()

    def _agree(self) -> None:
        """Find out how long a source this server puts before a text; choose texts to fit."""
        # Sources are equally long in all rooms, for all nicks and channel names are.
        room = self.rooms[0]
        room.speakers[0].send(f"PRIVMSG {room.channel} :{_PROBE}\r\n".encode())
        source = len(self._hear(room.witness.peer)) - len(_PROBE)
        if source >= MESSAGE_BYTES:
            raise ServerFailed(f"its lines need {source} bytes before the text")
        text = "x" * (MESSAGE_BYTES - source)
        for each in self.rooms:
            each.message = f"PRIVMSG {each.channel} :{text}\r\n".encode()
            each.forget()
        self.crowd.converse(lambda peer: [synchronise(peer)])

    def _hear(self, peer: MeasuredPeer) -> bytes:
        """Wait for the probe and return its line."""
        line = b""
        with select.epoll() as poller:
            poller.register(peer.fileno, select.EPOLLIN)
            while not line.endswith(b"\n"):
                if not poller.poll(PATIENCE):
                    raise ServerFailed("a first message did not arrive")
                line += peer.read()
        return line
