"""What is left of a command while nothing can be kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.deciding.audit import taken
from hubbub.core.deciding.context import CommandContext
from hubbub.core.deciding.read_only import NO_QUORUM, sifted
from hubbub.core.dispatch import COMMANDS, dispatch
from hubbub.core.policy.policy import OperBlock
from hubbub.core.requests import Answer, AnswerMany, Append, Close, History, Reload, Request
from hubbub.irc.message import parse
from tests.core.world_harness import POLICY, START, Client, Harness
from tests.fuzz.corpus import likely


@pytest.fixture
def harness() -> Harness:
    return Harness(replace(POLICY, operators={"root": OperBlock("hash:secret", "owner")}))


@pytest.fixture
def ann(harness: Harness) -> Client:
    client = harness.connect_as("ann", "ann")
    client.send("JOIN #room")
    return client


def left_of(client: Client, line: str) -> tuple[list[Request], bool]:
    """Return what is left of a line."""
    harness = client.harness
    ctx = CommandContext(harness.world, client.session, POLICY, START, message=parse(line.encode()))
    dispatch(ctx)
    asked, is_done = sifted(ctx, taken(ctx))
    return list(asked), is_done


def fails(asked: list[Request]) -> list[tuple[str, ...]]:
    return [
        each.message.params[:2]
        for each in asked
        if isinstance(each, Answer) and each.message.command == "FAIL"
    ]


@pytest.mark.parametrize("line", ["PRIVMSG #room :x", "TOPIC #room :x", "NICK bob", "AWAY :x"])
def test_what_would_become_a_record_is_refused_and_nothing_of_it_is_done(
    ann: Client, line: str
) -> None:
    asked, is_done = left_of(ann, line)
    assert fails(asked) == [(line.split()[0], "READ_ONLY")]
    assert len(asked) == 1
    assert not is_done


@pytest.mark.parametrize("line", ["NAMES #room", "WHOIS ann", "PING x", "LIST", "TOPIC #room"])
def test_reading_is_left_as_it_is(ann: Client, line: str) -> None:
    asked, is_done = left_of(ann, line)
    assert asked
    assert is_done
    assert not fails(asked)
    assert all(isinstance(each, Answer | AnswerMany | History) for each in asked)


def test_who_is_not_in_yet_is_sent_elsewhere(harness: Harness) -> None:
    newcomer = harness.open((), "host")
    left_of(newcomer, "NICK eve")
    asked, is_done = left_of(newcomer, "USER eve 0 * :x")
    assert asked == [Close(NO_QUORUM)]
    assert not is_done


def test_the_server_itself_can_be_looked_after_and_it_is_said_that_it_is_on_no_record(
    ann: Client,
) -> None:
    ann.send("OPER root secret")
    asked, is_done = left_of(ann, "REHASH")
    assert is_done
    assert any(isinstance(each, Reload) for each in asked)
    assert not any(isinstance(each, Append) for each in asked)
    warned = [each.message for each in asked if isinstance(each, Answer)]
    assert ("REHASH", "NOT_ON_RECORD") in [message.params[:2] for message in warned]


def test_no_command_there_is_asks_for_a_record(ann: Client) -> None:
    """Whatever is sent, by whomever: no record comes through, and who asked is answered."""
    ann.send("OPER root secret")
    ann.take()
    for line in likely("#room", "ann"):
        asked, is_done = left_of(ann, line)
        assert not any(isinstance(each, Append) for each in asked), line
        assert is_done or asked, line
    assert COMMANDS
