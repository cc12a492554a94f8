"""The Client-To-Client Protocol inside messages: what a program asks, beside what a person says."""

from __future__ import annotations

from typing import Final

CTCP: Final = "\x01"
_ACTION: Final = "\x01ACTION "


def is_ctcp(text: str) -> bool:
    """Say whether a line of a text is or holds a CTCP message other than ACTION.

    `text` joins lines as Body.text does. Some programs look for requests anywhere in a line.
    """
    if CTCP not in text:
        return False
    return any(CTCP in _without_action(line) for line in text.replace("\r", "\n").split("\n"))


def _without_action(line: str) -> str:
    return line[len(_ACTION) :].removesuffix(CTCP) if line.startswith(_ACTION) else line
