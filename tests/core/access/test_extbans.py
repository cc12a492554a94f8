"""Masks of accounts, and masks that concern speaking only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access.extbans import complete, is_banned, is_muted, keeping_out
from hubbub.core.world.mask_list import ListEntry
from tests.core.access.members_at_hand import channel, user
from tests.core.world_harness import Client, Harness, shown

REFUSED = "404 bob #a Cannot send to channel"


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("bob", "bob!*@*"),
        ("m:bob", "m:bob!*@*"),
        ("M:@host", "m:*!*@host"),
        ("a:bob", "a:bob"),
        ("A:Bob", "a:Bob"),
        ("a:", ""),
        ("m:", ""),
        ("m:a:", ""),
        ("M:A:bob", "m:a:bob"),
        ("x:bob", "x:bob!*@*"),
    ],
)
def test_what_a_mask_leaves_out_is_filled_in(typed: str, kept: str) -> None:
    assert complete(typed) == kept


@given(st.text("mMaAx:!@*", max_size=8))
def test_what_is_complete_stays_as_it_is(typed: str) -> None:
    kept = complete(typed)
    assert not kept or complete(kept) == kept


@pytest.mark.parametrize(
    ("mask", "account", "refused"),
    [
        ("a:bob", "bob", True),
        ("a:BOB", "bob", True),
        ("a:b*", "bob", True),
        ("a:bob", "", False),
        ("a:*", "", False),
        ("a:*", "else", True),
        ("m:a:bob", "bob", False),
        ("m:*", "bob", False),
    ],
)
def test_who_is_kept_out(
    harness: Harness, ann: Client, mask: str, account: str, refused: bool
) -> None:
    ann.send(f"MODE #a +b {mask}")
    bob = harness.connect_as("bob", account)
    assert shown(bob.send("JOIN #a"))[0].startswith("474" if refused else "JOIN")


@pytest.mark.parametrize(
    ("modes", "refused"),
    [
        ("+b m:bob", True),
        ("+b m:a:bob", True),
        ("+b m:a:else", False),
        ("+b bob", True),
        ("+be m:bob bob", False),
        ("+be m:bob m:bob", False),
        ("+be m:a:* m:a:bob", False),
        ("+be bob m:bob", True),
        ("+be bob a:bob", False),
        ("+bbe bob m:bob m:bob", True),
        ("+bv m:bob bob", False),
    ],
)
def test_who_is_kept_from_speaking(
    harness: Harness, ann: Client, modes: str, refused: bool
) -> None:
    bob = harness.connect_as("bob", "bob")
    bob.send("JOIN #a")
    ann.send(f"MODE #a {modes}")
    bob.take()
    assert shown(bob.send("PRIVMSG #a :hello")) == ([REFUSED] if refused else [])


@pytest.mark.parametrize(("mask", "refused"), [("a:bob", False), ("a:x", True), ("m:bob", True)])
def test_who_is_let_in(harness: Harness, ann: Client, mask: str, refused: bool) -> None:
    ann.send(f"MODE #a +iI {mask}")
    bob = harness.connect_as("bob", "bob")
    assert shown(bob.send("JOIN #a"))[0].startswith("473" if refused else "JOIN")


def test_a_mask_is_taken_away_whatever_its_case(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +b M:BOB")
    assert shown(ann.send("MODE #a -b m:bob")) == ["MODE #a -b m:bob!*@*"]
    assert not harness.world.channels["#a"].lists["b"]


@pytest.mark.parametrize(
    ("listed", "banned", "muted", "keeping"),
    [
        ({}, False, False, set()),
        ({"b": ["x!*@*"]}, False, False, set()),
        ({"b": ["m:ann!*@*"]}, False, True, set()),
        ({"b": ["ann!*@*", "a:ann"]}, True, True, {"ann!*@*", "a:ann"}),
        ({"b": ["ann!*@*"], "e": ["a:ann"]}, False, False, set()),
        ({"b": ["m:*!*@*"], "e": ["m:a:ann"]}, False, False, set()),
    ],
)
def test_the_masks_of_a_list_that_concern_somebody(
    listed: dict[str, list[str]], banned: bool, muted: bool, keeping: set[str]
) -> None:
    ann, held = user("ann", account="ann"), channel()
    for letter, masks in listed.items():
        held.lists[letter].update({mask: ListEntry(mask, "op", 0) for mask in masks})
    assert (is_banned(held, ann), is_muted(held, ann)) == (banned, muted)
    assert keeping_out(held, ann) == keeping
