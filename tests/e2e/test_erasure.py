"""What a person said is gone: from every byte of every file, and from a backup that is restored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.cli.control import ask
from tests.cli.test_keeping import here
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_backup import KEPT, PASSWORD, said
from tests.e2e.test_full_disk import small_disk
from tests.e2e.test_health import wait_for

__all__ = ["small_disk"]

WORDS = ("meet me at the old lighthouse", "my diary of november", "a farewell to all of you")
SECRET = "only for the eyes of bob"


def come_in(server: Server, nick: str) -> Client:
    client = Client(server.ports["plain"])
    client.register(nick, "batch", "message-tags", "draft/chathistory", "draft/metadata-2")
    return client.join("#lobby")


def speak(server: Server) -> None:
    """Have ann say all kinds of things, and bob some."""
    with come_in(server, "ann") as ann, come_in(server, "bob") as bob:
        ann.send(f"REGISTER * * {PASSWORD}")
        ann.until("REGISTER")
        bob.send("PRIVMSG #lobby :said by bob first")
        bob.sync()
        ann.send(f"PRIVMSG #lobby :{WORDS[0]}", f"PRIVMSG bob :{SECRET}", "PRIVMSG #lobby :ok")
        ann.send(f"METADATA * SET status :{WORDS[1]}", f"TOPIC #lobby :{WORDS[0]} (topic)")
        ann.sync()
        bob.send("PRIVMSG #lobby :said by bob last", "PRIVMSG ann :dear ann, this is bob")
        bob.sync()
        ann.send(f"PART #lobby :{WORDS[2]}", f"AWAY :{WORDS[1]}")
        ann.sync()


def holds(directory: Path) -> list[str]:
    """Return what of ann's words is in any byte of any file."""
    data = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    return [word for word in (*WORDS, SECRET) if word.encode() in data]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", **KEPT) as server:
        speak(server)
        yield server


def test_it_is_gone_from_every_file_and_can_be_proved(server: Server, tmp_path: Path) -> None:
    assert holds(server.directory) == [*WORDS, SECRET]
    assert here(server, "backup", str(tmp_path / "before")).exit_code == 0
    asked = here(server, "account", "erase", "ann")
    assert asked.exit_code == 1
    assert "all that it ever said would be gone; add --yes" in asked.stderr
    witness = str(tmp_path / "witness")
    done = here(server, "account", "erase", "ann", "--yes", "--witness", witness)
    assert (done.exit_code, done.stdout) == (0, "ann is erased\n")
    assert holds(server.directory) == []
    assert (tmp_path / "witness").stat().st_mode & 0o777 == 0o600
    held = [json.loads(line) for line in (tmp_path / "witness").read_text().splitlines()]
    assert set(held[1:]) >= {*WORDS, SECRET}
    proved = here(server, "check", "--absent", witness)
    assert (proved.exit_code, "is in any of" in proved.stdout) == (0, True)
    backup = here(server, "check", "--absent", witness, str(tmp_path / "before"))
    assert backup.exit_code == 2
    assert f"{tmp_path}/before holds" in backup.stdout
    # Others' words, and who came and went, can be read as before; the journal is sound.
    with come_in(server, "cy") as cy:
        assert said(cy) == ["said by bob first", "said by bob last"]
        cy.send("TOPIC #lobby")
        assert cy.until(lambda m: m.command in ("331", "332")).command == "331"
    assert "ACCOUNT ERASE ann" in here(server, "audit").stdout
    assert here(server, "check", "--journal").exit_code == 0
    server.stop()
    assert holds(server.directory) == []


def test_a_backup_of_before_erases_again_before_it_serves(server: Server, tmp_path: Path) -> None:
    assert here(server, "backup", str(tmp_path / "before")).exit_code == 0
    assert here(server, "account", "erase", "ann", "--yes").exit_code == 0
    server.stop()
    done = here(server, "restore", str(tmp_path / "before"), "--replace")
    assert done.exit_code == 0, done.stderr
    for path in server.directory.glob("before-restore-*/*"):
        path.unlink()
    assert holds(server.directory) == [*WORDS, SECRET]
    server.start()
    assert holds(server.directory) == []
    with come_in(server, "cy") as cy:
        assert said(cy) == ["said by bob first", "said by bob last"]
    assert here(server, "check", "--journal").exit_code == 0
    # Once is enough.
    server.stop()
    server.start()


def test_erasing_does_not_fill_a_small_disk_with_what_it_writes(small_disk: Path) -> None:
    with Server(small_disk, **KEPT) as server, come_in(server, "ann") as ann:
        ann.send(f"REGISTER * * {PASSWORD}")
        ann.until("REGISTER")
        ann.send(*(f"PRIVMSG #lobby :{WORDS[0]} {n} and many others" for n in range(2_500)))
        ann.sync()
        wait_for(lambda: "not in the index" not in here(server, "status").stdout)
        ask(server.directory, "ACCOUNT", "SURE", "ERASE", "ann")
        wait_for(lambda: holds(small_disk) == [])


def test_killed_while_it_erases_the_next_start_goes_on(server: Server) -> None:
    assert here(server, "account", "erase", "nobody", "--yes").exit_code == 1
    for _ in range(3):
        # Answered at once, while the words are still being taken out.
        ask(server.directory, "ACCOUNT", "SURE", "ERASE", "ann")
        server.kill()
        server.start()
    wait_for(lambda: "erasing" not in here(server, "status").stdout)
    assert holds(server.directory) == []
