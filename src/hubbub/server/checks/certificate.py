"""A certificate against the date, and against the name of the server that shows it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning

SOON_SECONDS: Final = 14 * 86_400
"""How long before its end a certificate had better be renewed: who fetches one does so a month
before, so that by then something has failed."""
_SUBJECT: Final = "certificate"
_RENEW: Final = "renew it and put the files in their place: the server takes them up by itself"
_SHOWN: Final = 5


class Problem(Enum):
    """Name what may be wrong with a certificate, as metrics do."""

    EXPIRED = "expired"
    ENDS_SOON = "ends_soon"
    NOT_YET = "not_yet"
    OTHER_NAME = "other_name"


@dataclass(frozen=True, slots=True)
class Validity:
    """Say for which names and addresses a certificate is, and from when until when.

    Times are in seconds since 1970. One that signs itself clients know by its fingerprint: it is
    `pinned`, and no name in it counts.
    """

    names: tuple[str, ...]
    begins: float
    ends: float
    pinned: bool = False


def read_validity(certificate: Path) -> Validity:
    """Return that of the first certificate in a PEM file. Raise OSError or ValueError."""
    # Imported here, for its library takes longer to load than most of a start.
    from hubbub.server.checks.x509 import facts_of

    return Validity(*facts_of(certificate.read_bytes()))


def problems_of(found: Validity, name: str, now: float) -> list[Problem]:
    """Return what is wrong with a certificate, shown by a server that is called `name`."""
    problems = []
    if found.ends <= now:
        problems.append(Problem.EXPIRED)
    elif found.begins > now:
        problems.append(Problem.NOT_YET)
    elif found.ends - now < SOON_SECONDS:
        problems.append(Problem.ENDS_SOON)
    if not found.pinned and not any(_matches(each, name) for each in found.names):
        problems.append(Problem.OTHER_NAME)
    return problems


def check_validity(found: Validity, name: str, now: float) -> list[Finding]:
    """Look at a certificate; one finding where all is well, else one for each thing wrong."""
    problems = problems_of(found, name, now)
    if problems:
        return [_finding(each, found, name, now) for each in problems]
    whose = "signs itself" if found.pinned else f"for {name}"
    return [ok(_SUBJECT, f"{whose}, until {_day(found.ends)}, in {_days(found.ends - now)}")]


def unreadable(certificate: Path, why: str) -> Finding:
    """Return that nothing can be said of a certificate."""
    return warning(_SUBJECT, f"{certificate} cannot be read: {why}", "mend or restore it")


def _finding(problem: Problem, found: Validity, name: str, now: float) -> Finding:
    left = found.ends - now
    match problem:
        case Problem.EXPIRED:
            what = f"it has EXPIRED on {_day(found.ends)}, {_days(-left)} ago: clients refuse it"
            return warning(_SUBJECT, what, _RENEW)
        case Problem.NOT_YET:
            what = f"it is valid from {_day(found.begins)} on only: clients refuse it until then"
            return warning(_SUBJECT, what, "set the machine's clock, or take another certificate")
        case Problem.ENDS_SOON:
            return warning(_SUBJECT, f"it ends on {_day(found.ends)}, in {_days(left)}", _RENEW)
        case Problem.OTHER_NAME:
            what = (
                f"it is for {_listed(found.names)}, and the server is called {name}: clients that "
                "come by that name refuse it"
            )
            return warning(_SUBJECT, what, f"get one for {name}, or set name to what it is for")


def _matches(pattern: str, name: str) -> bool:
    """Say whether a name in a certificate covers another (RFC 6125 6.4)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if _is_address(pattern) or _is_address(name):
        return pattern == name
    first, _, rest = pattern.partition(".")
    # A wildcard stands for one label, and for a whole one.
    return pattern == name or (first == "*" and bool(rest) and name.partition(".")[2] == rest)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN]) or "no name"
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _days(seconds: float) -> str:
    days = int(seconds // 86_400)
    return f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
