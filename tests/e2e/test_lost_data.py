"""Files of the data directory that are damaged or gone: nothing is lost in silence."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_kill import read_all
from tests.journal.damage import page_of, spoil

CAPS = ("echo-message", "message-tags", "batch", "draft/chathistory")


def try_to_start(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is to end by itself."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
    command = [sys.executable, "-m", "hubbub", "serve", "--data", str(server.directory), *words]
    return subprocess.run(
        command,
        env={**environment, **server.settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def run(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    """Have an operator's command carried out."""
    command = [sys.executable, "-m", "hubbub", *words, "--data", str(server.directory)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def say(client: Client, count: int, prefix: str = "") -> list[Message]:
    """Say so much, and return the echoes."""
    told = []
    for start in range(0, count, 20):
        texts = [f"{prefix}{n}" for n in range(start, min(start + 20, count))]
        client.send(*(f"PRIVMSG #lobby :{text}" for text in texts))
        told += [client.until("PRIVMSG") for _ in texts]
    return told


def killed(server: Server, count: int) -> dict[str, str]:
    """Kill a server after it has told of messages; return what each msgid names."""
    server.start()
    with Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        told = {message.tags["msgid"]: message.params[1] for message in say(ann, count)}
        server.kill()
    return told


def damage_log(data: Path) -> None:
    log = data / "journal.sqlite-wal"
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(os.urandom(512))


def lose_log(data: Path) -> None:
    (data / "journal.sqlite-wal").unlink()


@pytest.mark.parametrize("lose", [damage_log, lose_log])
def test_what_a_log_has_lost_is_said_and_msgids_name_one_message(
    tmp_path: Path, lose: object
) -> None:
    assert callable(lose)
    server = Server(tmp_path / "data")
    told = killed(server, 400)
    lose(server.directory)
    for _ in range(2):
        refused = try_to_start(server)
        assert refused.returncode == 2
        (line,) = refused.stderr.splitlines()
        assert re.search(r"\d+ records are missing .* UTC .*--accept-loss", line), line
    server.arguments = ("--accept-loss",)
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        kept = set(read_all(ann))
        assert len(kept) < len(told)
        news = {m.tags["msgid"]: m.params[1] for m in say(ann, 400, "new ")}
        assert not told.keys() & news.keys()
        for msgid, text in told.items():
            ann.send(f"CHATHISTORY AROUND #lobby msgid={msgid} 1")
            answer = ann.until(lambda m: m.command in ("FAIL", "PRIVMSG"))
            assert (answer.command == "FAIL") == (text not in kept)
            if answer.command == "PRIVMSG":
                assert answer.params[1] == text
                ann.until("BATCH")
    server.arguments = ()
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        for msgid, text in list(news.items())[:20]:
            ann.send(f"CHATHISTORY AROUND #lobby msgid={msgid} 1")
            assert ann.until("PRIVMSG").params[1] == text


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.rename(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["journal.sqlite", "journal.sqlite-wal"])
@pytest.mark.parametrize("change", [delete, replace, empty])
def test_a_journal_that_is_taken_away_stops_the_server_before_anything_is_told(
    tmp_path: Path, name: str, change: object
) -> None:
    assert callable(change)
    server = Server(tmp_path / "data")
    server.start()
    with Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        say(ann, 3)
        change(server.directory / name)
        ann.send("PRIVMSG #lobby :into nothing")
        with pytest.raises((EOFError, OSError)):
            ann.until("PRIVMSG")
        assert not [m for m in ann.seen if "into nothing" in m.params[-1]]
    assert server.stop() == 1
    assert re.search(rf"{name} was (deleted|replaced|cut short)", server.log.read_text())


def test_a_deleted_journal_is_saved_and_can_be_put_back(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.start()
    with Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        told = [message.params[1] for message in say(ann, 30)]
        (server.directory / "journal.sqlite").unlink()
        server.logged("saved")
    assert server.stop() == 1
    refused = try_to_start(server)
    assert refused.returncode == 2
    assert "journal.sqlite-rescued" in refused.stderr
    rescued = server.directory / "journal.sqlite-rescued"
    rescued.rename(server.directory / "journal.sqlite")
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        assert read_all(ann) == told


@pytest.mark.parametrize("change", [delete, empty])
def test_a_server_without_its_journal_is_no_new_one(tmp_path: Path, change: object) -> None:
    assert callable(change)
    server = Server(tmp_path / "data")
    with server:
        pass
    (server.directory / "journal.sqlite-mark").unlink()
    change(server.directory / "journal.sqlite")
    refused = try_to_start(server)
    assert refused.returncode == 2
    assert "cloak.key shows that a server was here" in refused.stderr
    assert "owner code" not in refused.stdout
    server.arguments = ("--accept-loss",)
    with server:
        assert "owner code" in server.banner


@pytest.mark.parametrize(
    "name", ["cloak.key", "certificate.pem", "key.pem", "ssh_host_ed25519_key"]
)
def test_a_server_without_one_of_its_keys_is_no_other_one(tmp_path: Path, name: str) -> None:
    server = Server(tmp_path / "data", HUBBUB_DOORS__SSH='["127.0.0.1:0"]')
    with server:
        pass
    (server.directory / name).unlink()
    refused = try_to_start(server)
    assert refused.returncode == 2
    assert re.search(rf"{name} is missing.*--accept-loss", refused.stderr)
    assert not (server.directory / name).exists()


def test_one_damaged_page_is_read_round_and_named(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_CHANNELS__KEEP='["#lobby"]')
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", *CAPS).join("#lobby")
        say(ann, 200, f"{'x' * 100} ")
    page = page_of(server.directory / "journal.sqlite", b"x 150")
    server.start()
    spoil(server.directory / "journal.sqlite", page)
    try:
        with Client(server.ports["plain"]) as ann, Client(server.ports["plain"]) as old:
            ann.register("ann", *CAPS).join("#lobby")
            ann.send("CHATHISTORY LATEST #lobby * 100")
            failure = ann.until("FAIL")
            assert failure.params[:2] == ("CHATHISTORY", "MESSAGE_ERROR")
            ann.until("BATCH")
            ann.until("BATCH")
            assert sum("x " in m.params[-1] for m in ann.seen if m.command == "PRIVMSG") > 50
            old.register("old").join("#lobby")
            old.send("PING :here")
            old.until("PONG")
            server.logged(f"page {page} of")
            assert re.search(rf"^damage +.*page {page} of", run(server, "status").stdout, re.M)
    finally:
        server.stop()


def test_a_server_that_hangs_is_told_of_soon(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        server.signal(signal.SIGSTOP)
        try:
            for words in (("status",), ("ban", "add", "198.51.100.7")):
                told = run(server, *words)
                assert told.returncode == 3
                assert f"(process {server.pid}) is there and does not answer" in told.stderr
        finally:
            server.signal(signal.SIGCONT)
        assert "0 bans" in run(server, "ban", "list").stdout


def test_files_that_are_removed_are_made_anew(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        for name in ("hubbub.lock", "control.sock", "journal.sqlite-mark"):
            (server.directory / name).unlink()
        server.logged("lock file was removed")
        second = try_to_start(server)
        assert second.returncode == 75
        assert "in use by another server" in second.stderr
        assert run(server, "status").returncode == 0


def test_what_may_pass_is_told_from_what_must_be_mended(tmp_path: Path) -> None:
    with Server(tmp_path / "one") as server:
        port = server.ports["plain"]
        other = Server(tmp_path / "two", HUBBUB_DOORS__PLAIN=f'["127.0.0.1:{port}"]')
        taken = try_to_start(other)
        assert taken.returncode == 75
        assert "cannot listen" in taken.stderr
    (tmp_path / "file").write_text("")
    assert try_to_start(Server(tmp_path / "file")).returncode == 2
