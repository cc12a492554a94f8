"""A member lets others in: each gets a place of its own, and all that a member has."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.cluster import fetching
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.hosting import Hosting
from hubbub.cluster.members import ListedMember, read_shared
from tests.cluster.founder import Founder


class Records:
    """Be a World that gives numbers, but to nobody whose name another member has just taken."""

    def __init__(self, *taken: str) -> None:
        self.admitted: list[str] = []
        self._taken = taken

    async def admit(self, name: str, route: str, door: str) -> int | None:
        """Record that somebody is to come."""
        if name in self._taken:
            return None
        self.admitted.append(f"{name} {route} {door}")
        return len(self.admitted)


class Host:
    """A member with an open door."""

    def __init__(self, founder: Founder, records: Records, has_begun: bool = True) -> None:
        self.founder = founder
        self.hosting = Hosting(
            founder.data_dir,
            founder.journal,
            b"c" * 32,
            founder.shared,
            has_begun,
            records.admit,
        )

    async def __aenter__(self) -> Host:
        self.founder.door = f"127.0.0.1:{await self.hosting.open('127.0.0.1', 0)}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hosting.close()

    async def join(self, name: str, port: int) -> Bundle:
        """Let somebody join with a new token."""
        token = self.founder.token(now=4e9)
        addresses = f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"
        return await asyncio.to_thread(
            fetching.fetch_bundle, self.founder.door, token, name, lambda _: addresses
        )


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return Founder(tmp_path / "a")


async def test_each_is_recorded_and_told_of_those_before(founder: Founder) -> None:
    await founder.make()
    records = Records()
    async with Host(founder, records) as host:
        b, c = await host.join("b", 10), await host.join("c", 20)
    assert records.admitted == [
        "b 127.0.0.1:10 127.0.0.1:11",
        "c 127.0.0.1:20 127.0.0.1:21",
    ]
    assert (b.member.number, c.member.number) == (1, 2)
    assert [each.name for each in c.members] == ["a", "b", "c"]
    shared = read_shared(founder.data_dir)
    assert shared is not None
    assert shared.members == c.members
    assert shared.begins


async def test_who_is_given_no_place_can_try_again(founder: Founder) -> None:
    await founder.make()
    async with Host(founder, Records("b")) as host:
        with pytest.raises(PeerUnreachable, match="let in as b just now"):
            await host.join("b", 10)
        shared = read_shared(founder.data_dir)
        assert shared is not None
        assert [each.name for each in shared.members] == ["a"]
        assert (await host.join("c", 10)).member.number == 1


@pytest.mark.parametrize(
    ("name", "port", "why"), [("a", 10, "called a already, number 0"), ("b", 1, "is at 127")]
)
async def test_names_and_addresses_are_one_s_own(
    founder: Founder, name: str, port: int, why: str
) -> None:
    await founder.make()
    async with Host(founder, Records()) as host:
        with pytest.raises(ClusterError, match=why):
            await host.join(name, port)
        assert (await host.join("c", 20)).member.number == 1


async def test_before_it_has_begun_there_is_no_copy(founder: Founder, tmp_path: Path) -> None:
    await founder.make()
    async with Host(founder, Records(), has_begun=False):
        shared = founder.joined(tmp_path / "b")
        with pytest.raises(ClusterError, match="has not begun"):
            await asyncio.to_thread(
                fetching.fetch_copy, tmp_path / "b", shared, tmp_path / "b" / "j", tries=1
            )


async def test_the_list_follows_the_world(founder: Founder) -> None:
    await founder.make()
    b, c = (
        ListedMember(number, name, f"{name}:1", f"{name}:2")
        for number, name in ((1, "b"), (2, "c"))
    )
    founder.shared = founder.shared.with_members([b, c])
    host = Host(founder, Records())
    # Who came in at another member, who is at another address now, and who has left.
    d, moved = ListedMember(3, "d", "d:1", "d:2"), ListedMember(2, "c", "new:1", "new:2")
    elsewhere = ListedMember(0, "a", "not:1", "not:2")
    await host.hosting.follow([elsewhere, moved, d], [1, 0])
    shared = read_shared(founder.data_dir)
    assert shared is not None
    assert shared.members == (founder.shared.own, moved, d)
