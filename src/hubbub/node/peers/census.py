"""Who is connected from a network, on all nodes: addresses are in no record and in no World.

The answers of other nodes name sessions by their numbers; an answer that does not come in time is
named as missing, and whoever asked decides without it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from hubbub.core.records.base import SessionId
from hubbub.core.world.bans import Network
from hubbub.core.world.state import User
from hubbub.node.peers.payloads import packed, unpacked
from hubbub.node.peers.signals import Signals
from hubbub.node.sessions import Sessions

ASK: Final = "census"
ANSWER: Final = "census-answer"
ANSWER_SECONDS: Final = 1.0
"""How long other nodes have to answer."""
NAMED: Final = 400
"""How many sessions a node names at most."""
ASKED: Final = 100
"""How many questions are open at most; one more is answered by what is known here."""

Then = Callable[[Sequence[User], str], None]
"""Go on with the users, and with what is not known, in a few words, "" where all is."""


@dataclass(slots=True)
class _Question:
    """Hold whose answers are missing, and whom those who answered have named."""

    then: Then
    missing: set[int]
    found: dict[User, None]
    partial: list[int] = field(default_factory=list)


class Census:
    """Ask all nodes, and answer them."""

    def __init__(self, sessions: Sessions, signals: Signals) -> None:
        """Answer from now on."""
        self._sessions = sessions
        self._signals = signals
        self._numbers = count(1)
        self._open: dict[int, _Question] = {}
        signals.take(ASK, self._asked)
        signals.take(ANSWER, self._answered)

    def ask(self, network: Network, then: Then) -> None:
        """Find who is connected from a network; go on at once where there is no other node."""
        own, world = self._sessions.own.node, self._sessions.world
        others = {number for number, node in world.nodes.items() if node.is_up and number != own}
        found = dict.fromkeys(self._sessions.roster.users_within(network))
        question = _Question(then, others, found)
        if not others or len(self._open) >= ASKED:
            _go_on(question)
            return
        number = next(self._numbers)
        self._open[number] = question
        self._signals.send(ASK, packed(number, str(network)))
        self._sessions.later(ANSWER_SECONDS, lambda: self._over(number))

    def _over(self, number: int) -> None:
        question = self._open.pop(number, None)
        if question is not None:
            _go_on(question)

    def _asked(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (int, str))
        if values is None:
            return
        number, text = values
        try:
            network = ipaddress.ip_network(str(text))
        except ValueError:
            return
        here = self._sessions.roster.within(network)
        numbers = [each.session.id.number for each in here if each.session.user is not None]
        epoch, more = self._sessions.own.epoch, len(numbers) > NAMED
        self._signals.send(ANSWER, packed(int(str(number)), node, epoch, more, numbers[:NAMED]))

    def _answered(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (int, int, int, bool, list))
        if values is None or values[1] != self._sessions.own.node:
            return
        number, _, epoch, more, numbers = values
        question = self._open.get(int(str(number)))
        if question is None or node not in question.missing or not isinstance(numbers, list):
            return
        known = self._sessions.world.sessions
        named = (known.get(SessionId(node, int(str(epoch)), each)) for each in numbers)
        question.found.update((user, None) for user in named if user is not None)
        question.missing.discard(node)
        if more:
            question.partial.append(node)
        if not question.missing:
            self._over(int(str(number)))


def _go_on(question: _Question) -> None:
    unknown = [f"node {node} did not answer" for node in sorted(question.missing)]
    unknown += [f"node {node} has more than {NAMED}" for node in question.partial]
    question.then(list(question.found), ", ".join(unknown))
