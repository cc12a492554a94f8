"""Mode letters: what each takes, parsed and formatted (Modern IRC, MODE message)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PREFIXES: Final = {"q": "~", "a": "&", "o": "@", "h": "%", "v": "+"}
"""Status modes and their prefixes, highest first."""
RANKS: Final = {letter: len(PREFIXES) - place for place, letter in enumerate(PREFIXES)}
"""How high a status is: 5 for a founder, 4 protected, 3 operator, 2 half-operator, 1 for voice."""
FOUNDER: Final = RANKS["q"]
PROTECTED: Final = RANKS["a"]
OPERATOR: Final = RANKS["o"]
HALF_OPERATOR: Final = RANKS["h"]
STATUS_PREFIXES: Final = "".join(PREFIXES.values())
LISTS: Final = "beI"
KEY: Final = "k"
LIMIT: Final = "l"
FORWARD: Final = "f"
JOIN_RATE: Final = "j"
SPEECH_RATE: Final = "d"
SETTINGS: Final = f"{LIMIT}{FORWARD}{JOIN_RATE}{SPEECH_RATE}"
"""Modes that have an argument when they are set, and none when they are unset."""
FLAGS: Final = "CMRTUimnst"
USER_MODES: Final = "Biow"
CHANMODES: Final = f"{LISTS},{KEY},{SETTINGS},{FLAGS}"
CHANNEL_LETTERS: Final = "".join(sorted(f"{LISTS}{KEY}{SETTINGS}{FLAGS}{''.join(PREFIXES)}"))
LETTERS_WITH_PARAMETER: Final = "".join(sorted(f"{LISTS}{KEY}{SETTINGS}{''.join(PREFIXES)}"))
MODES_PER_COMMAND: Final = 12

CHANNEL_MEANINGS: Final = {
    "b": "who matches the mask can neither join nor speak (without voice)",
    "e": "who matches the mask is excepted from bans",
    "I": "who matches the mask may join in spite of +i",
    "k": "joining needs this key",
    "l": "joining needs fewer members than this number",
    "f": "who may not join is taken to this channel instead (but not for a wrong key)",
    "j": "no more than that many join in so many seconds",
    "d": "a member without a status says no more than that many lines in so many seconds",
    "C": "no CTCP may be sent but ACTION (`/me`)",
    "M": "speaking needs an account, or voice",
    "R": "joining needs an account",
    "T": "no NOTICE may be sent by those without a status",
    "U": "what members without a status say is heard by half-operators and above, and not kept",
    "i": "joining needs an invitation",
    "m": "speaking needs voice",
    "n": "speaking needs membership",
    "s": "the channel is shown to its members only",
    "t": "setting the topic needs half-operator",
    "q": "is founder: may do everything in the channel",
    "a": "is protected: an operator whom only a founder can kick",
    "o": "is channel operator",
    "h": "is half-operator: like an operator, but cannot make or unmake either",
    "v": "has voice",
}
ARGUMENTS: Final = {
    "k": "key",
    "l": "number",
    "f": "#channel",
    "j": "joins:seconds",
    "d": "lines:seconds",
}
"""What the argument of a mode is called."""
USER_MEANINGS: Final = {
    "B": "is a bot",
    "i": "is shown in lists only to those in a common channel",
    "o": "is a server operator (given by OPER)",
    "w": "gets WALLOPS",
}


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one change: "+" or "-", the letter, and its argument ("" without one)."""

    sign: str
    letter: str
    argument: str = ""


def takes_argument(sign: str, letter: str) -> bool:
    """Say whether a channel mode has an argument when it is set or unset."""
    if sign == "+" and letter in SETTINGS:
        return True
    return letter in PREFIXES or letter in LISTS or letter == KEY


def parse(words: Sequence[str]) -> list[Change]:
    """Read a channel's mode string and its arguments.

    A letter whose argument is missing has ""; unknown letters are returned like any other.
    """
    arguments = list(words[1:])
    changes: list[Change] = []
    sign = "+"
    for letter in words[0] if words else "":
        if letter in "+-":
            sign = letter
        else:
            argument = arguments.pop(0) if arguments and takes_argument(sign, letter) else ""
            changes.append(Change(sign, letter, argument))
    return changes


def format_changes(changes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return ("+ov-i", "nick", "nick") for (("+o", "nick"), ("+v", "nick"), ("-i", ""))."""
    letters: list[str] = []
    arguments: list[str] = []
    last = ""
    for mode, argument in changes:
        sign, letter = mode[0], mode[1]
        if sign != last:
            letters.append(sign)
            last = sign
        letters.append(letter)
        if argument:
            arguments.append(argument)
    return ("".join(letters), *arguments)
