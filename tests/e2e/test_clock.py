"""A machine whose clock is set wrong, and right again, under a server and between two starts."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
CAPS = ("echo-message", "server-time", "message-tags", "batch", "draft/chathistory")
YEAR = "+31536000"


class Machine:
    """Run servers on a machine whose time of day the test sets."""

    def __init__(self, path: Path) -> None:
        found = [f for root in LIBRARIES for f in Path(root).glob("**/faketime/libfaketime.so.1")]
        if not found:
            pytest.skip("faketime is not installed: no clock can be set wrong")
        self.data = path / "data"
        self._time = path / "time"
        self.set("+0")
        self.server = Server(
            self.data,
            LD_PRELOAD=str(found[0]),
            FAKETIME_TIMESTAMP_FILE=str(self._time),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            DONT_FAKE_MONOTONIC="1",
        )

    def set(self, offset: str) -> None:
        """Set the clock so many seconds from the right time."""
        self._time.write_text(f"{offset}\n")

    @contextmanager
    def speaker(self) -> Iterator[Client]:
        """Start a server, and give a client in #lobby."""
        with self.server, Client(self.server.ports["plain"]) as client:
            yield client.register("ann", *CAPS).join("#lobby")

    def run(self, *words: str, code: int = 0) -> str:
        """Have an operator's command carried out, which exits with a code."""
        command = [sys.executable, "-m", "hubbub", *words, "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout


def say(client: Client, *texts: str) -> list[Message]:
    client.send(*(f"PRIVMSG #lobby :{text}" for text in texts))
    return [
        client.until(lambda m, text=text: m.command == "PRIVMSG" and m.params[1] == text)  # type: ignore[misc]
        for text in texts
    ]


def shown(message: Message) -> float:
    """Return the time that a message shows, in seconds since 1970, to the millisecond."""
    return datetime.fromisoformat(message.tags["time"].replace("Z", "+00:00")).timestamp()


def page_by_time(client: Client, most: int) -> list[str]:
    """Return all that was said, page by page by the times shown."""
    texts: list[str] = []
    bound = "2020-01-01T00:00:00.000Z"
    while True:
        client.send(f"CHATHISTORY AFTER #lobby timestamp={bound} {most}")
        client.until(lambda m: m.command == "BATCH" and m.params[0].startswith("+"))
        page = []
        while (message := client.next()).command != "BATCH":
            page.append(message)
        if not page:
            return texts
        texts += [message.params[1] for message in page]
        bound = page[-1].tags["time"]


def test_a_clock_that_leaps_under_a_server(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with machine.speaker() as ann:
        messages = say(ann, "right")
        texts = ["right"]
        for offset, trouble in (("-3600", "behind"), (YEAR, "leapt 365.0 days ahead")):
            machine.set(offset)
            machine.server.logged("trouble")
            more = [f"{offset} {n}" for n in range(20)]
            messages += say(ann, *more)
            texts += more
            status = machine.run("status", code=1)
            (line,) = re.findall(r"^clock +(.*)$", status, re.M)
            assert trouble in line
        machine.run("ban", "add", "198.51.100.7", "--expires", "1h")
        machine.set("+0")
        machine.server.logged("trouble is over")
        messages += say(ann, "right again")
        texts.append("right again")
        times = [round(shown(message) * 1000) for message in messages]
        assert times == sorted(set(times))
        assert all(abs(shown(message) - time.time()) < 60 for message in messages)
        assert page_by_time(ann, 7) == texts
        assert "clock" not in machine.run("status")
        (left,) = re.findall(r"198\.51\.100\.7/32 for (\S+) more", machine.run("ban", "list"))
        assert left.startswith(("59m", "1h", "60m")), left


def test_a_start_with_a_clock_a_year_ahead_is_put_right(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with machine.speaker() as ann:
        say(ann, "before")
    machine.set(YEAR)
    with machine.speaker() as ann:
        (message,) = say(ann, "a year ahead")
        assert shown(message) > time.time() + 300 * 86_400
        machine.run("ban", "add", "198.51.100.7", "--expires", "1h")
        machine.run("invite", "add", "--expires", "1h")
    machine.set("+0")
    for _ in range(2):
        with machine.speaker() as ann:
            (message,) = say(ann, "after")
            assert abs(shown(message) - time.time()) < 60
            texts = page_by_time(ann, 1)
            assert texts[:3] == ["before", "a year ahead", "after"]
            (left,) = re.findall(r"198\.51\.100\.7/32 for (\S+) more", machine.run("ban", "list"))
            assert left.startswith(("59m", "1h", "60m")), left
            (day,) = re.findall(r"expires (\S+)", machine.run("invite", "list"))
            assert (
                abs((datetime.fromisoformat(day).replace(tzinfo=UTC)).timestamp() - time.time())
                < 2 * 86_400
            )
            assert "clock" not in machine.run("status")
    assert "had been ahead" in machine.server.log.read_text()
