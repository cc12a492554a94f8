"""What a service can be asked: its words, and the command of the table that each stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hubbub.core.deciding.context import Command, Context

Words = Sequence[str]
Translate = Callable[[Context, Words], Words | str]
"""From the words behind the first to the command's parameters, or to why there are none: a text."""


def unchanged(ctx: Context, words: Words) -> Words:
    """Return the parameters of a command that takes the same words."""
    return words


def after(*first: str) -> Translate:
    """Return the translation that puts words before those that were given."""
    return lambda ctx, words: (*first, *words)


@dataclass(frozen=True, slots=True)
class Face:
    """Describe a word of a service: which command it stands for, and what HELP says of it.

    Where `syntax` or `summary` are "", the command's own hold; `minimum` counts the words that it
    takes behind it.
    """

    word: str
    command: str
    translate: Translate = unchanged
    syntax: str = ""
    summary: str = ""
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """Join what a service can be asked to the command that carries it out."""

    face: Face
    command: Command

    @property
    def usage(self) -> str:
        """Return the word with what can follow it."""
        face = self.face
        # One with a purpose of its own takes no more than it says.
        syntax = face.syntax if face.summary else face.syntax or self.command.syntax
        return f"{face.word} {syntax}".rstrip()

    @property
    def purpose(self) -> str:
        """Return what it is there to do."""
        return self.face.summary or self.command.summary

    def is_for(self, ctx: Context) -> bool:
        """Say whether the one who asks may use it at all."""
        privilege = self.command.privilege
        return not privilege or ctx.user.holds(privilege)
