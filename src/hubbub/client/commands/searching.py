"""Finding what was said: /search, and /context around what it found."""

from __future__ import annotations

from functools import partial
from typing import Final

from hubbub.client.commands.context import Console, SlashCommand
from hubbub.client.events import SearchResult
from hubbub.client.handlers.searching import SearchAnswer
from hubbub.irc.numbers import number_of

FOUND: Final = 20
"""How many messages /search shows at once, the newest of those that are left."""
KEPT: Final = 1_000
"""How many messages of a search have a number; then it is to be a narrower one."""
AROUND: Final = 11
"""How many messages /context shows."""


def _search(console: Console, argument: str) -> None:
    session = console.session
    if not session.searches:
        _search_here(console, argument)
    elif argument:
        console.searched = argument
        console.found.clear()
        session.search(argument, FOUND, partial(_found, console, argument))
    elif not console.found:
        console.complain("usage: /search WORDS; without words it goes on to what is older")
    elif len(console.found) >= KEPT:
        console.complain(f"{KEPT} are shown already; search for something narrower")
    else:
        page = console.found[-1].msgid
        session.search(console.searched, FOUND, partial(_found, console, console.searched), page)


def _found(console: Console, words: str, answer: SearchAnswer) -> None:
    """Tell what was found, unless something else has been searched for since."""
    state = console.session.state
    if words != console.searched:
        return
    for note in answer.notes:
        state.tell(note)
    if answer.failure:
        state.tell(answer.failure, error=True)
        return
    number = len(console.found) + 1
    console.found += reversed(answer.messages)
    if not answer.messages:
        state.tell("nothing more found" if number > 1 else "nothing found")
        return
    state.emit(SearchResult(answer.messages, number, state.now))
    more = "; /search alone goes on to what is older" if len(answer.messages) >= FOUND else ""
    state.tell(f"/context {number} shows what was said around the last of these{more}")


def _search_here(console: Console, words: str) -> None:
    """Look through what is loaded, where the server does not search."""
    if not words:
        console.complain("usage: /search WORDS")
        return
    found = list(console.view.search(words))
    shown = tuple(found[-FOUND:])
    console.lines += console.view.transcript.draw(SearchResult(shown, 0, 0.0))
    console.tell(f"{len(found)} found, the last {len(shown)} shown" if found else "nothing found")


def _context(console: Console, argument: str) -> None:
    number = number_of(argument or "1")
    if number is None or not 0 < number <= len(console.found):
        console.complain("nothing has that number; the numbers stand before what /search found")
        return
    said = console.found[number - 1]
    console.session.look_around(said, AROUND, partial(_around, console))


def _around(console: Console, answer: SearchAnswer) -> None:
    state = console.session.state
    if answer.failure:
        state.tell(answer.failure, error=True)
    elif answer.messages:
        state.emit(SearchResult(answer.messages, 0, state.now))
    else:
        state.tell("that is not there any more")


COMMANDS: Final = (
    SlashCommand("search", "[WORDS]", "find what was said; without words, go on to what is older",
        _search,
        details='WORDS are words, "some words together", begin* of a word, -word to leave out; '
        "from:NICK, in:#CHANNEL or in:NICK, after:2026-05-31, before:7d, on:2026-05, has:link, "
        "mentions:me. The server finds it in all that you may read, in any channel you are in."),
    SlashCommand("context", "[NUMBER]", "show what was said around what /search found", _context,
        most=1),
)  # fmt: skip
"""What finds messages."""
