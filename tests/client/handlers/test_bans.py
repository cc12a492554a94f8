"""Tests of bans: whom they hit is known before, and what is lifted is what was meant."""

from __future__ import annotations

from tests.client.desk import BanDesk


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
