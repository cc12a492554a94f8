"""How safe text looks on a terminal: roles and styles in prompt_toolkit's terms."""

from __future__ import annotations

from typing import Final

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style as Sheet

from hubbub.client.transcript import Fragment, Line, Role
from hubbub.irc.text import Style

SHEET: Final = Sheet.from_dict(
    {
        "time": "ansibrightblack",
        "notice": "ansibrightblack",
        "own": "bold",
        "mention": "bold",
        "rule": "ansibrightblack",
        "error": "ansired",
        "pending": "ansibrightblack italic",
        "status": "reverse",
        "prompt": "bold",
    }
)
_ANSI: Final = {
    "white": "ansiwhite",
    "black": "ansiblack",
    "blue": "ansiblue",
    "green": "ansigreen",
    "red": "ansibrightred",
    "brown": "ansired",
    "magenta": "ansimagenta",
    "orange": "ansiyellow",
    "yellow": "ansibrightyellow",
    "lightgreen": "ansibrightgreen",
    "cyan": "ansicyan",
    "lightcyan": "ansibrightcyan",
    "lightblue": "ansibrightblue",
    "pink": "ansibrightmagenta",
    "grey": "ansibrightblack",
    "lightgrey": "ansigray",
}
# Alone they are invisible on a ground of the same colour, which nobody can know here.
_GROUNDS: Final = ("white", "black", "#ffffff", "#000000")


def fragments(line: Line) -> StyleAndTextTuples:
    """Return a line as prompt_toolkit prints it, with its end."""
    return [*((look(fragment), fragment.text) for fragment in line), ("", "\n")]


def look(fragment: Fragment) -> str:
    """Return the style of a fragment: its role's, then its writer's."""
    words = [] if fragment.role in (Role.TEXT, Role.NICK) else [f"class:{fragment.role.value}"]
    return " ".join((*words, *_words(fragment.style)))


def _words(style: Style) -> list[str]:
    words = [
        name
        for name, wanted in (
            ("bold", style.bold),
            ("italic", style.italic),
            ("underline", style.underline),
            ("strike", style.strike),
            ("reverse", style.reverse),
        )
        if wanted
    ]
    if style.foreground and (style.background or style.foreground not in _GROUNDS):
        words.append(f"fg:{_colour(style.foreground)}")
    if style.background:
        words.append(f"bg:{_colour(style.background)}")
    return words


def _colour(colour: str) -> str:
    return _ANSI.get(colour, colour)
