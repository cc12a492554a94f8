"""UBAN, KLINE, DLINE and what they do to those who are here and those who come."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.world.bans import ADDRESS, BANS, MASK, NetworkBan
from hubbub.irc.timestamps import format_time
from tests.core import invariants
from tests.core.world_harness import POLICY, START, Client, Harness, shown

NOW = START // 1_000_000


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in ("owner", "moderator", "helper")}
    policy = replace(
        POLICY,
        operators=operators,
        proxies=("203.0.113.9",),
        shared_hosts=frozenset({"loop.cloak"}),
    )
    return Harness(policy)


@pytest.fixture
def mod(harness: Harness) -> Client:
    return operator(harness, "moderator")


def operator(harness: Harness, name: str) -> Client:
    client = harness.connect(name, host=f"{name}.cloak")
    client.send(f"OPER {name} secret")
    return client


def refused(harness: Harness, nick: str = "new", host: str = "bad.cloak") -> str:
    """Return what somebody is told who tries to come in, or "" where he is let in."""
    client = harness.open(host=host)
    client.send(f"NICK {nick}")
    lines = shown(client.send("USER x 0 * :x"))
    if client.closed:
        assert client.session.user is None
        assert lines[0].startswith(f"465 {nick} ")
        return client.closed
    harness.disconnect(client)
    return ""


def test_a_mask_ends_who_is_here_and_keeps_out_who_comes(harness: Harness, mod: Client) -> None:
    bob = harness.connect("bob", host="bad.cloak")
    ann = harness.connect("ann")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.take()
    assert shown(mod.send("KLINE 1h *!*@bad.cloak :spam | seen on #x")) == [
        "NOTICE moderator mask *!*@bad.cloak is banned for 1h"
    ]
    assert bob.closed == "You are banned from this server: spam"
    assert shown(bob.take())[-1] == "465 bob You are banned from this server: spam"
    assert [message.format() for message in ann.take()] == [":bob!bob@bad.cloak QUIT :Banned"]
    assert harness.world.user("bob") is None
    assert refused(harness) == "You are banned from this server: spam"
    assert refused(harness, host="good.cloak") == ""
    harness.time += 3_600_000_000
    assert refused(harness) == "", "it has expired"
    invariants.check(harness.world)


def test_an_address_that_the_operator_names(harness: Harness, mod: Client) -> None:
    bob, ann = harness.connect("bob"), harness.connect("ann")
    bob.connection.address = "192.0.2.7"
    watcher = harness.open()
    watcher.connection.address = "192.0.2.8"
    assert "NOTICE moderator bob" in shown(mod.send("UBAN TEST 192.0.2.0/24"))
    mod.send("DLINE 192.0.2.0/24 :scanners")
    assert [(ban.kind, ban.target) for ban in harness.world.bans] == [(ADDRESS, "192.0.2.0/24")]
    text = "You are banned from this server: scanners"
    assert shown(bob.take()) == [f"465 bob {text}"]
    assert shown(watcher.take()) == [f"465 * {text}"], "who is nobody yet is told, and goes, too"
    assert (bob.closed, watcher.closed, ann.closed) == (text, text, "")
    assert shown(mod.send("STATS d"))[0] == "225 moderator D 192.0.2.0/24 0 moderator scanners"
    mod.send("UNDLINE 192.0.2.0/24")
    assert list(harness.world.bans) == []


def test_a_ban_that_hits_many_has_to_be_confirmed(harness: Harness, mod: Client) -> None:
    for number in range(6):
        harness.connect(f"bot{number}", host="bad.cloak")
    lines = shown(mod.send("UBAN ADD *!*@bad.cloak 1d :bots"))
    assert lines[0] == "NOTICE moderator mask *!*@bad.cloak meets 6 who are here:"
    assert lines[1] == "NOTICE moderator bot0 bot1 bot2 bot3 bot4 bot5"
    assert lines[2].startswith("FAIL UBAN NOT_CONFIRMED *!*@bad.cloak")
    assert list(harness.world.bans) == []
    mod.send("UBAN ADD SURE *!*@bad.cloak 1d :bots")
    assert len(harness.world.users) == 1


def test_a_ban_of_oneself_has_to_be_confirmed(harness: Harness, mod: Client) -> None:
    assert shown(mod.send("KLINE moderator"))[-1].startswith("FAIL KLINE NOT_CONFIRMED")
    mod.send("KLINE SURE moderator")
    assert mod.closed
    acted = harness.records(OperatorActed)[-1]
    assert isinstance(acted, OperatorActed)
    assert acted.action == "UBAN ADD"


def test_who_may_do_more_is_not_banned_by_who_may_do_less(harness: Harness, mod: Client) -> None:
    owner = operator(harness, "owner")
    assert shown(mod.send("UBAN ADD owner"))[0].startswith("FAIL UBAN INVALID_TARGET")
    assert shown(mod.send("KILL owner"))[0].startswith("481 ")
    harness.connect("boss", host="boss.cloak")
    harness.held = True
    mod.send("UBAN ADD boss")
    harness.world.users["boss"].modes |= {"o"}
    harness.world.users["boss"].operator = harness.world.users["boss"].operator_class = "owner"
    harness.commit_all()
    assert harness.world.user("boss") is not None
    harness.held = False
    owner.send("UBAN ADD moderator")
    assert mod.closed


def test_rights(harness: Harness, mod: Client) -> None:
    ann, helper = harness.connect("ann"), operator(harness, "helper")
    mod.send("KLINE x!*@* :why | note")
    for line in ("UBAN ADD ann", "UBAN DEL ann", "KLINE ann", "UNKLINE x!*@*", "DLINE 192.0.2.1"):
        assert shown(helper.send(line))[0].startswith("481 ")
        assert shown(ann.send(line))[0].startswith("481 ")
    [ban] = harness.world.bans
    banned = format_time(ban.time * 1_000_000)
    assert shown(helper.send("UBAN LIST")) == [
        f"NOTICE helper mask x!*@* for good, by moderator at {banned}: why | note",
        "NOTICE helper 1 ban",
    ]
    ann.connection.address = "192.0.2.7"
    for line in ("UBAN TEST 192.0.2.0/24", "UBAN INFO 192.0.2.0/24"):
        assert shown(helper.send(line))[-1].startswith("481 ")
    assert shown(helper.send("UBAN TEST ann"))[-1] == "NOTICE helper ann"
    assert shown(helper.send("UBAN LIST other"))[-1] == "NOTICE helper 0 bans"
    assert shown(helper.send("STATS k"))[0] == "216 helper K x!*@* 0 moderator why"
    for line in ("UBAN LIST", "STATS k", "STATS d"):
        assert shown(ann.send(line))[0].startswith("481 ")


def test_who_lost_the_right_meanwhile_bans_nobody(harness: Harness, mod: Client) -> None:
    bob = harness.connect("bob")
    harness.held = True
    mod.send("UBAN ADD bob")
    harness.world.users["moderator"].modes -= {"o"}
    harness.commit_all()
    assert not bob.closed
    assert list(harness.world.bans) == []


def test_a_ban_that_came_first_keeps_out(harness: Harness, mod: Client) -> None:
    harness.held = True
    late = harness.open(host="bad.cloak")
    late.send("NICK late")
    late.send("USER x 0 * :x")
    mod.send("KLINE *!*@bad.cloak :spam")
    harness.commit(mod.session.id)
    harness.commit_all()
    assert late.closed == "You are banned from this server: spam"
    assert harness.world.user("late") is None


def test_a_nick_that_is_banned_cannot_be_taken(harness: Harness, mod: Client) -> None:
    ann = harness.connect("ann")
    mod.send("KLINE rude*!*@*")
    assert shown(ann.send("NICK rudeness")) == ["432 ann rudeness Erroneous nickname"]
    harness.held = True
    ann.send("NICK nasty")
    mod.send("KLINE nasty!*@*")
    harness.commit(mod.session.id)
    harness.commit_all()
    assert shown(ann.take()) == ["432 ann nasty Erroneous nickname"]


def test_letting_in_again(harness: Harness, mod: Client) -> None:
    for add, remove in (
        ("KLINE bad!*@*", "UNKLINE BAD!*@*"),
        ("KLINE bad!*@*", "KLINE -bad!*@*"),
        ("UBAN ADD bad!*@*", "UBAN DEL bad!*@*"),
    ):
        mod.send(add)
        assert refused(harness, "bad")
        assert shown(mod.send(remove)) == ["NOTICE moderator mask bad!*@* is banned no longer"]
        assert not refused(harness, "bad")
    assert shown(mod.send("UNKLINE bad!*@*"))[0].startswith("FAIL UNKLINE NO_SUCH_BAN")


def test_an_account_that_is_not_here(harness: Harness, mod: Client) -> None:
    mod.send("UBAN ADD SURE account:eve 7d :enough")
    eve = harness.connect_as("eve", "Eve")
    assert eve.closed == "You are banned from this server: enough"
    assert "1w more" in shown(mod.send("UBAN INFO account:EVE"))[0]


def test_who_logs_in_to_a_banned_account_has_to_go(harness: Harness, mod: Client) -> None:
    ann = harness.connect("ann", "sasl")
    ann.send("REGISTER ann * correct-horse")
    ann.send("LOGOUT")
    mod.send("UBAN ADD account:ann :enough")
    guest = ann.user.nick
    plain = base64.b64encode(b"\0ann\0correct-horse").decode()
    ann.send("AUTHENTICATE PLAIN")
    told = shown(ann.send(f"AUTHENTICATE {plain}"))
    assert told == [f"465 {guest} You are banned from this server: enough"]
    assert ann.closed == "You are banned from this server: enough"


@pytest.mark.parametrize("line", ["UBAN", "UBAN ADD", "KLINE", "DLINE", "KLINE 1h", "UBAN TEST"])
def test_what_is_missing(mod: Client, line: str) -> None:
    assert shown(mod.send(line))[0].startswith(("461 ", "FAIL KLINE INVALID_TARGET"))


@pytest.mark.parametrize("line", ["UBAN X y", "UBAN ADD nobody", "KLINE nobody", "DLINE ann!*@*"])
def test_what_is_nothing(mod: Client, line: str) -> None:
    assert shown(mod.send(line))[0].startswith("FAIL ")


def test_there_is_a_bound(harness: Harness, mod: Client) -> None:
    for number in range(BANS[MASK]):
        harness.world.bans.add(NetworkBan(MASK, f"x{number}!*@*", "root", NOW))
    assert shown(mod.send("KLINE one!*@*"))[0].startswith("FAIL KLINE LIST_FULL")
    harness.world.bans.remove(MASK, "x0!*@*")
    harness.held = True
    mod.send("KLINE one!*@*")
    harness.world.bans.add(NetworkBan(MASK, "two!*@*", "root", NOW))
    harness.commit_all()
    assert shown(mod.take())[-1].startswith("400 ")


def test_a_reason_that_begins_with_a_colon_is_a_reason(harness: Harness, mod: Client) -> None:
    mod.send("UBAN ADD x!*@* ::1 and ::2 are not ours")
    (ban,) = harness.world.bans
    assert (ban.target, ban.reason) == ("x!*@*", ":1 and ::2 are not ours")


def test_only_who_may_do_as_much_lets_in_again(harness: Harness, mod: Client) -> None:
    owner = operator(harness, "owner")
    owner.send("UBAN ADD x!*@* :why")
    assert shown(mod.send("UBAN DEL x!*@*"))[0].startswith("FAIL UBAN NO_PRIVILEGES x!*@*")
    assert len(list(harness.world.bans)) == 1
    owner.send("UBAN DEL x!*@*")
    assert not list(harness.world.bans)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("UBAN DEL nobody", "INVALID_TARGET"),
        ("UBAN INFO nobody", "INVALID_TARGET"),
        ("UBAN TEST nobody", "INVALID_TARGET"),
        ("UBAN LIST " + "*x" * 12, "INVALID_PARAMS"),
    ],
)
def test_who_is_asked_about_has_to_be_somebody(mod: Client, line: str, code: str) -> None:
    told = shown(mod.send(line))
    assert told[0].split()[2] == code
    assert len(told) == 1


def test_to_be_sure_is_not_to_say_who_is_meant(mod: Client) -> None:
    assert shown(mod.send("KLINE SURE")) == ["461 moderator KLINE Not enough parameters"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("UBAN ADD bob!*@* 12hours", "12hours"),
        ("KLINE bob!*@* 7days :spam", "7days"),
        ("DLINE 192.0.2.1 1mo", "1mo"),
    ],
)
def test_a_mistyped_length_is_no_ban_for_good(mod: Client, line: str, word: str) -> None:
    answers = shown(mod.send(line))
    assert answers[0].startswith(f"FAIL {line.split()[0]} INVALID_PARAMS {word} ")
    assert not list(mod.harness.world.bans)


def test_a_reason_may_begin_with_a_number_behind_a_colon(mod: Client) -> None:
    mod.send("UBAN ADD 192.0.2.1 :3 strikes")
    (ban,) = mod.harness.world.bans
    assert (ban.reason, ban.expires) == ("3 strikes", 0)
