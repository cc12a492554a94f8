"""Who listens at an address of this machine, as far as this user may see (proc(5))."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_LISTENS: Final = "0A"
"""TCP_LISTEN, as /proc/net/tcp writes it."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Name a process that listens."""

    pid: int
    name: str


def listener_at(host: str, port: int) -> Listening | None:
    """Return a process that listens where this address is taken, None where none can be seen."""
    inodes = set(_inodes(host, port))
    if not inodes:
        return None
    for process in _PROC.iterdir():
        if process.name.isdecimal() and not inodes.isdisjoint(_sockets(process)):
            return Listening(int(process.name), _name(process))
    return None


def _inodes(host: str, port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen at an address, or at all of them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    everywhere = bytes(16 if family == socket.AF_INET6 else 4)
    wanted = socket.inet_pton(family, host)
    try:
        lines = (_PROC / ("net/tcp6" if family == socket.AF_INET6 else "net/tcp")).read_text()
    except OSError:
        return
    for line in lines.splitlines()[1:]:
        _, local, _, state, *rest = line.split()
        address, _, hexadecimal = local.partition(":")
        if state != _LISTENS or int(hexadecimal, 16) != port:
            continue
        here = _address(address)
        if wanted in (here, everywhere) or here == everywhere:
            yield rest[5]


def _address(written: str) -> bytes:
    """Return an address as it travels; written are words of 32 bits in this machine's order."""
    words = [written[at : at + 8] for at in range(0, len(written), 8)]
    return b"".join(bytes.fromhex(word)[::-1] for word in words)


def _sockets(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[8:-1]
    except OSError:
        # It has ended, or belongs to somebody else.
        return


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "?"
