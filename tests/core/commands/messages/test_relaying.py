"""RELAYMSG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.commands.messages.relaying import is_relayed_nick
from hubbub.irc.names import is_nick
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def bot(harness: Harness) -> Client:
    """Return the operator of #a."""
    bot = harness.connect("bot", "message-tags", "echo-message")
    bot.send("JOIN #a")
    return bot


def test_what_is_relayed_comes_from_elsewhere(harness: Harness, bot: Client) -> None:
    ann = harness.connect("ann", "draft/relaymsg")
    bob = harness.connect("bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    bot.take(), ann.take()
    bob.take()
    [echo] = bot.send("RELAYMSG #a smt/elsewhere :hello there")
    assert echo.source == "smt/elsewhere!relay@hub.test"
    assert shown([echo]) == ["PRIVMSG #a hello there"]
    [heard] = ann.take()
    assert heard.tags == {"draft/relaymsg": "bot"}
    [heard] = bob.take()
    assert (heard.source, heard.tags) == ("smt/elsewhere!relay@hub.test", {})


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("#none x/y :hi", "403 ann #none No such channel"),
        ("#a x/y :hi", "FAIL RELAYMSG PRIVS_NEEDED Only operators of the channel may relay"),
        ("#a x/y", "461 ann RELAYMSG Not enough parameters"),
    ],
)
def test_only_operators_may(harness: Harness, bot: Client, line: str, answer: str) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    bot.send("MODE #a +h ann")
    ann.take()
    assert shown(ann.send(f"RELAYMSG {line}")) == [answer]


def test_modes_hold_for_relays_too(bot: Client) -> None:
    bot.send("MODE #a +C")
    assert shown(bot.send("RELAYMSG #a x/y :\x01VERSION\x01"))[0].startswith("404")
    assert shown(bot.send("RELAYMSG #a x/y :"))[0].startswith("412")
    assert shown(bot.send(f"RELAYMSG #a x/y :{'x' * 480}"))[0].startswith("417")


@pytest.mark.parametrize(
    "nick", ["x", "x!y/z", "/x", "@x/y", "#x/y", "+x/y", "x/y,z", "x/\u202ey", "x*/y", "x/" * 33]
)
def test_names_that_could_be_somebodys(bot: Client, nick: str) -> None:
    [told] = shown(bot.send(f"RELAYMSG #a {nick} :hi"))
    assert told.startswith("FAIL RELAYMSG INVALID_NICK ")


@given(st.text("ab/[]_-1", max_size=6))
def test_no_nick_is_a_relayed_one(nick: str) -> None:
    assert not (is_nick(nick) and is_relayed_nick(nick))
