"""How safe text looks on a terminal: roles and styles as SGR sequences (ECMA-48, 8.3.117)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final

from hubbub.client.timeline.transcript import Fragment, Line, Role
from hubbub.client.timeline.wrapping import wrap
from hubbub.irc.text import NAMED_COLOURS, PLAIN, Style, visible


class Depth(IntEnum):
    """Say how many colours a terminal has; a terminal in PLAIN gets no sequences at all."""

    PLAIN = 0
    NO_COLOURS = 1
    SIXTEEN = 4
    MANY = 8
    TRUE = 24


TIME: Final = "90"
PENDING: Final = "90;3"
STATUS: Final = "7"
PROMPT: Final = "1"
_ROLES: Final = {
    Role.TIME: TIME,
    Role.NICK: "",
    Role.TEXT: "",
    Role.OWN: "1",
    Role.MENTION: "1",
    Role.NOTICE: "90",
    Role.RULE: "90",
    Role.ERROR: "31",
}
_NAMED: Final = dict(
    zip(
        NAMED_COLOURS,
        (97, 30, 34, 32, 91, 31, 35, 33, 93, 92, 36, 96, 94, 95, 90, 37),
        strict=True,
    )
)
# Alone they are invisible on a ground of the same colour, which nobody can know here.
_GROUNDS: Final = ("white", "black", "#ffffff", "#000000")
_BACKGROUND: Final = 10
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_DUMB: Final = re.compile(
    r"dumb|unknown|network|dialup|patch|switch|teletype|tty(33|37|40|43)?|lpr|su|"
)
_MONOCHROME: Final = re.compile(r"dumb|unknown|vt\d+.*|.*-m(ono)?|")
_SIXTEEN: Final = re.compile(r"linux|eterm.*|ansi.*|cygwin|.*-16color|pcansi.*")


def depth_of(environment: Mapping[str, str]) -> Depth:
    """Return how many colours a terminal says it has, from NO_COLOR, COLORTERM and TERM."""
    if environment.get("NO_COLOR"):
        return Depth.NO_COLOURS
    term = environment.get("TERM", "").lower()
    if _MONOCHROME.fullmatch(term):
        return Depth.NO_COLOURS
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Depth.TRUE
    if term.endswith("-direct"):
        return Depth.TRUE
    return Depth.SIXTEEN if _SIXTEEN.fullmatch(term) else Depth.MANY


def moves_cursor(environment: Mapping[str, str]) -> bool:
    """Say whether a terminal can move its cursor, as far as its TERM tells; new ones all can."""
    return _DUMB.fullmatch(environment.get("TERM", "").lower()) is None


def paint(line: Line, depth: Depth) -> str:
    """Return a line with its sequences, without its end."""
    if depth is Depth.PLAIN:
        return "".join(printable(fragment.text) for fragment in line)
    return "".join(styled(fragment.text, _sgr(fragment, depth), depth) for fragment in line)


def paint_rows(lines: Iterable[Line], columns: int, depth: Depth) -> str:
    """Return lines as rows of a terminal, each with its end.

    It depends on nothing else, so terminals of the same width and depth can share it. In PLAIN the
    terminal breaks long lines itself.
    """
    if depth is Depth.PLAIN:
        return "".join(f"{paint(line, depth)}\r\n" for line in lines)
    return "".join(f"{paint(row, depth)}\r\n" for line in lines for row in wrap(line, columns))


def styled(text: str, sgr: str, depth: Depth) -> str:
    """Return a text between the sequence for its attributes and the one that ends them."""
    if depth is Depth.NO_COLOURS:
        sgr = ";".join(each for each in sgr.split(";") if len(each) == 1)
    if not sgr or depth is Depth.PLAIN or not text:
        return printable(text)
    return f"\x1b[{sgr}m{printable(text)}\x1b[m"


def printable(text: str) -> str:
    """Return a safe text as it is, and any other made safe: the last door before the terminal."""
    return visible(text) if _CONTROL.search(text) else text


def _sgr(fragment: Fragment, depth: Depth) -> str:
    """Return the attributes of a fragment: its role's, then its writer's."""
    role = _ROLES[fragment.role]
    if fragment.style is PLAIN:
        return role
    written = _style(fragment.style, depth)
    return f"{role};{written}" if role and written else role or written


@lru_cache(maxsize=1024)
def _style(style: Style, depth: Depth) -> str:
    codes = [
        code
        for code, wanted in (
            ("1", style.bold),
            ("3", style.italic),
            ("4", style.underline),
            ("9", style.strike),
            ("7", style.reverse),
        )
        if wanted
    ]
    if style.foreground and (style.background or style.foreground not in _GROUNDS):
        codes.append(_colour(style.foreground, depth))
    if style.background:
        codes.append(_colour(style.background, depth, _BACKGROUND))
    return ";".join(code for code in codes if code)


def _colour(colour: str, depth: Depth, shift: int = 0) -> str:
    """Return a colour's code; `shift` makes it the background's."""
    if depth < Depth.SIXTEEN:
        return ""
    if colour in _NAMED:
        return str(_NAMED[colour] + shift)
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    if depth is Depth.TRUE:
        return f"{38 + shift};2;{red};{green};{blue}"
    if depth is Depth.MANY:
        return f"{38 + shift};5;{_nearest((red, green, blue), _MANY)}"
    return str(_nearest((red, green, blue), _FEW) + shift)


_Colour = tuple[int, int, int]
_STEPS: Final = (0, 95, 135, 175, 215, 255)
# The first sixteen are left out: everybody sets them to other colours.
_MANY: Final[dict[int, _Colour]] = {
    **{
        16 + 36 * red + 6 * green + blue: (_STEPS[red], _STEPS[green], _STEPS[blue])
        for red in range(6)
        for green in range(6)
        for blue in range(6)
    },
    **{232 + step: (8 + 10 * step,) * 3 for step in range(24)},
}
# Black and white are left out, for one of them is the ground.
_FEW: Final[dict[int, _Colour]] = {
    31: (205, 0, 0), 32: (0, 205, 0), 33: (205, 205, 0), 34: (0, 0, 238), 35: (205, 0, 205),
    36: (0, 205, 205), 90: (127, 127, 127), 91: (255, 0, 0), 92: (0, 255, 0), 93: (255, 255, 0),
    94: (92, 92, 255), 95: (255, 0, 255), 96: (0, 255, 255),
}  # fmt: skip


def _nearest(colour: _Colour, palette: Mapping[int, _Colour]) -> int:
    """Return the number of the colour that is closest."""
    return min(
        palette,
        key=lambda number: sum((a - b) ** 2 for a, b in zip(colour, palette[number], strict=True)),
    )
