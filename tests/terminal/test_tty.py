"""The terminal that this process runs on: taken whole, and given back as it was."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import signal
import socket
import sys
import termios
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pexpect
import pyte
import pytest

from hubbub.terminal.tty import BOUND, Tty

from . import servers
from .screen import profile
from .servers import Running


def modes(process: Any) -> list[Any]:
    """Return the modes of the terminal of a process."""
    return termios.tcgetattr(process.child_fd)


def is_raw(process: Any) -> bool:
    """Say whether keys come one by one and nothing shows them."""
    return not modes(process)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Any]:
    """Run an interactive shell, which controls its jobs."""
    environment = {**os.environ, **profile(tmp_path), "TERM": "xterm", "PS1": "shell$ "}
    process = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env=environment,
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=20,
    )
    process.logfile_read = io.StringIO()
    process.expect_exact("shell$ ")
    yield process
    process.close(force=True)


def status_lines(shown: str) -> list[str]:
    """Return the status lines on a terminal that was shown this."""
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(shown)
    return [row for row in screen.display if "│ connected" in row]


def chat(process: Any, url: str) -> None:
    """Run the client in a shell."""
    process.sendline(f"{sys.executable} -m hubbub chat {url} --nick job")


def test_ctrl_z_gives_the_terminal_to_the_shell_until_fg(hubbub: Running, shell: Any) -> None:
    before = modes(shell)
    chat(shell, f"{hubbub.tls}/#jobs")
    shell.expect_exact("you are in #jobs")
    shell.expect_exact("connected")
    assert is_raw(shell)
    shell.send("half a line\x1a")
    shell.expect_exact("Stopped")
    shell.expect_exact("shell$ ")
    shell.sendline("stty -a | tr ';' '\\n'; fg")
    shell.expect(r" echo ")
    shell.expect_exact("half a line")
    assert is_raw(shell)
    shell.send(" more\r")
    shell.expect_exact("> half a line more\r")
    shell.expect_exact("#jobs> ")
    assert len(status_lines(shell.logfile_read.getvalue())) == 1
    shell.send("\x04")
    shell.expect_exact("shell$ ")
    assert modes(shell)[:4] == before[:4]


def test_a_job_that_was_stopped_by_others_takes_the_terminal_up_again(
    hubbub: Running, shell: Any
) -> None:
    chat(shell, f"{hubbub.tls}/#stops")
    shell.expect_exact("you are in #stops")
    shell.expect_exact("connected")
    group = os.tcgetpgrp(shell.child_fd)
    os.killpg(group, signal.SIGSTOP)
    shell.expect_exact("Stopped")
    shell.expect_exact("shell$ ")
    shell.sendline(f"kill -CONT -{group}")
    shell.expect_exact("shell$ ")
    shell.sendline("fg")
    shell.expect_exact("#stops> ")
    assert is_raw(shell)
    shell.send("back\r")
    shell.expect_exact("> back\r")
    shell.expect_exact("#stops> ")
    # The one that stood there when it was stopped, and ours.
    assert len(status_lines(shell.logfile_read.getvalue())) == 2
    shell.send("\x04")
    shell.expect_exact("shell$ ")


@pytest.mark.parametrize(
    ("ending", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)]
)
def test_the_terminal_is_given_back_however_it_ends(
    hubbub: Running, shell: Any, ending: signal.Signals, code: int
) -> None:
    before = modes(shell)
    chat(shell, f"{hubbub.tls}/#ends")
    shell.expect_exact("you are in #ends")
    shell.expect_exact("connected")
    os.killpg(os.tcgetpgrp(shell.child_fd), ending)
    shell.expect_exact("\x1b[?2004l")
    shell.expect_exact("shell$ ")
    assert modes(shell)[:4] == before[:4]
    shell.sendline("echo code=$?")
    shell.expect_exact(f"code={code}\r")


def test_the_terminal_is_given_back_where_nobody_is_there_and_with_a_fault(shell: Any) -> None:
    before = modes(shell)
    chat(shell, f"ircs://127.0.0.1:{servers.free_port()}/#c")
    shell.expect_exact("is a server running here?")
    shell.expect_exact("shell$ ")
    assert modes(shell)[:4] == before[:4]
    fault = (
        "from hubbub.terminal import chat; from hubbub.ui import chat_screen; "
        "chat_screen.ChatScreen.resized = lambda *_: 1 / 0; chat.main(%r)"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ircs://127.0.0.1:{silent.getsockname()[1]}/#c"
        shell.sendline(f'{sys.executable} -c "{fault % url}"')
        shell.expect_exact("connecting")
        shell.setwinsize(20, 70)
        shell.expect_exact("ZeroDivisionError")
        shell.expect_exact("shell$ ")
        assert modes(shell)[:4] == before[:4]


def test_keys_for_the_chat_are_not_left_to_the_shell(hubbub: Running, shell: Any) -> None:
    chat(shell, f"{hubbub.tls}/#keys")
    shell.expect_exact("you are in #keys")
    shell.expect_exact("connected")
    shell.send("/quit\recho typed for the $((40+2))\r")
    shell.expect_exact("shell$ ")
    shell.sendline("echo end")
    shell.expect_exact("end\r")
    assert "typed for the 42" not in shell.before


class Peer:
    """Remember what the terminal tells."""

    def __init__(self) -> None:
        self.keys = b""
        self.told: list[object] = []
        self._changed = asyncio.Event()

    def received(self, data: bytes) -> None:
        self.keys += data
        self._changed.set()

    def _tell(self, what: object) -> None:
        self.told.append(what)
        self._changed.set()

    def input_ended(self) -> None:
        self._tell("ended")

    def resized(self, columns: int, rows: int) -> None:
        self._tell((columns, rows))

    def writable(self) -> None:
        self._tell("writable")

    def closed(self, error: str | None) -> None:
        self._tell(error)

    def suspending(self) -> None:
        self._tell("suspending")

    def resumed(self, columns: int, rows: int) -> None:
        self._tell("resumed")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that is told makes it true."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class Pty:
    """Hold both ends of a pseudo-terminal; this process takes the one that a program has."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.person, self.program = pty.openpty()
        termios.tcsetwinsize(self.person, (24, 80))
        self._file = open(os.dup(self.program), "r+b", buffering=0)  # noqa: SIM115
        standard = SimpleNamespace(stdin=self._file, stdout=self._file)
        patch.setattr("hubbub.terminal.tty.sys", standard)
        self.tty = Tty()

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.program)[3] & termios.ECHO)

    def read(self, size: int) -> bytes:
        """Return what the person is shown."""
        data = b""
        while len(data) < size and select.select([self.person], [], [], 20)[0]:
            data += os.read(self.person, size - len(data))
        return data

    def close(self) -> None:
        self._file.close()
        for end in (self.person, self.program):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pty]:
    made = Pty(monkeypatch)
    yield made
    made.close()


def taking(own: Pty, test: Callable[[Tty, Peer], Awaitable[None]]) -> None:
    async def run() -> None:
        peer = Peer()
        with own.tty.taken(peer):
            await test(own.tty, peer)

    asyncio.run(run())


def test_each_key_comes_at_once_and_nothing_shows_it(own: Pty) -> None:
    before = termios.tcgetattr(own.program)

    async def test(tty: Tty, peer: Peer) -> None:
        assert not own.echoes
        assert tty.size == (80, 24)
        os.write(own.person, b"h\x03\x1a")
        await peer.until(lambda: peer.keys == b"h\x03\x1a")
        tty.write(b"shown")

    taking(own, test)
    assert own.read(5) == b"shown"
    assert termios.tcgetattr(own.program) == before


def test_keys_that_nobody_took_are_not_left_behind(own: Pty) -> None:
    async def test(tty: Tty, peer: Peer) -> None:
        tty.pause_reading()
        os.write(own.person, b"rm -rf\n")
        await asyncio.sleep(0)
        assert peer.keys == b""

    taking(own, test)
    os.write(own.person, b"end\n")
    assert os.read(own.program, 100) == b"end\n"


def test_reading_goes_on_where_it_was_paused(own: Pty) -> None:
    async def test(tty: Tty, peer: Peer) -> None:
        tty.pause_reading()
        os.write(own.person, b"later")
        tty.resume_reading()
        await peer.until(lambda: peer.keys == b"later")

    taking(own, test)


def test_a_terminal_that_takes_nothing_is_blocked_until_it_does(own: Pty) -> None:
    async def test(tty: Tty, peer: Peer) -> None:
        written = 0
        while tty.write(b"x" * 4096):
            written += 4096
        assert tty.is_blocked
        assert written <= 2 * BOUND
        await asyncio.to_thread(own.read, written + 4096)
        await peer.until(lambda: peer.told == ["writable"])
        assert not tty.is_blocked

    taking(own, test)


def test_a_new_size_is_told(own: Pty) -> None:
    async def test(tty: Tty, peer: Peer) -> None:
        termios.tcsetwinsize(own.person, (10, 40))
        os.kill(os.getpid(), signal.SIGWINCH)
        await peer.until(lambda: peer.told == [(40, 10)])

    taking(own, test)


def test_a_terminal_that_is_gone_is_told_once_and_written_to_no_more(own: Pty) -> None:
    async def test(tty: Tty, peer: Peer) -> None:
        os.close(own.person)
        await peer.until(lambda: peer.told == ["ended"])
        for _ in range(3):
            tty.write(b"x")
        await peer.until(lambda: len(peer.told) > 1)
        tty.resume_reading()
        await asyncio.sleep(0)
        assert peer.told == ["ended", "Input/output error"]

    taking(own, test)


def test_the_terminal_is_others_while_the_job_is_stopped(
    own: Pty, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[tuple[int, int, bool]] = []

    def stop(group: int, number: int) -> None:
        stopped.append((group, number, own.echoes))

    async def test(terminal: Tty, peer: Peer) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("os.kill", stop)
            terminal.suspend()
        assert peer.told == ["suspending", "resumed"]
        assert not own.echoes

    taking(own, test)
    assert stopped == [(0, signal.SIGTSTP, True)]


def test_what_is_no_terminal_cannot_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        with Tty().taken(Peer()):
            raise AssertionError

    with open(os.devnull) as nothing:
        standard = SimpleNamespace(stdin=nothing, stdout=nothing)
        monkeypatch.setattr("hubbub.terminal.tty.sys", standard)
        assert Tty().size == (0, 0)
        with pytest.raises(OSError, match="ioctl"):
            asyncio.run(run())
