"""One who does not read costs the others nothing, and misses nothing."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

MESSAGES = 25_000
"""Several times what the system's own buffers hold, which take some 4 MB."""
TEXT = "x" * 400
BURST = 50
SMALL = 4096
"""A receive buffer for those who are not to have much in flight."""


def talk(speaker: Client, listener: Client, first: int, last: int) -> None:
    """Say numbered messages; the listener hears each of them meanwhile."""
    for start in range(first, last, BURST):
        numbers = range(start, min(start + BURST, last))
        speaker.send(*(f"PRIVMSG #lobby :{number} {TEXT}" for number in numbers))
        for number in numbers:
            assert listener.until("PRIVMSG").params[1].startswith(f"{number} ")


@pytest.mark.parametrize("door", ["plain", "tls"])
def test_it_misses_nothing_and_nobody_waits(tmp_path: Path, door: str) -> None:
    settings = {
        "HUBBUB_LIMITS__OUTBOX_BYTES": "65536",
        "HUBBUB_LIMITS__CURSOR_MESSAGES": str(MESSAGES),
    }
    with Server(tmp_path / "data", **settings) as server, ExitStack() as stack:
        port, tls = server.ports[door], door == "tls"
        ann = stack.enter_context(Client(port, tls).register("ann").join("#lobby"))
        bob = stack.enter_context(Client(port, tls).register("bob").join("#lobby"))
        talk(ann, bob, 0, 1_000)
        sizes = [server.resident_bytes()]
        talk(ann, bob, 0, MESSAGES)
        sizes.append(server.resident_bytes())
        slow = stack.enter_context(Client(port, tls, SMALL).register("slow").join("#lobby"))
        slow.sync()
        shown = len(slow.seen)
        talk(ann, bob, 0, MESSAGES)
        sizes.append(server.resident_bytes())
        for number in range(MESSAGES):
            assert slow.until("PRIVMSG").params[1] == f"{number} {TEXT}"
        talk(ann, slow, 0, 10)
        assert slow.sync() == []
        assert not [m for m in slow.seen[shown:] if m.command == "NOTICE"]
        # What is kept for the one that does not read is numbers, not the 10 MB that were said.
        assert sizes[2] - sizes[1] < sizes[1] - sizes[0] + 5 * 1024 * 1024


def test_a_gap_is_told_with_its_size(tmp_path: Path) -> None:
    said = 20_000
    settings = {
        "HUBBUB_LIMITS__OUTBOX_BYTES": "65536",
        "HUBBUB_LIMITS__CURSOR_MESSAGES": "5000",
    }
    with Server(tmp_path / "data", **settings) as server, ExitStack() as stack:
        port = server.ports["plain"]
        slow = stack.enter_context(Client(port, receive_buffer=SMALL).register("slow"))
        slow.join("#lobby")
        ann = stack.enter_context(Client(port).register("ann").join("#lobby"))
        bob = stack.enter_context(Client(port).register("bob").join("#lobby"))
        talk(ann, bob, 0, said)
        heard = 0
        message = slow.until("PRIVMSG")
        while message.command == "PRIVMSG":
            assert message.params[1] == f"{heard} {TEXT}"
            heard += 1
            message = slow.until(lambda m: m.command in ("PRIVMSG", "NOTICE"))
        assert 5_000 <= heard < said
        assert f" {said - heard} messages " in message.params[1]
        talk(ann, slow, said, said + 10)


def test_many_that_never_read_leave_the_server_its_memory(tmp_path: Path) -> None:
    with Server(tmp_path / "data", HUBBUB_LIMITS__OUTBOX_BYTES="65536") as server:
        port = server.ports["plain"]
        with ExitStack() as stack:
            ann = stack.enter_context(Client(port).register("ann").join("#lobby"))
            bob = stack.enter_context(Client(port).register("bob").join("#lobby"))
            for number in range(50):
                slow = stack.enter_context(Client(port, receive_buffer=SMALL))
                slow.register(f"slow{number}").join("#lobby")
            bob.sync()
            before = server.resident_bytes()
            talk(ann, bob, 0, 10_000)
            # Unbounded, 50 times up to 4 MB would be kept.
            assert server.resident_bytes() - before < 50 * 3 * 65_536 + 32 * 1024 * 1024
