"""What people typed, made safe to show: formatting codes parsed, everything else made visible.

No character that comes out of here moves a cursor, changes the direction of text, or hides. C0 and
DEL become control pictures (U+2400 and on); C1, bidi controls, invisible and tag characters become
`<U+202E>`. Joiners and variation selectors stay only where they form an emoji or a script needs
them, and no character carries more than MARKS combining marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

MARKS: Final = 5
"""The most combining marks on one character; written languages need up to four."""

BOLD: Final = "\x02"
COLOUR: Final = "\x03"
HEX_COLOUR: Final = "\x04"
RESET: Final = "\x0f"
MONOSPACE: Final = "\x11"
REVERSE: Final = "\x16"
ITALIC: Final = "\x1d"
STRIKE: Final = "\x1e"
UNDERLINE: Final = "\x1f"

_TOGGLES: Final = {
    BOLD: "bold",
    ITALIC: "italic",
    UNDERLINE: "underline",
    STRIKE: "strike",
    MONOSPACE: "monospace",
    REVERSE: "reverse",
}

NAMED_COLOURS: Final = (
    *("white", "black", "blue", "green", "red", "brown", "magenta", "orange"),
    *("yellow", "lightgreen", "cyan", "lightcyan", "lightblue", "pink", "grey", "lightgrey"),
)
"""Colours 0 to 15, which every terminal shows in its own way."""
# Colours 16 to 98 as every client shows them (Modern IRC Formatting, Colors 16-98).
_EXTENDED: Final = (
    "470000 472100 474700 324700 004700 00472c 004747 002747 000047 2e0047 470047 47002a "
    "740000 743a00 747400 517400 007400 007449 007474 004074 000074 4b0074 740074 740045 "
    "b50000 b56300 b5b500 7db500 00b500 00b571 00b5b5 0063b5 0000b5 7500b5 b500b5 b5006b "
    "ff0000 ff8c00 ffff00 b2ff00 00ff00 00ffa0 00ffff 008cff 0000ff a500ff ff00ff ff0098 "
    "ff5959 ffb459 ffff71 cfff60 6fff6f 65ffc9 6dffff 59b4ff 5959ff c459ff ff66ff ff59bc "
    "ff9c9c ffd39c ffff9c e2ff9c 9cff9c 9cffdb 9cffff 9cd3ff 9c9cff dc9cff ff9cff ff94d3 "
    "000000 131313 282828 363636 4d4d4d 656565 818181 9f9f9f bcbcbc e2e2e2 ffffff"
)
_COLOURS: Final = (
    *NAMED_COLOURS,
    *(f"#{_EXTENDED[start : start + 6]}" for start in range(0, len(_EXTENDED), 7)),
)

_FORMATTING = re.compile(
    "([\x02\x0f\x11\x16\x1d-\x1f])"
    r"|\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?"
    r"|\x04(?:([0-9A-Fa-f]{6})(?:,([0-9A-Fa-f]{6}))?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Style:
    """Say how a span looks. A colour is a name of NAMED_COLOURS, `#rrggbb`, or "" for none."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    monospace: bool = False
    reverse: bool = False
    foreground: str = ""
    background: str = ""


PLAIN: Final = Style()


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a piece of safe text that has one style."""

    text: str
    style: Style = PLAIN


def spans(text: str) -> tuple[Span, ...]:
    """Return a line with its formatting codes parsed and everything else made visible."""
    if text.isascii() and text.isprintable():
        return (Span(text),) if text else ()
    pieces: list[tuple[str, Style]] = []
    style, start = PLAIN, 0
    for code in _FORMATTING.finditer(text):
        pieces.append((text[start : code.start()], style))
        style = _restyled(style, code)
        start = code.end()
    pieces.append((text[start:], style))
    return tuple(_made_visible(pieces))


def plain(text: str) -> str:
    """Return a line without its formatting codes, everything else made visible."""
    return "".join(span.text for span in spans(text))


def visible(text: str) -> str:
    """Return a text with every control character, formatting codes too, made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_characters(text))


def is_safe(text: str) -> bool:
    """Say whether a text can be shown as it is: `visible` would change nothing."""
    return visible(text) == text


def _made_visible(pieces: list[tuple[str, Style]]) -> Iterator[Span]:
    # Neighbours are judged across codes: a code between a base and its marks hides nothing.
    characters = _characters("".join(piece for piece, _ in pieces))
    for piece, style in pieces:
        text = "".join(next(characters) for _ in piece)
        if text:
            yield Span(text, style)


def _restyled(style: Style, code: re.Match[str]) -> Style:
    toggle = code[1]
    if toggle == RESET:
        return PLAIN
    if toggle:
        name = _TOGGLES[toggle]
        change: dict[str, Any] = {name: not getattr(style, name)}
        return replace(style, **change)
    # A colour without a second one leaves the ground as it was; a code without any ends both.
    if code[2]:
        foreground = _palette(code[2])
        background = _palette(code[3]) if code[3] else style.background
    elif code[4]:
        foreground = f"#{code[4].lower()}"
        background = f"#{code[5].lower()}" if code[5] else style.background
    else:
        foreground = background = ""
    if foreground == background:
        # Text in the colour of its ground would be hidden.
        foreground = background = ""
    return replace(style, foreground=foreground, background=background)


def _palette(number: str) -> str:
    return _COLOURS[int(number)] if int(number) < len(_COLOURS) else ""


_SUSPECT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe"
    "\uffff\U000e0000-\U000e0fff]"
)
"""What may have to be shown otherwise, besides combining marks."""
_NONCHARACTERS: Final = 0xFFFE
_JOINERS: Final = "\u200c\u200d"
_EMOJI_SELECTORS: Final = "\ufe0e\ufe0f"
_KEYCAP: Final = "\u20e3"
_KEYCAP_BASES: Final = "0123456789#*"
_MARK_CATEGORIES: Final = ("Mn", "Me")
_JOINED_CATEGORIES: Final = ("Lo", "Mn", "Mc", "So", "Sm", "Sk")


def _characters(text: str) -> Iterator[str]:
    """Yield what is shown for each character, "" for a mark counted elsewhere."""
    marks = 0
    last = len(text) - 1
    # What is shown decides what may stand beside it, not what it is shown for.
    before = ""
    for position, character in enumerate(text):
        after = text[position + 1] if position < last else ""
        if character.isascii():
            marks = 0
            shown = character if character.isprintable() else _picture(character)
        elif _is_hidden(character, before, after):
            # What follows stands on the visible symbol.
            marks = 0
            shown = f"<U+{ord(character):04X}>"
        elif unicodedata.category(character) in _MARK_CATEGORIES:
            marks += 1
            shown = _mark(character, before, marks)
        else:
            marks = 0
            shown = character
        yield shown
        before = shown[-1:] or before


def _mark(character: str, before: str, marks: int) -> str:
    if marks > MARKS:
        # One sign for all that are left out, however many there are.
        return "<+marks>" if marks == MARKS + 1 else ""
    # Without a base of its own, a mark would change what is drawn before the text.
    return character if before and before != " " else f"\u25cc{character}"


def _picture(character: str) -> str:
    return "\u2421" if character == "\x7f" else chr(0x2400 + ord(character))


def _is_hidden(character: str, before: str, after: str) -> bool:
    if _SUSPECT.match(character) is None:
        return ord(character) & 0xFFFF >= _NONCHARACTERS
    if character in _JOINERS:
        return not (_may_join(before) and after not in _EMOJI_SELECTORS and _may_join(after))
    if character in _EMOJI_SELECTORS:
        return not _selectable(before, after)
    return not "\u0300" <= character <= "\u036f" or character == "\u034f"


def _may_join(neighbour: str) -> bool:
    """Say whether a joiner may stand beside this: emoji, and scripts whose letters join."""
    if not neighbour or neighbour.isascii():
        return False
    if neighbour in _EMOJI_SELECTORS:
        return True
    return (
        unicodedata.category(neighbour) in _JOINED_CATEGORIES and _SUSPECT.match(neighbour) is None
    )


def _selectable(before: str, after: str) -> bool:
    """Say whether an emoji's variation selector may follow this."""
    if not before:
        return False
    if before.isascii():
        return before in _KEYCAP_BASES and after == _KEYCAP
    return unicodedata.category(before) in ("So", "Sm", "Po", "Sk") or before in "\u3030\u303d"
