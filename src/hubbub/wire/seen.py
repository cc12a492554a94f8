"""What was seen on a line: the one kind of thing that decoders make and that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MASKED: Final = "(masked)"
"""Stands in the place of a secret."""


class OnLayer(StrEnum):
    """Name the layers, from the cable up; HUBBUB is what this program has to say itself."""

    TCP = "tcp"
    TLS = "tls"
    SSH = "ssh"
    WEBSOCKET = "websocket"
    IRC = "irc"
    HUBBUB = "hubbub"


class Way(StrEnum):
    """Say which way something went, as the client sees it."""

    SENT = "sent"
    RECEIVED = "received"
    NEITHER = ""


Fact = str | int | tuple[str, ...]
"""The value of a detail: a text that may hold anything, a number, or a list of names."""
Details = tuple[tuple[str, Fact], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold one thing that happened: on which layer, which way, what, and its details in order.

    `size` counts bytes on this layer, None where there are none. `lesson` is the key of the lesson
    that explains it, where that is not `name`. Texts are as they came: whoever shows them makes
    them safe.
    """

    layer: OnLayer
    name: str
    way: Way = Way.NEITHER
    size: int | None = None
    details: Details = ()
    lesson: str = ""

    @property
    def subject(self) -> str:
        """Return the key of the lesson that explains this."""
        return f"{self.layer} {self.lesson or self.name}"


Show = Callable[[Seen], None]
"""Takes what is seen as it comes."""


def note(text: str, lesson: str = "", **details: Fact) -> Seen:
    """Return what this program itself has to say."""
    return Seen(OnLayer.HUBBUB, text, details=tuple(details.items()), lesson=lesson or "note")
