"""Bans: whom they hit is known before, and what is lifted is what was meant."""

from __future__ import annotations

import pytest

from tests.client.desk import BanDesk, Desk


def test_an_account_is_banned_where_there_is_one() -> None:
    desk = BanDesk()
    assert desk.type("/ban zed")[0] == ["WHO zed %tuhna,731"]
    desk.who("zed", "z", "home", "Zed")
    assert desk.peer.sent() == ["MODE #c +b a:Zed"]


def test_otherwise_the_nick_and_that_is_said() -> None:
    desk = BanDesk()
    for nick, known in (("gil", ("g", "away")), ("gone", ())):
        desk.type(f"/ban {nick}")
        desk.who(nick, *known)
        assert desk.peer.sent() == [f"MODE #c +b {nick}!*@*"]
        assert f"{nick} has no account" in desk.shown
        assert f"/ban --host {nick}" in desk.shown


def test_the_own_address_is_never_banned() -> None:
    desk = BanDesk()
    desk.type("/ban --host zed")
    desk.who("zed", "z", "home", "Zed")
    assert desk.peer.sent() == []
    assert "*!*@home would keep out yourself (and zed): nothing was done" in desk.shown
    for mask in ("*!*@*", "ann", "a:*", "*"):
        desk.peer.session.state.login.account = "ann"
        desk.type(f"/ban {mask}")
        desk.peer.sent()
        if mask == "ann":
            desk.who("ann", "annu", "home", "ann")
        assert desk.peer.sent() == []
        assert "yourself" in desk.shown


@pytest.mark.parametrize(
    ("answer", "sent"), [("y", ["MODE #c +b *!*@shared"]), ("", []), ("n", [])]
)
@pytest.mark.parametrize("typed", ["/ban --host bob", "/ban bob --host", "/ban *!*@shared"])
def test_who_else_is_hit_is_shown_first(typed: str, answer: str, sent: list[str]) -> None:
    desk = BanDesk()
    desk.type(typed)
    desk.who("bob", "b", "shared")
    question = desk.peer.session.question
    assert question is not None
    assert question.prompt == "*!*@shared keeps out bob, carl. Ban them all? [y/n] "
    assert question.shown
    desk.peer.session.answer(answer)
    assert desk.peer.sent() == sent


def test_an_address_that_hits_one_is_banned_and_one_unknown_is_not() -> None:
    desk = BanDesk()
    desk.type("/ban --host gil")
    desk.who("gil", "g", "away")
    assert desk.peer.sent() == ["MODE #c +b *!*@away"]
    desk.type("/ban --host nobody")
    desk.who("nobody")
    assert desk.peer.sent() == []
    assert "nobody is not here, so the address is not known" in desk.shown


def test_another_channel_is_named_first() -> None:
    desk = BanDesk()
    assert desk.type("/ban #d *!*@bad")[0] == ["MODE #d +b *!*@bad"]
    assert desk.type("/bans d")[0] == ["MODE #d +b"]
    assert desk.type("/kick #d bob be nice")[0] == ["KICK #d bob :be nice"]


@pytest.mark.parametrize(
    ("word", "who", "sent"),
    [
        ("zed", ("z", "home", "Zed"), ["MODE #c -b a:zed"]),
        ("zed", (), ["MODE #c -b a:zed"]),
        ("gil", (), ["MODE #c -b gil!*@*"]),
        ("dan", ("d", "bad"), ["MODE #c -b *!*@bad"]),
        ("dan", (), []),
    ],
)
def test_the_ban_that_keeps_somebody_out_is_lifted(
    word: str, who: tuple[str, ...], sent: list[str]
) -> None:
    desk = BanDesk()
    assert desk.type(f"/unban {word}")[0] == ["MODE #c +b"]
    desk.listed("*!*@bad", "a:zed", "gil!*@*")
    assert desk.peer.sent() == [f"WHO {word} %tuhna,731"]
    desk.who(word, *who)
    assert desk.peer.sent() == sent
    assert ("no ban in #c is for dan" in desk.shown) is (not sent)


def test_a_mask_is_lifted_as_it_is_written_and_of_several_one_is_chosen() -> None:
    desk = BanDesk()
    desk.type("/unban *!*@BAD")
    desk.peer.sent()
    desk.listed("*!*@bad", "gil!*@bad")
    assert desk.peer.sent() == ["MODE #c -b *!*@bad"]
    desk.type("/unban gil")
    desk.peer.sent()
    desk.listed("*!*@away", "x!*@*", "gil!*@*")
    desk.peer.sent()
    desk.who("gil", "g", "away")
    assert desk.peer.sent() == []
    assert "several bans keep out gil" in desk.shown
    assert desk.type("/unban 2")[0] == ["MODE #c -b gil!*@*"]


@pytest.mark.parametrize("number", ["0", "3", "00000010", "0000001" + "0" * 5000])
def test_a_number_that_none_has_lifts_none(number: str) -> None:
    desk = BanDesk()
    desk.type("/unban gil")
    desk.peer.sent()
    desk.listed("*!*@away", "gil!*@*")
    desk.peer.sent()
    desk.who("gil", "g", "away")
    sent, shown = desk.type(f"/unban {number}")
    assert (sent, shown) == ([], ["there is no such number; /bans lists the bans with theirs"])
    assert desk.type("/unban 00000002")[0] == ["MODE #c -b gil!*@*"]


@pytest.mark.parametrize("typed", ["/ban", "/ban a b", "/ban --all zed", "/unban", "/unban a b c",
                                   "/bans a b", "/ban --host *!*@x"])  # fmt: skip
def test_what_is_not_understood_is_refused(typed: str) -> None:
    desk = BanDesk()
    assert desk.type(typed)[0] == []
    assert "usage: /" in desk.shown


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/ban bob", "MODE #c +b bob!*@*"),
        ("/ban *!*@bad.host", "MODE #c +b *!*@bad.host"),
        ("/bans", "MODE #c +b"),
    ],
)
def test_where_the_server_tells_of_no_accounts_the_nick_is_banned_at_once(
    typed: str, sent: str
) -> None:
    lines, _ = Desk().type(typed)
    assert [text.rpartition("label=n1 ")[2] for text in lines] == [sent]


def test_who_has_no_connection_bans_nobody() -> None:
    desk = BanDesk()
    desk.peer.session.disconnected(desk.peer.now)
    for typed in ("/ban bob", "/unban bob", "/bans"):
        assert desk.type(typed) == ([], ["not connected"])


def test_in_a_conversation_a_channel_has_to_be_named() -> None:
    desk = BanDesk()
    desk.type("/msg bob")
    desk.peer.sent()
    for typed in ("/ban bob", "/unban bob", "/bans"):
        assert desk.type(typed) == ([], ["this is no channel; go to one with /join #channel"])
