"""What is looked at once a second: the clock, the control socket, the lock, what is wrong."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hubbub.journal.steady_clock import SteadyClock
from hubbub.node.monitoring.troubles import Troubles
from hubbub.server import watcher as room
from hubbub.server.data_directory import LOCK_NAME, DataDirectory
from hubbub.server.watcher import Watcher

HOUR = 3600 * 1_000_000


class Watched:
    """A server whose clock, socket and directory the test changes."""

    def __init__(self, path: Path) -> None:
        self.wall = 1_700_000_000_000_000
        self.socket_was_gone = False
        self.lost: list[str] = []
        self.troubles = Troubles()
        self.directory = DataDirectory(path)
        self.clock = SteadyClock(lambda: self.wall, lambda: 0.0)
        self.collected = 0
        self.watcher = Watcher(
            self.clock, self.directory, self.troubles, self.control, self.lost.append, self.collect
        )

    def collect(self) -> None:
        self.collected += 1

    def control(self) -> bool:
        return self.socket_was_gone

    def look(self) -> list[str]:
        """Have it look once, and return what it logged."""
        with capture_logs() as logged:
            self.watcher.start()
        self.watcher.stop()
        return [str(line["event"]) for line in logged]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    made.directory.close()


async def test_nothing_is_said_while_all_is_well(watched: Watched) -> None:
    assert watched.look() == watched.look() == []
    assert watched.troubles.now() == {}
    assert watched.collected == 2


async def test_a_clock_that_leaps_is_told_of_until_it_is_right(watched: Watched) -> None:
    watched.wall += HOUR
    assert watched.look() == ["trouble"]
    assert "leapt" in watched.troubles.now()["clock"]
    assert watched.look() == [], "once"
    watched.wall -= HOUR
    assert watched.look() == ["trouble is over"]


async def test_a_control_socket_that_was_removed_is_said_to_be_open_anew(watched: Watched) -> None:
    watched.socket_was_gone = True
    assert watched.look() == ["the control socket was removed; opened anew"]


async def test_a_lock_that_was_removed_is_taken_again(watched: Watched) -> None:
    (watched.directory.path / LOCK_NAME).unlink()
    assert watched.look() == ["the lock file was removed; made anew"]
    assert (watched.directory.path / LOCK_NAME).read_text().strip() == str(os.getpid())
    assert watched.look() == []
    assert watched.lost == []


async def test_where_another_server_has_the_directory_this_one_is_told(watched: Watched) -> None:
    (watched.directory.path / LOCK_NAME).unlink()
    with DataDirectory(watched.directory.path):
        watched.look()
    (why,) = watched.lost
    assert "another server has the directory now; stop one of the two" in why


async def test_a_directory_that_cannot_be_locked_for_now_is_no_reason_to_stop(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> bool:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(watched.directory, "hold", full)
    assert watched.look() == ["the data directory cannot be locked"]
    assert watched.lost == []


async def test_a_fault_in_one_look_is_not_the_last_of_all_looks(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.0)
    again = asyncio.Event()

    def broken() -> bool:
        monkeypatch.setattr(watched.directory, "hold", heard)
        raise LookupError

    def heard() -> bool:
        again.set()
        return False

    monkeypatch.setattr(watched.directory, "hold", broken)
    with pytest.raises(LookupError):
        watched.watcher.start()
    await asyncio.wait_for(again.wait(), 20)
    watched.watcher.stop()


async def test_by_how_much_looks_come_late_is_counted(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LOOK_SECONDS", -2.0)
    watched.look()
    assert sum(watched.watcher.late.counts) == 0, "the first is not late"
    watched.look()
    assert sum(watched.watcher.late.counts) == 1
    assert watched.watcher.late.sum >= 2.0


async def test_who_never_began_can_stop(watched: Watched) -> None:
    watched.watcher.stop()
    assert watched.look() == []
