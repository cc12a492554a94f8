"""What may follow `ssh chat`: what each command takes, and what it says of what it does not."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.client.errors import UsageError
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.ssh.commands import BY_NAME, HISTORY, TABLE, help_text, is_for
from hubbub.ssh.pipe import ExecSession
from hubbub.ssh.reading import HistoryPrinter
from tests.ssh.harness import Output


def make(typed: str, now: float = 100_000.0) -> tuple[ExecSession, ClientSession]:
    async def made() -> tuple[ExecSession, ClientSession]:
        session = ClientSession(Wishes("ann", quiet=True), lambda: "n", {})
        name, *words = typed.split()
        return BY_NAME[name].make(Output(), session, words, now), session

    return asyncio.run(made())


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("post", "usage: post"),
        ("post #a #b", "usage: post"),
        ("post ,", ", is no name of a channel or person"),
        ("post --create bob", "bob is no name of a channel"),
        ("tail", "usage: tail"),
        ("tail bob", "bob is no name of a channel"),
        ("tail -n #a", "so many messages, then it ends"),
        ("tail -n 0 #a", "so many messages, then it ends"),
        ("tail #a -n", "so many messages, then it ends"),
        ("history #a --since", "a time is 90s, 30m, 2h, 7d or 4w"),
        ("history #a --since soon", "a time is 90s, 30m, 2h, 7d or 4w"),
        ("history bob", "bob is no name of a channel"),
        ("who a b", "usage: who"),
        ("search", "usage: search"),
        ("search -n x disk", "usage: search"),
        ("who #", "# is no name of a channel, and no mask"),
        ("who :x", ":x is no name of a channel, and no mask"),
    ],
)
def test_what_is_not_understood_says_what_would_be(typed: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        make(typed)
    assert why in str(refused.value)
    assert "usage: " in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "post #a",
        "post bob",
        "post @#a",
        "tail --json -n 3 #a",
        "history #a --since 2h",
        "who",
        "who *!*@host",
        "who #a",
    ],
)
def test_a_command_passes_by_quietly_and_enters_nothing_but_what_it_follows(typed: str) -> None:
    command, session = make(typed)
    assert isinstance(command, ExecSession)
    assert session.state.wishes.quiet
    assert [room.name for room in session.rooms] == (["#a"] if typed.startswith("tail") else [])


def test_who_makes_a_channel_comes_into_it() -> None:
    _, session = make("post --create #a")
    assert not session.state.wishes.quiet
    assert [room.name for room in session.rooms if room.wanted] == ["#a"]


def test_a_history_is_so_long_or_from_a_time_on() -> None:
    command, session = make("history --since 2h #a", now=100_000.0)
    assert isinstance(command, HistoryPrinter)
    assert command._since == 100_000.0 - 2 * 3600
    assert session.state.wishes.history == HISTORY


@pytest.mark.parametrize(
    ("scope", "usable"),
    [
        ("", {"post", "tail", "history", "search", "digest", "mentions", "who"}),
        ("post:#ci", {"post"}),
        ("read:#ci", {"tail", "history", "search"}),
        ("chat", set()),
    ],
)
def test_a_scope_opens_what_it_is_for(scope: str, usable: set[str]) -> None:
    assert {command.name for command in TABLE if is_for(command, scope)} == usable


def test_help_lists_what_can_be_used_and_how() -> None:
    assert all(command.usage in help_text() for command in TABLE)
    scoped = help_text("post:#ci").split("\n")
    assert scoped[0] == "what you logged in with is for post:#ci only:"
    assert [line.split()[0] for line in scoped[1:]] == ["post", "help"]
