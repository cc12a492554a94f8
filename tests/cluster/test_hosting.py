"""A member lets others in: each gets a place of its own, and all that a member has."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.cluster import fetching
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.hosting import TRIES, Hosting
from hubbub.cluster.members import Member, read_shared
from tests.cluster.founder import Founder


class Records:
    """Be a World that notes who was admitted; some numbers another member has just given."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.taken: list[int] = []
        self.numbers = [0]

    async def admit(self, member: Member) -> bool:
        """Record that somebody is a member."""
        self.numbers.append(member.number)
        if member.number in self.taken:
            return False
        self.members.append(member)
        return True


class Host:
    """A member with an open door."""

    def __init__(self, founder: Founder, records: Records, has_begun: bool = True) -> None:
        self.founder = founder
        self.hosting = Hosting(
            founder.data_dir,
            founder.journal,
            b"c" * 32,
            has_begun,
            records.admit,
            lambda: records.numbers,
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
    assert records.members == [b.member, c.member]
    assert [each.name for each in c.members] == ["a", "b", "c"]
    shared = read_shared(founder.data_dir)
    assert shared is not None
    assert shared.members == c.members
    assert shared.begins


async def test_a_number_that_another_gave_meanwhile_is_not_given(founder: Founder) -> None:
    await founder.make()
    records = Records()
    records.taken = [1, 2]
    async with Host(founder, records) as host:
        assert (await host.join("b", 10)).member.number == 3


async def test_it_is_not_tried_for_ever(founder: Founder) -> None:
    await founder.make()
    records = Records()
    records.taken = list(range(TRIES + 1))
    async with Host(founder, records) as host:
        with pytest.raises(ClusterError, match="others join at this moment"):
            await host.join("b", 10)


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
    host = Host(founder, Records())
    b, c = (Member(number, name, f"{name}:1", f"{name}:2") for number, name in ((1, "b"), (2, "c")))
    assert host.hosting.follow([b, c], []).members[1:] == (b, c)
    host.hosting.follow([], [1, 0])
    shared = read_shared(founder.data_dir)
    assert shared is not None
    assert [each.number for each in shared.members] == [0, 2]
