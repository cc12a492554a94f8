"""Asking the server for what was said: by words, and around a message (soju.im/search)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from hubbub.client import error_words
from hubbub.client.events import ChatMessage
from hubbub.client.handlers.messages import quoted
from hubbub.client.state.batches import Batch, join_lines
from hubbub.client.state.state import State
from hubbub.irc.message import Message, format_tags

SEARCH: Final = "soju.im/search"
PAGE: Final = 100
"""How many messages are asked for at once; a server may give fewer."""
LONGEST: Final = 350
"""How many bytes of words fit a line with all that belongs to it, each as up to two."""
_ONE_PLACE: Final = re.compile(r"(?:^|\s)in:(\S+)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Hold what the server answered, the oldest message first; or why it did not, in `failure`.

    `notes` say what was not searched.
    """

    messages: tuple[ChatMessage, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""


Then = Callable[[SearchAnswer], None]


def search(state: State, words: str, limit: int, then: Then, page: str = "") -> None:
    """Ask for what fits these words, before the message `page` if any."""
    attributes = {"text": words, "limit": str(min(limit, PAGE))}
    places = _ONE_PLACE.findall(words)
    if len(places) == 1 and '"' not in words:
        # A token for one channel has to name it where everybody sees it.
        attributes |= {"text": " ".join(_ONE_PLACE.sub(" ", words).split()), "in": places[0]}
    if page:
        attributes["page"] = page
    if len(words.encode()) > LONGEST:
        then(SearchAnswer(failure="that is too much to search for at once"))
    else:
        _ask(state, then, "SEARCH", format_tags(attributes)[1:-1])


def around(state: State, said: ChatMessage, limit: int, then: Then) -> None:
    """Ask for what was said around a message, that one too."""
    _ask(state, then, "CHATHISTORY", "AROUND", said.room, f"msgid={said.msgid}", str(limit))


def lose(state: State) -> None:
    """Answer what was asked on a connection that is gone."""
    asked = list(state.asked.values())
    state.asked.clear()
    for answer in asked:
        answer(Message("FAIL", ("*", "LOST", "the connection was lost; ask again")))


def _ask(state: State, then: Then, command: str, *params: str) -> None:
    if not state.registered or not state.has("labeled-response"):
        why = "this server does not search" if state.registered else "not connected"
        then(SearchAnswer(failure=why))
        return
    state.labels += 1
    label = f"asked-{state.labels}"
    state.asked[label] = partial(_answered, state, then)
    state.sending.append(Message(command, params, None, {"label": label}))


def _answered(state: State, then: Then, item: Message | Batch) -> None:
    messages: list[ChatMessage] = []
    notes: list[str] = []
    failure = ""
    for message in _flat(item):
        if message.command == "NOTE":
            notes.append(message.params[-1])
        elif message.command == "FAIL":
            failure = _failure(*message.params[1:])
        elif message.command.isdigit():
            failure = error_words.numeric(message.command, message.params)
        elif message.command in ("PRIVMSG", "NOTICE"):
            said = quoted(state, message)
            messages += [said] if said is not None else []
    then(SearchAnswer(tuple(messages), tuple(notes), failure))


def _failure(code: str, *context: str) -> str:
    # Of a question that is not understood the server says what it is to be like.
    return context[-1] if code == "INVALID_PARAMS" else error_words.failure(code, context[-1])


def _flat(item: Message | Batch) -> Iterator[Message]:
    if isinstance(item, Message):
        yield item
    elif item.kind == "draft/multiline":
        joined = join_lines(item)
        if joined is not None:
            yield joined
    else:
        for each in item.items:
            yield from _flat(each)
