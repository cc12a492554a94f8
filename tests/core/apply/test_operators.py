"""Who is an operator by its account, and who by OPER in one session, and when that ends."""

from __future__ import annotations

import pytest

from hubbub.core.apply.operators import oper_no_more, operator_changed, operator_no_more
from hubbub.core.outcomes import Notify, Outcome
from hubbub.core.records.users import UserModesSet
from hubbub.core.world.accounts import Account
from tests.core.world_harness import Client, Harness


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann")


@pytest.fixture
def account(harness: Harness, ann: Client) -> Account:
    return harness.world.accounts["ann"]


def told(outcomes: list[Outcome]) -> list[str]:
    """Return the changes of modes that are told to whom they concern."""
    return [one.message.params[1] for one in outcomes if isinstance(one, Notify)]


def oper(harness: Harness, client: Client, operator_class: str = "admin") -> None:
    record = UserModesSet(client.origin, client.user.source, ("+o",), "root", operator_class)
    harness.enter(record)


def test_a_class_is_told_when_it_comes_changes_and_goes_and_not_again(
    ann: Client, account: Account
) -> None:
    for operator_class, change in (
        ("helper", ["+o"]),
        ("helper", []),
        ("admin", ["+o"]),
        ("", ["-o"]),
        ("", []),
    ):
        account.operator = operator_class
        assert told(operator_changed(ann.user, account)) == change
        assert ann.user.operator_class == operator_class


def test_who_became_one_by_oper_is_one_while_the_account_is_none(
    harness: Harness, ann: Client, account: Account
) -> None:
    oper(harness, ann)
    assert operator_changed(ann.user, account) == []
    assert ann.user.is_operator
    assert operator_no_more(ann.user) == []
    assert ann.user.is_operator


def test_who_became_one_by_oper_is_one_by_the_account_once_that_is_of_a_class(
    harness: Harness, ann: Client, account: Account
) -> None:
    oper(harness, ann, "admin")
    account.operator = "admin"
    assert told(operator_changed(ann.user, account)) == ["+o"]
    assert ann.user.operator == "ann"


def test_leaving_the_account_takes_what_it_made_one(ann: Client, account: Account) -> None:
    account.operator = "admin"
    operator_changed(ann.user, account)
    assert told(operator_no_more(ann.user)) == ["-o"]
    assert (ann.user.operator, ann.user.operator_class) == ("", "")


def test_oper_ends_with_the_last_session_that_gave_it(
    harness: Harness, ann: Client, account: Account
) -> None:
    other = harness.attach(ann)
    for client in (ann, other):
        oper(harness, client)
    assert oper_no_more(ann.user, ann.session.id) == []
    assert ann.user.is_operator
    assert told(oper_no_more(ann.user, other.session.id)) == ["-o"]
    assert oper_no_more(ann.user, other.session.id) == [], "it had nothing to lose"


def test_below_oper_there_is_what_the_account_is(
    harness: Harness, ann: Client, account: Account
) -> None:
    account.operator = "helper"
    operator_changed(ann.user, account)
    oper(harness, ann, "owner")
    assert (ann.user.operator, ann.user.operator_class) == ("root", "owner")
    assert told(oper_no_more(ann.user, ann.session.id)) == ["+o"], "of another class"
    assert (ann.user.operator, ann.user.operator_class) == ("ann", "helper")
