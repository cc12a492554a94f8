"""PURGE: all that a spammer said is taken back, after a count."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import dispatch
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.requests import Search
from hubbub.irc.message import Message
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown

CAPS = ("message-tags", "echo-message", "draft/message-redaction")


@pytest.fixture
def mod(harness: Harness) -> Client:
    return operator(harness, "mod", "moderator", *CAPS)


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return who hears the spam in #a and #b, and is told some directly."""
    ann = harness.connect("ann", *CAPS)
    for name in ("#a", "#b"):
        ann.send(f"JOIN {name}")
    return ann


def spam(harness: Harness, spammer: Client) -> None:
    for name in ("#a", "#b"):
        spammer.send(f"JOIN {name}")
        spammer.send(f"PRIVMSG {name} :buy")
    spammer.send("PRIVMSG #a :buy more")
    spammer.send("NOTICE ann :buy this")


def erased(harness: Harness) -> list[str]:
    bodies = [harness.entries[seq - 1].body for seq in sorted(harness.erased)]
    return [body.text for body in bodies if body is not None]


@pytest.mark.parametrize("account", ["eve", ""])
def test_all_that_one_said_is_counted_then_taken_back(
    harness: Harness, mod: Client, ann: Client, account: str
) -> None:
    eve = harness.connect_as("eve", "eve") if account else harness.connect("eve")
    spam(harness, eve)
    ann.send("PRIVMSG #a :no thanks")
    ann.take()
    asked = mod.send("PURGE eve 1h")
    assert failure(asked) == "NOT_CONFIRMED"
    assert "4 messages (2 in #a, 1 in #b, 1 in direct messages)" in asked[0].params[-1]
    assert not harness.erased
    told = shown(mod.send("PURGE SURE eve 1h :spam"))
    assert told[-1].startswith("PURGE DONE eve Taken back: 4 messages (2 in #a")
    assert erased(harness) == ["buy", "buy", "buy more", "buy this"]
    redacted = ann.take()
    assert [message.command for message in redacted] == ["REDACT"] * 4
    assert [message.params[0] for message in redacted] == ["#a", "#b", "#a", "ann"]
    assert {message.params[2] for message in redacted} == {"spam"}
    assert redacted[3].source == eve.user.source, "for the window of who spoke"
    assert "PURGE" in str(harness.records(OperatorActed)[-1])
    assert shown(mod.send("PURGE eve 1h")) == ["PURGE NOTHING eve Nothing was said in that time"]
    check(harness.world)


def test_in_one_channel_and_since_then_only(harness: Harness, mod: Client, ann: Client) -> None:
    eve = harness.connect_as("eve", "eve")
    spam(harness, eve)
    harness.time += 3_600_000_000
    eve.send("PRIVMSG #a :again")
    mod.send("PURGE SURE eve 10m #a")
    assert erased(harness) == ["again"]
    mod.send("PURGE SURE eve 2h #b")
    assert erased(harness) == ["buy", "again"]


def test_who_is_gone_is_known_by_a_mask(harness: Harness, mod: Client, ann: Client) -> None:
    eve = harness.connect("eve", host="bad.host")
    spam(harness, eve)
    harness.disconnect(eve)
    assert "3 messages" in mod.send("PURGE *!*@bad.host 1h")[0].params[-1]
    assert "3 messages" in mod.send("PURGE eve 1h")[0].params[-1]
    mod.send("PURGE SURE eve 1h")
    assert len(erased(harness)) == 3


def test_a_secret_or_left_channel_too(harness: Harness, mod: Client) -> None:
    eve = harness.connect_as("eve", "eve")
    host = harness.connect("host", *CAPS)
    host.send("JOIN #s"), host.send("MODE #s +s")
    eve.send("JOIN #s"), eve.send("PRIVMSG #s :buy"), eve.send("PART #s")
    host.take()
    mod.send("PURGE SURE eve 1h")
    assert [message.command for message in host.take()] == ["REDACT"]


def test_what_who_outranks_him_said_stays(harness: Harness, mod: Client, ann: Client) -> None:
    boss = operator(harness, "boss", "owner")
    boss.send("JOIN #a"), boss.send("PRIVMSG #a :mine")
    assert failure(mod.send("PURGE SURE boss 1h")) == "NO_PRIVILEGES"
    eve = harness.connect("eve")
    eve.send("JOIN #a"), eve.send("PRIVMSG #a :buy")
    mod.send("PURGE SURE *!*@cloak.test 1h #a")
    assert erased(harness) == ["buy"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("eve soon", "INVALID_PARAMS"),
        ("eve 31d", "INVALID_PARAMS"),
        ("eve 0", "INVALID_PARAMS"),
        ("*!*@* 1h", "INVALID_TARGET"),
        ("eve 1h #nowhere", "NO_SUCH_CHANNEL"),
    ],
)
def test_what_is_refused(harness: Harness, mod: Client, line: str, why: str) -> None:
    assert failure(mod.send(f"PURGE {line}")) == why


def test_it_takes_an_operator_of_channels(harness: Harness, ann: Client) -> None:
    assert ann.send("PURGE SURE eve 1h")[0].command == "481"
    helper = operator(harness, "helper", "helper")
    assert helper.send("PURGE SURE eve 1h")[0].command == "481"


def test_several_messages_are_redacted_at_once(harness: Harness, ann: Client) -> None:
    ids = [ann.send(f"PRIVMSG #a :{number}")[-1].tags["msgid"] for number in range(3)]
    told = shown(ann.send(f"REDACT #a {ids[0]},{ids[2]},nothing,{ids[0]} :oops"))
    assert sorted(told) == sorted(
        [
            f"REDACT #a {ids[0]} oops",
            f"REDACT #a {ids[2]} oops",
            "FAIL REDACT UNKNOWN_MSGID #a nothing This message does not exist or is too old",
        ]
    )
    assert erased(harness) == ["0", "2"]


def test_a_channel_is_purged_when_that_is_meant(harness: Harness, mod: Client, ann: Client) -> None:
    asked = mod.send("CHANNEL PURGE #a :spam")
    assert failure(asked) == "NOT_CONFIRMED"
    assert "put out 1 who are there" in asked[0].params[-1]
    assert "#a" in harness.world.channels
    mod.send("CHANNEL PURGE SURE #a :spam")
    assert "#a" not in harness.world.channels


def test_who_is_sent_away_meanwhile_takes_nothing_back_any_more(
    harness: Harness, mod: Client, ann: Client
) -> None:
    eve = harness.connect("eve")
    spam(harness, eve)
    ctx = mod.command_context(Message("PURGE", ("SURE", "eve", "1h")))
    dispatch(ctx)
    (search,) = [one for one in ctx.requests if isinstance(one, Search)]
    ctx.requests.clear()
    mod.user.modes -= {"o"}
    assert not search.found(harness.search(search))
    mod.carry_out(ctx)
    assert not harness.erased
