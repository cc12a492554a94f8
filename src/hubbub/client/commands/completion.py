"""What Tab offers: commands, channels, nicks, settings."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.client import preferences as setting
from hubbub.client.commands.context import Completes, Console
from hubbub.client.commands.table import BY_NAME, TABLE
from hubbub.client.state.rooms import Room
from hubbub.irc.names import fold
from hubbub.irc.text import is_safe

FILTERS = ("from:", "in:", "after:", "before:", "on:", "has:link ", "mentions:")
"""What narrows a search; the server knows the same (hubbub.core.searching.language)."""
OFFERED = 200
"""The most words that are offered."""


def complete(console: Console, before: str) -> tuple[str, list[str]]:
    """Return the word before the cursor and what it can become, the likeliest first.

    `before` is what stands before the cursor. At the start of a text a nick gets `: ` after it.
    """
    start, word = before[: before.rfind(" ") + 1], before[before.rfind(" ") + 1 :]
    if not start and word.startswith("/") and not word.startswith("//"):
        return word, _matching(word, (f"/{command.name}" for command in TABLE), " ")
    if start.startswith("/search "):
        return word, _searched(console, word)
    completes = _completes(start)
    if completes is not Completes.NOTHING:
        return word, _matching(word, _first_words(console, completes), " ")
    if not word:
        return word, []
    if word[0] in "#&":
        return word, _matching(word, _channels(console), " ")
    return word, _matching(word, _nicks(console), " " if start else ": ")


def _searched(console: Console, word: str) -> list[str]:
    """Return what a word of a search can become: a filter, or whom or where it names."""
    name, colon, _ = word.partition(":")
    if not colon:
        return _matching(word, FILTERS, "") if word else []
    if name in ("from", "mentions"):
        return _matching(word, (f"{name}:{nick}" for nick in _nicks(console)), " ")
    if name == "in":
        return _matching(word, (f"in:{room.name}" for room in console.session.rooms), " ")
    return _matching(word, ("has:link",), " ")


def _matching(word: str, candidates: Iterable[str], ending: str) -> list[str]:
    found = (each for each in candidates if fold(each).startswith(fold(word)) and is_safe(each))
    return [f"{each}{ending}" for each, _ in zip(found, range(OFFERED), strict=False)]


def _first_words(console: Console, kind: Completes) -> Iterable[str]:
    match kind:
        case Completes.NICK:
            return _nicks(console)
        case Completes.CHANNEL:
            return _channels(console)
        case Completes.SETTING:
            return [each.name for each in setting.TABLE]
        case _:
            return list(BY_NAME)


def _channels(console: Console) -> list[str]:
    return [room.name for room in console.session.rooms if room.is_channel]


def _completes(start: str) -> Completes:
    """Return what a command takes as its first word, where that is what is typed."""
    if not start.startswith("/") or start.count(" ") != 1:
        return Completes.NOTHING
    command = BY_NAME.get(start[1:].strip().lower())
    return command.completes if command is not None else Completes.NOTHING


def _people(room: Room) -> list[str]:
    """Return who is in a room: in a conversation also whom it is with."""
    nicks = [member.nick for member in room.members.values()]
    return nicks if room.is_channel else [*nicks, room.name]


def _nicks(console: Console) -> list[str]:
    """Return nicks: of those who spoke here lately first, then of the others by name."""
    room = console.session.state.rooms.get(console.view.current)
    if room is None:
        return []
    spoke = [said.nick for said in reversed(console.view.said_here()) if not said.own]
    members = {fold(nick): nick for nick in _people(room)}
    lately = dict.fromkeys(fold(nick) for nick in spoke if fold(nick) in members)
    others = sorted(key for key in members if key not in lately)
    return [members[key] for key in (*lately, *others) if key != fold(console.session.nick)]
