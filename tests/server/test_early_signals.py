"""Signals that come while a server starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.server.early_signals import early_signals, take_up
from tests.e2e.server import Server


def asked(number: int) -> None:
    """Be a process to which a signal has come already."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    os.kill(os.getpid(), number)


def test_a_reload_that_is_asked_for_during_a_start_is_done_when_it_is_over(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.prepare = lambda: asked(signal.SIGHUP)
    with server:
        server.logged("settings reread")


def test_a_drain_that_is_asked_for_during_a_start_follows_it(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_STOP__DRAIN_SECONDS="1")
    server.prepare = lambda: asked(signal.SIGUSR1)
    server.start()
    assert server.ended() == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_start_that_is_no_longer_wanted_ends_at_once_and_as_asked(name: str) -> None:
    program = (
        "import os, signal, threading, time\n"
        "from hubbub.server.early_signals import early_signals\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with early_signals():\n"
        # As a journal is read: a thread for which Python would wait.
        "    threading.Thread(target=time.sleep, args=(600,)).start()\n"
        f"    os.kill(os.getpid(), signal.{name})\n"
        "    time.sleep(600)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


def test_afterwards_all_is_as_before() -> None:
    def handlers() -> list[object]:
        return [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]

    before, mask = handlers(), signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with early_signals():
        assert handlers() != before
        take_up()
    assert (handlers(), signal.pthread_sigmask(signal.SIG_BLOCK, [])) == (before, mask)
