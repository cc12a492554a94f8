"""Backups by the command line, of a server that runs and talks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.test_inspection import hubbub
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_backup import KEPT, PASSWORD, SSH, Talk, come_in, host_of, keys, said
from tests.e2e.test_email import sasl
from tests.e2e.test_full_disk import fill, small_disk
from tests.journal.damage import page_of, spoil

__all__ = ["small_disk"]


def test_a_backup_beside_talk_is_restored_into_another_directory(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", **SSH)
    with server:
        with come_in(server, "ann") as ann:
            host = host_of(ann, "ann")
            ann.send(f"REGISTER * * {PASSWORD}")
            ann.until("REGISTER")
            with Talk(ann) as talk:
                while talk.kept < 20:
                    time.sleep(0.01)
                before = talk.kept
                made = hubbub(server, "backup", str(tmp_path / "b"))
                assert made.returncode == 0, made.stderr
            ann.leave()
        assert "the journal, cloak.key, ssh_host_ed25519_key" in made.stdout
        refused = hubbub(server, "restore", str(tmp_path / "b"), "--replace")
        assert refused.returncode == 75
        assert "in use by another server" in refused.stderr
        assert "made 0 h ago" in hubbub(server, "status").stdout
        shown = keys(server)
    other = Server(tmp_path / "other", **SSH)
    done = hubbub(other, "restore", str(tmp_path / "b"))
    assert (done.returncode, done.stderr) == (0, "")
    with other:
        assert keys(other) == shown
        assert other.owner_code == ""
        with come_in(other, "bob") as bob:
            words = said(bob)
            assert host_of(bob, "bob") == host
        assert sasl(other.ports["plain"], "ann", PASSWORD) == "903"
    numbers = [int(word.partition(" ")[2]) for word in words]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[-1] >= before - 1


@pytest.mark.parametrize(("words", "code"), [(("backup",), 2), (("restore", "nowhere"), 1)])
def test_what_cannot_be_done_has_a_code(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    assert hubbub(Server(tmp_path / "data"), *words).returncode == code


def test_a_full_disk_costs_the_backup_and_nothing_else(small_disk: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "other") as server, Client(server.ports["plain"]) as ann:
        ann.register("ann", "echo-message").join("#lobby")
        fill(small_disk)
        done = hubbub(server, "backup", str(small_disk / "b"))
        assert done.returncode in (1, 75)
        assert "no room" in done.stderr
        assert [path.name for path in small_disk.iterdir()] == ["ballast"]
        ann.send("PRIVMSG #lobby :after")
        assert ann.until("PRIVMSG").params[1] == "after"


def test_damage_is_found_and_repaired(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **KEPT) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann", "echo-message").join("#lobby")
        texts = [f"{n} {'x' * 300}" for n in range(60)]
        ann.send(*(f"PRIVMSG #lobby :{text}" for text in texts))
        for _ in texts:
            ann.until("PRIVMSG")
        beside = hubbub(server, "check", "--journal")
        assert (beside.returncode, "is whole" in beside.stdout) == (0, True)
    journal = tmp_path / "data" / "journal.sqlite"
    spoil(journal, page := page_of(journal, b"30 xxx"))
    found = hubbub(server, "check", "--journal")
    assert found.returncode == 2
    assert f"page {page} of" in found.stdout
    mended = hubbub(server, "check", "--repair")
    assert mended.returncode == 0
    assert "are lost, those of them that there were" in mended.stdout
    assert hubbub(server, "check", "--journal").returncode == 0
    with server, Client(server.ports["plain"]) as bob:
        heard = said(
            bob.register("bob", "batch", "message-tags", "draft/chathistory").join("#lobby")
        )
    assert texts[0] in heard
    assert texts[30] not in heard
    assert heard == [text for text in texts if text in heard]
    assert 40 < len(heard) < 60
