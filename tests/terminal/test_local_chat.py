"""`hubbub chat` and the terminal that it runs on: taken whole, and given back as it was."""

from __future__ import annotations

import io
import os
import re
import select
import signal
import socket
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pexpect
import pyte
import pytest

from hubbub.ui.drawing.above import WAITING

from . import servers
from .screen import Screen, profile
from .servers import Running
from .witness import Witness


class Gate:
    """Take connections, and pass them on to a server only when it is opened."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.knocked, self._opened = threading.Event(), threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def open(self) -> None:
        """Let through what waits, and what follows."""
        self._opened.set()

    def _accept(self) -> None:
        # A client comes twice: its first look finds a certificate that does not verify.
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.knocked.set()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        self._opened.wait()
        with suppress(OSError), client, socket.create_connection(self._server) as server:
            other = {client: server, server: client}
            while True:
                for ready in select.select(other, [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    other[ready].sendall(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.set()
        self._listening.close()


@pytest.fixture
def gate(hubbub: Running) -> Iterator[Gate]:
    with Gate(hubbub.tls) as gate:
        yield gate


def test_what_is_typed_while_connecting_stays_and_is_said_once(
    gate: Gate, hubbub: Running, tmp_path: Path
) -> None:
    url = f"ircs://127.0.0.1:{gate.port}/#early"
    with (
        Witness(hubbub.plain, "#early") as witness,
        Screen(tmp_path, url, "--nick", "early") as screen,
    ):
        screen.wait_for("│ connecting", end=">")
        screen.enter("helo")
        screen.wait_for("this stays here until you are", end="> helo")
        screen.type("\x7flo")
        gate.open()
        screen.wait_for("you are in #early", end="#early> hello")
        screen.enter("")
        screen.wait_for("early> hello", end="#early>")
        screen.enter("/quit")
        assert screen.wait_for_end() == 0
        told = witness.all_until("QUIT")
        assert [m.params[1] for m in told if m.command == "PRIVMSG"] == ["hello"]


def test_several_lines_that_wait_for_a_channel_are_still_asked_about(
    gate: Gate, tmp_path: Path
) -> None:
    with Screen(tmp_path, f"ircs://127.0.0.1:{gate.port}/#early", "--nick", "paste") as screen:
        screen.wait_for("│ connecting")
        screen.paste("one\rtwo")
        screen.enter("")
        screen.wait_for("this stays here until you are", end="two")
        gate.open()
        screen.wait_for("you are in #early")
        screen.enter("")
        screen.wait_for(end="Say these 2 lines as one message? [y/n]")


@pytest.mark.parametrize("leave", ["\x04", "/quit\r"])
def test_who_leaves_while_connecting_waits_for_nothing(
    gate: Gate, tmp_path: Path, leave: str
) -> None:
    with Screen(tmp_path, f"ircs://127.0.0.1:{gate.port}/#early", "--nick", "gone") as screen:
        screen.wait_for("│ connecting")
        assert gate.knocked.wait(20)
        screen.type(leave)
        assert screen.wait_for_end() == 0


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


def test_a_terminal_that_takes_nothing_holds_up_no_conversation(
    hubbub: Running, tmp_path: Path
) -> None:
    count = 2 * WAITING
    with (
        Screen(tmp_path, f"{hubbub.tls}/#still", "--nick", "still", columns=200) as screen,
        Witness(hubbub.plain, "#still") as witness,
    ):
        screen.wait_for("you are in #still", "(2)")
        # Nobody reads from the terminal meanwhile.
        witness.send(*(f"PRIVMSG #still :{'x' * 100} {number}" for number in range(count)))
        witness.send("WHOIS still still")
        witness.all_until("317", "318")
        assert screen.process.isalive()
        screen.wait_for(f"x {count - 1}")
        found = re.search(r"──── (\d+) lines were left out: this terminal took none", screen.raw)
        assert found is not None
        shown = {int(number) for number in re.findall(r"x (\d+)\r", screen.raw)}
        assert len(shown) + int(found[1]) == count
        screen.enter("awake")
        screen.wait_for("<still> awake")


def test_keys_for_the_chat_are_not_left_to_the_shell(hubbub: Running, shell: Any) -> None:
    chat(shell, f"{hubbub.tls}/#keys")
    shell.expect_exact("you are in #keys")
    shell.expect_exact("connected")
    shell.send("/quit\recho typed for the $((40+2))\r")
    shell.expect_exact("shell$ ")
    shell.sendline("echo end")
    shell.expect_exact("end\r")
    assert "typed for the 42" not in shell.before
