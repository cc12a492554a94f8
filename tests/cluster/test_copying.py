"""Copies of a store: of one moment, few at once, in pieces, while the loop goes on."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path

import pytest

from hubbub.cluster import copying
from hubbub.cluster.copying import COPIES, KEPT_SECONDS, PIECE, YOUNG_SECONDS, Copies
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from tests.cluster.founder import Founder


class _Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


async def _copies(tmp_path: Path, clock: _Clock, texts: int = 3) -> Copies:
    founder = Founder(tmp_path / "a")
    await founder.make(texts, 4_000)
    return Copies(founder.data_dir, founder.journal, clock)


async def test_the_pieces_are_the_copy(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock, 400)
    copy = await copies.offer()
    whole = b""
    while piece := await copies.piece(copy.name, len(whole)):
        assert len(piece) <= PIECE
        whole += piece
    assert len(whole) == copy.size > PIECE
    assert hashlib.sha256(whole).hexdigest() == copy.digest
    assert copy.path.stat().st_mode & 0o777 == 0o600
    copies.close()
    assert not copy.path.exists()


async def test_who_come_together_are_handed_the_same(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock)
    first, second = await asyncio.gather(copies.offer(), copies.offer())
    assert first is second
    clock.now += YOUNG_SECONDS - 1
    assert await copies.offer() is first
    copies.close()


async def test_there_are_few_at_once_and_old_ones_go(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock)
    names = []
    for _ in range(COPIES):
        names.append((await copies.offer()).name)
        clock.now += YOUNG_SECONDS
        for name in names:
            await copies.piece(name, 0)
    with pytest.raises(PeerUnreachable, match="come again"):
        await copies.offer()
    clock.now += KEPT_SECONDS
    assert (await copies.offer()).name not in names
    with pytest.raises(ClusterError, match="not kept any more"):
        await copies.piece(names[0], 0)
    copies.close()


async def test_one_who_hangs_up_takes_it_from_nobody(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock)
    impatient = asyncio.create_task(copies.offer())
    patient = asyncio.create_task(copies.offer())
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).size > 0
    copies.close()


async def test_without_room_or_journal_it_is_said_and_can_be_tried_again(
    tmp_path: Path, clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = await _copies(tmp_path, clock)
    monkeypatch.setattr(copying, "ROOM", 1 << 60)
    with pytest.raises(ClusterError, match="no room for a copy"):
        await copies.offer()
    monkeypatch.undo()
    moved = (tmp_path / "a" / "journal.sqlite").rename(tmp_path / "elsewhere")
    with pytest.raises(ClusterError, match="no copy can be made"):
        await copies.offer()
    moved.rename(tmp_path / "a" / "journal.sqlite")
    assert (await copies.offer()).size > 0
    copies.close()


async def test_what_a_process_before_left_is_removed(tmp_path: Path, clock: _Clock) -> None:
    left = (await (await _copies(tmp_path, clock)).offer()).path
    assert left.exists()
    Copies(tmp_path / "a", tmp_path / "a" / "journal.sqlite", clock)
    assert not left.exists()


async def test_there_is_no_piece_where_there_is_none(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock)
    copy = await copies.offer()
    assert await copies.piece(copy.name, copy.size) == b""
    assert await copies.piece(copy.name, 1 << 40) == b""
    for at in (-1, 1 << 70):
        with pytest.raises(ClusterError, match="ask for a new copy"):
            await copies.piece(copy.name, at)
    with pytest.raises(ClusterError, match="not kept"):
        await copies.piece("../../cloak.key", 0)
    copies.close()


async def test_the_loop_has_its_turns_meanwhile(tmp_path: Path, clock: _Clock) -> None:
    copies = await _copies(tmp_path, clock, 3_000)
    offering, turns, worst = asyncio.create_task(copies.offer()), 0, 0.0
    while not offering.done():
        # CPU of this thread, not the clock: what other programs take of the machine is no fault.
        began = time.thread_time()
        await asyncio.sleep(0)
        worst, turns = max(worst, time.thread_time() - began), turns + 1
    assert (await offering).size > 10 << 20
    assert turns > 10
    assert worst < 0.02
    copies.close()
