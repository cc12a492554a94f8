"""Backups by the command line, of a server that runs and talks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli import commands
from tests.cli.test_inspection import hubbub
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_backup import KEPT, PASSWORD, SSH, Talk, come_in, host_of, keys, said
from tests.e2e.test_email import sasl
from tests.e2e.test_full_disk import fill, small_disk
from tests.journal.damage import page_of, spoil

__all__ = ["small_disk"]

RUNNER = CliRunner()


def here(server: Server, *words: str) -> Result:
    """Run a command for a real server, in this process: a new one takes a second to begin."""
    return RUNNER.invoke(commands.app, [*words, "--data", str(server.directory)])


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
        beside = here(server, "check", "--journal")
        assert (beside.exit_code, "is whole" in beside.stdout) == (0, True)
    journal = tmp_path / "data" / "journal.sqlite"
    spoil(journal, page := page_of(journal, b"30 xxx"))
    found = here(server, "check", "--journal")
    assert found.exit_code == 2
    assert f"page {page} of" in found.stdout
    mended = here(server, "check", "--repair")
    assert mended.exit_code == 0
    assert "are lost, those of them that there were" in mended.stdout
    assert here(server, "check", "--journal").exit_code == 0
    with server, Client(server.ports["plain"]) as bob:
        heard = said(
            bob.register("bob", "batch", "message-tags", "draft/chathistory").join("#lobby")
        )
    assert texts[0] in heard
    assert texts[30] not in heard
    assert heard == [text for text in texts if text in heard]
    assert 40 < len(heard) < 60


def test_an_export_of_a_server_that_runs_is_on_record(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **KEPT) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann").send(f"REGISTER * * {PASSWORD}")
        ann.until("REGISTER")
        ann.join("#lobby").send("PRIVMSG #lobby :to all", "PRIVMSG bob :to one")
        ann.join("#other").send("PRIVMSG #other :elsewhere")
        ann.sync()
        with Client(server.ports["plain"]) as bob:
            bob.register("bob").join("#lobby").send(
                "PRIVMSG #lobby :from bob", "PRIVMSG ann :hi ann"
            )
            bob.sync()
        everything = here(server, "export", "--format", "text")
        channel = here(server, "export", "--channel", "#lobby", "--format", "text")
        account = here(server, "export", str(tmp_path / "out"), "--account", "ann")
        audit = here(server, "audit").stdout
        assert here(server, "backup", str(tmp_path / "b")).exit_code == 0
        from_backup = here(server, "export", "--from", str(tmp_path / "b"), "--format", "text")
        assert here(server, "audit").stdout == audit
        ann.send("AUDIT NOTE EXPORT x")
        assert ann.until(lambda m: m.command in ("FAIL", "481")).command == "481"
    assert everything.stdout == from_backup.stdout
    words = ["to all", "elsewhere", "from bob", "hi ann"]
    assert [word for word in words if word in everything.stdout] == words
    assert [word for word in words if word in channel.stdout] == ["to all", "from bob"]
    assert account.exit_code == 0
    written = (tmp_path / "out").read_text()
    assert [word for word in words if word in written] == ["to all", "elsewhere", "hi ann"]
    for what in ("EXPORT *", "EXPORT #lobby", "EXPORT ann"):
        assert f"the server's machine {what}" in audit


def test_a_transcript_is_verified_with_the_key_that_ssh_shows(tmp_path: Path) -> None:
    to, key = tmp_path / "out", tmp_path / "data" / "ssh_host_ed25519_key.pub"
    with Server(tmp_path / "data", **SSH) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann").join("#lobby").send("PRIVMSG #lobby :I promise")
        ann.sync()
        assert here(server, "export", str(to), "--proof").exit_code == 0
        (shown,) = [print for print in keys(server) if print.startswith("SHA256:")]
    for words in (["--key", str(key)], ["--key", shown], []):
        done = RUNNER.invoke(commands.app, ["verify", str(to), *words])
        assert done.exit_code == 0, done.output
    assert shown in done.output
    other = RUNNER.invoke(commands.app, ["verify", str(to), "--key", "SHA256:another"])
    assert other.exit_code == 1
    to.write_text(to.read_text().replace("I promise", "I refuse"))
    changed = RUNNER.invoke(commands.app, ["verify", str(to)])
    assert (changed.exit_code, "is not what was signed" in changed.stderr) == (1, True)
