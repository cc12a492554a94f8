"""What a check found, how grave it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """Say how grave a finding is; the greater, the graver."""

    OK = 0
    WARNING = 1
    """Somebody had better look at it; the server runs all the same."""
    ERROR = 2
    """The server does not start with it, or does not serve."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one thing that was looked at: `what` is so, and how to `mend` it where it is wrong.

    `passes` says of an error that it may be over by itself, as when a port is still in use.
    """

    subject: str
    level: Level
    what: str
    mend: str = ""
    passes: bool = False

    @property
    def sentence(self) -> str:
        """Return what is so and what to do about it."""
        return f"{self.what}; {self.mend}" if self.mend else self.what

    def as_object(self) -> dict[str, str]:
        """Return it for a program."""
        return {
            "subject": self.subject,
            "level": self.level.name.lower(),
            "what": self.what,
            "mend": self.mend,
        }


def ok(subject: str, what: str) -> Finding:
    """Return that all is well."""
    return Finding(subject, Level.OK, what)


def warning(subject: str, what: str, mend: str) -> Finding:
    """Return what somebody had better look at."""
    return Finding(subject, Level.WARNING, what, mend)


def error(subject: str, what: str, mend: str, passes: bool = False) -> Finding:
    """Return what keeps a server from starting or serving."""
    return Finding(subject, Level.ERROR, what, mend, passes)


def worst(findings: Iterable[Finding]) -> Level:
    """Return how grave the gravest is."""
    return max((each.level for each in findings), default=Level.OK)


def by_subject(findings: Iterable[Finding]) -> dict[str, str]:
    """Return the sentences of each subject, in one line."""
    told: dict[str, list[str]] = {}
    for each in findings:
        told.setdefault(each.subject, []).append(each.sentence)
    return {subject: ". ".join(sentences) for subject, sentences in told.items()}


_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def amount(size: float) -> str:
    """Return a number of bytes for people, such as `3.2 GB` (1000 to each step)."""
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
