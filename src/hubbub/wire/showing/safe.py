"""What a peer sends, made safe to show: no control character, and no more than fits."""

from __future__ import annotations

from typing import Final

from hubbub.irc.text import visible
from hubbub.wire.seen import Details, Fact

CHARACTERS: Final = 600
"""How much of one text is shown; of what is longer it is said how much more there is."""
NAMES: Final = 100
"""How many names of a list are shown."""


DETAILS: Final = 200
"""How many details of one thing are shown."""


def safe(text: str) -> str:
    """Return a text that controls no terminal, cut where it is too long."""
    shown = visible(text[:CHARACTERS])
    more = len(text) - CHARACTERS
    return f"{shown} ... and {more} characters more" if more > 0 else shown


def safe_fact(fact: Fact) -> Fact:
    """Return a detail's value, each text in it made safe."""
    if isinstance(fact, tuple):
        more = len(fact) - NAMES
        shown = tuple(safe(name) for name in fact[:NAMES])
        return (*shown, f"... and {more} more") if more > 0 else shown
    return safe(fact) if isinstance(fact, str) else fact


def safe_details(details: Details) -> Details:
    """Return details made safe, names and values; of too many it is said how many more."""
    shown = tuple((safe(name), safe_fact(fact)) for name, fact in details[:DETAILS])
    more = len(details) - DETAILS
    return (*shown, ("more details", more)) if more > 0 else shown
