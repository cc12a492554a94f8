"""How often a secret that can be guessed may be tried; a guess is counted before it is checked.

Each guess takes its place in up to three allowances, and what is right gives it back:

    pair       one address with one account: 4 at once, then one every 30 s
    address    one address with all accounts: 20 at once, then one every 8 s
    account    one account from all addresses: 20 at once, then one every 8 s

An address where an account has logged in before is *known* to it: there only the pair counts, and
one guess every 8 s is let through. So strangers make no owner wait who comes from where the owner
came before, and one device with an old password makes nobody else wait: one pair alone does not use
up its address. In any T seconds at most FREE + (T + LONGEST_SECONDS) / seconds are checked of each.

A wrong password that is only repeated teaches nobody anything: it is refused unchecked, after as
long as its pair has to wait anyway, and counts nothing.

Who guesses one-time passwords knows the password already: their number is small, so an account
takes fewer and fewer of them. Tokens, codes, certificates and keys are random (80 bits and more),
cannot be guessed, and never wait. All this is forgotten with the process: a restart gives each pair
its four guesses anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

PAIR_FREE: Final = 4
PAIR_SECONDS: Final = 30.0
KNOWN_SECONDS: Final = 8.0
"""The same for a pair that is known, or whose address is everybody's."""
ADDRESS_FREE: Final = 20
ADDRESS_SECONDS: Final = 8.0
ACCOUNT_FREE: Final = 20
ACCOUNT_SECONDS: Final = 8.0
LONGEST_SECONDS: Final = 180.0
"""A guess that had to wait longer behind others is refused unchecked, and not counted."""
REPEATS: Final = 4
"""How many wrong passwords of a pair are remembered, by a keyed digest."""
FREE_CODES: Final = 5
"""How many wrong one-time passwords with the right password an account takes at once."""
CODE_SECONDS: Final = 30.0
"""For how long it takes none after that; twice as long after each further one."""
MOST_CODE_SECONDS: Final = 3_600.0
FORGET_CODE_SECONDS: Final = 86_400.0
"""After how long without another one wrong one-time passwords are forgotten."""
REGISTRATIONS: Final = 20
"""How many accounts without an invite one address may make in REGISTRATION_SECONDS."""
REGISTRATION_SECONDS: Final = 3_600.0
REMEMBERED: Final = 20_000
"""How many of each are remembered; what was touched longest ago is forgotten."""
KNOWN_PLACES: Final = 8
"""At how many addresses an account is known; the one it came from longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Hold who tries what: an address, and an account or another secret that can be guessed.

    `many` is set where the address is everybody's, such as a proxy's: it has no allowance of its
    own. `public` is set where the secret is everybody's, such as the server's password: there is
    none for all addresses. `digest` tells the same password of the same secret again; b"" tells
    nothing.
    """

    address: str
    account: str
    many: bool = False
    public: bool = False
    digest: bytes = b""


@dataclass(slots=True)
class _Allowance:
    """Hold how much of an allowance is used: until when, at its pace, as if none were free."""

    until: float = 0.0
    wrong: tuple[bytes, ...] = ()

    def wait(self, free: int, seconds: float, now: float) -> float:
        """Return for how long the next guess has to wait."""
        return max(0.0, max(self.until, now) - (free - 1) * seconds - now)


_Level = tuple[OrderedDict[str, _Allowance], str, int, float]
"""Where an allowance is, its key there, how many are free, and the seconds for each one more."""


Taken = tuple[tuple[_Allowance, float], ...]
"""The allowances that a guess has used, and how many seconds of each."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold a guess that was counted at a time: it is checked after `wait` seconds.

    `repeats` says that it was wrong before: it is wrong again, was not counted, needs no check.
    """

    guess: Guess
    at: float
    wait: float
    repeats: bool = False
    taken: Taken = ()


@dataclass(frozen=True, slots=True)
class Throttled:
    """Say that a guess was not counted and is not to be checked for so many seconds."""

    seconds: float


@dataclass(slots=True)
class _Codes:
    """Hold how many codes or registrations there were, when the last, and until when to wait."""

    count: int
    last: float
    until: float = 0.0


@dataclass(slots=True)
class LoginDelays:
    """Let guesses take their turns, and remember where accounts have logged in."""

    _pairs: OrderedDict[str, _Allowance] = field(default_factory=OrderedDict)
    _addresses: OrderedDict[str, _Allowance] = field(default_factory=OrderedDict)
    _accounts: OrderedDict[str, _Allowance] = field(default_factory=OrderedDict)
    _known: OrderedDict[str, OrderedDict[str, None]] = field(default_factory=OrderedDict)
    _codes: OrderedDict[str, _Codes] = field(default_factory=OrderedDict)
    _registrations: OrderedDict[str, _Codes] = field(default_factory=OrderedDict)

    def take(self, guess: Guess, now: float) -> Turn | Throttled:
        """Count a guess, before it is checked, and say when it may be."""
        levels = self._levels(guess)
        pair = _held(levels[0])
        wait = _wait(levels, now)
        if guess.digest and guess.digest in pair.wrong:
            # It takes no turn, so the others of its pair do not wait for it.
            return Turn(guess, now, min(wait, LONGEST_SECONDS), repeats=True)
        if wait > LONGEST_SECONDS:
            return Throttled(wait)
        return Turn(guess, now, wait, taken=self.count(guess, now))

    def count(self, guess: Guess, now: float) -> Taken:
        """Count a guess that is let through, here or at another node; return what it has used."""
        taken = []
        for level in self._levels(guess):
            allowance, seconds = _held(level), level[3]
            allowance.until = max(allowance.until, now) + seconds
            taken.append((allowance, seconds))
        return tuple(taken)

    def counted(self, guess: Guess, now: float) -> Turn:
        """Return a guess that another node has let through just now, as one that was counted."""
        levels = self._levels(guess)
        return Turn(guess, now, 0.0, taken=tuple((_held(level), level[3]) for level in levels))

    def give_back(self, turn: Turn, now: float) -> None:
        """Take back what a guess has used: it was right, or was not checked after all."""
        for allowance, seconds in turn.taken:
            # What has been filled up meanwhile is not given twice.
            allowance.until -= max(0.0, seconds - (now - turn.at))

    def right(self, turn: Turn, now: float) -> None:
        """Learn that a guess was right: its pair starts afresh, and is known from here on."""
        guess = turn.guess
        self.give_back(turn, now)
        _held(self._levels(guess)[0]).until = now
        self.logged_in(guess.address, guess.account)

    def wrong(self, turn: Turn, now: float) -> float:
        """Learn that a guess was wrong; return for how long the next one has to wait."""
        levels = self._levels(turn.guess)
        pair, digest = _held(levels[0]), turn.guess.digest
        if digest and digest not in pair.wrong:
            pair.wrong = (*pair.wrong, digest)[-REPEATS:]
        return _wait(levels, now)

    def logged_in(self, address: str, account: str) -> None:
        """Learn that an account has logged in from an address, by whatever means."""
        places = self._known.pop(account, None) or OrderedDict()
        places.pop(address, None)
        places[address] = None
        if len(places) > KNOWN_PLACES:
            places.popitem(last=False)
        self._known[account] = places
        _bound(self._known)

    def _levels(self, guess: Guess) -> list[_Level]:
        """Return the allowances that a guess counts in, that of its pair first."""
        known = self._is_known(guess)
        # At an address that is everybody's, owners and strangers cannot be told apart.
        seconds = KNOWN_SECONDS if known or guess.many else PAIR_SECONDS
        levels: list[_Level] = [(self._pairs, _pair(guess), PAIR_FREE, seconds)]
        if not (known or guess.many):
            levels.append((self._addresses, guess.address, ADDRESS_FREE, ADDRESS_SECONDS))
        if not (known or guess.public):
            levels.append((self._accounts, guess.account, ACCOUNT_FREE, ACCOUNT_SECONDS))
        return levels

    def _is_known(self, guess: Guess) -> bool:
        return guess.address in self._known.get(guess.account, ())

    def takes_codes(self, guess: Guess, now: float) -> bool:
        """Say whether an account takes one-time passwords from an address now."""
        failures = self._codes.get(self._taker(guess))
        return failures is None or now >= failures.until

    def code_failed(self, guess: Guess, now: float) -> None:
        """Count a one-time password that was wrong while all else was right."""
        failures = _count(self._codes, self._taker(guess), now, FORGET_CODE_SECONDS)
        over = failures.count - FREE_CODES
        if over >= 0:
            failures.until = now + min(MOST_CODE_SECONDS, CODE_SECONDS * 2 ** min(over, 10))

    def code_right(self, guess: Guess) -> None:
        """Forget the wrong one-time passwords of an account."""
        self._codes.pop(self._taker(guess), None)

    def _taker(self, guess: Guess) -> str:
        """Return whose one-time passwords are counted together: all strangers' are one account's.

        So who has found out a password does not keep its owner from using the right code.
        """
        return _pair(guess) if self._is_known(guess) else guess.account

    def may_register(self, address: str, now: float) -> bool:
        """Count a registration from an address, and say whether it may have one more; "" always."""
        if not address:
            return True
        kept = self._registrations
        held = kept.get(address)
        if held is not None and now >= held.until:
            del kept[address]
        counted = _count(kept, address, now, REGISTRATION_SECONDS)
        if counted.count == 1:
            counted.until = now + REGISTRATION_SECONDS
        return counted.count <= REGISTRATIONS


def _pair(guess: Guess) -> str:
    return f"{guess.address} {guess.account}"


def _held(level: _Level) -> _Allowance:
    kept, key = level[:2]
    allowance = kept.get(key)
    if allowance is None:
        allowance = kept[key] = _Allowance()
        _bound(kept)
    else:
        kept.move_to_end(key)
    return allowance


def _wait(levels: list[_Level], now: float) -> float:
    return max(_held(level).wait(level[2], level[3], now) for level in levels)


def _bound(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _count(kept: OrderedDict[str, _Codes], key: str, now: float, forget: float) -> _Codes:
    failures = kept.pop(key, None)
    if failures is None or now - failures.last > forget:
        failures = _Codes(0, now)
    failures.count += 1
    failures.last = now
    kept[key] = failures
    _bound(kept)
    return failures
