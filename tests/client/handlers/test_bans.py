"""Whom a ban would keep out, and which bans there are, as the server tells it."""

from __future__ import annotations

import pytest

from hubbub.client.handlers import bans
from hubbub.client.handlers.bans import AT_ONCE, LISTED
from hubbub.client.state.lookups import UserIdentity
from tests.client.desk import BanDesk
from tests.client.harness import Peer, told


def test_a_server_without_whox_is_not_asked() -> None:
    desk = BanDesk(":s 005 ann NETWORK=old :are supported")
    assert desk.type("/ban gil")[0] == ["MODE #c +b gil!*@*"]


def test_bans_are_listed_with_numbers_or_there_are_none() -> None:
    desk = BanDesk()
    assert desk.type("/bans")[0] == ["MODE #c +b"]
    desk.listed()
    assert "No bans in #c" in desk.shown
    desk.type("/bans")
    desk.listed("*!*@bad", "a:zed")
    assert "  1 *!*@bad by op\n  2 a:zed by op" in desk.shown
    assert desk.type("/unban 2")[0] == ["MODE #c -b a:zed"]
    assert desk.type("/unban 3")[0] == []
    assert "there is no such number" in desk.shown
    # Also where it was asked for in the protocol's words.
    desk.type("/mode +b")
    desk.listed()
    assert "No bans in #c" in desk.shown


def test_of_a_long_list_so_many_are_taken_up_and_of_so_many_channels() -> None:
    peer = Peer()
    peer.enter()
    peer.receive(*(f":s 367 ann #c n{number}!*@*" for number in range(LISTED + 5)))
    (text,) = told(peer.receive(":s 368 ann #c :End"))
    assert len(text.split("\n")) == LISTED + 1
    peer.receive(*(f":s 367 ann #x{number} n!*@*" for number in range(AT_ONCE + 5)))
    assert len(peer.session.state.listings) == AT_ONCE
    assert told(peer.receive(f":s 368 ann #x{AT_ONCE + 1} :End")) == [f"No bans in #x{AT_ONCE + 1}"]


def test_an_answer_that_was_not_asked_for_is_told_as_it_comes() -> None:
    peer = Peer()
    peer.enter()
    assert told(peer.receive(":s 354 ann 7 bob", ":s 315 ann bob :End", ":s 367 ann #c")) == [
        "7 bob"
    ]


@pytest.mark.parametrize(
    ("mask", "who", "is_hit"),
    [
        ("bob", UserIdentity("bob"), True),
        ("*!*@h", UserIdentity("bob", "b", "h"), True),
        ("*!*@h", UserIdentity("bob"), False),
        ("a:Bob", UserIdentity("rob", account="bob"), True),
        ("a:bob", UserIdentity("bob"), False),
        ("a:*", UserIdentity("rob", account="bob"), True),
    ],
)
def test_whom_a_mask_keeps_out_as_far_as_it_is_known(
    mask: str, who: UserIdentity, is_hit: bool
) -> None:
    state = BanDesk().peer.session.state
    assert bans.hits(state, mask, who) is is_hit


def test_a_server_without_accounts_in_bans_has_no_mask_for_one() -> None:
    peer = Peer()
    peer.enter()
    assert bans.account_mask(peer.session.state, "bob") == ""
    peer.receive(":s 005 ann EXTBAN=~,am ACCOUNTEXTBAN=account,a :are supported")
    assert bans.account_mask(peer.session.state, "bob") == "~account:bob"
