"""`hubbub chat` on the terminal that it runs on: what is typed meanwhile, and who leaves."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from hubbub.ui.drawing.above_prompt import WAITING

from .screen import Screen
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
