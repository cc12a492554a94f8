"""One session on an SSH connection: what it is for, and a bound on what waits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from hubbub.transport.ssh.bounds import COMMAND_BYTES, TERM_BYTES, SSHBounds
from tests.transport.ssh.door import (
    Door,
    entered,
    with_door,
)


def test_a_session_says_whose_it_is_and_what_for(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            done = await connection.run(
                "tail '#ops'", term_type="dumb", term_size=(0, 5000), stdin=asyncssh.DEVNULL
            )
            assert done.exit_status == 0
        request = door.peers[0].request
        assert (request.identity, request.command) == ("ann", "tail '#ops'")
        assert request.terminal is not None
        assert (request.terminal.columns, request.terminal.rows) == (80, 1000)

    with_door(tmp_path, test)


def test_what_a_peer_does_not_read_is_counted_wherever_it_waits(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(encoding=None, window=1 << 30)
            await door.serving.wait()
            peer = door.peers[0]
            transport = connection._transport
            assert transport is not None
            transport.pause_reading()
            written = 0
            while peer.channel.write(bytes(4096)):
                written += 4096
                await asyncio.sleep(0)
            assert peer.channel.is_blocked
            # The system's own buffers take what they take; what waits here is bounded.
            assert peer.channel.unsent <= SSHBounds().unsent_bytes + 2 * 4096
            transport.resume_reading()
            await process.stdout.readexactly(written)
            await peer.writables.wait()
            assert not peer.channel.is_blocked

    with_door(tmp_path, test)


def test_packets_are_not_made_smaller_than_makes_sense(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(encoding=None, max_pktsize=1024)
            await door.serving.wait()
            channel = door.peers[0].channel._channel
            assert channel._send_pktsize == 1024
            process.close()

    with_door(tmp_path, test)


def test_output_and_errors_go_their_own_ways_and_the_code_comes_last(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process("help", encoding=None)
            await door.serving.wait()
            (peer,) = door.peers
            assert peer.channel.is_served
            peer.channel.write(b"out")
            peer.channel.write(b"err", error=True)
            peer.channel.exit(6)
            done = await process.wait()
            assert (done.stdout, done.stderr, done.exit_status) == (b"out", b"err", 6)
            await peer.ended.wait()
            assert peer.errors == [None]
            assert not peer.channel.is_served
            # What comes too late is dropped.
            assert peer.channel.write(b"late")
            peer.channel.exit(0)

    with_door(tmp_path, test)


@pytest.mark.parametrize(
    "asked",
    [
        {"command": "x" * (COMMAND_BYTES + 1)},
        {"term_type": "x" * (TERM_BYTES + 1)},
        {"subsystem": "sftp"},
    ],
)
def test_what_is_too_long_or_not_served_is_refused(tmp_path: Path, asked: dict[str, Any]) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(**asked)
        assert door.peers == []

    with_door(tmp_path, test)


@pytest.mark.parametrize(
    ("sent", "no_colours", "zone"),
    [
        ({}, False, ""),
        ({"NO_COLOR": "1", "TZ": "Europe/Berlin"}, True, "Europe/Berlin"),
        ({"NO_COLOR": "", "LANG": "C"}, False, ""),
        ({"TZ": "x" * 65}, False, ""),
    ],
)
def test_of_an_environment_two_variables_are_heeded(
    tmp_path: Path, sent: dict[str, str], no_colours: bool, zone: str
) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            await connection.create_process(term_type="xterm", env=sent)
            await door.serving.wait()
            terminal = door.peers[0].request.terminal
            assert terminal is not None
            assert (terminal.no_colours, terminal.zone) == (no_colours, zone)

    with_door(tmp_path, test)


def test_a_new_size_is_passed_on_as_far_as_it_is_believed(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(term_type="xterm")
            await door.serving.wait()
            process.change_terminal_size(120, 99999)
            process.stdin.write_eof()
            await door.peers[0].ended.wait()
            assert door.peers[0].size == (120, 1000)

    with_door(tmp_path, test)


def test_a_session_that_is_dropped_ends_at_both_ends(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process()
            await door.serving.wait()
            door.peers[0].channel.abort()
            await door.peers[0].ended.wait()
            await process.wait_closed()

    with_door(tmp_path, test)


def test_input_waits_at_the_other_end_while_it_is_not_taken(tmp_path: Path) -> None:
    async def test(door: Door) -> None:
        async with entered(door) as connection:
            process = await connection.create_process(encoding=None)
            await door.serving.wait()
            (peer,) = door.peers
            peer.channel.pause_reading()
            process.stdin.write(b"x" * 1000)
            await connection.run("help", stdin=asyncssh.DEVNULL)
            # The other session's whole dialogue came after these bytes.
            assert peer.received_bytes == 0
            peer.channel.resume_reading()
            process.stdin.write_eof()
            await peer.ended.wait()
            assert peer.received_bytes == 1000

    with_door(tmp_path, test)
