"""Who is where: JOIN, PART, QUIT, NICK, KICK, MODE, TOPIC and the lists of members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from hubbub.client import error_words
from hubbub.client.events import (
    ChatMessage,
    DeliveryStatus,
    JoinRefused,
    Presence,
    PresenceChanged,
    RoomClosed,
    RoomOpened,
    RoomRenamed,
    TopicChanged,
)
from hubbub.client.handlers import history, login
from hubbub.client.handlers.registration import report_unsure
from hubbub.client.state.rooms import Anchor, Member, Room, shared
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

CLOSED: Final = ("405", "437", "471", "473", "474", "475", "476", "477", "480", "489", "520")
"""The numerics that say why a channel stays closed."""
NOT_CONNECTED: Final = "Not connected"
"""Why somebody is away whose account stays in its channels without a connection."""


def _changed(
    state: State, room: Room, message: Message, change: Presence, detail: str = ""
) -> None:
    if not state.is_ignored(message.source or ""):
        time = state.time_of(message)
        event = PresenceChanged(room.name, message.nick, change, detail, time, state.old)
        state.emit_in(room, event)


def _changed_then(state: State, message: Message, change: Presence, detail: str) -> None:
    """Tell of a change from the history, which names no room: it is the page's."""
    room = state.rooms.get(state.page)
    if room is not None and room.is_news(message):
        _changed(state, room, message, change, detail)


def _known(state: State, message: Message) -> Room | None:
    """Return the room that a message's first parameter names, when the message is news there."""
    room = state.rooms.get(message.params[0]) if message.params else None
    return room if room and room.is_news(message) else None


def _join(state: State, message: Message) -> None:
    if not message.params:
        return
    if state.is_me(message.nick) and not state.old:
        _entered(state, message)
        return
    room = _known(state, message)
    if room is None:
        return
    if not state.old:
        nick, user, host = _parts(message.source or "")
        member = Member(nick, host=host, user=user, account=_account_of(message))
        room.members[state.features.fold(nick)] = shared(member)
    _changed(state, room, message, Presence.JOIN, _other_name(state, message))


def _other_name(state: State, message: Message) -> str:
    """Return the account of who joins, where it is not also the nick."""
    account = _account_of(message)
    return "" if state.same(account, message.nick) else account


def _account_of(message: Message) -> str:
    """Return the account of who joins, "" for a guest (IRCv3 extended-join)."""
    account = message.params[1] if len(message.params) > 2 else "*"
    return "" if account == "*" else account


@lru_cache(maxsize=4096)
def _parts(source: str) -> tuple[str, str, str]:
    """Return nick, user and host; the same texts for all sessions in one process."""
    nick, _, rest = source.partition("!")
    return nick, rest.partition("@")[0], source.partition("@")[2]


def _entered(state: State, message: Message) -> None:
    if "!" in (message.source or ""):
        state.source = message.source or ""
    room = state.open_room(message.params[0])
    if room is None or room.joined:
        return
    room.is_news(message)
    again = room.entry is not None
    room.name = message.params[0]
    room.is_channel = room.joined = room.wanted = True
    room.members = {state.features.fold(state.nick): Member(state.nick)}
    state.emit(RoomOpened(room.name, state.time_of(message), again))
    history.entered(state, room, again)
    room.entry = room.entry or Anchor(state.time_of(message), message.tags.get("msgid", ""))


def _part(state: State, message: Message) -> None:
    room = _known(state, message)
    if room is None:
        return
    reason = message.params[1] if len(message.params) > 1 else ""
    if state.old:
        _changed(state, room, message, Presence.PART, reason)
    elif state.is_me(message.nick):
        _left(state, room, reason or "you left", state.time_of(message))
    else:
        room.members.pop(state.features.fold(message.nick), None)
        _changed(state, room, message, Presence.PART, reason)


def _left(state: State, room: Room, reason: str, time: float) -> None:
    history.finish(state, room, complete=False)
    asked = not room.wanted
    room.joined = room.wanted = False
    room.members.clear()
    _give_up(state, room.name, reason)
    state.rooms.close(room.name)
    state.emit(RoomClosed(room.name, reason, time, asked))


def _kick(state: State, message: Message) -> None:
    if len(message.params) < 2:
        return
    room = _known(state, message)
    if room is None:
        return
    nick = message.params[1]
    # Who gives no reason is made to have given the own nick.
    given = message.params[2] if len(message.params) > 2 else ""
    reason = f" ({given})" if given and not state.same(given, message.nick) else ""
    if not state.old:
        room.members.pop(state.features.fold(nick), None)
        if state.is_me(nick):
            _left(state, room, f"{message.nick} kicked you{reason}", state.time_of(message))
            return
    state.tell_of(room, message, f"{message.nick} kicked {nick}{reason}")


def _quit(state: State, message: Message) -> None:
    reason = message.params[0] if message.params else ""
    if state.old:
        _changed_then(state, message, Presence.QUIT, reason)
        return
    key = state.features.fold(message.nick)
    for room in state.rooms.of(message.nick):
        del room.members[key]
        room.is_news(message)
        _changed(state, room, message, Presence.QUIT, reason)
    if state.ghost and state.same(message.nick, state.ghost):
        state.send("NICK", state.ghost)


def _nick(state: State, message: Message) -> None:
    if not message.params:
        return
    new = message.params[0]
    if state.old:
        _changed_then(state, message, Presence.NICK, new)
        return
    old_key, new_key = state.features.fold(message.nick), state.features.fold(new)
    own = state.is_me(message.nick)
    for room in state.rooms.of(message.nick):
        member = room.members.pop(old_key)
        room.members[new_key] = shared(replace(member, nick=new))
        # Remembered, lest the history tell of it again.
        room.is_news(message)
        _changed(state, room, message, Presence.NICK, new)
    if state.rooms.rename(message.nick, new):
        state.emit(RoomRenamed(message.nick, new, state.time_of(message)))
    if own:
        state.nick = new
        state.source = f"{new}!{state.source.partition('!')[2]}" if "!" in state.source else ""
        # Who is in a channel reads it there.
        if not state.rooms.channels():
            state.tell(f"you are {new} now")
        _ghost_gone(state)


def _ghost_gone(state: State) -> None:
    if not (state.ghost and state.is_me(state.ghost)):
        return
    state.ghost = ""
    for room in state.rooms.channels():
        if room.joined:
            history.fill_gap(state, room)


def _renamed(state: State, message: Message) -> None:
    """Take up that a channel has another name and is the same (draft/channel-rename)."""
    if len(message.params) < 2:
        return
    old, new = message.params[:2]
    if state.old:
        room = state.rooms.get(state.page)
        if room is not None and room.is_news(message):
            state.tell_of(room, message, f"{message.nick} renamed {old} to {new}")
        return
    room = _known(state, message)
    if room is not None and room.joined and state.rooms.rename(old, new) is not None:
        state.outgoing.rename(lambda target: state.same(target, old), new)
        reason = "".join(message.params[2:3])
        state.emit_in(room, RoomRenamed(old, new, state.time_of(message), reason))


def _mode(state: State, message: Message) -> None:
    if len(message.params) < 2 or not state.features.is_channel(message.params[0]):
        return
    room = _known(state, message)
    if room is None:
        return
    if not state.old:
        _status_changed(state, room, message.params[1:])
    state.tell_of(room, message, f"{message.nick} sets mode {' '.join(message.params[1:])}")


def _status_changed(state: State, room: Room, words: tuple[str, ...]) -> None:
    prefixes = state.features.prefixes
    lists, always, on_setting = (state.features.text("CHANMODES").split(",") + [""] * 3)[:3]
    arguments = list(words[1:])
    adding = True
    for letter in words[0]:
        if letter in "+-":
            adding = letter == "+"
        elif letter in prefixes and arguments:
            _give_status(state, room, arguments.pop(0), prefixes[letter], adding)
        elif arguments and (letter in lists + always or (adding and letter in on_setting)):
            arguments.pop(0)


def _give_status(state: State, room: Room, nick: str, given: str, adding: bool) -> None:
    """Give a member the sign of a status, or take it away."""
    key = state.features.fold(nick)
    member = room.members.get(key)
    if member is None:
        return
    signs = set(member.prefix) | {given} if adding else set(member.prefix) - {given}
    prefix = "".join(sign for sign in state.features.prefixes.values() if sign in signs)
    room.members[key] = shared(replace(member, prefix=prefix))


def _topic(state: State, message: Message) -> None:
    room = _known(state, message)
    if room is None or len(message.params) < 2:
        return
    topic = message.params[1]
    if not state.old:
        room.topic = topic
    time = state.time_of(message)
    state.emit_in(room, TopicChanged(room.name, message.nick, topic, time, state.old))


def _told_topic(state: State, message: Message) -> None:
    if len(message.params) < 3:
        return
    channel, topic = message.params[1:3]
    room = state.rooms.get(channel)
    if room is None:
        state.tell(f"topic of {channel}: {topic}")
        return
    room.topic = topic
    state.emit(TopicChanged(room.name, "", topic, state.now))


def _names(state: State, message: Message) -> None:
    if len(message.params) < 4:
        return
    room = state.rooms.get(message.params[2])
    if room is None:
        key = state.features.fold(message.params[2])
        # A channel one is not in: /names asked for it.
        if key in state.names_wanted and message.params[3].strip():
            state.names_wanted[key] = True
            state.tell(f"{message.params[2]}: {message.params[3]}")
        return
    for entry in message.params[3].split():
        prefix, name = state.features.split_prefix(entry)
        nick, user, host = _parts(name)
        if nick:
            key = state.features.fold(nick)
            known = room.members.get(key) or Member(nick)
            host, user = host or known.host, user or known.user
            member = replace(known, nick=nick, prefix=prefix, host=host, user=user)
            room.members[key] = shared(member)


def _end_of_names(state: State, message: Message) -> None:
    if len(message.params) < 2:
        return
    key = state.features.fold(message.params[1])
    if key not in state.names_wanted:
        return
    named = state.names_wanted.pop(key)
    room = state.rooms.get(message.params[1])
    if room is not None:
        ranks = "".join(state.features.prefixes.values())
        members = sorted(
            room.members.values(),
            key=lambda each: (ranks.find(each.prefix[:1]) if each.prefix else 9, each.nick.lower()),
        )
        people = ", ".join(each.prefix[:1] + each.nick + _absence(each) for each in members)
        state.tell(f"{len(members)} in {room.name}: {people}")
    elif not named:
        state.tell(f"nobody can be seen in {message.params[1]}")


def _absence(member: Member) -> str:
    if not member.away:
        return ""
    return f" ({NOT_CONNECTED.lower() if member.away == NOT_CONNECTED else 'away'})"


def _away(state: State, message: Message) -> None:
    """Take note of who is away; it is told when somebody asks (away-notify)."""
    if state.old:
        return
    key = state.features.fold(message.nick)
    for room in state.rooms.of(message.nick):
        member = replace(room.members[key], away="".join(message.params[:1]))
        room.members[key] = shared(member)


def join_refused(state: State, message: Message) -> None:
    """Take up the numeric that says why a channel stays closed to us."""
    if len(message.params) < 2 or not state.features.is_channel(message.params[1]):
        return
    room = state.rooms.get(message.params[1])
    reason = error_words.numeric(message.command, message.params)
    if room is not None and room.joined:
        state.tell(reason, error=True)
    else:
        _refuse(state, message.params[1], reason, message.command)


def _forwarded(state: State, message: Message) -> None:
    """Take up that we are taken to another channel (470), whose JOIN follows."""
    if len(message.params) > 3:
        reason = error_words.numeric(message.command, message.params)
        _refuse(state, message.params[1], reason, message.command)


def joins_refused(state: State, reason: str) -> None:
    """Take up a FAIL for JOIN: all channels that we asked for and did not enter stay closed."""
    for room in state.rooms.channels():
        if room.wanted and not room.joined:
            _refuse(state, room.name, reason)


def _refuse(state: State, channel: str, reason: str, code: str = "") -> None:
    room = state.rooms.get(channel)
    if room is not None:
        room.wanted = False
        report_unsure(state, lambda target: state.same(target, channel))
    state.emit(JoinRefused(channel, reason, state.now, code))
    _give_up(state, channel, reason)


def _give_up(state: State, channel: str, reason: str) -> None:
    """Tell of what was to be said in a channel that we cannot enter."""
    for draft in state.outgoing.drop(lambda target: state.same(target, channel)):
        state.emit(
            ChatMessage(
                channel, state.nick, draft.text, draft.speech, state.now, DeliveryStatus.FAILED,
                reason=reason,
            )
        )  # fmt: skip


def _host_changed(state: State, message: Message) -> None:
    if len(message.params) > 1 and not state.old:
        key = state.features.fold(message.nick)
        for room in state.rooms.of(message.nick):
            user, host = message.params[:2]
            room.members[key] = shared(replace(room.members[key], user=user, host=host))
    if state.is_me(message.nick) and len(message.params) > 1 and not state.old:
        state.source = f"{message.nick}!{message.params[0]}@{message.params[1]}"


def _account(state: State, message: Message) -> None:
    """Take up who somebody is now: only what concerns ourselves is told (account-notify)."""
    if not message.params or state.old:
        return
    account = "" if message.params[0] == "*" else message.params[0]
    key = state.features.fold(message.nick)
    for room in state.rooms.of(message.nick):
        room.members[key] = shared(replace(room.members[key], account=account))
    if state.is_me(message.nick):
        login.changed(state, account)


HANDLERS: Final[Mapping[str, Handler]] = {
    "ACCOUNT": _account,
    "AWAY": _away,
    "JOIN": _join,
    "PART": _part,
    "KICK": _kick,
    "QUIT": _quit,
    "NICK": _nick,
    "MODE": _mode,
    "RENAME": _renamed,
    "TOPIC": _topic,
    "CHGHOST": _host_changed,
    "332": _told_topic,
    "353": _names,
    "366": _end_of_names,
    "470": _forwarded,
    **dict.fromkeys(CLOSED, join_refused),
}
