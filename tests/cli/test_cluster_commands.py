"""`hubbub cluster`: from one data directory to the next, with the words that it says."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli import commands
from hubbub.cluster.hosting import Hosting
from hubbub.cluster.members import ListedMember, read_shared, write_shared
from hubbub.journal.database.duplicate import examine, msgid_key
from tests.cluster.servers import free_ports
from tests.e2e.server import Server

RUNNER = CliRunner()
AS_B = ("--name", "b", "--route-port", "6223", "--join-port", "7901")
SAME = ("cloak.key", "certificate.pem", "key.pem", "ssh_host_ed25519_key", "cluster/ca.pem")


def _run(*words: str, data: Path, given: str = "") -> Result:
    return RUNNER.invoke(commands.app, ["cluster", *words, "--data", str(data)], input=given)


def _created(data: Path) -> Path:
    done = _run("create", "127.0.0.1", "--name", "a", data=data)
    assert done.exit_code == 0, done.output
    return data


def _token(data: Path) -> str:
    return _run("token", data=data).stdout.strip()


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return _created(tmp_path / "a")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return _created(tmp_path / "other")


@pytest.fixture
def b(tmp_path: Path) -> Path:
    return tmp_path / "b"


@asynccontextmanager
async def _open(a: Path, has_begun: bool = True) -> AsyncIterator[str]:
    """Let the server of a member run, as far as its door goes; return the door's address."""

    async def admit(name: str, route: str, door: str) -> int | None:
        return 1

    cloak_key, shared = (a / "cloak.key").read_bytes(), read_shared(a)
    assert shared is not None
    (port,) = free_ports(1)
    own = ListedMember(0, "a", shared.own.route, f"127.0.0.1:{port}")
    shared = shared.with_members([own])
    write_shared(a, shared)
    hosting = Hosting(a, a / "journal.sqlite", cloak_key, shared, has_begun, admit)
    await hosting.open("127.0.0.1", port)
    try:
        yield own.door
    finally:
        await hosting.close()


async def _join(door: str, data: Path, token: str, *words: str) -> Result:
    return await asyncio.to_thread(_run, "join", door, *words, data=data, given=token)


def test_the_founder_says_what_its_settings_need(tmp_path: Path) -> None:
    done = _run("create", "chat.example.org", data=tmp_path / "a")
    assert done.exit_code == 0
    assert "is member 0 now, of 1" in done.stdout
    assert "at ports 6222 and 7900" in done.stdout
    shared = read_shared(tmp_path / "a")
    assert shared is not None
    assert (shared.own.route, shared.own.door) == (
        "chat.example.org:6222",
        "chat.example.org:7900",
    )
    assert shared.msgid_key == msgid_key(tmp_path / "a" / "journal.sqlite").hex()


def test_a_cluster_is_founded_once(a: Path) -> None:
    done = _run("create", "127.0.0.1", data=a)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "in a cluster already, as number 0" in done.stderr


def test_a_token_alone_can_be_used_by_scripts(a: Path) -> None:
    done = _run("token", "--for", "30m", data=a)
    assert done.stdout.startswith("hub1-")
    assert done.stdout.count("\n") == 1
    assert "hubbub cluster join 127.0.0.1:7900" in done.stderr
    assert _run("token", "-q", data=a).stderr == ""


@pytest.mark.parametrize("lasts", ["soon", "0", "8d", ""])
def test_a_token_is_not_good_for_ever(a: Path, lasts: str) -> None:
    assert _run("token", "--for", lasts, data=a).exit_code == 2


def test_outside_of_a_cluster_there_is_no_token(tmp_path: Path) -> None:
    done = _run("token", data=tmp_path)
    assert done.exit_code == 2
    assert "`hubbub cluster create` begins one" in done.stderr


async def test_the_joiner_is_the_same_server(a: Path, b: Path) -> None:
    async with _open(a) as door:
        done = await _join(door, b, _token(a), *AS_B)
    assert done.exit_code == 0, done.output
    assert "# b is member 1 now, of 2" in done.stdout
    assert "It has a copy from a" in done.stdout
    for name in SAME:
        assert (a / name).read_bytes() == (b / name).read_bytes()
    assert examine(a / "journal.sqlite") == examine(b / "journal.sqlite")
    assert msgid_key(a / "journal.sqlite") == msgid_key(b / "journal.sqlite")
    shared = read_shared(b)
    assert shared is not None
    assert shared.own == ListedMember(1, "b", "127.0.0.1:6223", "127.0.0.1:7901")


async def test_before_the_order_has_begun_it_waits_for_its_copy(a: Path, b: Path) -> None:
    async with _open(a, has_begun=False) as door:
        done = await _join(door, b, _token(a), *AS_B)
    assert done.exit_code == 0, done.output
    assert "fetches a copy when the others are up" in done.stdout
    assert not (b / "journal.sqlite").exists()


async def test_a_used_directory_keeps_what_it_has_and_the_token_stays_good(
    a: Path, b: Path, other: Path
) -> None:
    (other / "cluster" / "shared.json").unlink()
    async with _open(a) as door:
        token = _token(a)
        done = await _join(door, other, token)
        assert done.exit_code == 2
        assert "a server was here" in done.stderr
        done = await _join(door, b, token, *AS_B)
        assert done.exit_code == 0, done.output


async def test_a_wrong_token_and_a_wrong_address_are_told_apart(a: Path, b: Path) -> None:
    async with _open(a) as door:
        done = await _join(door, b, "hub1-nonsense")
        assert done.exit_code == 2
        assert "no token, or not the whole of one" in done.stderr
        token = _token(a)
        done = await _join("127.0.0.1:1", b, token)
        assert done.exit_code == 75
        assert "127.0.0.1:1 is not reached" in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (b / "cluster").exists()


async def test_what_broke_off_goes_on_without_a_token(a: Path, b: Path) -> None:
    # The disk is full where the host key is to be written, after the token has been used.
    (b / "ssh_host_ed25519_key.new").mkdir(parents=True)
    async with _open(a) as door:
        done = await _join(door, b, _token(a), *AS_B)
        assert done.exit_code == 2
        assert "join again" in done.stderr
        (b / "ssh_host_ed25519_key.new").rmdir()
        done = await _join(door, b, "", *AS_B)
    assert done.exit_code == 0, done.output
    shared = read_shared(b)
    assert shared is not None
    assert shared.number == 1


def test_a_server_that_runs_keeps_its_directory(a: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(a)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert held.stdout is not None
    assert held.stdin is not None
    held.stdout.readline()
    (a / "cluster" / "shared.json").unlink()
    done = _run("create", "127.0.0.1", data=a)
    held.stdin.close()
    held.wait()
    held.stdout.close()
    assert done.exit_code == 75
    assert "in use by another server" in done.stderr


_HOLD = """
import sys; from pathlib import Path; from hubbub.server.data_directory import DataDirectory
with DataDirectory(Path(sys.argv[1])):
    print("held", flush=True); sys.stdin.read()
"""


def test_help_loads_no_server() -> None:
    code = (
        "import sys; from hubbub.cli import commands\n"
        "print([m for m in sys.modules if m.startswith(('hubbub.cluster', 'hubbub.server.serve'))])"
    )
    environ = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ
    )
    assert done.stdout.strip() == "[]"


def test_no_server_is_told_from_a_bad_state(tmp_path: Path) -> None:
    done = RUNNER.invoke(commands.app, ["cluster", "status", "--data", str(tmp_path)])
    assert (done.exit_code, "no server runs" in done.stderr) == (3, True)


# On a running server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "data") as one:
        yield one


def _told(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", "cluster", *words, "--data", str(server.directory)],
        cwd=server.directory.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_server_by_itself_is_all_there_is(server: Server) -> None:
    done = _told(server, "status")
    assert done.returncode == 0, done.stderr
    assert "node-0     (no name), up, start 1, 0 sessions" in done.stdout
    held = json.loads(_told(server, "status", "--json").stdout)
    assert held["well"] is True
    assert held["lines"]["look-at"] == "nothing"
    assert "the newest that this node knows" in held["lines"]["rules"]


def test_its_only_node_does_not_leave_and_its_rules_are_in_force(server: Server) -> None:
    done = _told(server, "leave", "--yes")
    assert done.returncode == 1
    assert "It is the only node" in done.stderr
    done = _told(server, "finalize", "--yes")
    assert done.returncode == 0
    assert "are in force" in done.stdout


def test_a_setting_for_all_is_checked_as_in_a_file(server: Server) -> None:
    done = _told(server, "set", "channels.per_account", "many")
    assert done.returncode == 2
    assert "channels.per_account must be a whole number" in done.stderr
    done = _told(server, "set", "channels.per_account", "7")
    assert done.returncode == 1
    assert "it goes by its settings file" in done.stderr
    assert _told(server, "set").stdout == ""
