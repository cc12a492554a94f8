"""What may follow `ssh chat`: how to type each command, what it is for, and what carries it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hubbub.client.errors import UsageError
from hubbub.client.session import ClientSession
from hubbub.irc import names
from hubbub.irc.durations import seconds_of
from hubbub.irc.modes import STATUS_PREFIXES
from hubbub.ssh.digest import DigestPrinter
from hubbub.ssh.pipe import ExecSession
from hubbub.ssh.post import Post
from hubbub.ssh.reading import HistoryPrinter, Tail, Who
from hubbub.ssh.searching import SearchPrinter
from hubbub.ui.ends import Output

Make = Callable[[Output, ClientSession, list[str], float], ExecSession]


def _only(words: list[str], usage: str) -> str:
    """Return the one word that is left."""
    if len(words) != 1:
        raise UsageError(f"usage: {usage}")
    return words[0]


def _channel(words: list[str], usage: str) -> str:
    target = _only(words, usage)
    if not names.is_channel(target):
        raise UsageError(f"{target} is no name of a channel; usage: {usage}")
    return target


def _post(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    usage = "post [--create] CHANNEL|NICK"
    create = _flag(words, "--create")
    target = _only(words, usage)
    if create:
        # Who makes a channel comes into it, as everybody who makes one does.
        session.state.wishes.quiet = False
        session.join(_channel(words, usage))
    elif not (names.is_channel(target.lstrip(STATUS_PREFIXES)) or names.is_nick(target)):
        raise UsageError(f"{target} is no name of a channel or person; usage: {usage}")
    return Post(output, session, target)


def _tail(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    as_json = _flag(words, "--json")
    usage = "tail [--json] [-n COUNT] CHANNEL"
    count = _count(words, f"{usage}; so many messages, then it ends")
    target = _channel(words, usage)
    session.join(target)
    return Tail(output, session, target, as_json, count)


def _history(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
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
    target = _channel(words, usage)
    session.state.wishes.history = HISTORY
    return HistoryPrinter(output, session, target, since, as_json)


def _search(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    usage = "search [--json] [-n COUNT] WORDS"
    as_json = _flag(words, "--json")
    count = _count(words, f"{usage}; so many messages at most, the newest", SEARCHED)
    if not words:
        raise UsageError(
            f"usage: {usage}; such as 'disk -full from:bob in:#ops after:7d', in quotes"
        )
    return SearchPrinter(output, session, " ".join(words), count, as_json)


def _who(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    usage = "who [CHANNEL|MASK]"
    mask = _only(words or ["*"], usage)
    is_name = names.is_channel(mask) if mask[:1] in names.CHANNEL_PREFIXES else names.is_clean(mask)
    if not is_name or not mask or mask[0] == ":":
        raise UsageError(f"{mask} is no name of a channel, and no mask; usage: {usage}")
    return Who(output, session, mask)


def _digest(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    as_json = _flag(words, "--json")
    if words:
        raise UsageError("usage: digest [--json]")
    return DigestPrinter(output, session, ("CATCHUP",), as_json)


def _mentions(output: Output, session: ClientSession, words: list[str], now: float) -> ExecSession:
    as_json = _flag(words, "--json")
    usage = "mentions [--json] [-n COUNT]"
    count = _count(words, f"{usage}; so many messages at most, the newest", MENTIONS)
    if words:
        raise UsageError(f"usage: {usage}")
    return DigestPrinter(output, session, ("MENTIONS", "*", str(count)), as_json)


def _flag(words: list[str], name: str) -> bool:
    found = name in words
    if found:
        words.remove(name)
    return found


def _count(words: list[str], usage: str, otherwise: int = 0) -> int:
    """Take `-n COUNT` out of the words."""
    if "-n" not in words:
        return otherwise
    at = words.index("-n")
    given = words[at + 1] if at + 1 < len(words) else ""
    if not re.fullmatch("[1-9][0-9]{0,8}", given):
        raise UsageError(f"usage: {usage}")
    del words[at : at + 2]
    return int(given)


SEARCHED: Final = 50
"""How many messages `search` prints at most without -n."""
HISTORY: Final = 100
"""How many messages `history` prints without --since."""
MENTIONS: Final = 20
"""How many messages `mentions` prints without -n."""


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
    PipeCommand(
        "post [--create] CHANNEL|NICK", "say what comes in on standard input", _post, "post"
    ),
    PipeCommand(
        "tail [--json] [-n COUNT] CHANNEL", "print what is said from now on, or so many messages",
        _tail, "read"
    ),
    PipeCommand(
        "history [--json] CHANNEL [--since 2h]", "print what was said, the last 100 messages or "
        "since then", _history, "read"
    ),
    PipeCommand(
        "search [--json] [-n COUNT] WORDS", "find what was said, the newest 50 of it; WORDS such "
        "as 'disk from:bob in:#ops after:7d'", _search, "read"
    ),
    PipeCommand("digest [--json]", "print where something is new for you", _digest),
    PipeCommand("mentions [--json] [-n COUNT]", "print what was meant for you", _mentions),
    PipeCommand("who [CHANNEL|MASK]", "list who is here", _who),
)  # fmt: skip
BY_NAME: Final = {command.name: command for command in TABLE}


def is_for(command: PipeCommand, scope: str) -> bool:
    """Say whether a command can be used with a scope, "" for none."""
    return not scope or scope.partition(":")[0] == command.purpose


def help_text(scope: str = "") -> str:
    """Return what `help` prints to whom a scope, "" for none, is all that is open."""
    usable = [command for command in TABLE if is_for(command, scope)]
    widest = max(len(command.usage) for command in usable)
    lines = [f"  {command.usage:<{widest}}  {command.summary}" for command in usable]
    first = f"what you logged in with is for {scope} only:"
    if not scope:
        first = "Without a command, on a terminal: the chat itself. With one:"
    return "\n".join([first, *lines, f"  {'help':<{widest}}  this"])
