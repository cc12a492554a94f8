"""The Unix socket: for this user only, replaced after a kill, gone after a stop."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import stat
from pathlib import Path

import pytest

from hubbub.transport import unix
from hubbub.transport.errors import ListenError
from hubbub.transport.stream import Stream
from hubbub.transport.unix import PATH_BYTES, UnixListener


def listen(path: Path, taken: asyncio.Queue[Stream] | None = None) -> UnixListener:
    take = taken.put_nowait if taken is not None else lambda stream: stream.abort()
    return UnixListener(asyncio.get_running_loop(), path, take)


async def test_only_this_user_may_connect(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    before = os.umask(0)
    try:
        listener = listen(path)
        assert os.umask(0) == 0, "others' files are made as before"
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listener.close()
    assert not path.exists()
    listener.close()


async def test_who_connects_is_handed_over(tmp_path: Path) -> None:
    taken: asyncio.Queue[Stream] = asyncio.Queue()
    listener = listen(tmp_path / "socket", taken)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(tmp_path / "socket"))
        stream = await taken.get()
        stream.abort()
    listener.close()


async def test_what_a_killed_server_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "socket"))
    taken: asyncio.Queue[Stream] = asyncio.Queue()
    listener = listen(tmp_path / "socket", taken)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(tmp_path / "socket"))
        (await taken.get()).abort()
    listener.close()


async def test_a_path_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="too long"):
        listen(tmp_path / ("x" * PATH_BYTES))


async def test_a_place_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="cannot listen"):
        listen(tmp_path / "nowhere" / "socket")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ListenError, match="cannot listen"):
        listen(tmp_path / "folder")


async def test_an_operator_comes_in_although_no_descriptors_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unix, "RETRY_SECONDS", 0.0)
    taken: asyncio.Queue[Stream] = asyncio.Queue()
    listener = listen(tmp_path / "socket", taken)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        free = os.dup(first.fileno())
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
        try:
            first.connect(str(tmp_path / "socket"))
            stream = await taken.get()
            # With not even the spare one, the second waits until the first has gone.
            second.connect(str(tmp_path / "socket"))
            for _ in range(20):
                await asyncio.sleep(0)
            assert taken.empty()
            stream.abort()
            stream = await taken.get()
            stream.abort()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    listener.close()
