"""Who outranks whom. By every act there is: tests/insiders/test_ranks.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access import ranks
from hubbub.core.policy.privileges import CLASSES, privileges_of
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.world.accounts import Account, Credential, Invite
from hubbub.core.world.bans import NetworkBan
from hubbub.core.world.state import Registration, User
from hubbub.core.world.world import World
from tests.core.access.members_at_hand import channel, user

ANY_CLASS = st.sampled_from(["", *CLASSES])


@pytest.fixture
def world() -> World:
    """Return a World with the accounts ann, an admin who is not here, and bob, who is nothing."""
    world = World()
    world.accounts = {"ann": Account("ann", 0, operator="admin"), "bob": Account("bob", 0)}
    return world


def test_an_account_may_what_it_is_and_what_any_session_of_it_has_become(world: World) -> None:
    assert ranks.of_account(world, "ANN") == CLASSES["admin"]
    assert ranks.of_account(world, "") == ranks.of_account(world, "none") == frozenset()
    world.accounts["bob"].users.append(user("bob", "moderator", account="bob"))
    assert ranks.of_account(world, "bob") == CLASSES["moderator"]


def test_who_lays_the_mode_down_keeps_the_rank_of_the_account(world: World) -> None:
    ann = user("ann", account="ann")
    assert ann.privileges == frozenset()
    assert ranks.of_user(world, ann) == CLASSES["admin"]


@given(ANY_CLASS, ANY_CLASS)
def test_one_acts_on_another_exactly_where_that_one_may_do_no_more(one: str, other: str) -> None:
    world, held = World(), privileges_of(one)
    world.accounts["other"] = Account("other", 0, operator=other)
    victim = user("other", account="other")
    ban, invite = (
        NetworkBan("mask", "x", "other", 0, rank=other),
        Invite("x", 1, 0, "", other, "", 0),
    )
    owned = channel()
    owned.registration = Registration("other", 0)
    allowed = {
        ranks.may_act_on(world, held, victim),
        ranks.may_act_on_account(world, held, "other"),
        ranks.may_act_as_founder(world, held, owned),
        ranks.may_lift(held, ban),
        ranks.may_revoke(world, held, invite),
    }
    assert allowed == {privileges_of(other) <= held}


def test_what_is_nobodys_is_in_everybodys_reach(world: World) -> None:
    assert ranks.may_lift(frozenset(), None)
    assert ranks.may_act_as_founder(world, frozenset(), channel())


def test_a_code_is_as_high_as_who_made_it(world: World) -> None:
    made = Invite("x", 1, 0, "ann", "helper", "", 0)
    assert not ranks.may_revoke(world, CLASSES["moderator"], made)
    assert ranks.may_revoke(world, CLASSES["admin"], made)


def origin_of(world: World, *users: User) -> Origin:
    """Return what a record comes from that the last of these users asks for; nobody has gone."""
    session = SessionId(1, 1, len(world.sessions) + 1)
    for one in users:
        world.sessions[session] = one
    return Origin(session, 1)


def test_an_operator_is_overruled_by_whom_it_does_not_outrank(world: World) -> None:
    mod, admin = (origin_of(world, user(name, name)) for name in ("moderator", "admin"))
    assert ranks.overruled(world, admin, "admin", "ann") is False, "an admin acts on an admin"
    assert not ranks.overruled(world, admin, "admin", "bob")
    assert ranks.overruled(world, mod, "moderator", "bob"), "which takes the right to"
    assert not ranks.overruled(world, mod, "moderator", "bob", "kill")
    assert ranks.overruled(world, mod, "moderator", "ann", "kill")


def test_who_acts_on_itself_is_overruled_by_nobody(world: World) -> None:
    assert not ranks.overruled(world, origin_of(world, user("mod", "moderator")), "", "ann")
    assert not ranks.overruled(world, origin_of(world), "", "ann")


def test_who_has_gone_does_nothing_more_but_the_machine_and_the_node_do(world: World) -> None:
    gone, node = origin_of(world), Origin(SessionId(1, 1, 0), 1)
    assert ranks.overruled(world, gone, "ann", "bob")
    assert not ranks.overruled(world, gone, "console", "bob")
    assert not ranks.overruled(world, node, "ann", "bob")


def test_the_last_owner_is_the_only_one_who_could_log_in(world: World) -> None:
    assert not ranks.is_last_owner(world, world.accounts["ann"]), "there is none, and this is none"
    first, second = Account("first", 0, operator="owner"), Account("second", 0, operator="owner")
    world.accounts |= {"first": first, "second": second}
    assert ranks.is_last_owner(world, first), "nothing logs in to the other"
    held = Credential("password", "", 0)
    second.credentials[held.kind, held.id] = held
    assert not ranks.is_last_owner(world, first)
    for hindrance in ("suspended", "dropped"):
        setattr(second, hindrance, "x")
        assert ranks.is_last_owner(world, first)
        setattr(second, hindrance, "")
    second.verified = False
    assert ranks.is_last_owner(world, first)
