"""Becoming known to a server: capabilities, nick, welcome (IRCv3 capability-negotiation)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from hubbub.client import error_words
from hubbub.client.events import (
    ChatMessage,
    ConnectionRefused,
    DeliveryStatus,
    HistoryShown,
    Registered,
)
from hubbub.client.handlers import account_registration, login
from hubbub.client.state import outgoing
from hubbub.client.state.isupport import ISupport
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message
from hubbub.irc.names import NICK_BYTES, is_nick, username

WANTED: Final = (
    *("message-tags", "server-time", "echo-message", "batch", "labeled-response"),
    *("multi-prefix", "userhost-in-names", "away-notify", "account-notify", "account-tag"),
    *("extended-join", "extended-monitor", "invite-notify", "setname", "chghost", "cap-notify"),
    *("standard-replies", "draft/chathistory", "draft/event-playback", "draft/multiline"),
    *("sasl", "draft/account-registration", "draft/message-redaction", "draft/read-marker"),
    *("soju.im/search", "hubbub/catch-up", "hubbub/message-edit"),
)
"""What is asked for where it is offered; nothing of it is needed."""
QUIET: Final = "hubbub/quiet"
"""What is asked for where the person wishes to be quiet."""
RENAME: Final = "draft/channel-rename"
"""What is asked for where a person reads: a script is to end when its channel is gone."""
_NEEDS: Final = {
    "draft/chathistory": ("batch", "server-time", "message-tags"),
    "draft/event-playback": ("draft/chathistory", "batch", "server-time", "message-tags"),
    "draft/multiline": ("batch", "message-tags", "echo-message"),
    "labeled-response": ("batch",),
}
_TAKEN: Final = ("433", "436", "437")
"""Numerics that say that somebody has a nick, or had it until just now."""
_NICK_TRIES: Final = 5
PASSWORD: Final = "this server wants a password: set HUBBUB_CHAT_PASSWORD"  # noqa: S105 - a text
"""What a person is told who gave none, or the wrong one."""


def begin(state: State) -> None:
    """Say the first words on a new connection."""
    state.features = ISupport()
    state.offered.clear()
    state.capabilities = state.requested = frozenset()
    state.registered = False
    state.login.begin()
    state.source = ""
    state.heard_at = state.now
    if state.was_registered:
        # The nick that is wanted is the one that was held, even when it was not the first choice.
        state.ghost = state.ghost or state.nick
        state.nick = state.ghost
    if state.wishes.password:
        state.send("PASS", state.wishes.password)
    state.send("CAP", "LS", "302")
    state.send("NICK", state.nick)
    state.send("USER", username(state.wishes.nick), "0", "*", state.wishes.realname or state.nick)


def nick_from(login: str) -> str:
    """Return a login name as a nick that every server takes, "guest" where nothing is left."""
    kept = "".join(char for char in login if is_nick(f"a{char}"))
    return kept.lstrip("0123456789-")[:NICK_BYTES] or "guest"


def _cap(state: State, message: Message) -> None:
    if len(message.params) < 3:
        return
    verb, rest = message.params[1].upper(), message.params[-1]
    words = list(_words(rest))
    if verb in ("LS", "NEW"):
        state.offered.update(_with_values(words))
        more = verb == "LS" and len(message.params) > 3 and message.params[2] == "*"
        if not more:
            _request(state)
    elif verb == "ACK":
        _acknowledged(state, words)
    elif verb == "NAK":
        _refused(state, words)
    elif verb == "DEL":
        state.capabilities = _names(state.capabilities.difference(words))
        for word in words:
            state.offered.pop(word, None)


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text; the same ones for all sessions in one process."""
    return tuple(text.split())


@lru_cache(maxsize=64)
def _names(names: frozenset[str]) -> frozenset[str]:
    """Return a set of capabilities; the same one for all sessions in one process."""
    return names


@lru_cache(maxsize=256)
def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _with_values(words: list[str]) -> Mapping[str, str]:
    return dict(map(_pair, words))


def _wished(state: State) -> list[str]:
    wishes = {QUIET: state.wishes.quiet, RENAME: state.wishes.person}
    return [name for name, wished in wishes.items() if wished]


def _request(state: State) -> None:
    names = [
        name
        for name in (*WANTED, *_wished(state))
        if name in state.offered
        and name not in state.capabilities
        and all(need in state.offered for need in _NEEDS.get(name, ()))
    ]
    if names:
        state.requested = _names(state.requested.union(names))
        state.send("CAP", "REQ", " ".join(names))
    else:
        _end(state)


def _acknowledged(state: State, words: list[str]) -> None:
    gone = {word[1:] for word in words if word.startswith("-")}
    new = {word for word in words if not word.startswith("-")}
    state.requested = _names(state.requested - gone - new)
    state.capabilities = _names((state.capabilities | new) - gone)
    _end(state)


def _refused(state: State, words: list[str]) -> None:
    if len(words) > 1:
        # One of them is not to be had: ask for each alone.
        state.requested = frozenset(words)
        for word in words:
            state.send("CAP", "REQ", word)
    else:
        for word in words:
            state.requested -= {word}
            state.offered.pop(word, None)
        _end(state)


def _end(state: State) -> None:
    """End the negotiation once every request is answered, after having logged in."""
    if state.registered or state.requested or state.login.ready:
        return
    state.login.ready = True
    # By SSH the door has found out who comes in: there is nothing left to prove.
    proved = state.login.account != ""
    if proved or not (account_registration.start(state) or login.start(state)):
        login.go_on(state)


def _welcome(state: State, message: Message) -> None:
    given = message.params[0] if message.params else state.nick
    if not state.same(given, state.nick):
        # Our account is here under another nick, which its other connections have chosen.
        state.ghost = state.taken = ""
    state.nick = given
    if state.ghost and state.is_me(state.ghost):
        state.ghost = ""


def _isupport(state: State, message: Message) -> None:
    state.features.update(message.params[1:-1])


def _end_of_motd(state: State, message: Message) -> None:
    if state.registered:
        return
    # Without capabilities there is no SASL. Rather not in at all than under a name of one's own
    # that others may take for proved.
    if state.login.credentials.account and not state.offered:
        reason = f"this server cannot let you log in as {state.login.credentials.account}"
        state.emit(ConnectionRefused(reason, state.now))
        return
    state.registered = state.was_registered = True
    state.login.ready = True
    state.login.barred = False
    network = state.features.text("NETWORK") or message.source or "the server"
    state.emit(Registered(state.nick, network, state.now))
    if state.taken:
        _tell_taken(state)
    _enter_again(state)
    if not account_registration.start(state):
        login.ask_device_token(state)
    _give_up_unsure_conversations(state)


def _enter_again(state: State) -> None:
    """Ask to enter the channels that one was in, or asked for meanwhile."""
    for room in state.rooms.all():
        if room.wanted and room.is_channel:
            join(state, room.name, room.key)


def _tell_taken(state: State) -> None:
    """Say, once, that one is here by another nick than one wanted."""
    may_log_in = state.has("sasl") and not state.login.account
    hint = f"; if it is yours: /login {state.taken}" if may_log_in else ""
    state.tell(f"{state.taken} is taken; you are {state.nick}{hint}")
    state.taken = ""


def join(state: State, channel: str, key: str = "") -> None:
    """Ask to enter a channel."""
    state.send("JOIN", channel, *((key,) if key else ()))


def _give_up_unsure_conversations(state: State) -> None:
    # A guest's conversations belong to the connection that is gone: history cannot tell.
    report_unsure(state, lambda target: not state.features.is_channel(target))


def report_unsure(state: State, targets: outgoing.Targets) -> None:
    """Tell of the unsure messages to these targets that nobody can know whether they arrived."""
    for unit in state.outgoing.unsure(targets):
        del state.outgoing.flight[unit.nonce]
        reason = "the connection was lost before the server confirmed it"
        state.emit(
            ChatMessage(
                unit.target, state.nick, unit.text, unit.speech, unit.sent_at,
                DeliveryStatus.UNSURE, reason=reason,
            )
        )  # fmt: skip


def _nick_refused(state: State, message: Message) -> None:
    reason = message.params[-1] if message.params else "refused"
    if state.registered:
        _rename_refused(state, message)
        return
    wanted = state.ghost or state.wishes.nick
    if state.wishes.exact_nick and not state.was_registered:
        state.emit(ConnectionRefused(f"you cannot be {wanted} here: {reason}", state.now))
        return
    another = _another_nick(state, message.command)
    if not another:
        text = f"the server does not accept the nick {wanted}: {reason}"
        state.emit(ConnectionRefused(text, state.now))
        return
    if message.command in _TAKEN and not state.ghost:
        state.taken = state.taken or state.nick
    state.nick = another
    state.send("NICK", another)


def _rename_refused(state: State, message: Message) -> None:
    # That an earlier connection of ours has it is known.
    if message.command not in _TAKEN or not state.ghost:
        state.tell(error_words.numeric(message.command, message.params), error=True)


def _another_nick(state: State, refusal: str) -> str:
    """Return what to try after one that is taken, or too long; "" where nothing is left."""
    tries = len(state.nick) - len(state.nick.rstrip("_"))
    if refusal in _TAKEN and tries < _NICK_TRIES:
        return _alternative(state, state.nick)
    # RFC 1459 servers have 9 characters and say no more than that the nick is wrong.
    return state.nick[:9] if refusal == "432" and len(state.nick) > 9 else ""


def _alternative(state: State, nick: str) -> str:
    longest = state.features.number("NICKLEN", NICK_BYTES)
    return f"{nick[: longest - 1]}_"


def _not_let_in(state: State, message: Message) -> None:
    reason = message.params[-1] if message.params else ""
    if state.registered:
        state.tell(error_words.numeric(message.command, message.params), error=True)
    else:
        state.emit(ConnectionRefused(PASSWORD if message.command == "464" else reason, state.now))


def leave_rooms(state: State) -> None:
    """Take note that the connection is gone: we are in no room now."""
    for room in state.rooms.all():
        room.members.clear()
        room.joined = False
        room.asked.clear()
        room.looking, room.caught_up = None, False
        if room.filling:
            state.events.extend(room.filling.held)
            state.emit(HistoryShown(room.name, state.now))
            room.filling = None


HANDLERS: Final[Mapping[str, Handler]] = {
    "CAP": _cap,
    "001": _welcome,
    "005": _isupport,
    "376": _end_of_motd,
    "422": _end_of_motd,
    "432": _nick_refused,
    "433": _nick_refused,
    "436": _nick_refused,
    "437": _nick_refused,
    "463": _not_let_in,
    "464": _not_let_in,
    "465": _not_let_in,
}
