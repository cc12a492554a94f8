"""One person's session with a server: messages in, events out. It needs no network and no clock.

A session lives on when its connection is lost: `connected` begins the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.events import ChatMessage, Event, Silent, Speech
from hubbub.client.handlers import (
    account_registration,
    catching_up,
    conversations,
    history,
    login,
    registration,
    replies,
    searching,
)
from hubbub.client.handlers.registration import report_unsure
from hubbub.client.handlers.searching import SearchAnswer
from hubbub.client.state.batches import Batch, Batches, join_lines
from hubbub.client.state.outgoing import REPLY_TAG, Outgoing, OutgoingText, units
from hubbub.client.state.rooms import Anchor, Looking, Room
from hubbub.client.state.state import Question, State, Wishes, parse_time
from hubbub.irc.message import Message

IDLE: Final = 45.0
"""Seconds without a word from the server before it is asked for one."""
ANSWER: Final = 30.0
"""Seconds that it then has, and that registration may take."""
IMPATIENT: Final = 10.0
"""Seconds without a word while messages wait to be confirmed, before the server is asked."""
_NICK_AGAIN: Final = 10.0
GHOST: Final = 300.0
"""Seconds after which an earlier connection of ours cannot be alive any more."""
_PLAYBACK: Final = frozenset({"chathistory", "znc.in/playback"})
_OF_ACCOUNTS: Final = {
    catching_up.DIGEST: catching_up.digest,
    catching_up.MENTIONS: catching_up.mentions,
}


class ClientSession:
    """Talk to a server for a person."""

    def __init__(
        self,
        wishes: Wishes,
        new_nonce: Callable[[], str],
        seen: Mapping[str, float],
        credentials: Credentials | None = None,
    ) -> None:
        """Begin without a connection.

        `new_nonce` returns another hard-to-guess word of up to 64 characters each time; `seen` maps
        folded names of rooms to when they were last seen, in seconds since 1970. `credentials`
        prove the account, without which one is a guest.
        """
        self.state = State(wishes, Outgoing(new_nonce), wishes.nick, seen=seen)
        self.state.login.credentials = credentials or Credentials()
        self._batches = Batches()
        self._asked_at = 0.0
        self._nick_at = 0.0
        self._connected_at = 0.0
        self._caught_up_as: str | None = None
        self._was: str | None = None

    @property
    def nick(self) -> str:
        """Return the nick that we have, or ask for."""
        return self.state.nick

    @property
    def registered(self) -> bool:
        """Say whether the server knows us on this connection."""
        return self.state.registered

    @property
    def rooms(self) -> list[Room]:
        """Return the rooms, the oldest first."""
        return self.state.rooms.all()

    @property
    def pending(self) -> int:
        """Return how many messages are not confirmed yet."""
        return self.state.outgoing.pending

    @property
    def question(self) -> Question | None:
        """Return what the person is asked for and has not answered."""
        return self.state.questions[0] if self.state.questions else None

    @property
    def waits_for_person(self) -> bool:
        """Say whether a connection would get no further before the person has done something."""
        login = self.state.login
        return bool(self.state.questions) or (login.barred and not login.can_try)

    def answer(self, text: str, now: float | None = None) -> None:
        """Take the answer to the question; "" where there is none.

        `now` is in seconds since 1970; without a connection nothing else tells the time.
        """
        self.state.now = self.state.now if now is None else now
        self.state.questions.popleft().then(self.state, text)

    def prepare(self, now: float, register: bool = False) -> None:
        """Ask, before there is a connection, for what it will take to be let in."""
        self.state.now = now
        if register:
            account_registration.register(self.state)
        elif login.needs_password(self.state):
            login.ask_password(self.state)

    def connected(self, now: float) -> None:
        """Begin to talk on a new connection."""
        self._batches = Batches()
        self._asked_at = 0.0
        self._connected_at = self.state.now = now
        self._was, self._caught_up_as = self._caught_up_as, None
        registration.begin(self.state)

    def disconnected(self, now: float) -> list[Event]:
        """Take note that the connection is gone."""
        self.state.now = now
        if self.state.registered:
            self.state.gone_at = self.state.server_time
        self.state.registered = self.state.away = False
        self.state.login.begin()
        self.state.sending.clear()
        self.state.outgoing.lose()
        searching.lose(self.state)
        registration.leave_rooms(self.state)
        return self.take_events()

    def receive(self, message: Message, now: float) -> list[Event]:
        """Take up a message from the server and return what it means to the person."""
        state = self.state
        state.now = state.heard_at = now
        self._asked_at = 0.0
        item = self._batches.feed(message)
        if item is not None:
            tags = item.tags if isinstance(item, Message) else item.opening.tags
            answered = state.asked.pop(tags.get("label", ""), None)
            if answered is not None:
                answered(item)
            else:
                _take(state, item)
            if "label" in tags and state.has("echo-message"):
                state.outgoing.answered(tags["label"])
            state.server_time = max(state.server_time, parse_time(tags.get("time", "")) or 0.0)
        if state.registered and self._caught_up_as != state.login.account:
            self._caught_up_as = state.login.account
            again = self._was == state.login.account
            catching_up.ask(state, again)
            conversations.catch_up(state, again)
        return self.take_events()

    def tick(self, now: float) -> list[Event]:
        """Let time pass, about once a second: ask for signs of life, give up what takes long."""
        state = self.state
        state.now = now
        if state.registered:
            self._watch(now)
            history.overdue(state)
            conversations.overdue(state)
            conversations.mark(state)
            self._drive_out_ghost(now)
        elif now - self._connected_at > ANSWER and not self.waits_for_person:
            state.emit(Silent(now))
        return self.take_events()

    def take(self) -> list[Message]:
        """Return what is to be sent to the server, oldest first."""
        state = self.state
        if state.registered and state.outgoing.waiting:
            state.sending += state.outgoing.write(state.wire(), self._is_ready, state.now)
        messages, state.sending = state.sending, []
        return messages

    def say(
        self, target: str, text: str, speech: Speech = Speech.MESSAGE, reply_to: str = ""
    ) -> bool:
        """Say something; False when too much is waiting already. Without connection it waits."""
        if not self.state.features.is_channel(target):
            self.state.open_room(target)
        draft = OutgoingText(target, _sendable(text), speech, reply_to)
        return self.state.outgoing.add(draft)

    def react(self, target: str, msgid: str, reaction: str, undone: bool = False) -> None:
        """React to a message, or take that back; without connection nothing is sent."""
        if self.state.registered:
            tags = {REPLY_TAG: msgid, f"+draft/{'unreact' if undone else 'react'}": reaction}
            self.state.sending.append(Message("TAGMSG", (target,), tags=tags))

    def messages_of(self, target: str, text: str) -> int:
        """Return how many messages a text would be said in, on this connection."""
        draft = OutgoingText(target, _sendable(text))
        return sum(1 for _ in units(draft, self.state.wire(), str))

    def converse(self, name: str) -> bool:
        """Open a room to a person; True where what was said before is still to come.

        HistoryShown tells that it has come.
        """
        return conversations.converse(self.state, name)

    def read(self, name: str, until: float) -> None:
        """Take note that a room was shown up to the message of this time."""
        conversations.read(self.state, name, until)

    def look_back(self, name: str, count: int) -> bool:
        """Ask for so many messages before those that were loaded; False where there is no history.

        They follow between two `Earlier`.
        """
        room = self.state.rooms.get(name)
        if room is None or not self.state.has("draft/chathistory"):
            return False
        history.look_back(self.state, room, Looking(count))
        return True

    @property
    def searches(self) -> bool:
        """Say whether the server finds what was said."""
        return self.state.has(searching.SEARCH)

    def search(
        self, words: str, limit: int, then: Callable[[SearchAnswer], None], page: str = ""
    ) -> None:
        """Ask for the newest messages that fit these words; `page` goes on before a message."""
        searching.search(self.state, words, limit, then, page)

    def look_around(
        self, said: ChatMessage, limit: int, then: Callable[[SearchAnswer], None]
    ) -> None:
        """Ask for what was said around a message that was found."""
        searching.around(self.state, said, limit, then)

    def join(self, channel: str, key: str = "") -> None:
        """Enter a channel, now and on each later connection."""
        room = self.state.open_room(channel)
        if room is None:
            return
        room.wanted, room.key = True, key
        if self.state.registered:
            registration.join(self.state, channel, key)

    def read_back(self, channel: str, since: float | None = None) -> None:
        """Ask for a channel's history without entering it, as a quiet session may.

        From `since` on, in seconds since 1970, or as many of the latest as the person wishes.
        """
        room = self.state.open_room(channel)
        if room is not None:
            # As if it had been left then, everything after it is fetched.
            room.anchor = Anchor(since) if since is not None else None
            history.entered(self.state, room, again=since is not None)

    def settle_outside(self, channel: str) -> None:
        """Find out, after a lost connection, what arrived of what was said without being in."""
        state = self.state
        room = state.rooms.get(channel)

        def is_there(target: str) -> bool:
            return state.same(target, channel)

        if (room is not None and room.wanted) or not state.outgoing.unsure(is_there):
            return
        if room is None or room.anchor is None:
            report_unsure(state, is_there)
        else:
            history.fill_gap(state, room)

    def take_nick(self, nick: str) -> None:
        """Take another nick, or ask for it from the beginning where we are not let in yet."""
        state = self.state
        if not state.registered:
            state.nick = state.wishes.nick = nick
        if state.login.ready:
            state.send("NICK", nick)

    def leave(self, name: str, reason: str = "") -> None:
        """Leave a channel, or close a conversation."""
        room = self.state.rooms.get(name)
        if room is None:
            return
        room.wanted = False
        if room.joined and self.state.registered:
            self.state.send("PART", room.name, *((reason,) if reason else ()))
        else:
            self.state.rooms.close(name)

    def send(self, command: str, *params: str) -> None:
        """Send any message; without connection it is dropped."""
        if self.state.registered:
            self.state.send(command, *(_sendable(each).replace("\n", " ") for each in params))

    def send_early(self, command: str, *params: str) -> bool:
        """Send a message that needs no registration; False where there is no connection."""
        if not self.state.login.ready:
            return False
        self.state.send(command, *params)
        return True

    def quit(self, reason: str = "") -> None:
        """Say goodbye to the server; whatever waits to be sent is given up."""
        if self.state.registered:
            conversations.mark(self.state, at_once=True)
        self.state.quitting = True
        self.send("QUIT", *((reason,) if reason else ()))

    def list_members(self, channel: str) -> None:
        """Ask for who is in a channel."""
        self.state.names_wanted[self.state.features.fold(channel)] = False
        self.send("NAMES", channel)

    def take_events(self) -> list[Event]:
        """Return what the person is to be told and has not been yet."""
        events, self.state.events = self.state.events, []
        return events

    def _is_ready(self, target: str) -> bool:
        """Say whether a message to this target may go out: not before what is older."""
        room = self.state.rooms.get(target)
        if room is None or not room.is_channel:
            return True
        # A quiet session speaks also where it has not asked to be.
        may_speak = room.joined or (not room.wanted and self.state.has(registration.QUIET))
        return may_speak and room.filling is None

    def _watch(self, now: float) -> None:
        state = self.state
        silent = now - state.heard_at
        if self._asked_at:
            if now - self._asked_at > ANSWER:
                state.emit(Silent(now))
                self._asked_at = 0.0
        elif silent > (IMPATIENT if state.outgoing.flight else IDLE):
            self._asked_at = now
            state.send("PING", "still-there")

    def _drive_out_ghost(self, now: float) -> None:
        """Try to get the nick back that an earlier connection of ours still holds."""
        state = self.state
        if not state.ghost:
            return
        if now - self._connected_at > GHOST:
            state.ghost = ""
            report_unsure(state, lambda _: True)
        elif now - max(self._nick_at, self._connected_at) > _NICK_AGAIN:
            self._nick_at = now
            state.send("NICK", state.ghost)


def _take(state: State, item: Message | Batch) -> None:
    if isinstance(item, Message):
        replies.HANDLERS.get(item.command, replies.answered)(state, item)
    elif item.kind == "draft/multiline":
        message = join_lines(item)
        if message is not None:
            _take(state, message)
    elif item.kind in _PLAYBACK:
        history.page(state, item, _take)
        conversations.go_on(state)
    elif item.kind == "draft/chathistory-targets":
        conversations.named(state, item)
    elif item.kind in _OF_ACCOUNTS:
        _OF_ACCOUNTS[item.kind](state, item)
    else:
        for each in item.items:
            _take(state, each)


def _sendable(text: str) -> str:
    """Return a text without what no line of the protocol can hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return lines.encode(errors="replace").decode()
