"""That somebody is typing, told to the other nodes, and by them to who would hear it here."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from hubbub.core.deciding.signalling import heard_by
from hubbub.core.requests import Signal
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.node.peers.payloads import packed, unpacked
from hubbub.node.peers.signals import Signals
from hubbub.node.sessions import Sessions

KIND: Final = "typing"
APART_SECONDS: Final = 3.0
"""How far apart it leaves a node at least that a user types to a target: what comes sooner is
dropped. Clients tell it every 3 s, and take it for over after 6 s."""
REMEMBERED: Final = 10_000
"""Of how many users and targets it is remembered when it left; the oldest is forgotten."""
_TAGS: Final = ("+typing", "+draft/typing")
_STATES: Final = frozenset({"", "active", "paused", "done"})


class Typing:
    """Tell it on, and pass on what others tell: audiences are of this node's own World."""

    def __init__(self, sessions: Sessions, signals: Signals) -> None:
        """Take what comes from now on."""
        self._sessions = sessions
        self._signals = signals
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()
        signals.take(KIND, self._came)

    def tell(self, signal: Signal) -> None:
        """Tell the other nodes, where somebody there hears it, and not too often."""
        message, node = signal.message, self._sessions.own.node
        states = [message.tags.get(tag, "") for tag in _TAGS]
        there = any(s.node != node for user in signal.users for s in user.sessions)
        if not there or message.source is None or not _STATES.issuperset(states):
            return
        key, now = (message.source, fold(message.params[0])), self._sessions.now()
        if now - self._told.get(key, -APART_SECONDS) < APART_SECONDS:
            return
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        self._signals.send(KIND, packed(message.source, message.params[0], *states))

    def _came(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (str, str, str, str))
        if values is None:
            return
        source, target, *states = (str(value) for value in values)
        user = self._sessions.world.user(source.partition("!")[0])
        tags = {tag: state for tag, state in zip(_TAGS, states, strict=True) if state}
        if user is None or user.source != source or not tags or not _STATES.issuperset(states):
            return
        heard = heard_by(self._sessions.world, user, target)
        if heard is not None:
            message = Message("TAGMSG", (heard.shown,), source, tags)
            self._sessions.roster.signal(message, heard.users, None)
            self._sessions.flush_soon()
