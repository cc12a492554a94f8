"""What the server says is new: its digest, what was meant for us, and how much is left unread.

It knows that for an account, whichever device read what (hubbub/catch-up).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hubbub.client.events import (
    ChatMessage,
    DeliveryStatus,
    MentionsListed,
    NewIn,
    UnreadCounted,
    WhatIsNew,
)
from hubbub.client.handlers.messages import speech_of
from hubbub.client.state.batches import Batch, join_lines
from hubbub.client.state.state import Handler, State, parse_time
from hubbub.irc.message import Message
from hubbub.irc.numbers import number_of

CAPABILITY: Final = "hubbub/catch-up"
DIGEST: Final = "hubbub/catch-up"
MENTIONS: Final = "hubbub/mentions"
PINNED_TAG: Final = "hubbub/pinned"
PAGE: Final = 20
"""How many messages /mentions shows at once."""


def ask(state: State, again: bool) -> None:
    """Ask what is new, where somebody reads that and has not just been here: `again`."""
    if state.wishes.person and state.login.account and not again and state.has(CAPABILITY):
        state.send("CATCHUP")


def ask_mentions(state: State, more: bool) -> None:
    """Ask for what was meant for us, the newest, or what comes before what was listed last."""
    before = f"msgid={state.mentions_from}" if more and state.mentions_from else "*"
    state.send("MENTIONS", before, str(PAGE))


def digest(state: State, batch: Batch) -> None:
    """Take up in which conversations something is new."""
    found: list[NewIn] = []
    for item in _messages(batch):
        if item.command == "CATCHUP":
            if (row := _row(item)) is not None:
                found.append(row)
        elif found and (said := _said(state, found[-1].name, item)) is not None:
            last = found[-1]
            found[-1] = NewIn(
                last.name, last.unread, last.mentions, last.time, (*last.said, said), last.pinned
            )
    state.emit(WhatIsNew(tuple(found), state.now))


def mentions(state: State, batch: Batch) -> None:
    """Take up what was meant for us."""
    said = [_said(state, item.params[0], item) for item in _messages(batch) if item.params]
    listed = tuple(one for one in said if one is not None)
    if listed:
        state.mentions_from = listed[-1].msgid
    state.emit(MentionsListed(listed, state.now))


def _messages(batch: Batch) -> Iterable[Message]:
    for item in batch.items:
        message = item if isinstance(item, Message) else join_lines(item)
        if message is not None:
            yield message


def _row(message: Message) -> NewIn | None:
    if len(message.params) < 4:
        return None
    name, unread, meant, reference = message.params[:4]
    counts = number_of(unread), number_of(meant)
    time = parse_time(reference.removeprefix("timestamp="))
    if counts[0] is None or counts[1] is None or time is None:
        return None
    return NewIn(name, counts[0], counts[1], time, pinned=PINNED_TAG in message.tags)


def _said(state: State, room: str, message: Message) -> ChatMessage | None:
    if message.command not in ("PRIVMSG", "NOTICE") or len(message.params) < 2:
        return None
    speech, text = speech_of(message, message.params[1])
    if speech is None or state.is_ignored(message.source or ""):
        return None
    time, msgid = state.time_of(message), message.tags.get("msgid", "")
    return ChatMessage(
        room, message.nick, text, speech, time, DeliveryStatus.RECEIVED, "", True, True, msgid=msgid
    )


def _counted(state: State, message: Message) -> None:
    """Take up how much is unread where one of our devices has read."""
    row = _row(message)
    if row is not None:
        state.emit(UnreadCounted(row.name, row.unread, row.mentions, state.now))


HANDLERS: Final[Mapping[str, Handler]] = {"CATCHUP": _counted}
