"""The SSH server: whoever comes is counted, in or not, and gone when they are gone."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import asyncssh
import pytest

from hubbub.transport.ssh.bounds import SSHBounds
from hubbub.transport.ssh.refusal import VERSION
from tests.transport.ssh.door import Door, entered, with_door


def test_who_comes_in_is_counted_until_they_leave(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            assert door.counted == ["entered"]
            assert connection.get_extra_info("server_version") == f"SSH-2.0-{VERSION}"
        await door.gone.wait()
        assert door.counted == ["entered", "left"]

    with_door(tmp_path, test)


def test_who_never_comes_in_is_released(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect(
                "127.0.0.1", door.port, username="ann", password="wrong", known_hosts=None,
                config=None, client_keys=None, agent_path=None, preferred_auth="password",
            )  # fmt: skip
        await door.gone.wait()
        assert (door.counted, door.given) == (["released"], ["wrong"])

    with_door(tmp_path, test)


def test_a_socket_that_is_dead_already_is_released(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        ours, theirs = socket.socketpair()
        theirs.close()
        ours.setblocking(False)
        door.server.accept(ours, ("127.0.0.1", 1))
        await door.gone.wait()
        assert door.counted == ["released"]

    with_door(tmp_path, test)


def test_a_client_shows_the_key_whose_fingerprint_the_server_tells(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            key = connection.get_server_host_key()
            assert key is not None
            assert [key.get_fingerprint()] == door.server.fingerprints

    with_door(tmp_path, test)


def test_a_server_that_closes_drops_everybody(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            await connection.create_process()
            await door.serving.wait()
            door.server.close()
            await connection.wait_closed()
            await door.peers[0].ended.wait()
            assert door.peers[0].errors == [None]

    with_door(tmp_path, test)


def test_who_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        assert (await reader.read()).startswith(f"SSH-2.0-{VERSION}".encode())
        writer.close()
        await door.gone.wait()
        assert door.counted == ["released"]

    with_door(tmp_path, test, SSHBounds(handshake_seconds=0.1))
