"""What the other end of a conversation is called, and whom a name means."""

from __future__ import annotations

import pytest

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.world.conversations import (
    full_name,
    is_called_like,
    is_from_another,
    is_guest,
    means,
    name_of,
    names_of_gone,
    nick_in,
    owner_of,
    partner_in,
    presence_called,
    users_of,
)
from hubbub.core.world.state import GUEST_PRESENCE
from hubbub.core.world.world import World
from hubbub.irc.names import is_nick
from tests.core.world_harness import Harness

GONE = "g:1.1.77"


def said(number: int, nick: str, target: str = "ann", account: str = "") -> Entry:
    """Return what the guest of a session said to somebody."""
    origin = Origin(SessionId(1, 1, number), 1)
    record = Said(origin, f"{nick}!x@host", account, "PRIVMSG", target)
    return Entry(number, number, f"m{number}", record, Body("hello"))


def presence(number: int) -> str:
    return f"{GUEST_PRESENCE}1.1.{number}"


@pytest.mark.parametrize("partner", ["a:bob", "g:1.2.3"])
def test_a_side_of_a_conversation_tells_whose_it_is_and_with_whom(partner: str) -> None:
    history = f"@a:ann/{partner}"
    assert (owner_of(history), partner_in(history)) == ("a:ann", partner)
    assert is_guest(partner) == (partner == "g:1.2.3")
    assert not is_guest(owner_of(history))


def test_those_are_found_who_are_here_under_a_presence(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "Ann"), harness.connect("bob")
    assert users_of(harness.world, "a:ann") == [ann.user]
    assert users_of(harness.world, bob.user.presence) == [bob.user]
    for nobody in ("a:nobody", GONE):
        assert users_of(harness.world, nobody) == []


def test_a_name_means_who_is_here_before_the_account_that_it_is(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect("bob")
    assert presence_called(harness.world, "BOB") == bob.user.guest_presence
    assert presence_called(harness.world, "Ann") == "a:ann"
    ann.send("NICK free")
    assert presence_called(harness.world, "ann") == presence_called(harness.world, "free")
    assert presence_called(harness.world, "nobody") is None


def test_an_account_has_its_conversations_after_its_end_but_not_before_it_began(
    harness: Harness,
) -> None:
    account = harness.account("ann")
    account.dropped = True
    assert presence_called(harness.world, "ann") == "a:ann"
    assert name_of(harness.world, "a:ann") == "ann"
    account.dropped = account.verified = False
    assert presence_called(harness.world, "ann") is None
    assert name_of(harness.world, "a:ann") is None


def test_a_conversation_is_called_as_the_other_end_is_here(harness: Harness) -> None:
    ann, bob = harness.connect_as("annie", "Ann"), harness.connect("Bob")
    guest = bob.user.presence
    assert name_of(harness.world, "a:ann") == "annie"
    assert name_of(harness.world, guest) == "Bob"
    harness.disconnect(ann)
    assert name_of(harness.world, "a:ann") == "Ann"
    harness.account("rob")
    bob.send("IDENTIFY rob secret")
    assert name_of(harness.world, guest) is None, "as a guest it is gone"
    assert name_of(harness.world, GONE) is None


def test_of_guests_of_one_nick_the_last_to_speak_has_it() -> None:
    newest = [(presence(number), said(number, "Bob")) for number in (3, 2, 1)]
    names = dict(names_of_gone(World(), newest))
    assert names[presence(3)] == "Bob"
    assert len(set(names.values())) == 3
    for name in (names[presence(2)], names[presence(1)]):
        assert name.startswith("Bob/")
        assert not is_nick(name)
        assert is_called_like(name)


def test_a_guest_who_is_gone_has_no_nick_that_somebody_has_now(harness: Harness) -> None:
    harness.account("bob")
    [(_, name)] = names_of_gone(harness.world, [(GONE, said(77, "Bob"))])
    assert name == full_name("Bob", GONE) != "Bob"


def test_a_message_from_a_guest_and_one_to_a_guest_tell_its_nick() -> None:
    assert nick_in(said(77, "bob", "ann"), GONE) == "bob"
    assert nick_in(said(1, "ann", "bob"), GONE) == "bob"


def test_a_name_means_a_guest_by_nick_or_by_the_whole_of_it() -> None:
    entry = said(77, "Bob")
    assert means("bob", entry, GONE)
    assert means(full_name("bob", GONE), entry, GONE)
    assert not means("eve", entry, GONE)
    assert not means(full_name("bob", presence(78)), entry, GONE)


@pytest.mark.parametrize("name", ["#a", "", "/abc", "two words", "@a:ann"])
def test_what_nobody_is_called(name: str) -> None:
    assert not is_called_like(name)


def test_what_ones_own_devices_said_is_from_nobody_else(harness: Harness) -> None:
    ann = harness.connect_as("ann", "Ann")
    own = ann.session.id.number
    assert not is_from_another(said(own, "ann"), ann.user), "this device"
    assert not is_from_another(said(99, "ann", account="ANN"), ann.user), "another one"
    assert is_from_another(said(99, "bob", account="bob"), ann.user)
    assert is_from_another(said(99, "ann"), ann.user), "a guest of the same nick"
    guest = harness.connect("guest")
    assert is_from_another(said(99, "other"), guest.user), "no account is not the same account"
    origin = Origin(SessionId(1, 1, 99), 1)
    assert not is_from_another(Entry(1, 1, "m1", NodeStarted(origin)), ann.user)
