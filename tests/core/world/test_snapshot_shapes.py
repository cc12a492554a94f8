"""What a snapshot holds of each thing of the World: all of it, or for a reason not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, cast

import msgspec
import pytest

from hubbub.core import snapshot
from hubbub.core.policy.attention import Attention
from hubbub.core.policy.flood import Rate
from hubbub.core.policy.privileges import ADMIN
from hubbub.core.records.base import SessionId
from hubbub.core.rules import RULES
from hubbub.core.world.accounts import Account, Credential, Invite, Waiting
from hubbub.core.world.bans import MASK, NetworkBan
from hubbub.core.world.mask_list import ListEntry, MaskList
from hubbub.core.world.nodes import Node
from hubbub.core.world.snapshot_shapes import HeldWorld, from_user, to_user
from hubbub.core.world.state import AccessEntry, Channel, Membership, Registration, User
from hubbub.core.world.world import KeptFor, WhoWas, World

ID, OTHER = SessionId(1, 2, 3), SessionId(1, 2, 4)
NOT_KEPT = {
    User: {"acting", "exercised"},  # of the command at hand
    World: {"newest", "changes"},  # counted since the start
}


def filled() -> World:
    """Return a World in which everything has a value that it would not have by itself."""
    world = World()
    ann = User(
        ID,
        "Ann",
        "u",
        "host",
        "real",
        account="ann",
        modes=frozenset("iow"),
        operator="root",
        operator_class="owner",
        away_text="lunch",
        connected=5,
        secure=True,
        sessions=[ID, OTHER],
        absent=frozenset({OTHER}),
        quiet=frozenset({ID, OTHER}),
        noticed=False,
        opered={OTHER: "owner"},
        account_class="admin",
    )
    account = Account(
        "ann",
        1,
        by="root",
        verified=False,
        persist=False,
        operator="admin",
        suspended="why",
        dropped=False,
        step=6,
        used=7,
        users=[ann],
        waiting=Waiting({"a:bob": 2}, 3, {"a:bob": 4}),
        devices={"password: ann": 5},
        invite="digest",
        operator_by="root",
        void_before=8,
        erased=9,
    )
    for one in (
        Credential("ssh", "id", 1, "laptop", "post:#a", 2, 3, 4, True, "root", "bob"),
        Credential("certfp", "id", 1, proved=False),
    ):
        account.credentials[one.kind, one.id] = one
    gone = Account("gone", 1, dropped=True)
    channel = Channel(
        "#A",
        "#a,1.2.3.4",
        1,
        kept=True,
        topic="hello",
        topic_by="ann",
        topic_time=2,
        flags={"i", "s"},
        key="key",
        limit=5,
        forward="#b",
        join_rate=Rate(1, 2),
        speech_rate=Rate(3, 4),
        joins=(5, 6),
        registration=Registration("ann", 7, {"bob": AccessEntry("Bob", "o", "ann", 8)}),
        renamed=9,
        lists={letter: MaskList([ListEntry(letter, "ann", 1, 2, "why")]) for letter in "beI"},
        members={ann: Membership("qo", (10, 11), visit=True)},
        invited={ann},
        metadata={"url": "x"},
        closed=[((1, 2), (3, 4))],
        closed_from=(12, 13),
        retention=(14, 15),
    )
    ann.channels, ann.invitations = {"#a": channel}, {"#a": channel}
    world.users, world.present = {"ann": ann}, {ID: ann}
    world.sessions = {ID: ann, OTHER: ann}
    world.accounts = {"ann": account, "gone": gone}
    world.unverified = {"ann": account}
    for held in account.credentials.values():
        world.find_by(held, account)
    world.invites = {"code": Invite("code", 1, 2, "ann", "admin", "note", 3)}
    world.channels, world.timed = {"#a": channel}, {channel: None}
    world.kept, world.kept_limit, world.kept_channels = ("#*",), 5, 1
    world.bans.add(NetworkBan(MASK, "x!*@*", "root", 1, 2, "why", "note", "owner"))
    world.left, world.closed = {ann: 14}, {"guests": "why"}
    world.whowas.append(WhoWas("a", "b", "c", "d", "e", 15))
    world.metadata, world.read_markers = {"a:ann": {"url": "x"}}, {"a:ann": {"#a": 1}}
    world.buffers = {"a:ann": {"#a": Attention("mentions", True)}}
    world.silenced, world.devices = {"a:ann": ("x",)}, {ID: "password: ann"}
    world.most_users, world.applied = 16, 17
    world.rules, world.nodes = (
        RULES,
        {3: Node(18, 19, False, True, True, "b", "2.0", "x", "r", "d", 22)},
    )
    world.settings = {"channels.keep_limit": "5"}
    world.kept_for, world.spares = KeptFor(20, 21), True
    return world


def plain(thing: Any, above: tuple[object, ...] = ()) -> Any:
    """Return a thing as values that can be compared; one that holds this one by its type."""
    if any(thing is one for one in above):
        return type(thing).__name__
    if isinstance(thing, World) or is_dataclass(thing):
        within = (*above, thing)
        return {name: plain(getattr(thing, name), within) for name in names(thing)}
    if isinstance(thing, dict):
        return [(plain(key, above), plain(value, above)) for key, value in thing.items()]
    if isinstance(thing, Iterable) and not isinstance(thing, str):
        found = [plain(one, above) for one in thing]
        return sorted(found) if isinstance(thing, set | frozenset) else found
    return thing


def names(thing: Any) -> list[str]:
    if isinstance(thing, World):
        # Where it is compiled it has no dictionary.
        every = list(getattr(thing, "__dict__", None) or cast("Any", thing).__mypyc_attrs__)
    else:
        every = [one.name for one in fields(thing)]
    return [name for name in every if name not in NOT_KEPT.get(type(thing), ())]


@pytest.mark.parametrize("kind", [World, User, Channel, Account, Credential])
def test_in_the_world_of_this_test_nothing_is_as_it_would_be_by_itself(kind: type) -> None:
    """A field that was added and has its default here would not be seen to survive."""
    world = filled()
    ann, account, channel = world.users["ann"], world.accounts["ann"], world.channels["#a"]
    things = {World: world, User: ann, Channel: channel, Account: account}
    thing = things.get(kind, account.credentials["ssh", "id"])
    fresh = {
        World: World(),
        User: User(ID, "", "", "", ""),
        Channel: Channel("", "", 0),
        Account: Account("", 0),
        Credential: Credential("", "", 0),
    }[kind]
    same = {n for n in names(thing) if plain(getattr(thing, n)) == plain(getattr(fresh, n))}
    assert same - {"id", "dropped", "proved"} == set()


def test_all_of_it_survives() -> None:
    world = filled()
    assert plain(snapshot.decode(snapshot.encode(world))) == plain(world)


def test_what_older_snapshots_lack_has_its_default() -> None:
    """Each shape was once no longer than what it cannot do without."""
    world = filled()
    whole = msgspec.msgpack.decode(snapshot.encode(world))
    required = [one.required for one in msgspec.structs.fields(HeldWorld)].index(False)
    again = snapshot.decode(msgspec.msgpack.encode(whole[:required]))
    assert again.kept_limit == 1000
    assert (again.accounts, again.metadata, list(again.bans), again.left) == ({}, {}, [], {})
    assert again.users["ann"].channels["#a"].topic == "hello"


def test_a_user_of_before_there_were_classes_is_an_admin() -> None:
    user = filled().users["ann"]
    old = msgspec.structs.replace(from_user(user), operator_class="")
    assert to_user(old).operator_class == ADMIN
    nobody = msgspec.structs.replace(old, operator="")
    assert to_user(nobody).operator_class == ""


def test_a_channel_that_is_not_registered_is_not_registered_afterwards() -> None:
    world = filled()
    world.channels["#a"].registration = None
    again = snapshot.decode(snapshot.encode(world))
    assert again.channels["#a"].registration is None
