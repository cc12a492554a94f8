"""What somebody prepared who is kept out. By command: commands/operators/test_back_doors.py."""

from __future__ import annotations

import pytest

from hubbub.core.access import back_doors
from hubbub.core.world.accounts import Account, Credential, Invite
from hubbub.core.world.world import World


@pytest.fixture
def world() -> World:
    """Return a World in which ann made bob an operator, and bob made cy one."""
    world = World()
    for name, maker in (("ann", ""), ("bob", "ann"), ("cy", "bob"), ("dan", "eve")):
        world.accounts[name] = Account(name, 0, operator="admin", operator_by=maker)
    return world


def names(accounts: list[Account]) -> list[str]:
    """Return what accounts are called."""
    return [account.name for account in accounts]


def test_whom_one_made_and_whom_those_made(world: World) -> None:
    assert names(back_doors.appointed(world, world.accounts["ann"], "")) == ["bob", "cy"]
    assert names(back_doors.appointed(world, world.accounts["bob"], "")) == ["cy"]


def test_who_is_no_operator_any_more_is_none_of_them(world: World) -> None:
    world.accounts["bob"].operator = ""
    assert back_doors.appointed(world, world.accounts["ann"], "") == []


def test_who_is_spared_spares_whom_it_made(world: World) -> None:
    assert back_doors.appointed(world, world.accounts["ann"], "BOB") == []
    assert names(back_doors.appointed(world, world.accounts["ann"], "cy")) == ["bob"]


def test_a_circle_of_operators_has_an_end(world: World) -> None:
    world.accounts["ann"].operator_by = "cy"
    assert names(back_doors.appointed(world, world.accounts["ann"], "")) == ["bob", "cy"]


def test_the_codes_of_an_account_are_its_own_only(world: World) -> None:
    for code, maker in (("x", "Ann"), ("y", "bob")):
        world.invites[code] = Invite(code, 1, 0, maker, "", "", 0)
    assert [one.code for one in back_doors.invites_of(world, world.accounts["ann"])] == ["x"]


def test_a_code_for_a_password_is_found_with_whom_it_is_for(world: World) -> None:
    dan, ann = world.accounts["dan"], world.accounts["ann"]
    for kind in ("reset", "token"):
        dan.credentials[kind, "x"] = Credential(kind, "x", 1, by="ann")
        world.credentials[kind, "x"] = dan
    assert back_doors.resets_of(world, ann) == [(dan, dan.credentials["reset", "x"])]
    assert back_doors.resets_of(world, dan) == []
