"""Nobody has a name that could be taken for a service's, and no slip bans everybody."""

from __future__ import annotations

import pytest

from tests.core.world_harness import Client, Harness, shown

RESERVED = (
    "NickServ",
    "nickserv_",
    "ChanServ1",
    "OperServ",
    "SaslServ",
    "_MemoServ_",
    "N1ckServ",
    "Nick5erv",
    "Nick5erv5",
    "OperS3rv_",
    "GIobal",
    "G1oba1",
    "5ervices",
    "Global",
    "global-1",
    "Services",
    "Server",
    "Hubbub",
    "hubbub_",
    "Test",
    "Hub",
)
FREE = ("lee5", "i", "_1", "observer", "servant", "globalist", "tester", "hubbubber", "serve")


@pytest.fixture
def oper(harness: Harness) -> Client:
    client = harness.connect_as("op", "op")
    harness.account("op").operator = "admin"
    client.send("OPER root secret")
    return client


@pytest.mark.parametrize("nick", RESERVED)
def test_a_name_like_a_services_or_the_servers_is_nobodys(
    harness: Harness, oper: Client, nick: str
) -> None:
    ann = harness.connect("ann")
    assert shown(ann.send(f"NICK {nick}")) == [f"432 ann {nick} Erroneous nickname"]
    new = harness.open()
    assert shown(new.send(f"NICK {nick}"))[0].startswith("432 ")
    assert "BAD_ACCOUNT_NAME" in shown(oper.send(f"ACCOUNT ADD {nick}"))[0]
    assert shown(oper.send(f"SANICK ann {nick}"))[0].startswith("432 ")
    ann.send("JOIN #a")
    assert "INVALID_NICK" in shown(ann.send(f"RELAYMSG #a {nick}/irc :hello"))[-1]
    assert ann.user.nick == "ann"


@pytest.mark.parametrize("nick", FREE)
def test_a_name_that_only_sounds_so_is_free(harness: Harness, nick: str) -> None:
    assert shown(harness.connect("ann").send(f"NICK {nick}")) == [f"NICK {nick}"]


def test_who_had_such_a_name_before_keeps_it(harness: Harness) -> None:
    old = harness.connect_as("conserv", "conserv")
    old.send("NICK other")
    assert shown(old.send("NICK conserv")) == ["NICK conserv"]


@pytest.mark.parametrize("mask", ["a:", "A:", "m:", "m:a:"])
@pytest.mark.parametrize(
    "line", ["MODE #a +b {}", "MODE #a +e {}", "MODE #a +I {}", "TBAN #a 1h {}"]
)
def test_an_extended_ban_says_whom_it_means(harness: Harness, mask: str, line: str) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    ann.take()
    assert shown(ann.send(line.format(mask)))[0].startswith("696 ")
    assert not any(harness.world.channels["#a"].lists.values())


def test_a_ban_after_an_invitation_ends_it_and_an_invitation_after_a_ban_lifts_it(
    harness: Harness,
) -> None:
    ann, bob = harness.connect("ann"), harness.connect_as("bob", "bob")
    ann.send("JOIN #a")
    ann.send("MODE #a +b *!*@elsewhere")
    ann.send("INVITE bob #a")
    ann.send("MODE #a +b m:bob!*@*")
    ann.send("MODE #a +b eve!*@*")
    assert bob.user in harness.world.channels["#a"].invited, "none of these is about joining"
    ann.send("MODE #a +b a:bob")
    assert not bob.user.invitations
    bob.take()
    assert shown(bob.send("JOIN #a"))[0].startswith("474 ")
    ann.send("INVITE bob #a")
    ann.send("MODE #a +b zed!*@*")
    assert shown(bob.send("JOIN #a"))[-1].startswith("366 ")


def test_an_exception_keeps_an_invitation(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    ann.send("MODE #a +e bob!*@*")
    ann.send("INVITE bob #a")
    ann.send("TBAN #a 1h *!*@*")
    assert bob.user in harness.world.channels["#a"].invited


@pytest.mark.parametrize(
    ("ban", "line"),
    [
        ("bobby!*@*", "NICK bobby"),
        ("a:robert", "NS IDENTIFY robert secret"),
        ("robert!*@*", "NICK robert"),
    ],
)
def test_who_is_invited_does_not_change_into_somebody_who_is_banned(
    harness: Harness, ban: str, line: str
) -> None:
    harness.account("robert")
    ann, bob = harness.connect("ann"), harness.connect("bob")
    for sent in ("JOIN #a", f"MODE #a +b {ban}", "MODE #a +b bob!*@*", "INVITE bob #a"):
        ann.send(sent)
    bob.send("NICK other")
    assert bob.user.invitations, "no ban means this one"
    if line == "NICK robert":
        bob.send("NS IDENTIFY robert secret")
    bob.send(line)
    assert not bob.user.invitations
    bob.take()
    assert shown(bob.send("JOIN #a"))[0].startswith("474 ")


@pytest.mark.parametrize("mask", ["bob!*@*", "m:x!*@*"])
def test_an_invitation_ends_with_the_exception_that_kept_a_ban_away(
    harness: Harness, mask: str
) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    lines = ("JOIN #a", "MODE #a +b bob!*@*", f"MODE #a +e {mask}", "INVITE bob #a")
    for line in (*lines, f"MODE #a -e {mask}"):
        ann.send(line)
    # Where the exception was from mutes the ban had been lifted by the invitation.
    assert bool(bob.user.invitations) == mask.startswith("m:")
