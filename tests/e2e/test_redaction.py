"""What is taken back is gone from the history and every file, whatever becomes of the server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

CAPS = ("message-tags", "echo-message", "batch", "draft/chathistory", "draft/message-redaction")


def holds(data: Path, text: bytes) -> bool:
    """Say whether any file of a server holds these bytes."""
    return any(text in file.read_bytes() for file in data.rglob("*") if file.is_file())


def await_gone(data: Path, text: bytes) -> None:
    """Wait until no file holds these bytes: the log is emptied between commits."""
    deadline = time.monotonic() + 20
    while holds(data, text):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("killed", [False, True])
def test_what_was_taken_back_is_in_no_file_after_a_restart(tmp_path: Path, killed: bool) -> None:
    data = tmp_path / "data"
    keep = {"HUBBUB_CHANNELS__KEEP": '["#a"]'}
    with Server(data, **keep) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#a")
        msgids: list[str] = []
        for text in ("sekrit-zwiebel", "stays"):
            ann.send(f"PRIVMSG #a :{text}")
            msgids.append(ann.until("PRIVMSG").tags["msgid"])
        assert holds(data, b"sekrit-zwiebel")
        ann.send(f"REDACT #a {msgids[0]} :a mistake")
        ann.until("REDACT")
        if killed:
            server.kill()
        else:
            await_gone(data, b"sekrit-zwiebel")
    with Server(data, **keep) as server, Client(server.ports["plain"]) as ann:
        await_gone(data, b"sekrit-zwiebel")
        ann.register("ann", *CAPS).join("#a")
        ann.send("CHATHISTORY LATEST #a * 10")
        ann.until("BATCH")
        assert ann.next().params == ("#a", "stays")
        assert ann.next().command == "BATCH"
    assert holds(data, b"stays")
    assert not holds(data, b"sekrit-zwiebel")
