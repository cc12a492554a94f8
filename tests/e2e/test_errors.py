"""What keeps a server from starting is one line that says how to mend it, and exit code 2, or 75
where it may pass."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server


def refused(directory: Path, code: int = 2, **settings: str) -> str:
    """Run a server that cannot start; return its one line."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
    given = {
        "HUBBUB_DOORS__TLS": '["127.0.0.1:0"]',
        "HUBBUB_DOORS__PLAIN": "[]",
        "HUBBUB_DOORS__SSH": "[]",
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "hubbub", "serve", "--data", str(directory)],
        env={**environment, **given},
        cwd=next(parent for parent in directory.parents if parent.is_dir()),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "ready" not in done.stdout
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the data directory of a server that ran once."""
    with Server(tmp_path / "data"):
        pass
    return tmp_path / "data"


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(tmp_path / "data", 75, HUBBUB_DOORS__PLAIN=f'["127.0.0.1:{port}"]')
    assert f"doors.plain 127.0.0.1:{port}" in line
    assert "stop what listens there" in line
    # Nothing of the failed start is in the way of the next.
    with Server(tmp_path / "data") as server, Client(server.ports["plain"]) as ann:
        ann.register("ann")


def test_a_directory_in_use(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        line = refused(tmp_path / "data", 75)
        assert str(server.pid) in line
        assert "in use" in line


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = refused(tmp_path / "file" / "data")
    assert "data_dir" in line


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir(mode=0o500)
    assert "data_dir" in refused(directory)


def test_a_newer_database(data: Path) -> None:
    database = sqlite3.connect(data / "journal.sqlite")
    database.execute("PRAGMA user_version = 999")
    database.commit()
    database.close()
    line = refused(data)
    assert "newer" in line
    assert "journal.sqlite" in line


def test_a_corrupt_database(data: Path) -> None:
    for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "journal.sqlite").write_bytes(b"this is no database at all" * 1000)
    assert "journal.sqlite" in refused(data)


def test_a_damaged_database(data: Path) -> None:
    with (data / "journal.sqlite").open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(4096, size, 4096):
            file.seek(page)
            file.write(b"\xde\xad" * 512)
    assert "journal.sqlite" in refused(data)


def spoil_snapshots(data: Path, most: int) -> None:
    """Make the newest snapshots unusable; there are so many."""
    database = sqlite3.connect(data / "journal.sqlite")
    spoil = (
        "UPDATE snapshot SET data = x'c1'"
        " WHERE seq IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)"
    )
    changed = database.execute(spoil, (most,)).rowcount
    database.commit()
    database.close()
    assert changed == most


def test_snapshots_that_cannot_be_used(data: Path) -> None:
    with Server(data) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann").join("#lobby")
    spoil_snapshots(data, 1)
    with Server(data) as server, Client(server.ports["plain"]) as ann:
        server.logged("snapshot unusable")
        ann.register("ann")
    spoil_snapshots(data, 2)
    line = refused(data)
    assert str(data / "journal.sqlite") in line
    assert "restore a backup" in line


def test_a_key_that_is_none(data: Path) -> None:
    (data / "cloak.key").write_bytes(b"")
    assert "cloak.key" in refused(data)


def test_a_certificate_that_is_none(data: Path) -> None:
    (data / "certificate.pem").write_text("nonsense")
    assert "certificate" in refused(data)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"HUBBUB_LIMITS__NOSUCH": "1"}, "HUBBUB_LIMITS__NOSUCH"),
        ({"HUBBUB_LIMITS__INPUT_BYTES": "many"}, "HUBBUB_LIMITS__INPUT_BYTES"),
        ({"HUBBUB_DOORS__TLS": '["0.0.0.0:0"]'}, "access"),
        (
            {"HUBBUB_DOORS__PLAIN": '["0.0.0.0:0"]', "HUBBUB_ACCESS": "open"},
            "plain_beyond_loopback",
        ),
    ],
)
def test_a_setting_that_must_be_mended(
    tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    assert named in refused(tmp_path / "data", 2, **settings)


def test_a_disk_without_room(tmp_path: Path) -> None:
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    directory = tmp_path / "data"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a test mount anything")
    try:
        assert "room" in refused(directory, 75) or "space" in refused(directory, 75)
    finally:
        subprocess.run(["umount", str(directory)], check=True)
