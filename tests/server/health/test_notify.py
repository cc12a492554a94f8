"""What a service manager hears."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.server.health.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(manager: socket.socket) -> list[list[str]]:
    """Return what has been told: the lines of each datagram."""
    told = []
    while True:
        try:
            told.append(manager.recv(4096).decode().split("\n"))
        except BlockingIOError:
            return told


def test_it_is_taken_out_of_the_environment_for_no_child_is_to_speak() -> None:
    environment = {
        "NOTIFY_SOCKET": "/run/x",
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
        "HOME": "/",
    }
    assert Notifier.taken_from(environment).address == "/run/x"
    assert environment == {"HOME": "/"}


@pytest.mark.parametrize("address", ["", "vsock:2:1", "relative"])
async def test_without_an_address_that_can_be_used_nothing_is_told(address: str) -> None:
    notifier = Notifier.taken_from({"NOTIFY_SOCKET": address})
    assert notifier.address == ""
    notifier.start()
    notifier.ready()
    assert notifier._timer is None


def test_ready_and_stopping(manager: socket.socket) -> None:
    notifier = Notifier(manager.getsockname())
    notifier.status = lambda: "fine"
    notifier.ready()
    notifier.status = lambda: "bad\nREADY=0"
    notifier.stopping()
    first, second = heard(manager)
    assert first == ["READY=1", "STATUS=fine"]
    # Whatever is said stays on its line.
    assert second[0] == "STOPPING=1"
    assert len(second) == 2


def test_abstract_names() -> None:
    name = f"hubbub-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.setblocking(False)
        Notifier(f"@{name}").ready()
        assert heard(listening) == [["READY=1", "STATUS=starting"]]


def test_a_reload_has_a_beginning_with_its_time_and_an_end(manager: socket.socket) -> None:
    notifier = Notifier(manager.getsockname())
    notifier.ready()
    heard(manager)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    with notifier.reloading():
        [[reloading, at]] = heard(manager)
    assert reloading == "RELOADING=1"
    name, _, stamp = at.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(stamp) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert heard(manager) == [["READY=1"]]


async def beats(notifier: Notifier, manager: socket.socket, count: int) -> list[list[str]]:
    """Return so many datagrams that come by themselves."""
    loop = asyncio.get_running_loop()
    notifier.start()
    try:
        async with asyncio.timeout(10):
            got = [await loop.sock_recv(manager, 4096) for _ in range(count)]
            return [data.decode().split("\n") for data in got]
    finally:
        notifier.stop()


async def test_the_loop_gives_signs_of_life_more_often_than_the_watchdog_wants(
    manager: socket.socket,
) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "100000"}
    notifier = Notifier.taken_from(environment)
    notifier.is_passing = lambda: False
    begun = time.monotonic()
    told = await beats(notifier, manager, 4)
    assert told == [["WATCHDOG=1", "STATUS=starting"], *[["WATCHDOG=1"]] * 3]
    assert time.monotonic() - begun >= 3 * 0.05 * 0.9
    # Nothing follows.
    assert heard(manager) == []


async def test_a_watchdog_of_another_process_is_none_of_ours(manager: socket.socket) -> None:
    notifier = Notifier.taken_from(
        {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}
    )
    [told] = await beats(notifier, manager, 1)
    assert "WATCHDOG=1" not in told


async def test_a_start_or_stop_that_goes_on_asks_for_time(manager: socket.socket) -> None:
    notifier = Notifier(manager.getsockname(), 0.1)
    told = await beats(notifier, manager, 2)
    assert all("EXTEND_TIMEOUT_USEC=15000000" in lines for lines in told)


def test_a_manager_that_has_gone_is_complained_of_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notifier = Notifier(str(tmp_path / "gone"))
    for _ in range(3):
        notifier.ready()
    assert capsys.readouterr().out.count("the service manager was not told") == 1


def filled(manager: socket.socket) -> int:
    """Fill the socket of a manager that does not read; return how much it holds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.setblocking(False)
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                other.sendto(b"X=1", manager.getsockname())
                count += 1
        return count


async def test_what_a_busy_manager_could_not_take_is_told_when_it_can(
    manager: socket.socket,
) -> None:
    notifier = Notifier(manager.getsockname(), 0.1)
    notifier.status, notifier.is_passing = lambda: "fine", lambda: False
    assert filled(manager) > 0
    notifier.ready()
    with notifier.reloading():
        pass
    assert {line for lines in heard(manager) for line in lines} == {"X=1"}
    # Nothing of a reload that is over, which would seem to go on.
    assert await beats(notifier, manager, 2) == [
        ["READY=1", "STATUS=fine", "WATCHDOG=1"],
        ["WATCHDOG=1"],
    ]
