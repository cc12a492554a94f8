"""Have a real server live a short life, and keep the journal that it leaves."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

SETTINGS = {"HUBBUB_CHANNELS__KEEP": '["#lobby"]'}
PASSWORD = "correct-horse"
SAID = tuple(f"number {n}" for n in range(12))
BACK = 7
"""Which of them is taken back."""


def live(directory: Path) -> None:
    """Be a server for two short times."""
    with Server(directory, **SETTINGS) as server:
        ann = Client(server.ports["plain"])
        ann.register("ann", "echo-message", "message-tags", "draft/message-redaction")
        ann.send(f"REGISTER * * {PASSWORD}")
        ann.until("REGISTER")
        bob = Client(server.ports["plain"]).register("bob").join("#lobby")
        ann.join("#lobby")
        msgids = []
        for text in SAID:
            ann.send(f"PRIVMSG #lobby :{text}")
            msgids.append(ann.until("PRIVMSG").tags["msgid"])
        ann.send(f"REDACT #lobby {msgids[BACK]}")
        bob.send("PRIVMSG ann :thanks", "QUIT :bye")
        ann.sync()
        ann.leave()
    with Server(directory, **SETTINGS):
        pass


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        live(Path(folder, "data"))
        kept = Path(__file__).with_name(f"schema-{int(sys.argv[1])}.sqlite")
        assert not kept.exists(), "it is there already"
        shutil.copy(Path(folder, "data", "journal.sqlite"), kept)
