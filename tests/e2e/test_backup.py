"""Backups of a server that runs, and what is there when one is restored on another machine."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_email import sasl
from tests.journal.damage import page_of, spoil

SCRIPTS = Path(__file__).parents[2] / "deploy" / "backup"
KEPT = {"HUBBUB_CHANNELS__KEEP": '["#lobby"]'}
SSH = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', **KEPT}
PASSWORD = "correct-horse"
DAY = 86400


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts, by the Python that is here, as `-I` does."""
    command = [sys.executable, "-I", SCRIPTS / script, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def told(tmp_path: Path, more: str = "") -> Path:
    """Write what is wanted of backups of the server in `data`; return the file."""
    path = tmp_path / "backup.toml"
    path.write_text(
        f'data = "{tmp_path}/data"\nsettings = "{tmp_path}/etc"\nto = "{tmp_path}/backups"\n{more}'
    )
    return path


def back_up(tmp_path: Path, more: str = "") -> Path:
    """Make a backup; return the archive."""
    done = run("hubbub-backup", told(tmp_path, more))
    assert (done.returncode, done.stderr) == (0, "")
    return Path(done.stdout.strip())


def names(archive: Path) -> set[str]:
    with tarfile.open(archive) as tar:
        return set(tar.getnames())


def come_in(server: Server, nick: str) -> Client:
    return Client(server.ports["tls"], tls=True).register(nick, "draft/chathistory").join("#lobby")


def host_of(client: Client, nick: str) -> str:
    client.send(f"WHOIS {nick}")
    return client.until("311").params[3]


def said(client: Client) -> list[str]:
    client.send("CHATHISTORY LATEST #lobby * 100")
    return [m.params[1] for m in client.sync() if m.command == "PRIVMSG"]


def keys(server: Server) -> list[str]:
    """Return the fingerprints that a start shows."""
    found = re.findall(r"SHA-?256\S* ?\S+", server.banner)
    assert len(found) == 2
    return found


class Talk:
    """Have somebody talk in #lobby without a pause until the end of `with`."""

    def __init__(self, ann: Client) -> None:
        self.kept = 0
        self._ann, self._over = ann, threading.Event()
        self._thread = threading.Thread(target=self._talk)

    def _talk(self) -> None:
        while not self._over.is_set():
            self._ann.send(f"PRIVMSG #lobby :word {self.kept}")
            self._ann.sync()
            self.kept += 1

    def __enter__(self) -> Talk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_backup_beside_talk_is_restored_on_another_machine(tmp_path: Path) -> None:
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
                archive = back_up(tmp_path)
                after = talk.kept
            ann.leave()
        asked = [sys.executable, "-m", "hubbub", "status", "--data", str(tmp_path / "data")]
        told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        assert re.search(r"^backup +made 0 h ago$", told, re.M)
        shown = keys(server)
    done = run("hubbub-restore", archive, tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    other = Server(tmp_path / "elsewhere", **SSH)
    with other:
        assert keys(other) == shown
        assert other.owner_code == ""
        with come_in(other, "bob") as bob:
            words = said(bob)
            assert host_of(bob, "bob") == host
        assert sasl(other.ports["plain"], "ann", PASSWORD) == "903"
    numbers = [int(word.partition(" ")[2]) for word in words]
    # All that was kept before, and what was said meanwhile without a gap.
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert before - 1 <= numbers[-1] <= after


def test_everything_is_in_it_and_nothing_that_a_start_makes(tmp_path: Path) -> None:
    for name, text in {
        "etc/hubbub.toml": f'motd_file = "{tmp_path}/motd"\ntls.key = "{tmp_path}/keys/key.pem"\n',
        "etc/.env": f"HUBBUB_MAIL__PASSWORD_FILE='{tmp_path}/keys/mail'\n",
        "etc/tls/privkey.pem": "",
        "keys/key.pem": "",
        "keys/mail": "",
        "keys/nobody-names-it": "",
        "motd": "",
        "Caddyfile": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with Server(tmp_path / "data", **SSH):
        archive = back_up(tmp_path, f'also = ["{tmp_path}/Caddyfile", "/is/not/there"]\n')
    held = names(archive)
    assert {name for name in held if name.startswith("data/")} == {
        f"data/{name}"
        for name in (
            *("journal.sqlite", "cloak.key", "certificate.pem", "key.pem"),
            *("ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"),
        )
    }
    here = str(tmp_path).removeprefix("/")
    wanted = ("etc/hubbub.toml", "etc/.env", "etc/tls/privkey.pem", "keys/key.pem", "keys/mail")
    assert {f"{here}/{name}" for name in (*wanted, "motd", "Caddyfile")} <= held
    assert f"{here}/keys/nobody-names-it" not in held
    assert archive.stat().st_mode & 0o777 == 0o600
    assert archive.parent.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """Return the data directory of a server that is stopped; all in it is still its user's."""
    with Server(tmp_path / "data", **KEPT) as server, come_in(server, "ann") as ann:
        ann.send("PRIVMSG #lobby :the first day")
        ann.sync()
    return tmp_path / "data"


def old_ones(tmp_path: Path) -> list[Path]:
    """Make what backups of ten days would have left, and a file of somebody else's."""
    (tmp_path / "backups").mkdir()
    made = [tmp_path / "backups" / f"hubbub-{day}.tar.gz" for day in range(10)]
    for day, path in enumerate([*made, tmp_path / "backups" / "mine"]):
        path.write_text("")
        os.utime(path, (0, time.time() - day * DAY - 60))
    return made


def test_old_ones_go_when_there_is_a_new_one(tmp_path: Path, stopped: Path) -> None:
    made = old_ones(tmp_path)
    new = back_up(tmp_path, "keep_days = 3\n")
    here = {path.name for path in new.parent.iterdir()}
    assert here == {new.name, "mine", ".lock", *(path.name for path in made[:3])}
    assert sorted(path.name for path in stopped.iterdir() if "sqlite-" in path.name) == [
        "journal.sqlite-lock",
        "journal.sqlite-mark",
    ]


def test_what_is_taken_elsewhere_is_there(tmp_path: Path, stopped: Path) -> None:
    (tmp_path / "store").mkdir()
    new = back_up(tmp_path, f'elsewhere = ["cp", "-t", "{tmp_path}/store"]\n')
    assert [path.name for path in (tmp_path / "store").iterdir()] == [new.name]


@pytest.mark.parametrize("command", ["false", "/is/not/there"])
def test_what_is_on_this_machine_only_is_told_of(
    tmp_path: Path, stopped: Path, command: str
) -> None:
    done = run("hubbub-backup", told(tmp_path, f'elsewhere = ["{command}"]\n'))
    assert done.returncode == 1
    assert done.stdout.strip() in done.stderr
    assert "is on this machine only" in done.stderr
    assert "data/journal.sqlite" in names(Path(done.stdout.strip()))


def test_of_a_damaged_journal_no_old_backup_is_thrown_away(tmp_path: Path, stopped: Path) -> None:
    made = old_ones(tmp_path)
    spoil(stopped / "journal.sqlite", page_of(stopped / "journal.sqlite", b"the first day"))
    done = run("hubbub-backup", told(tmp_path, "keep_days = 0\n"))
    assert done.returncode == 1
    assert "older backups are kept" in done.stderr
    assert all(path.exists() for path in made)
    assert not list((tmp_path / "backups").glob(".making-*"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("keep-days = 3", "keep-days is no setting"),
        ('keep_days = "3"', "of another kind"),
        ("keep_days = ", "cannot be read"),
    ],
)
def test_what_is_mistyped_is_refused(tmp_path: Path, more: str, why: str) -> None:
    done = run("hubbub-backup", told(tmp_path, more))
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr


def test_without_a_journal_the_data_directory_is_asked_for(tmp_path: Path) -> None:
    done = run("hubbub-backup", told(tmp_path))
    assert done.returncode == 2
    assert f"there is no {tmp_path}/data/journal.sqlite" in done.stderr


def test_a_running_server_is_not_restored_into(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        archive = back_up(tmp_path)
        done = run("hubbub-restore", archive, server.directory)
        assert done.returncode == 1
        assert "stop it first" in done.stderr


def test_of_a_member_of_a_cluster_its_keys_come_along(tmp_path: Path, stopped: Path) -> None:
    folder = stopped / "cluster"
    (folder / "copies").mkdir(parents=True)
    for name in ("shared.json", "ca.pem", "node-key.pem", "tokens.json", "copies/large"):
        (folder / name).write_text(name)
    archive = back_up(tmp_path)
    held = {name for name in names(archive) if "cluster" in name}
    assert held == {f"data/cluster/{name}" for name in ("shared.json", "ca.pem", "node-key.pem")}
    (folder / "ca.pem").write_text("another")
    done = run("hubbub-restore", archive, stopped)
    assert done.returncode == 0, done.stderr
    assert (folder / "ca.pem").read_text() == "ca.pem"
    assert (folder / "node-key.pem").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (aside,) = stopped.glob("before-restore-*")
    assert (aside / "cluster" / "ca.pem").read_text() == "another"


def test_what_was_there_is_moved_aside(tmp_path: Path, stopped: Path) -> None:
    archive = back_up(tmp_path)
    shutil.copy(stopped / "cloak.key", tmp_path / "cloak.key")
    (stopped / "cloak.key").write_bytes(b"x" * 32)
    done = run("hubbub-restore", archive, stopped)
    assert done.returncode == 0, done.stderr
    (aside,) = stopped.glob("before-restore-*")
    assert (aside / "cloak.key").read_bytes() == b"x" * 32
    assert (aside / "journal.sqlite-mark").exists()
    assert (stopped / "cloak.key").read_bytes() == (tmp_path / "cloak.key").read_bytes()
    with Server(stopped, **KEPT) as server, come_in(server, "bob") as bob:
        assert said(bob) == ["the first day"]


def test_files_belong_to_whom_the_directory_belongs(tmp_path: Path, stopped: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    (tmp_path / "elsewhere").mkdir()
    os.chown(tmp_path / "elsewhere", 12345, 12345)
    assert run("hubbub-restore", back_up(tmp_path), tmp_path / "elsewhere").returncode == 0
    owners = {path.stat().st_uid for path in (tmp_path / "elsewhere").iterdir()}
    assert owners == {12345}
    assert not (tmp_path / "elsewhere/hubbub.lock").exists()


def cut_short(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])


def no_backup(archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("holiday.jpg"), io.BytesIO())


def no_database(archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("data/journal.sqlite")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (cut_short, "cannot be unpacked"),
        (no_backup, "it is no backup"),
        (no_database, "the journal in it is damaged"),
        (Path.unlink, "cannot be unpacked"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    tmp_path: Path, stopped: Path, spoiled: Callable[[Path], None], why: str
) -> None:
    archive = back_up(tmp_path)
    spoiled(archive)
    there = {path.name: path.read_bytes() for path in stopped.iterdir()}
    done = run("hubbub-restore", archive, stopped)
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert why in done.stderr
    assert {path.name: path.read_bytes() for path in stopped.iterdir()} == there
