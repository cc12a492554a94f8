"""What people say: PRIVMSG and NOTICE, one's own and others'; and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from hubbub.client.events import (
    ChatMessage,
    DeliveryStatus,
    NewSinceYouLeft,
    Reacted,
    Speech,
    TakenBack,
    TextChanged,
)
from hubbub.client.handlers import login
from hubbub.client.state.outgoing import NONCE_TAG, OutgoingMessage
from hubbub.client.state.rooms import Anchor, Room
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

_CTCP: Final = "\x01"
_REACT: Final = "+draft/react"
_UNREACT: Final = "+draft/unreact"
_REPLIES: Final = ("+draft/reply", "+reply")
_EDITED: Final = "hubbub/edited"
_MENTIONS: Final = "hubbub/mentions"
# What is heard by many sessions in one process is one event for all of them.
_heard: Final = lru_cache(maxsize=512)(ChatMessage)
_anchor: Final = lru_cache(maxsize=512)(Anchor)


def _said(state: State, message: Message) -> None:
    if len(message.params) < 2:
        return
    target, text = message.params[0], message.params[1]
    # Before there is a user there are no rooms: all that comes then is the server's.
    if _is_from_server(state, message, target):
        if text and not login.noticed(state, text):
            state.tell(text)
        return
    if _is_service(state, message, target):
        # An answer belongs to where somebody asked.
        state.tell(f"-{message.nick}- {text}")
        return
    room = state.open_room(state.room_of(message, target))
    if room is None or not room.is_news(message):
        return
    time = state.time_of(message)
    # Also of what is ignored: history is asked for from here on after a lost connection.
    room.saw(_anchor(time, message.tags.get("msgid", "")))
    nick = message.nick
    me = state.is_own(message)
    # What our own mark says is ours counts as that, though we may have had another nick then.
    own = _confirmed(state, message, me) is not None or me
    if not own and state.is_ignored(message.source or ""):
        return
    speech, text = speech_of(message, text)
    # A question to a program (CTCP) is told and not answered: an answer says what runs here.
    if speech is None:
        if not own:
            state.tell_of(room, message, f"{nick} asks your client (CTCP): {text}")
        return
    said = _event(state, room, message, text, speech, own)
    if said.unread:
        _rule(state, room, time)
    state.emit_in(room, said)


def quoted(state: State, message: Message) -> ChatMessage | None:
    """Return what somebody said as it is shown apart from its room, of which nothing changes."""
    if len(message.params) < 2:
        return None
    speech, text = speech_of(message, message.params[1])
    if speech is None or state.is_ignored(message.source or ""):
        return None
    own, time = state.is_own(message), state.time_of(message)
    delivery = DeliveryStatus.CONFIRMED if own else DeliveryStatus.RECEIVED
    room, msgid = state.room_of(message, message.params[0]), message.tags.get("msgid", "")
    return ChatMessage(room, message.nick, text, speech, time, delivery, old=True, msgid=msgid)


def _event(
    state: State, room: Room, message: Message, text: str, speech: Speech, own: bool
) -> ChatMessage:
    nick, time = message.nick, state.time_of(message)
    unread = state.old and not own and time > state.unread_after
    member = room.members.get(state.features.fold(nick))
    private = not room.is_channel and speech is not Speech.NOTICE
    return _heard(
        room.name,
        nick,
        text,
        speech,
        time,
        DeliveryStatus.CONFIRMED if own else DeliveryStatus.RECEIVED,
        member.prefix[:1] if member else "",
        not own and (private or _is_meant(state, message) or state.mentions_me(text)),
        state.old,
        "",
        unread,
        message.tags.get("msgid", ""),
        "",
        _EDITED in message.tags,
        answered(message),
    )


def _is_meant(state: State, message: Message) -> bool:
    """Say whether the server found that a message is for our account, or for all who are there."""
    accounts = message.tags.get(_MENTIONS, "").split(",")
    return "*" in accounts or (
        state.login.account != "" and state.features.fold(state.login.account) in accounts
    )


def _is_from_server(state: State, message: Message, target: str) -> bool:
    if state.features.is_channel(state.features.split_prefix(target)[1]):
        return False
    source = message.source or ""
    return not state.registered or not source or ("!" not in source and "." in source)


def _is_service(state: State, message: Message, target: str) -> bool:
    """Say whether a service of the server answers, such as NickServ."""
    return (
        message.command == "NOTICE"
        and state.is_me(target)
        and message.nick.lower().endswith("serv")
        and message.source is not None
        and message.source.partition("!")[2].lower().startswith(f"{message.nick.lower()}@")
    )


def _confirmed(state: State, message: Message, me: bool) -> OutgoingMessage | None:
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


def speech_of(message: Message, text: str) -> tuple[Speech | None, str]:
    """Return how a text was said, and what; None for what only programs ask each other."""
    if text.startswith(_CTCP):
        name, _, argument = text.strip(_CTCP).partition(" ")
        if name.upper() == "ACTION":
            return Speech.ACTION, argument
        return None, f"{name} {argument}".strip()
    return (Speech.NOTICE if message.command == "NOTICE" else Speech.MESSAGE), text


def _rule(state: State, room: Room, time: float) -> None:
    """Count what is unread in a page of the history, and divide it from what was read."""
    state.unread += 1
    if room.filling and room.filling.first and not room.filling.ruled:
        room.filling.ruled = True
        state.emit(NewSinceYouLeft(room.name, time))


def _redacted(state: State, message: Message) -> None:
    """Take up that a message was taken back (IRCv3 draft/message-redaction)."""
    if len(message.params) < 2:
        return
    room = state.rooms.get(state.room_of(message, message.params[0]))
    if room is None or not room.is_news(message):
        return
    reason = message.params[2] if len(message.params) > 2 else ""
    time = state.time_of(message)
    taken = TakenBack(room.name, message.nick, message.params[1], reason, time, state.old)
    state.emit_in(room, taken)


def _tagged(state: State, message: Message) -> None:
    """Take up a reaction (IRCv3 draft/react); that somebody is typing is not shown."""
    tags = message.tags
    undone = _UNREACT in tags
    reaction, msgid = tags.get(_UNREACT) or tags.get(_REACT, ""), answered(message)
    if not (message.params and reaction and msgid) or state.is_ignored(message.source or ""):
        return
    room = state.rooms.get(state.room_of(message, message.params[0]))
    if room is not None and room.is_news(message):
        time = state.time_of(message)
        event = Reacted(room.name, message.nick, reaction, msgid, time, undone, state.old)
        state.emit_in(room, event)


def answered(message: Message) -> str:
    """Return the msgid of the message that one answers, or reacts to, or "" (IRCv3 reply)."""
    return next((message.tags[tag] for tag in _REPLIES if tag in message.tags), "")


def reacted(message: Message) -> str:
    """Return with what a message reacts to another, or ""."""
    return message.tags.get(_REACT, "") if message.command == "TAGMSG" else ""


def _text_changed(state: State, message: Message) -> None:
    """Take up that a message has another text (hubbub/message-edit)."""
    if len(message.params) < 3 or state.is_ignored(message.source or ""):
        return
    target, msgid, text = message.params[:3]
    room = state.rooms.get(state.room_of(message, target))
    if room is not None and room.is_news(message):
        time = state.time_of(message)
        state.emit_in(room, TextChanged(room.name, message.nick, msgid, text, time))


def confirm_by_mark(state: State, message: Message) -> None:
    """Take up a PONG: what was sent before its PING has been taken by the server."""
    unit = state.outgoing.confirm_mark(message.params[-1] if message.params else "")
    if unit is not None:
        show_own(state, unit, DeliveryStatus.CONFIRMED)


def failed(state: State, label: str, target: str, reason: str) -> bool:
    """Take note that a message of ours was refused; False when none is known to be meant."""
    unit = state.outgoing.fail(label, target)
    if unit is None:
        return False
    show_own(state, unit, DeliveryStatus.FAILED, reason)
    return True


def show_own(
    state: State, unit: OutgoingMessage, delivery: DeliveryStatus, reason: str = ""
) -> None:
    """Tell of a message of ours that no echo tells of."""
    room = state.open_room(unit.target)
    member = room.members.get(state.features.fold(state.nick)) if room else None
    prefix = member.prefix[:1] if member else ""
    state.emit_in(
        room,
        ChatMessage(
            unit.target, state.nick, unit.text, unit.speech, state.now, delivery,
            prefix=prefix, reason=reason,
        ),
    )  # fmt: skip


HANDLERS: Final[Mapping[str, Handler]] = {
    "PRIVMSG": _said,
    "NOTICE": _said,
    "PONG": confirm_by_mark,
    "REDACT": _redacted,
    "TAGMSG": _tagged,
    "EDITMSG": _text_changed,
}
