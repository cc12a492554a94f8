"""What a token for one purpose allows, and that nothing leads out of it."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.scopes import (
    CONSOLE,
    allows,
    channel_of,
    for_channel,
    is_scope,
    may_hear,
    without_words,
)
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Joined
from hubbub.core.records.entries import Draft
from hubbub.core.records.users import Connected
from hubbub.irc.message import parse
from tests.core.commands.accounts.test_credentials import by_token, come_in, token
from tests.core.commands.accounts.test_sasl import log_in, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown

POST, READ = "post:#a", "read:#a"


def may(scope: str, line: str, registered: bool = True) -> bool:
    return allows(scope, parse(line.encode()), registered)


@pytest.mark.parametrize("text", ["chat", "post:#a", "read:#ä"])
def test_scopes(text: str) -> None:
    assert is_scope(text)


@pytest.mark.parametrize("text", ["", "all", "post", "post:", "post:a", "read:#a,#b", "console"])
def test_no_scopes(text: str) -> None:
    assert not is_scope(text)


def test_the_channel_of_a_scope() -> None:
    assert channel_of("post:#A") == "#a"
    assert may_hear("read:#A", "#a")
    assert not may_hear("post:#a", "#a")
    assert not may_hear("read:#a", "#b")
    assert may_hear(None, "#b")


@pytest.mark.parametrize(
    "line", ["JOIN #A", "PART #a :bye", "PRIVMSG #a :x", "NOTICE #a :x", "TAGMSG #a", "PING x"]
)
def test_who_posts_may(line: str) -> None:
    assert may(POST, line)


@pytest.mark.parametrize("line", ["JOIN #a", "PART #a", "NAMES #a", "TOPIC #a", "QUIT", "CAP LS"])
def test_who_reads_may(line: str) -> None:
    assert may(READ, line)


@pytest.mark.parametrize("scope", [POST, READ])
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_nothing_else_is_allowed(scope: str, command: str) -> None:
    allowed = {
        POST: {"JOIN", "PART", "PRIVMSG", "NOTICE", "TAGMSG", "BATCH"},
        READ: {"JOIN", "PART", "NAMES", "TOPIC", "CHATHISTORY"},
    }
    always = {"CAP", "PING", "PONG", "QUIT", "HELP", "HELPOP", "ISUPPORT", "VERSION"}
    for params in ("#b", "#a,#b", "bob", "0", "@#a", "LATEST #b * 5", "+r draft/multiline #b", ""):
        assert may(scope, f"{command} {params}") <= (command in always)
    if may(scope, f"{command} #a :x") or may(scope, f"{command} #a"):
        assert command in allowed[scope] | always


@pytest.mark.parametrize(
    "line", ["TOPIC #a :said", "PRIVMSG #a :said", "REDACT #a x", "AWAY :said"]
)
def test_who_reads_says_nothing(line: str) -> None:
    assert not may(READ, line)


def test_who_reads_gives_no_reasons() -> None:
    assert without_words(READ, parse(b"PART #a :said")).params == ("#a",)
    assert without_words(READ, parse(b"QUIT :said")).params == ()
    assert without_words(POST, parse(b"QUIT :said")).params == ("said",)


def test_a_nick_and_a_login_are_for_before_one_is_here() -> None:
    for line in ("NICK eve", "USER e 0 * :e", "AUTHENTICATE PLAIN", "PASS x"):
        assert may(POST, line, registered=False)
        assert not may(POST, line)


def test_history_of_the_one_channel() -> None:
    assert may(READ, "CHATHISTORY LATEST #a * 50")
    for line in ("CHATHISTORY LATEST #b * 50", "CHATHISTORY TARGETS a b 5", "CHATHISTORY"):
        assert not may(READ, line)
    assert not may(POST, "CHATHISTORY LATEST #a * 50")


def test_the_console_looks_after_the_server_and_nothing_else() -> None:
    for line in ("ACCOUNT LIST", "STATUS", "PING x"):
        assert may(CONSOLE, line)
    for line in ("PRIVMSG #a :x", "JOIN #a", "AUTHENTICATE PLAIN", "NICK x", "OPER a b", "SAJOIN"):
        assert not may(CONSOLE, line)


# In the World


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect_as("ann", "ann", "sasl")
    ann.send("JOIN #a")
    ann.send("TOPIC #a :what it is about")
    return ann


@pytest.mark.parametrize("scope", [POST, READ])
def test_nothing_leads_out_of_a_token(harness: Harness, ann: Client, scope: str) -> None:
    bot = come_in(by_token(harness, token(ann, f"bot {scope}")))
    assert bot.user is ann.user, "it is its account's voice"
    for line in ("JOIN #b", "TOKEN ADD more", "NICK ann2", "PASSWD secret correct-horse", "LOGOUT"):
        assert "OUT_OF_SCOPE" in shown(bot.send(line))[0]
    assert log_in(bot) == ["FAIL", "FAIL"]
    assert bot.session.scope == scope
    bot.send("PART #a")
    assert ann.user in harness.world.channels["#a"].members, "only its owner takes it out"
    check(harness.world)


def test_a_token_for_one_purpose_is_for_connecting(harness: Harness, ann: Client) -> None:
    secret = token(ann, f"bot {POST}")
    assert log_in(harness.connect("guest", "sasl"), password=secret) == ["904"]


def test_who_posts_is_not_shown_the_channel(harness: Harness, ann: Client) -> None:
    bot = come_in(by_token(harness, token(ann, f"bot {POST}")))
    assert [message.command for message in bot.send("JOIN #a")][-1] == "366"
    assert not [m for m in bot.take() if m.command in ("332", "353")]


def test_who_reads_is_shown_the_channel(harness: Harness, ann: Client) -> None:
    bot = come_in(by_token(harness, token(ann, f"bot {READ}")))
    commands = [message.command for message in bot.send("JOIN #a")]
    assert {"332", "353", "366"} <= set(commands)


def test_an_operators_token_does_nothing_that_operators_do(harness: Harness, ann: Client) -> None:
    operator(harness).send("ACCOUNT OPERATOR ann owner")
    bot = come_in(by_token(harness, token(ann, f"bot {POST}")))
    for line in ("KILL root", "WALLOPS x", "SAJOIN root #a", "MODE #a +m", "KICK #a root", "UBAN"):
        assert "OUT_OF_SCOPE" in shown(bot.send(line))[0]


def test_a_tokens_session_does_not_keep_its_owner_from_the_nick(
    harness: Harness, ann: Client
) -> None:
    secret = token(ann, f"bot {POST}")
    ann.send("QUIT")
    bot = come_in(by_token(harness, secret), "bot")
    assert bot.user.nick == "ann", "its account's, whatever it calls itself"
    again = harness.connect_as("ann_work", "ann")
    assert again.user is bot.user
    assert again.user.nick == "ann_work", "nobody had noticed the other"
    check(harness.world)


def test_suspension_ends_tokens_sessions(harness: Harness, ann: Client) -> None:
    bot = come_in(by_token(harness, token(ann, f"bot {POST}")))
    operator(harness).send("ACCOUNT SUSPEND ann")
    assert bot.closed
    check(harness.world)


def test_an_old_journals_scoped_session_is_read_as_the_user_that_it_was(
    harness: Harness, ann: Client
) -> None:
    origin = Origin(SessionId(1, 1, 90), 1)
    old = Connected(origin, "ann_", "bot", "h", "bot", "ann", scope="post:#new")
    harness.append(Draft(old))
    harness.append(Draft(Joined(origin, "ann_!bot@h", "ann", "bot", "#new", histories=("#new,x",))))
    harness.settle()
    bot = harness.world.users["ann_"]
    assert bot is not ann.user
    assert bot.channels.keys() == {"#new"}
    ann.send("JOIN #new")
    harness.restart()
    assert not harness.world.users


def test_a_scope_follows_its_channel_to_another_name() -> None:
    assert for_channel("post:#old", "#New") == "post:#New"
    assert channel_of(for_channel("read:#old", "#New")) == "#new"
