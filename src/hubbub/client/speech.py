"""What people say: PRIVMSG and NOTICE, one's own and others'."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from hubbub.client import login
from hubbub.client.events import Delivery, NewSinceYouLeft, Said, Speech
from hubbub.client.outgoing import NONCE_TAG, Unit
from hubbub.client.rooms import Anchor, Room
from hubbub.client.state import Handler, State
from hubbub.irc.message import Message

_CTCP: Final = "\x01"
# What is heard by many sessions in one process is one event for all of them.
_heard: Final = lru_cache(maxsize=512)(Said)
_anchor: Final = lru_cache(maxsize=512)(Anchor)


def _said(state: State, message: Message) -> None:
    if len(message.params) < 2:
        return
    target, text = message.params[0], message.params[1]
    if _is_from_server(state, message, target):
        if text and not login.noticed(state, text):
            state.tell(text)
        return
    room = state.open_room(state.room_of(message, target))
    if room is None or not room.is_news(message):
        return
    time = state.time_of(message)
    room.saw(_anchor(time, message.tags.get("msgid", "")))
    nick = message.nick
    me = state.is_me(nick)
    own = _confirmed(state, message, me) is not None or me
    if not own and state.is_ignored(message.source or ""):
        return
    speech, text = _speech(message, text)
    if speech is None:
        if not own:
            state.tell(f"{nick} asks your client (CTCP): {text}", room.name)
        return
    if not own:
        _rule(state, room, time)
    state.emit_in(room, _event(state, room, nick, text, speech, time, own))


def _event(
    state: State, room: Room, nick: str, text: str, speech: Speech, time: float, own: bool
) -> Said:
    member = room.members.get(state.features.fold(nick))
    private = not room.is_channel and speech is not Speech.NOTICE
    return _heard(
        room.name,
        nick,
        text,
        speech,
        time,
        Delivery.CONFIRMED if own else Delivery.RECEIVED,
        member.prefix[:1] if member else "",
        not own and (private or state.mentions_me(text)),
        state.old,
    )


def _is_from_server(state: State, message: Message, target: str) -> bool:
    if state.features.is_channel(state.features.split_prefix(target)[1]):
        return False
    source = message.source or ""
    return not state.registered or not source or ("!" not in source and "." in source)


def _confirmed(state: State, message: Message, me: bool) -> Unit | None:
    """Return the message of ours that this is, live or in the history."""
    if state.old:
        return state.outgoing.confirm(message)
    if not me:
        return None
    unit = state.outgoing.confirm(message)
    # What another device of ours says has none of our labels, where there are any.
    if unit is None and NONCE_TAG not in message.tags and not state.has("labeled-response"):
        unit = state.outgoing.confirm_text(message.params[0], message.params[1])
    return unit


def _speech(message: Message, text: str) -> tuple[Speech | None, str]:
    if text.startswith(_CTCP):
        name, _, argument = text.strip(_CTCP).partition(" ")
        if name.upper() == "ACTION":
            return Speech.ACTION, argument
        return None, f"{name} {argument}".strip()
    return (Speech.NOTICE if message.command == "NOTICE" else Speech.MESSAGE), text


def _rule(state: State, room: Room, time: float) -> None:
    if room.filling and room.filling.rule and state.old and time > room.left_at:
        room.filling.rule = False
        state.emit(NewSinceYouLeft(room.name, time))


def confirm_by_mark(state: State, message: Message) -> None:
    """Take up a PONG: what was sent before its PING has been taken by the server."""
    unit = state.outgoing.confirm_mark(message.params[-1] if message.params else "")
    if unit is not None:
        show_own(state, unit, Delivery.CONFIRMED)


def failed(state: State, label: str, target: str, reason: str) -> bool:
    """Take note that a message of ours was refused; False when none is known to be meant."""
    unit = state.outgoing.fail(label, target)
    if unit is None:
        return False
    show_own(state, unit, Delivery.FAILED, reason)
    return True


def show_own(state: State, unit: Unit, delivery: Delivery, reason: str = "") -> None:
    """Tell of a message of ours that no echo tells of."""
    room = state.open_room(unit.target)
    member = room.members.get(state.features.fold(state.nick)) if room else None
    prefix = member.prefix[:1] if member else ""
    state.emit_in(
        room,
        Said(
            unit.target, state.nick, unit.text, unit.speech, state.now, delivery,
            prefix=prefix, reason=reason,
        ),
    )  # fmt: skip


HANDLERS: Final[Mapping[str, Handler]] = {
    "PRIVMSG": _said,
    "NOTICE": _said,
    "PONG": confirm_by_mark,
}
