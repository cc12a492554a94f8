"""`ssh` suspended in a busy channel costs the server its budget, and others nothing."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from pathlib import Path

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen

pytestmark = ssh.NEEDED

MESSAGES = 12_000
# Of the 200 that are kept, some tell who came and went.
SHOWN = 190
GROWTH = 24 * 1024 * 1024
TEXT = "all work and no play makes jack a dull boy " * 8


def test_a_suspended_terminal_is_told_what_it_missed(tmp_path: Path) -> None:
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_LIMITS__STALLED_SECONDS": "1"}
    with (
        Server(tmp_path / "data", **settings) as server,
        Client(server.ports["plain"]) as speaker,
        SSHScreen(server.ports["ssh"], user="sleeper") as sleeper,
    ):
        sleeper.wait_for("you are in #lobby")
        speaker.register("speaker", "echo-message").join("#lobby")
        talk(speaker, 0, 500)
        before = server.resident_bytes()
        sleeper.process.kill(signal.SIGSTOP)
        started = time.monotonic()
        talk(speaker, 500, MESSAGES)
        took = time.monotonic() - started
        assert server.resident_bytes() - before < GROWTH
        # Another one who comes now is served as ever.
        with SSHScreen(server.ports["ssh"], user="other") as other:
            other.wait_for("you are in #lobby")
            other.enter("/quit")
            other.wait_for_end()
        sleeper.process.kill(signal.SIGCONT)
        sleeper.wait_for(f"message {MESSAGES - 1}")
        missed = re.findall(r"You were behind: (\d+) messages", sleeper.raw)
        assert missed
        shown = {int(number) for number in re.findall(r"message (\d+)", sleeper.raw)}
        assert set(range(MESSAGES - SHOWN, MESSAGES)) <= shown
        assert sum(map(int, missed)) + len(shown) >= MESSAGES - 500
        assert took < 60
        # And it goes on.
        sleeper.enter("awake")
        sleeper.wait_for("<sleeper> awake")


def talk(speaker: Client, first: int, end: int) -> None:
    """Say numbered messages, never far ahead of what has come back."""
    for start in range(first, end, 100):
        numbers = range(start, min(start + 100, end))
        speaker.send(*(f"PRIVMSG #lobby :{TEXT} message {number}" for number in numbers))
        for _ in numbers:
            speaker.until("PRIVMSG")


def test_too_many_suspended_terminals_are_closed_the_longest_first(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
        "HUBBUB_LIMITS__STALLED_SECONDS": "1",
        "HUBBUB_LIMITS__SSH_SUSPENDED": "1",
    }
    with (
        contextlib.ExitStack() as stack,
        Server(tmp_path / "data", **settings) as server,
        Client(server.ports["plain"]) as speaker,
        SSHScreen(server.ports["ssh"], user="first") as first,
    ):
        first.wait_for("you are in #lobby")
        speaker.register("speaker", "echo-message").join("#lobby")
        first.process.kill(signal.SIGSTOP)
        talk(speaker, 0, 9000)
        # Only now: what nobody reads from its terminal would suspend it too.
        second = stack.enter_context(SSHScreen(server.ports["ssh"], user="second"))
        second.wait_for("you are in #lobby")
        second.process.kill(signal.SIGSTOP)
        talk(speaker, 9000, 18_000)
        left = [message.nick for message in speaker.seen if message.command == "QUIT"]
        assert (left or [speaker.until("QUIT").nick]) == ["first"]
        second.process.kill(signal.SIGCONT)
        second.wait_for("message 17999")
        first.process.kill(signal.SIGCONT)
