"""The words of a text, as they are searched for: without case and accents, in all scripts.

A text becomes pieces. Most are words, as between spaces and punctuation. Scripts that put no space
between words (Chinese, Japanese, Korean, Thai, ...) make a piece of each run of theirs, in which
any part can be found.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

_RUN: Final = "\ue000"
"""What stands before each character of a run while a text is taken apart: no letter, never kept."""
_SEPARATED: Final = re.compile(r"[a-z0-9_]+")
_VOICED: Final = "\u3099\u309a"
"""The marks that make another sound of a kana: no accents."""
_SPACELESS: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3130, 0x318F),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""First and last characters of scripts without spaces between words."""


class Piece(NamedTuple):
    """A word, or a run of a script without spaces."""

    text: str
    is_run: bool = False


class _Table(dict[int, str]):
    """Say what becomes of each character, as `str.translate` asks; known ones are remembered."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character) == "Cf":
            # What nobody sees, such as a soft hyphen, parts no word.
            made = ""
        elif any(first <= code <= last for first, last in _SPACELESS) and _is_part(character):
            made = _RUN + character
        else:
            made = character if _is_part(character) else " "
        self[code] = made
        return made


def _is_part(character: str) -> bool:
    """Say whether a character is part of a word: a letter, a digit, or what belongs to one."""
    return character == "_" or character.isalnum() or unicodedata.category(character)[0] == "M"


_table: Final = _Table()


def folded(text: str) -> str:
    """Return a text without case and accents, the same for all ways to write the same."""
    if text.isascii():
        return text.lower()
    open_up = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(each for each in open_up if not unicodedata.combining(each) or each in _VOICED)
    return unicodedata.normalize("NFC", plain)


def pieces(text: str) -> list[Piece]:
    """Return the pieces of a text in order; the time it takes grows with the text's length only."""
    plain = folded(text)
    if plain.isascii():
        return [Piece(word) for word in _SEPARATED.findall(plain)]
    found: list[Piece] = []
    for part in plain.translate(_table).split():
        # Alternating: what stands before a run, the run with its marks, and so on.
        for piece in re.split(f"((?:{_RUN}.)+)", part):
            if piece:
                is_run = piece[0] == _RUN
                found.append(Piece(piece[1::2] if is_run else piece, is_run))
    return found
