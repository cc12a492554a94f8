"""Who may register, hand on and drop a channel, and who gives whom which level in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access import registered_channels as rights
from hubbub.core.access.registered_channels import Declined
from hubbub.core.world.accounts import Account
from hubbub.core.world.state import AccessEntry, Channel, Registration, User
from hubbub.core.world.world import World
from hubbub.irc import modes
from tests.core.access.members_at_hand import channel, user

NAMES = ("ann", "bob", "cat", "dot")


@pytest.fixture
def world() -> World:
    world = World()
    world.accounts = {name: Account(name, 0) for name in NAMES}
    return world


def code(refusal: Declined | None) -> str:
    return refusal[0] if refusal is not None else ""


def owned(world: World, founder: str = "ann", name: str = "#a", **levels: str) -> Channel:
    """Return a registered channel, where some accounts have a level."""
    made = channel(name=name)
    access = {one: AccessEntry(one, level, founder, 0) for one, level in levels.items()}
    made.registration = Registration(founder, 0, access)
    world.channels[name] = made
    return made


def member_of(account: str, operator_class: str = "") -> User:
    return user(account, operator_class, account=account)


def test_it_takes_an_account_and_an_operators_rank_or_privilege(world: World) -> None:
    guest, plain, op = user("guest"), member_of("bob"), member_of("ann")
    held = channel({guest: "o", plain: "v", op: "o"})
    asked = [guest, plain, op, member_of("cat", "moderator"), member_of("dot")]
    codes = [code(rights.registration_refusal(world, held, one, 1)) for one in asked]
    assert codes == ["ACCOUNT_REQUIRED", "PRIVS_NEEDED", "", "", "PRIVS_NEEDED"]


def test_an_account_has_so_many_channels_however_it_comes_by_them(world: World) -> None:
    held, ann, bob = owned(world), member_of("ann"), member_of("bob")
    free = channel({bob: "o", ann: "o"}, "#free")
    assert code(rights.registration_refusal(world, free, ann, 1)) == "TOO_MANY_CHANNELS"
    owned(world, "bob", "#bobs")
    world.channels["#free"] = free
    assert rights.registered_by(world, "BOB") == 1
    assert code(rights.transfer_refusal(world, held, ann, "bob", 1)) == "TOO_MANY_CHANNELS"
    assert rights.transfer_refusal(world, held, ann, "bob", 2) is None
    assert code(rights.registration_refusal(world, held, ann, 9)) == "ALREADY_REGISTERED"


def test_a_channel_is_given_to_an_account_that_there_is(world: World) -> None:
    held, ann = owned(world), member_of("ann")
    world.accounts["cat"].verified = False
    tried = {"none": "ACCOUNT_UNKNOWN", "cat": "ACCOUNT_UNKNOWN", "Ann": "ALREADY_REGISTERED"}
    for account, answer in tried.items():
        assert code(rights.transfer_refusal(world, held, ann, account, 9)) == answer
    stranger = rights.transfer_refusal(world, held, member_of("dot"), "bob", 9)
    assert code(stranger) == "PRIVS_NEEDED"
    assert code(rights.transfer_refusal(world, channel(), ann, "bob", 9)) == "NOT_REGISTERED"


def test_only_who_outranks_the_founder_acts_in_its_place(world: World) -> None:
    held, mod, owner = owned(world), member_of("bob", "moderator"), member_of("cat", "owner")
    for founder_class, codes in (("", ["", ""]), ("admin", ["PRIVS_NEEDED", ""])):
        world.accounts["ann"].operator = founder_class
        for refusal in (rights.unregistration_refusal, rights.purge_refusal):
            assert [code(refusal(world, held, one)) for one in (mod, owner)] == codes
    assert code(rights.purge_refusal(world, held, member_of("ann"))) == "PRIVS_NEEDED"


def test_a_purge_is_by_privilege_also_of_what_is_nobodys(world: World) -> None:
    for held in (channel(), owned(world)):
        assert code(rights.purge_refusal(world, held, member_of("ann"))) == "PRIVS_NEEDED"
        assert rights.purge_refusal(world, held, member_of("bob", "moderator")) is None


LEVELS = st.sampled_from(["", *modes.PREFIXES])


@given(LEVELS, LEVELS.filter(lambda level: level != "q"), LEVELS)
def test_nobody_gives_or_takes_what_is_not_below_the_own_level(
    own: str, before: str, level: str
) -> None:
    world = World()
    world.accounts = {name: Account(name, 0) for name in NAMES}
    levels = {name: held for name, held in (("bob", own), ("cat", before)) if held not in ("", "q")}
    held = owned(world, "bob" if own == "q" else "ann", **levels)
    refusal = rights.access_refusal(world, held, member_of("bob"), "cat", level, 9)
    rank = modes.RANKS.get(own, 0)
    if refusal is None:
        assert own == "q" or rank > max(modes.RANKS.get(level, 0), modes.RANKS.get(before, 0))
        assert rank >= modes.PROTECTED
    elif own == "q":
        assert (refusal[0], level, before) == ("ACCOUNT_UNKNOWN", "", "")


def test_everybody_gives_up_an_own_level_and_no_others(world: World) -> None:
    held = owned(world, bob="v", cat="v")
    assert rights.access_refusal(world, held, member_of("bob"), "BOB", "", 9) is None
    for level in ("v", "h", "a"):
        refusal = rights.access_refusal(world, held, member_of("bob"), "bob", level, 9)
        assert code(refusal) == "PRIVS_NEEDED", "that is no giving up"
    assert code(rights.access_refusal(world, held, member_of("bob"), "cat", "", 9)) == (
        "PRIVS_NEEDED"
    )


def test_a_list_takes_no_founder_no_stranger_and_no_more_than_fit(world: World) -> None:
    held, ann = owned(world, bob="v"), member_of("ann")
    for account, level, answer in (
        ("ann", "o", "INVALID_LEVEL"),
        ("none", "o", "ACCOUNT_UNKNOWN"),
        ("cat", "", "ACCOUNT_UNKNOWN"),
        ("cat", "o", "LIST_FULL"),
        ("bob", "o", ""),
    ):
        assert code(rights.access_refusal(world, held, ann, account, level, 1)) == answer
    unregistered = rights.access_refusal(world, channel(), ann, "bob", "o", 1)
    assert code(unregistered) == "NOT_REGISTERED"


def test_whose_account_nobody_can_use_is_still_taken_off_the_list(world: World) -> None:
    held = owned(world, bob="o")
    world.accounts["bob"].verified = False
    assert rights.access_refusal(world, held, member_of("ann"), "bob", "", 9) is None
    assert code(rights.access_refusal(world, held, member_of("ann"), "bob", "v", 9)) == (
        "ACCOUNT_UNKNOWN"
    )


def test_a_channel_is_owned_by_who_is_logged_in_as_its_founder(world: World) -> None:
    held = owned(world)
    asked = (member_of("Ann"), user("ann"), member_of("bob", "owner"))
    assert [rights.owns(held, one) for one in asked] == [True, False, False]
    assert not rights.owns(channel(), member_of("ann"))


def test_by_privilege_nobody_changes_the_level_of_a_higher_account(world: World) -> None:
    held, mod = owned(world, cat="o"), member_of("bob", "moderator")
    world.accounts["cat"].operator = "owner"
    assert code(rights.access_refusal(world, held, mod, "cat", "", 9)) == "PRIVS_NEEDED"
    assert rights.access_refusal(world, held, mod, "dot", "v", 9) is None


def test_the_list_is_read_by_those_on_it_and_those_who_moderate(world: World) -> None:
    held, half, plain = owned(world, bob="v"), user("half"), user("plain")
    for one, status in ((half, "h"), (plain, "v")):
        held.members[one] = channel({one: status}).members[one]
    asked = [member_of("bob"), half, user("mod", "moderator"), plain, user("eve")]
    codes = [code(rights.access_list_refusal(held, one)) for one in asked]
    assert codes == ["", "", "", "PRIVS_NEEDED", "PRIVS_NEEDED"]
    assert code(rights.access_list_refusal(channel(), half)) == "NOT_REGISTERED"


def test_no_privilege_opens_the_past(world: World) -> None:
    held, ann, owner = owned(world), member_of("ann"), member_of("bob", "owner")
    assert code(rights.opening_refusal(channel(), ann)) == "NOT_REGISTERED"
    assert code(rights.opening_refusal(held, owner)) == "PRIVS_NEEDED"
    assert rights.opening_refusal(held, ann) is None
    held.key = "k"
    assert code(rights.opening_refusal(held, ann)) == "STILL_CLOSED"


def test_the_heir_is_the_highest_and_of_those_the_longest_there() -> None:
    held = Registration("ann", 0)
    assert rights.successor(held) == ""
    for account, level, time in (("v", "v", 0), ("h", "h", 1), ("o2", "o", 3), ("o1", "o", 2)):
        held.access[account] = AccessEntry(account, level, "ann", time)
    assert rights.successor(held) == "o1"
    del held.access["o1"], held.access["o2"]
    assert rights.successor(held) == "h"
    del held.access["h"]
    assert rights.successor(held) == ""
