"""A node goes by its file while it is alone, and in a cluster by what holds for all."""

from __future__ import annotations

from hubbub.core.world.world import World
from hubbub.node.life import Introduction
from hubbub.server.from_settings import shared_of
from hubbub.server.member.in_force import SHARED_SETTINGS, InForce
from hubbub.server.member.shared_settings import shared_values
from hubbub.settings import Settings
from hubbub.settings.model import Channels

OWN = Settings(network="Mine", channels=Channels(keep=("#a",)))


def world_with(**settings: str) -> World:
    world = World()
    world.settings = settings
    return world


def test_a_node_alone_goes_by_its_file() -> None:
    world = world_with(network='"Other"')
    alone = InForce(OWN, world, is_member=False)
    assert (alone.settings, alone.shared(), alone.troubles()) == (OWN, shared_of(OWN), {})
    taken: list[object] = []
    alone.look(lambda *news: taken.append(news))
    assert (taken, alone.read(Settings())) == ([], Settings())


def test_a_member_goes_by_what_holds_for_all_and_says_where_its_file_differs() -> None:
    member = InForce(OWN, world_with(network='"Other"', access="5"), True, Introduction("b"))
    assert (member.settings.network, member.settings.channels.keep) == ("Other", ("#a",))
    shared = member.shared()
    assert (shared.introduction.bundle, shared.keep) == ("b", ("#a",))
    assert shared.settings["network"] == '"Other"'
    told = member.troubles()[SHARED_SETTINGS]
    assert "otherwise of network, access: all nodes" in told
    assert "cannot take what holds for all of access, and" in told
    assert member.read(Settings(network="Third")).network == "Other"


def test_a_new_cluster_goes_by_the_file_of_who_begins_it() -> None:
    member = InForce(OWN, World(), is_member=True)
    assert member.shared().settings == shared_values(OWN)
    assert member.troubles() == {}


def test_a_change_is_taken_up_once_and_only_what_was_settled_before_ends_anything() -> None:
    world = World()
    member = InForce(OWN, world, is_member=True)
    taken: list[tuple[str, bool]] = []

    def look() -> list[tuple[str, bool]]:
        taken.clear()
        member.look(lambda settings, said: taken.append((settings.network, said)))
        return list(taken)

    assert look() == []
    world.settings["network"] = '"First"'
    assert look() == [("First", False)]
    assert look() == []
    world.settings["network"] = '"Second"'
    assert look() == [("Second", True)]
    world.settings["access"] = '"open"'
    assert look() == [("Second", False)]
    del world.settings["network"]
    assert look() == [("Mine", True)]
