"""Who may come in, register or take a nick while bans and switches keep others out."""

from __future__ import annotations

import pytest

from hubbub.core.access.admission import entry_refusal, nick_refusal, registration_refusal
from hubbub.core.world.accounts import Account
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.switches import GUESTS, REGISTRATIONS
from hubbub.core.world.world import World
from tests.core.access.members_at_hand import user

NOW = 1_700_000_000
SOURCE = "ann!ann@host"


@pytest.fixture
def world() -> World:
    world = World()
    world.accounts["ann"] = Account("ann", 0)
    return world


def ban(world: World, target: str, kind: str = "mask", **fields: str | int) -> None:
    world.bans.add(NetworkBan(kind, target, "root", NOW, **fields))  # type: ignore[arg-type]


def code(refusal: object) -> str:
    """Return the numeric of a refusal, "" for none."""
    return refusal[0].code if isinstance(refusal, tuple) else ""


def test_who_is_met_by_a_ban_is_told_its_reason_and_nobody_else(world: World) -> None:
    ban(world, "ann!*@*", reason="no spam")
    refusal = entry_refusal(world, SOURCE, "", NOW)
    assert refusal is not None
    assert refusal[1] == ("You are banned from this server: no spam",)
    assert entry_refusal(world, "bob!bob@host", "", NOW) is None


def test_a_ban_of_an_account_lets_the_same_person_in_as_a_guest(world: World) -> None:
    ban(world, "ANN", "account")
    assert code(entry_refusal(world, SOURCE, "ann", NOW)) == "465"
    assert entry_refusal(world, SOURCE, "", NOW) is None


@pytest.mark.parametrize(("rank", "kept_out"), [("moderator", False), ("owner", True), ("", True)])
def test_a_ban_keeps_out_nobody_who_outranks_who_set_it(
    world: World, rank: str, kept_out: bool
) -> None:
    world.accounts["ann"].operator = "admin"
    ban(world, "*", rank=rank)
    admin = user("ann", "admin", account="ann")
    assert (entry_refusal(world, SOURCE, "ann", NOW) is not None) == kept_out
    assert (nick_refusal(world, admin, SOURCE, NOW) is not None) == kept_out


def test_a_nick_with_a_ban_on_it_is_named_in_the_refusal(world: World) -> None:
    ban(world, "bad!*@*", expires=NOW + 60)
    refusal = nick_refusal(world, user("ann"), "bad!ann@host", NOW)
    assert (code(refusal), refusal[1] if refusal else ()) == ("432", ("bad",))
    assert nick_refusal(world, user("ann"), "bad!ann@host", NOW + 60) is None


@pytest.mark.parametrize("reason", ["", "too many at once"])
def test_a_closed_switch_is_for_newcomers_and_tells_why(world: World, reason: str) -> None:
    world.closed = {GUESTS: reason, REGISTRATIONS: reason}
    guest, new = entry_refusal(world, SOURCE, "", NOW), registration_refusal(world)
    assert entry_refusal(world, SOURCE, "ann", NOW) is None
    assert guest is not None
    assert new is not None
    for text in (guest[1][0], new[1]):
        assert text.endswith(f": {reason}" if reason else " now")


def test_nothing_is_in_the_way_where_nothing_is_closed(world: World) -> None:
    assert entry_refusal(world, SOURCE, "", NOW) is None
    assert registration_refusal(world) is None
    assert nick_refusal(world, user("ann"), SOURCE, NOW) is None
