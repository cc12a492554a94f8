"""The server's name in DNS, against the addresses of this machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning
from hubbub.settings import Settings

_SUBJECT: Final = "name"
Resolve = Callable[[str], list[str]]
"""Return the addresses of a name. Raise OSError where it has none."""


def resolved(name: str) -> list[str]:
    """Return the addresses that a name has, as this machine is told. Raise OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_here(address: str) -> bool:
    """Say whether an address is one of this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def check_name(settings: Settings, resolve: Resolve = resolved) -> list[Finding]:
    """Look where the name leads; nothing is to be said of a server for this machine only."""
    name, doors = settings.name, settings.doors
    if all(each.is_loopback for each in (*doors.tls, *doors.ssh, *doors.wss)):
        return [ok(_SUBJECT, f"{name}; no other machine reaches the doors")]
    try:
        addresses = resolve(name)
    except OSError as failed:
        what = f"{name} has no address in DNS: {failed.strerror or failed}"
        return [warning(_SUBJECT, what, "give it an A and AAAA record, or set name")]
    elsewhere = [each for each in addresses if not is_here(each)]
    if not elsewhere:
        return [ok(_SUBJECT, f"{name} is {', '.join(addresses)}, here")]
    return [
        warning(
            _SUBJECT,
            f"{name} is {', '.join(elsewhere)} in DNS, which is no address of this machine",
            "that is right behind a balancer or with an address that the cloud translates (an "
            "Elastic IP); else mend the record",
        )
    ]
