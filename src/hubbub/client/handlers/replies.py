"""What the server answers: numerics and standard replies as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hubbub.client import error_words
from hubbub.client.events import ConnectionRefused, DeliveryStatus
from hubbub.client.handlers import (
    account_replies,
    bans,
    catching_up,
    conversations,
    history,
    membership,
    messages,
    step_up,
)
from hubbub.client.handlers.registration import HANDLERS as REGISTRATION
from hubbub.client.handlers.registration import PASSWORD, QUIET
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

_QUIET: Final = frozenset(
    # Greetings, counts and ends of lists say nothing that a person waits for.
    (
        *("002", "003", "004", "250", "251", "252", "253", "254", "255", "265", "266"),
        *("321", "329", "333", "375", "396"),
        *("SETNAME",),
    )
)
_SEND_ERRORS: Final = ("401", "402", "403", "404", "407", "411", "412", "413", "414", "415", "531")


def _whois_user(p: tuple[str, ...]) -> str:
    return f"{p[1]} is {p[5]} ({p[2]}@{p[3]})"


def _away(p: tuple[str, ...]) -> str:
    if p[2] == membership.NOT_CONNECTED:
        return f"{p[1]} is not connected; your message waits"
    return f"{p[1]} is away: {p[2]}"


_WISHES: Final = {
    "soju.im/muted": {"1": "you are told of nothing in {}", "0": "{} is not muted"},
    "soju.im/pinned": {"1": "{} is pinned", "0": "{} is not pinned"},
    "hubbub/level": {
        "all": "you are told of all that is new in {}",
        "mentions": "you are told of {} where something there is meant for you",
        "nothing": "you are told of nothing in {}",
    },
}


def _metadata(p: tuple[str, ...]) -> str:
    sentence = _WISHES.get(p[2], {}).get(p[4])
    return sentence.format(p[1]) if sentence is not None else " ".join(p[1:])


_SENTENCES: Final[Mapping[str, tuple[int, Callable[[tuple[str, ...]], str]]]] = {
    # numeric: (parameters it needs, the sentence)
    "301": (3, _away),
    "305": (0, lambda _: "you are back"),
    "306": (0, lambda _: "you are away; /away without words ends that"),
    "307": (3, lambda p: f"{p[1]} {p[2]}"),
    "311": (6, _whois_user),
    "312": (4, lambda p: f"{p[1]} is on {p[2]} ({p[3]})"),
    "313": (3, lambda p: f"{p[1]} {p[2]}"),
    "314": (6, lambda p: f"{p[1]} was {p[5]} ({p[2]}@{p[3]})"),
    "317": (3, lambda p: f"{p[1]} has said nothing for {_duration(p[2])}"),
    "318": (2, lambda p: f"that is all about {p[1]}"),
    "319": (3, lambda p: f"{p[1]} is in {p[2]}"),
    "322": (4, lambda p: f"{p[1]} ({p[2]}) {p[3]}".rstrip()),
    "324": (3, lambda p: f"modes of {p[1]}: {' '.join(p[2:])}"),
    "330": (3, lambda p: f"{p[1]} is logged in as {p[2]}"),
    "331": (3, lambda p: f"there is no topic in {p[1]}"),
    "341": (3, lambda p: f"{p[1]} is invited to {p[2]}"),
    "346": (3, lambda p: f"invite exception: {p[2]}"),
    "348": (3, lambda p: f"ban exception: {p[2]}"),
    "671": (3, lambda p: f"{p[1]} {p[2]}"),
    "761": (5, _metadata),
}


def _duration(seconds: str) -> str:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 10):
        return f"{seconds} seconds"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def answered(state: State, message: Message) -> None:
    """Tell of a reply that no handler has its own way for."""
    name, params = message.command, message.params
    if name in _QUIET:
        return
    if name.isdigit() and name[0] in "45":
        _error(state, message)
        return
    needed, sentence = _SENTENCES.get(name, (0, lambda p: " ".join(p[1:])))
    words = params if len(params) >= needed else ()
    text = sentence(params) if words or not needed else " ".join(params[1:])
    if not name.isdigit():
        text = " ".join((name, *params))
    if text:
        # Where the person is, who asked for it there, whatever other room it may name.
        state.tell(text)


def _own_absence(state: State, message: Message) -> None:
    """Take up RPL_NOWAWAY or RPL_UNAWAY."""
    state.away = message.command == "306"
    answered(state, message)


def _listed(state: State, message: Message) -> None:
    state.listed = True
    answered(state, message)


def _end_of_list(state: State, message: Message) -> None:
    if not state.listed:
        state.tell("there is no such channel to list")
    state.listed = False


def _error(state: State, message: Message) -> None:
    params = message.params
    about = params[1] if len(params) > 2 else ""
    reason = error_words.numeric(message.command, params)
    label = message.tags.get("label", "")
    room = state.rooms.get(about)
    if message.command == "403" and room and room.wanted and not room.joined:
        membership.join_refused(state, message)
        return
    sending = message.command in _SEND_ERRORS or label
    if sending and messages.failed(state, label, about, reason):
        if message.command == "403" and state.has(QUIET):
            membership.join_refused(state, message)
        return
    if message.command == "421" and _is_dispensable(state, about.upper()):
        return
    state.names_wanted.pop(state.features.fold(about), None)
    state.tell(reason, error=True)


def _closed(state: State, message: Message) -> None:
    """Take up why a channel is closed to us, or to what a quiet session says from outside."""
    label = message.tags.get("label", "")
    if label and message.params:
        messages.failed(state, label, "", error_words.numeric(message.command, message.params))
    membership.join_refused(state, message)


def _is_dispensable(state: State, command: str) -> bool:
    """Say whether the client asked by itself for a command that this server does not have."""
    if command == "TOKEN" and state.login.asked_name:
        # Another kind of server: it is the password each time.
        state.login.asked_name = ""
        return True
    return command in ("CAP", "CHATHISTORY")


def _standard_reply(state: State, message: Message) -> None:
    params = message.params
    if len(params) < 3:
        return
    reason = params[-1]
    if message.command != "FAIL":
        state.tell(reason)
        return
    command, code, context = params[0].upper(), params[1].upper(), params[2:-1]
    # Who has an account is not told how to get one.
    if not (code == "ACCOUNT_REQUIRED" and state.login.account):
        reason = error_words.failure(code, reason)
    if command in _UNASKED:
        _UNASKED[command](state, context, reason)
        return
    # The person is asked for the proof, and the command sent again: that it failed is no news.
    if code == step_up.CODE and step_up.needed(state, command, context):
        return
    if account_replies.failed(state, command, code, reason):
        return
    label = message.tags.get("label", "")
    if not _is_unsent(state, label, command, context, reason):
        state.tell(reason, error=True)


def _is_unsent(state: State, label: str, command: str, context: Sequence[str], reason: str) -> bool:
    """Say whether a failure is that of a message, of which its own line tells by now."""
    # A failure of something else has a target, too: a message is meant only where it says so.
    sending = label or command in ("PRIVMSG", "NOTICE", "BATCH", "MULTILINE", "*")
    target = context[0] if context else ""
    return bool(sending) and messages.failed(state, label, target, reason)


def _no_history(state: State, context: Sequence[str], reason: str) -> None:
    # The target may stand anywhere in the context.
    for one in context:
        if context[2:] == (history.PARTIAL,):
            history.damaged(state, one, reason)
        else:
            history.refused(state, one, reason)
    conversations.go_on(state)


def _no_marker(state: State, context: Sequence[str], reason: str) -> None:
    for one in context:
        conversations.refused(state, one)


# The client asked for these by itself, so the person is told nothing; what waited for them goes on.
_UNASKED: Final[Mapping[str, Callable[[State, Sequence[str], str], None]]] = {
    "CHATHISTORY": _no_history,
    "MARKREAD": _no_marker,
    "JOIN": lambda state, context, reason: membership.joins_refused(state, reason),
}


def _ping(state: State, message: Message) -> None:
    state.send("PONG", *message.params[-1:])


def _error_closing(state: State, message: Message) -> None:
    reason = error_words.closing(message.params[-1] if message.params else "closed")
    if state.questions or state.login.barred:
        # The person takes longer than the server waits; the next connection will do.
        return
    if not state.was_registered:
        # Some servers say no more than this before they close.
        text = (
            PASSWORD
            if "password" in reason.lower()
            else f"the server closed the connection: {reason}"
        )
        state.emit(ConnectionRefused(text, state.now))
    else:
        state.tell(f"the server closed the connection: {reason}", error=True)


def _invite(state: State, message: Message) -> None:
    if len(message.params) < 2 or state.is_ignored(message.source or ""):
        return
    who, channel = message.params[0], message.params[1]
    if state.is_me(who):
        state.tell(f"{message.nick} invites you to {channel}: /join {channel}")
    else:
        state.tell(f"{message.nick} invites {who}", channel)


def _ack(state: State, message: Message) -> None:
    """Take up the answer to a label: on a server without echoes it confirms a message."""
    if not state.wire().echo:
        unit = state.outgoing.confirm(message)
        if unit is not None:
            messages.show_own(state, unit, DeliveryStatus.CONFIRMED)


HANDLERS: Final[Mapping[str, Handler]] = {
    **REGISTRATION,
    **messages.HANDLERS,
    **membership.HANDLERS,
    **dict.fromkeys(membership.CLOSED, _closed),
    **account_replies.HANDLERS,
    **conversations.HANDLERS,
    **catching_up.HANDLERS,
    **bans.HANDLERS,
    "PING": _ping,
    "305": _own_absence,
    "306": _own_absence,
    "322": _listed,
    "323": _end_of_list,
    "ERROR": _error_closing,
    "INVITE": _invite,
    "FAIL": _standard_reply,
    "WARN": _standard_reply,
    "NOTE": _standard_reply,
    "ACK": _ack,
}
