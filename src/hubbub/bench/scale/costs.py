"""What things cost: the figures that the model is fed with, each with where it was measured.

CPU is in microseconds of one core of the machine that was measured, times are in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Costs:
    """Hold what a node, a server of the log, a disk and a session cost.

    A node's share is of its one Python loop; that of the journal's thread stands beside it, for
    SQLite runs without the interpreter's lock. A batch costs something by itself, and something for
    each record in it.
    """

    # Of a node, for a message.
    said: float = 9.0
    """Read, parsed, decided and put into a batch, at the node where somebody says it."""
    heard: float = 12.0
    """Decoded, given its place, applied and encoded, at every node."""
    stored: float = 10.0
    """Written into the archive by the journal's thread, at every node."""
    written: float = 5.4
    """One write to a socket, of however many messages."""
    copied: float = 0.05
    """One more message in a write."""
    # Of a node, for a batch.
    appended: float = 106.0
    """Sent to the log and acknowledged, at the node that asks."""
    taken: float = 50.0
    """Received from the log, at every node."""
    # Of a server of the log.
    ordered: float = 270.0
    """A batch, at each server of the quorum, while few come."""
    ordered_busy: float = 12.0
    """The same while many come at once and share their writes to the disk."""
    kept: float = 0.8
    """A record in a batch."""
    # Of a disk and of wires.
    sync_median: float = 0.4
    sync_p99: float = 3.0
    record_bytes: int = 190
    """A message as it is in a batch."""
    line_bytes: int = 128
    """The same as a client is told."""
    # Of memory, in bytes.
    process: int = 110_000_000
    session: int = 19_400
    known: int = 3_000
    """A person in the World with five channels, on every node, wherever the connection is."""
    # Of a start.
    coming_back: float = 1_320.0
    """CPU of a client that comes back by TLS to one channel of 1,000."""


MEASURED: Final = (
    ("said, heard", "`python -m tools.measure_messages`"),
    ("written, copied", "a, b and c of the results"),
    ("stored", "c of the results: a third of a message's CPU is the journal's thread"),
    ("appended, taken, ordered, kept", "R3 with every write synced, batches of 1 and of 100"),
    ("sync", "one fdatasync of 4 KiB on the machine of the results, and on a busy one"),
    ("session, coming_back", "`memory` and `rejoin` of the results"),
    ("known", "`python -m tools.measure_memory`"),
)
"""Which figure comes from where, for the page."""
