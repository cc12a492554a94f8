"""A server that stands still becomes the first member: nothing of it is converted."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.cluster.errors import ClusterError
from hubbub.cluster.founding import dissolve, found
from hubbub.cluster.members import read_shared
from tests.cluster.founder import HOSTS, NOW, Founder

MEMBER = ("a", "a:6222", "a:7900")


async def test_the_journal_stays_as_it_is(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    before = founder.journal.read_bytes()
    (founder.data_dir / "cluster" / "shared.json").unlink()
    shared = found(founder.data_dir, founder.journal, MEMBER, HOSTS, NOW)
    assert founder.journal.read_bytes() == before
    assert (shared.number, shared.own.name) == (0, "a")
    assert read_shared(founder.data_dir) == shared
    dissolve(founder.data_dir)
    assert read_shared(founder.data_dir) is None


async def test_it_is_founded_once(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    before = founder.fingerprint()
    with pytest.raises(ClusterError, match="in a cluster already, as number 0"):
        found(founder.data_dir, founder.journal, MEMBER, HOSTS, NOW)
    assert founder.fingerprint() == before


def test_without_a_journal_there_is_nothing_to_found(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"journal\.sqlite"):
        found(tmp_path, tmp_path / "journal.sqlite", MEMBER, HOSTS, NOW)
    assert read_shared(tmp_path) is None


async def test_a_full_disk_leaves_no_cluster(tmp_path: Path) -> None:
    founder = Founder(tmp_path / "a")
    await founder.make()
    dissolve(founder.data_dir)
    (founder.data_dir / "cluster" / "node.pem.new").mkdir()
    with pytest.raises(ClusterError, match="cannot take the cluster's keys"):
        found(founder.data_dir, founder.journal, MEMBER, HOSTS, NOW)
    assert read_shared(founder.data_dir) is None
