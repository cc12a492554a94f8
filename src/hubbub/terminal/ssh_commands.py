"""What may follow `ssh chat`: how to type each command, what it is for, and what carries it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hubbub.client.session import Session
from hubbub.irc.durations import seconds_of
from hubbub.terminal.ssh_pipe import History, Output, Pipe, Post, Tail, Who


class UsageError(Exception):
    """Say what is wrong with a command."""


Make = Callable[[Output, Session, list[str], float], Pipe]


def _target(words: list[str], usage: str) -> str:
    if len(words) != 1:
        raise UsageError(f"usage: {usage}")
    return words[0]


def _channel(session: Session, words: list[str], usage: str) -> str:
    target = _target(words, usage)
    if not session.state.features.is_channel(target):
        raise UsageError(f"{target} is no channel; usage: {usage}")
    return target


def _post(output: Output, session: Session, words: list[str], now: float) -> Pipe:
    target = _target(words, "post CHANNEL|NICK")
    if session.state.features.is_channel(target):
        session.join(target)
    return Post(output, session, target)


def _tail(output: Output, session: Session, words: list[str], now: float) -> Pipe:
    as_json = _flag(words, "--json")
    usage = "tail [--json] [-n COUNT] CHANNEL"
    count = 0
    if "-n" in words:
        at = words.index("-n")
        given = words[at + 1] if at + 1 < len(words) else ""
        if not re.fullmatch("[1-9][0-9]{0,8}", given):
            raise UsageError(f"usage: {usage}; so many messages, then it ends")
        count = int(given)
        del words[at : at + 2]
    session.join(_channel(session, words, usage))
    return Tail(output, session, as_json, count)


def _history(output: Output, session: Session, words: list[str], now: float) -> Pipe:
    as_json = _flag(words, "--json")
    usage = "history [--json] CHANNEL [--since 2h]"
    since = None
    if "--since" in words:
        at = words.index("--since")
        duration = seconds_of(words[at + 1]) if at + 1 < len(words) else None
        if duration is None:
            raise UsageError(f"usage: {usage}; a time is 90s, 30m, 2h, 7d or 4w")
        since = now - duration
        del words[at : at + 2]
    target = _channel(session, words, usage)
    session.state.wishes.history = HISTORY
    history = History(output, session, target, since, as_json)
    session.join(target)
    return history


def _who(output: Output, session: Session, words: list[str], now: float) -> Pipe:
    return Who(output, session, words[0] if words else "*")


def _search(output: Output, session: Session, words: list[str], now: float) -> Pipe:
    raise UsageError("search comes with a later version; meanwhile: history CHANNEL --since 1d")


def _flag(words: list[str], name: str) -> bool:
    found = name in words
    if found:
        words.remove(name)
    return found


HISTORY: Final = 100
"""How many messages `history` prints without --since."""


@dataclass(frozen=True, slots=True)
class PipeCommand:
    """Describe one command: how to type it, what it does, and what does it.

    `purpose` is the kind of scope with which it can be used, "" where none will do.
    """

    usage: str
    summary: str
    make: Make
    purpose: str = ""

    @property
    def name(self) -> str:
        """Return the command's first word."""
        return self.usage.partition(" ")[0]


TABLE: Final = (
    PipeCommand("post CHANNEL|NICK", "say what comes in on standard input", _post, "post"),
    PipeCommand(
        "tail [--json] [-n COUNT] CHANNEL", "print what is said from now on, or so many messages",
        _tail, "read"
    ),
    PipeCommand(
        "history [--json] CHANNEL [--since 2h]", "print what was said, the last 100 messages or "
        "since then", _history, "read"
    ),
    PipeCommand("who [CHANNEL|MASK]", "list who is here", _who),
    PipeCommand("search WORDS", "find messages (in a later version)", _search),
)  # fmt: skip
BY_NAME: Final = {command.name: command for command in TABLE}


def help_text() -> str:
    """Return what `help` prints."""
    widest = max(len(command.usage) for command in TABLE)
    lines = [f"  {command.usage:<{widest}}  {command.summary}" for command in TABLE]
    return "\n".join(
        ["Without a command, on a terminal: the chat itself. With one:", *lines,
         f"  {'help':<{widest}}  this"]
    )  # fmt: skip
