"""Mode letters: what each takes, parsed and formatted (Modern IRC, MODE message)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PREFIXES: Final = {"o": "@", "h": "%", "v": "+"}
"""Status modes and their prefixes, highest first."""
LISTS: Final = "beI"
KEY: Final = "k"
LIMIT: Final = "l"
FLAGS: Final = "imnst"
USER_MODES: Final = "Biow"
CHANMODES: Final = f"{LISTS},{KEY},{LIMIT},{FLAGS}"
CHANNEL_LETTERS: Final = "".join(sorted(f"{LISTS}{KEY}{LIMIT}{FLAGS}{''.join(PREFIXES)}"))
LETTERS_WITH_PARAMETER: Final = "".join(sorted(f"{LISTS}{KEY}{LIMIT}{''.join(PREFIXES)}"))
MODES_PER_COMMAND: Final = 12

CHANNEL_MEANINGS: Final = {
    "b": "who matches the mask can neither join nor speak (without voice)",
    "e": "who matches the mask is excepted from bans",
    "I": "who matches the mask may join in spite of +i",
    "k": "joining needs this key",
    "l": "joining needs fewer members than this number",
    "i": "joining needs an invitation",
    "m": "speaking needs voice",
    "n": "speaking needs membership",
    "s": "the channel is shown to its members only",
    "t": "setting the topic needs half-operator",
    "o": "is channel operator",
    "h": "is half-operator: like an operator, but cannot make or unmake either",
    "v": "has voice",
}
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
    return (
        letter in PREFIXES or letter in LISTS or letter == KEY or (letter == LIMIT and sign == "+")
    )


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
