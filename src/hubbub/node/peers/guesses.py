"""Guesses and registrations at one node, counted at all: N nodes give no more than one does.

Each node lets guesses take their turns in allowances of its own (hubbub.node.auth.login_delays),
and fills those of the others by what it takes and gives back. What is lost on the way is counted at
one node only; who guesses at all nodes within a few milliseconds may have that many guesses more,
once. Digests of wrong passwords stay where they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hubbub.node.auth.login_delays import Guess, LoginDelays, Throttled, Turn
from hubbub.node.peers.payloads import packed, unpacked
from hubbub.node.peers.signals import Signals

KIND: Final = "guess"


class SharedDelays:
    """Be the delays of one node, told to the others, and filled by what they tell."""

    def __init__(
        self,
        delays: LoginDelays,
        signals: Signals,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Share `delays`; `clock` shows the loop's time."""
        self._delays = delays
        self._signals = signals
        self._clock = clock or asyncio.get_running_loop().time
        signals.take(KIND, self._came)

    def take(self, guess: Guess, now: float) -> Turn | Throttled:
        """Count a guess, before it is checked, and say when it may be."""
        turn = self._delays.take(guess, now)
        if isinstance(turn, Turn) and turn.taken:
            self._tell("taken", guess)
        return turn

    def give_back(self, turn: Turn, now: float) -> None:
        """Take back what a guess has used: it was not checked after all."""
        self._delays.give_back(turn, now)
        self._tell("back", turn.guess)

    def right(self, turn: Turn, now: float) -> None:
        """Learn that a guess was right."""
        self._delays.right(turn, now)
        self._tell("right", turn.guess)

    def wrong(self, turn: Turn, now: float) -> float:
        """Learn that a guess was wrong; return for how long the next one has to wait."""
        return self._delays.wrong(turn, now)

    def logged_in(self, address: str, account: str) -> None:
        """Learn that an account has logged in from an address, by whatever means."""
        self._delays.logged_in(address, account)
        self._tell("known", Guess(address, account))

    def takes_codes(self, guess: Guess, now: float) -> bool:
        """Say whether an account takes one-time passwords from an address now."""
        return self._delays.takes_codes(guess, now)

    def code_failed(self, guess: Guess, now: float) -> None:
        """Count a one-time password that was wrong while all else was right."""
        self._delays.code_failed(guess, now)
        self._tell("code-wrong", guess)

    def code_right(self, guess: Guess) -> None:
        """Forget the wrong one-time passwords of an account."""
        self._delays.code_right(guess)
        self._tell("code-right", guess)

    def may_register(self, address: str, now: float) -> bool:
        """Count a registration from an address, and say whether it may have one more; "" always."""
        may = self._delays.may_register(address, now)
        if address and may:
            self._tell("registered", Guess(address, ""))
        return may

    def _tell(self, what: str, guess: Guess) -> None:
        values = (what, guess.address, guess.account, guess.many, guess.public)
        self._signals.send(KIND, packed(*values))

    def _came(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (str, str, str, bool, bool))
        if values is None:
            return
        what, address, account, many, public = values
        guess = Guess(str(address), str(account), bool(many), bool(public))
        now, delays = self._clock(), self._delays
        match what:
            case "taken":
                delays.count(guess, now)
            case "back":
                delays.give_back(delays.counted(guess, now), now)
            case "right":
                delays.right(delays.counted(guess, now), now)
            case "known":
                delays.logged_in(guess.address, guess.account)
            case "code-wrong":
                delays.code_failed(guess, now)
            case "code-right":
                delays.code_right(guess)
            case "registered":
                delays.may_register(guess.address, now)
