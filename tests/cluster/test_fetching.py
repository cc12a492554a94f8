"""Fetching a copy from a member: it goes on where it broke off, and nothing strange is taken."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubbub.cluster import fetching
from hubbub.cluster.copying import PIECE
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.members import Shared
from hubbub.journal.database.duplicate import examine
from tests.cluster.doors import cutting, hostile, opened
from tests.cluster.founder import Founder


class Joiner:
    """A directory that has joined, and has no journal yet."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.journal = data_dir, data_dir / "journal.sqlite"
        self.progress: list[tuple[int, int]] = []

    async def fetch(self, shared: Shared) -> str:
        """Fetch a copy, as a start does; nobody is waited for."""
        return await asyncio.to_thread(
            fetching.fetch_copy,
            self.data_dir,
            shared,
            self.journal,
            lambda have, size: self.progress.append((have, size)),
            lambda _: None,
            2,
        )


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return Founder(tmp_path / "a")


@pytest.fixture
def joiner(tmp_path: Path) -> Joiner:
    return Joiner(tmp_path / "b")


async def test_the_copy_is_in_the_journal_s_place(founder: Founder, joiner: Joiner) -> None:
    await founder.make(400, 4_000)
    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        assert await joiner.fetch(shared) == "a"
    assert examine(joiner.journal) == examine(founder.journal)
    size = joiner.progress[-1][1]
    assert joiner.progress[-1] == (size, size)
    assert len(joiner.progress) == -(-size // PIECE)
    assert sorted(each.name for each in (joiner.data_dir / "cluster").iterdir()) == [
        "ca-key.pem",
        "ca.pem",
        "node-key.pem",
        "node.pem",
        "shared.json",
    ]


async def test_it_goes_on_where_a_connection_was_cut(founder: Founder, joiner: Joiner) -> None:
    await founder.make(600, 4_000)
    async with opened(founder), cutting(founder.door, 2 * PIECE + 100_000) as door:
        shared = founder.joined(joiner.data_dir, door)
        await joiner.fetch(shared)
    have = [each for each, _ in joiner.progress]
    # No piece that had come before the cut was fetched a second time.
    assert have == sorted(set(have))
    assert examine(joiner.journal) == examine(founder.journal)


async def test_it_goes_on_after_a_kill(founder: Founder, joiner: Joiner) -> None:
    await founder.make(600, 4_000)

    async def killed(shared: Shared) -> None:
        def die(have: int, size: int) -> None:
            if have > PIECE:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await asyncio.to_thread(_fetch, joiner, shared, die)

    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        await killed(shared)
        assert not joiner.journal.exists()
        assert ((joiner.data_dir / fetching.PART).stat().st_mode & 0o777) == 0o600
        await joiner.fetch(shared)
    assert joiner.progress[0][0] == 3 * PIECE
    assert examine(joiner.journal) == examine(founder.journal)


async def test_a_part_of_a_copy_that_is_gone_is_no_use(founder: Founder, joiner: Joiner) -> None:
    await founder.make(10)
    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        (joiner.data_dir / fetching.PART).write_bytes(b"half of another")
        note = {"copy": "gone", "bytes": 1 << 20, "digest": "0"}
        (joiner.data_dir / f"{fetching.PART}.json").write_text(json.dumps(note))
        await joiner.fetch(shared)
    assert examine(joiner.journal) == examine(founder.journal)


async def test_another_member_is_asked_where_one_is_down(founder: Founder, joiner: Joiner) -> None:
    await founder.make(10)
    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        down = replace(shared.own, number=2, name="c", door="127.0.0.1:1")
        members = (replace(down, number=0), replace(shared.members[0], number=2), shared.own)
        assert await joiner.fetch(replace(shared, members=members)) == "a"


async def test_nobody_there_is_said_with_the_address(founder: Founder, joiner: Joiner) -> None:
    await founder.make()
    shared = founder.joined(joiner.data_dir)
    with pytest.raises(PeerUnreachable, match=r"127\.0\.0\.1:1 is not reached"):
        await joiner.fetch(shared)
    with pytest.raises(PeerUnreachable, match="no other member"):
        await joiner.fetch(replace(shared, members=(shared.own,)))


@pytest.mark.parametrize(
    ("answers", "endless"),
    [
        ((b"garbage\n",), b""),
        ((b"{}\n",), b""),
        ((b"null\n",), b""),
        ((b'{"copy": "x", "bytes": -1, "digest": "0"}\n',), b""),
        ((b'{"copy": "x", "bytes": 9, "digest": "0"}\n', b'{"size": 4}\nabcd'), b""),
        ((b'{"copy": "x", "bytes": 9, "digest": "0"}\n', b'{"size": 99}\n'), b""),
        ((b'{"copy": "x", "bytes": 9, "digest": "0"}\n', b'{"size": 9}\n' + b"x" * 9), b""),
        ((b'{"copy": "x", "bytes": 9, "digest": "0"}\n', b'{"size": 9}\nabc'), b""),
        ((), b"x" * 10_000),
        ((b'{"size": 100}\n',), b"x" * 10_000),
        ((), b""),
    ],
)
async def test_a_hostile_peer_leaves_the_journal_as_it_was(
    founder: Founder,
    joiner: Joiner,
    answers: tuple[bytes, ...],
    endless: bytes,
) -> None:
    await founder.make()
    async with hostile(founder.data_dir, *answers, endless=endless) as door:
        shared = founder.joined(joiner.data_dir, door)
        joiner.journal.write_bytes(b"what was there")
        with pytest.raises(PeerUnreachable, match=door):
            await joiner.fetch(shared)
    assert joiner.journal.read_bytes() == b"what was there"


async def test_a_copy_of_another_journal_is_refused(
    founder: Founder, joiner: Joiner, tmp_path: Path
) -> None:
    await founder.make()
    other = Founder(tmp_path / "other")
    await other.make()
    founder.journal.write_bytes(other.journal.read_bytes())
    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        with pytest.raises(ClusterError, match="of another journal"):
            await joiner.fetch(shared)
    assert not joiner.journal.exists()


async def test_a_member_of_another_cluster_is_not_believed(
    founder: Founder, joiner: Joiner, tmp_path: Path
) -> None:
    await founder.make()
    other = Founder(tmp_path / "other")
    await other.make()
    async with opened(other):
        shared = founder.joined(joiner.data_dir, other.door)
        with pytest.raises(PeerUnreachable, match="speak TLS as a member"):
            await joiner.fetch(shared)


async def test_a_full_disk_is_said_and_it_goes_on_afterwards(
    founder: Founder, joiner: Joiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    await founder.make(400, 4_000)
    async with opened(founder):
        shared = founder.joined(joiner.data_dir)
        monkeypatch.setattr(fetching, "ROOM", 1 << 60)
        with pytest.raises(ClusterError, match="has no room for the copy"):
            await joiner.fetch(shared)
        monkeypatch.undo()
        _fail_after(monkeypatch, joiner, 2 * PIECE)
        with pytest.raises(ClusterError, match="No space left on device; mend that"):
            await joiner.fetch(shared)
        monkeypatch.undo()
        assert not joiner.journal.exists()
        before = len(joiner.progress)
        await joiner.fetch(shared)
        assert joiner.progress[before][0] > 2 * PIECE
    assert examine(joiner.journal) == examine(founder.journal)


def _fail_after(monkeypatch: pytest.MonkeyPatch, joiner: Joiner, size: int) -> None:
    """Have the disk be full when so much is there."""

    def full(have: int, whole: int) -> None:
        joiner.progress.append((have, whole))
        if have >= size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def fetch(shared: Shared) -> None:
        await asyncio.to_thread(_fetch, joiner, shared, full)

    monkeypatch.setattr(joiner, "fetch", fetch)


def _fetch(joiner: Joiner, shared: Shared, tell: Any) -> None:
    fetching.fetch_copy(joiner.data_dir, shared, joiner.journal, tell, lambda _: None)
