"""A member, as far as others need it: it lets in, tells how it is, and stops when it has left."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hubbub.cluster import fetching
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.errors import PeerUnreachable
from hubbub.cluster.members import ListedMember, MemberList, read_shared, write_shared
from hubbub.cluster.trimming import Progress
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.nodes import NodeAdmitted, NodeLeft, NodeStarted
from hubbub.core.rules import RULES
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.sqlite.journal import ErasureListener
from hubbub.server.member.host import MemberHost, host_of
from hubbub.settings import Address, NotNow, Settings, SettingsError
from hubbub.settings.member.cluster import ClusterSettings
from tests.cluster.founder import Founder
from tests.cluster.servers import free_ports
from tests.node.node_harness import Node


class Order:
    """Be the common order, as far as its state goes."""

    def __init__(self) -> None:
        self.progress = Progress(0)
        self.trimmed: list[int] = []
        self.forgotten: list[int] = []
        self.erased: list[tuple[Sequence[range], int]] = []

    def erase(self, windows: Sequence[range], upto: int) -> Future[None]:
        self.erased.append((windows, upto))
        return Future()

    def trim(self, upto: int) -> None:
        self.trimmed.append(upto)

    def forget_server(self, number: int) -> None:
        self.forgotten.append(number)

    def last(self) -> int:
        return 12

    def sentence(self) -> str:
        return "led by a"


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return Founder(tmp_path / "a")


class Host:
    """A member with a node in this process."""

    def __init__(self, founder: Founder, order: Order | None = None) -> None:
        self.founder, self.stops = founder, 0
        self.node = Node()
        self.port = free_ports(1)[0]
        door = (Address("127.0.0.1", self.port),)
        self.settings = Settings(data_dir=founder.data_dir, cluster=ClusterSettings(door=door))
        self.listeners: list[ErasureListener] = []
        journal = SimpleNamespace(
            chain=lambda: "", heard=(7, 70), tell_of_erasures=self.listeners.append
        )
        stored = SimpleNamespace(journal=journal, cloak_key=b"c" * 32, clock=lambda: 0, node=0)
        found = host_of(
            self.settings, cast(Any, stored), self.node.hub, cast(Any, order), self.stop
        )
        assert found is not None
        self.host: MemberHost = found

    def stop(self) -> None:
        self.stops += 1

    async def join(self, name: str) -> Bundle:
        """Let somebody join."""
        token, door = self.founder.token(now=4e9), f"127.0.0.1:{self.port}"
        return await asyncio.to_thread(
            fetching.fetch_bundle, door, token, name, lambda _: (f"{name}:1", f"{name}:2")
        )


async def test_the_record_gives_a_joiner_its_number(founder: Founder) -> None:
    await founder.make()
    one = Host(founder)
    await one.host.open()
    assert (await one.join("b")).member.number == 1
    assert one.node.world.node_named("b") == 1
    assert "with a, b; 1 more have to join" in one.host.lines()["order-log"]
    assert (await one.join("c")).member.number == 2
    assert "restart it to begin" in one.host.lines()["order-log"]
    await one.host.close()


async def test_a_name_that_was_given_elsewhere_is_not_given_again(founder: Founder) -> None:
    await founder.make()
    one = Host(founder)
    await one.host.open()
    one.node.hub.sessions.append(lambda origin: NodeAdmitted(origin, "b"))
    await one.node.hub.settle()
    with pytest.raises(PeerUnreachable, match="the name was given"):
        await one.join("b")
    await one.host.close()


async def test_who_came_in_at_another_member_is_known_here_too(founder: Founder) -> None:
    await founder.make()
    one, other = Host(founder), Origin(SessionId(1, 1, 0), 0)
    await one.host.open()
    # As `_admit` of another member has it recorded: what it was told is on record, the whole of it.
    await one.join("b")
    admitted = one.node.world.nodes[1]
    assert (admitted.route, admitted.door) == ("b:1", "b:2")
    one.node.hub.sessions.append(lambda origin: NodeAdmitted(origin, "c", "c:1", "c:2"))
    # And whoever begins says itself where it is by now.
    says = "2.0", "", "b", "b:3", "b:4"
    one.node.hub.sessions.append(lambda _: NodeStarted(other, RULES, 6, *says))
    await one.node.hub.settle()
    await one.host.look()
    shared = read_shared(founder.data_dir)
    assert shared is not None
    assert shared.others == (
        ListedMember(1, "b", "b:3", "b:4"),
        ListedMember(2, "c", "c:1", "c:2"),
    )
    await one.host.close()


async def test_once_the_order_has_begun_it_tells_of_that(founder: Founder) -> None:
    await founder.make()
    order = Order()
    one = Host(founder, order)
    order.progress.note(Ordered(9, 1, DraftBatch(0, 1, 1, (), applied=9)))
    lines = one.host.lines()
    assert lines["order-log"] == "led by a"
    assert lines["member-0"] == "a at 127.0.0.1:1, on its disk up to 9 (3 behind)"


async def test_what_the_archive_loses_the_order_loses_when_all_have_heard_it(
    founder: Founder,
) -> None:
    await founder.make()
    order = Order()
    one = Host(founder, order)
    one.node.hub.sessions.append(lambda origin: NodeStarted(origin, RULES))
    await one.node.hub.settle()
    await one.host.look()
    one.listeners[0].erased((5,))
    order.progress.note(Ordered(7, 1, DraftBatch(0, 1, 1, (), applied=6)))
    await one.host.look()
    assert order.erased == []
    order.progress.note(Ordered(8, 1, DraftBatch(0, 1, 2, (), applied=8)))
    await one.host.look()
    assert order.erased == [([range(1, 8)], 7)]


async def test_a_node_of_another_cluster_is_told_of(founder: Founder) -> None:
    await founder.make()
    one = Host(founder)
    assert one.host.troubles() == {}
    other = Origin(SessionId(1, 1, 0), 0)
    one.node.hub.sessions.append(lambda _: NodeAdmitted(other, "b"))
    one.node.hub.sessions.append(lambda _: NodeStarted(other, RULES, 6, "", "0123456789abcdef"))
    await one.node.hub.settle()
    assert "is of another cluster" in one.host.troubles()["order-1"]


async def test_who_has_left_is_forgotten_and_this_node_stops(founder: Founder) -> None:
    await founder.make()
    b = ListedMember(1, "b", "b:1", "b:2")
    write_shared(founder.data_dir, founder.shared.with_members([b]))
    order = Order()
    one = Host(founder, order)
    other = Origin(SessionId(1, 1, 0), 0)
    one.node.hub.sessions.append(lambda _: NodeStarted(other, RULES))
    one.node.hub.sessions.append(lambda origin: NodeLeft(origin, 1))
    await one.node.hub.settle()
    await one.host.look()
    assert _names(founder) == ["a"]
    assert one.stops == 0
    assert order.forgotten == [1]
    one.node.hub.sessions.append(lambda origin: NodeLeft(origin, origin.session.node))
    await one.node.hub.settle()
    await one.host.look()
    await one.host.look()
    assert one.stops == 1
    assert _names(founder) == ["a"]


def _names(founder: Founder) -> list[str]:
    shared = read_shared(founder.data_dir)
    assert shared is not None
    return [each.name for each in shared.members]


async def test_a_door_in_use_may_be_free_soon(founder: Founder) -> None:
    await founder.make()
    first, second = Host(founder), Host(founder)
    await first.host.open()
    second.host._addresses = first.host._addresses
    with pytest.raises(NotNow, match=r"set cluster\.door"):
        await second.host.open()
    await first.host.close()


async def test_outside_of_a_cluster_there_is_none(tmp_path: Path) -> None:
    node, nobody = Node(), cast(Any, None)
    held = Settings(data_dir=tmp_path)
    assert host_of(held, nobody, node.hub, None, nobody) is None
    (tmp_path / "cluster").mkdir()
    write_shared(tmp_path, MemberList("id", "00", 0, (ListedMember(0, "a", "a:1", "a:2"),)))
    (tmp_path / "cluster" / "shared.json").write_text("{")
    with pytest.raises(SettingsError, match="restore it"):
        host_of(held, nobody, node.hub, None, nobody)
