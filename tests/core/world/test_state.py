"""Users, channels, memberships and lists: what follows from what they hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.policy.privileges import ADMIN, OWNER, privileges_of
from hubbub.core.records.base import SessionId
from hubbub.core.world.mask_list import ListEntry
from hubbub.core.world.state import (
    NOT_HERE,
    AccessEntry,
    Channel,
    Circle,
    Membership,
    Registration,
    User,
)
from hubbub.irc import modes

ONE, TWO = SessionId(1, 1, 1), SessionId(1, 1, 2)


def user(nick: str = "ann", number: int = 1, account: str = "", **more: Any) -> User:
    id = SessionId(1, 1, number)
    return User(id, nick, "u", "host", "real", account, sessions=[id], **more)


def channel(**more: Any) -> Channel:
    return Channel("#a", "#a", 0, **more)


# Members


@given(st.sets(st.sampled_from("qaohv")))
def test_the_highest_status_counts_and_is_shown_first(letters: set[str]) -> None:
    member = Membership("".join(one for one in modes.PREFIXES if one in letters))
    assert member.rank == max((modes.RANKS[one] for one in letters), default=0)
    assert set(member.prefixes(True)) == {modes.PREFIXES[one] for one in letters}
    assert member.prefixes(False) == member.prefixes(True)[:1]


def test_a_circle_is_everybody_in_the_channels_but_the_one_whose_it_is() -> None:
    ann, bob, cat = user("ann", 1), user("bob", 2), user("cat", 3)
    shared = channel(members={ann: Membership(), bob: Membership()})
    circle = Circle(ann, (shared,))
    assert circle.holds(bob)
    for outside in (ann, cat, None):
        assert not circle.holds(outside)


# Users


def test_what_is_said_directly_belongs_to_the_account_or_to_this_one_stay() -> None:
    guest, member = user(), user(account="Ann")
    assert (guest.presence, member.presence) == ("g:1.1.1", "a:ann")
    assert member.guest_presence == guest.presence


def test_a_user_is_away_while_nobody_sits_at_any_of_its_sessions() -> None:
    ann = user(account="ann")
    ann.sessions.append(TWO)
    assert ann.away == ""
    ann.absent = frozenset({ONE})
    assert ann.away == ""
    ann.quiet = frozenset({TWO})
    assert (ann.away, ann.is_connected) == (NOT_HERE, True)
    ann.away_text = "lunch"
    assert ann.away == "lunch", "what the user says itself comes first"
    ann.quiet = frozenset({ONE, TWO})
    assert not ann.is_connected


def test_a_guest_who_passes_by_sits_there() -> None:
    guest = user(quiet=frozenset({ONE}))
    assert guest.is_attended
    assert not guest.is_connected


@pytest.mark.parametrize(
    ("account", "sessions", "may"),
    [("", 1, True), ("bob", 2, True), ("ann", 1, True), ("ann", 2, False)],
)
def test_nobody_takes_others_along_to_an_account_that_they_have_not_proved(
    account: str, sessions: int, may: bool
) -> None:
    ann = user(account=account)
    ann.sessions = [ONE, TWO][:sessions]
    assert ann.may_change_to("bob") == may


def test_each_session_wields_what_it_has_proved_and_no_more() -> None:
    root = user(account="root", modes=frozenset("o"), operator_class=OWNER)
    assert root.wielded == privileges_of(OWNER), "by the account, in every session"
    root.opered, root.account_class = {TWO: OWNER}, ADMIN
    for session, held in ((ONE, ADMIN), (TWO, OWNER)):
        root.acting = session
        assert root.wielded == privileges_of(held)
    root.account_class, root.acting = "", ONE
    assert root.wielded == frozenset()
    assert root.privileges == privileges_of(OWNER), "what protects it is all it has"


def test_whose_mode_is_gone_may_do_nothing_any_more() -> None:
    ann = user(operator_class=OWNER)
    assert not ann.is_operator
    assert ann.privileges == ann.wielded == frozenset()


def test_what_a_privilege_allowed_is_noted_and_nothing_else() -> None:
    root = user(modes=frozenset("o"), operator_class=ADMIN)
    assert root.may("accounts", "#A")
    assert not root.may("nothing")
    assert root.holds("accounts")
    assert list(root.exercised) == [("accounts", "#a")]


# Channels


def test_a_channel_with_a_founder_or_that_is_kept_outlives_its_members() -> None:
    assert not channel().lives_on
    assert channel(kept=True).lives_on
    assert channel(registration=Registration("ann", 0)).lives_on


def test_what_an_account_is_in_a_registered_channel() -> None:
    access = {"bob": AccessEntry("Bob", "o", "Ann", 0)}
    held = channel(registration=Registration("Ann", 0, access))
    levels = [held.level(account) for account in ("ANN", "bob", "cat", "")]
    assert levels == ["q", "o", "", ""]
    assert channel().level("ann") == ""


def test_a_channel_with_one_mask_that_goes_has_something_to_wait_for() -> None:
    held = channel()
    held.lists["b"]["a"] = ListEntry("a", "", 0)
    assert not held.has_timed
    held.lists["I"]["b"] = ListEntry("b", "", 0, expires=5)
    assert held.has_timed


@pytest.mark.parametrize(
    ("flags", "key", "hidden", "closed"),
    [
        ("nt", "", False, False),
        ("i", "", False, True),
        ("s", "", True, True),
        ("", "k", False, True),
    ],
)
def test_what_is_said_in_a_closed_channel_is_for_who_was_there(
    flags: str, key: str, hidden: bool, closed: bool
) -> None:
    held = channel(flags=set(flags), key=key)
    assert (held.is_hidden, held.history_since_join) == (hidden, closed)
