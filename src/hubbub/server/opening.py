"""Doors are opened, or the operator is told which cannot be, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import replace

from hubbub.server.data_directory import PASSING
from hubbub.settings import Address, NotNow, SettingsError
from hubbub.transport.errors import ListenError


def open_all(
    kind: str, addresses: Sequence[Address], listen: Callable[[str, int], int]
) -> list[tuple[str, Address]]:
    """Open the doors of one kind; return the kind and address of each. Raise SettingsError."""
    opened = []
    for address in addresses:
        try:
            port = listen(address.host, address.port)
        except ListenError as error:
            if address.optional and error.absent:
                continue
            # The one before may still be there, and the network of a booting machine not yet.
            passes = error.in_use or error.absent or error.code in PASSING
            raise (NotNow if passes else SettingsError)(
                f"doors.{kind} {address}: {error}; {_mend(kind, address, error)}"
            ) from None
        opened.append((kind, replace(address, port=port)))
    return opened


def _mend(kind: str, address: Address, error: ListenError) -> str:
    """Say what to do where a door cannot be opened."""
    plain = "IP_ADDRESS, " if kind == "tls" else ""
    where = f"({plain}HUBBUB_DOORS__{kind.upper()}, or [doors] in the settings)"
    if error.code == errno.EADDRNOTAVAIL:
        everywhere = "[::]" if ":" in address.host else "0.0.0.0"  # noqa: S104 - advice
        return (
            f"this machine has no such address. Use {everywhere} {where}: an Elastic IP and "
            "the like is the cloud's, which passes on to this machine what arrives there"
        )
    other = f"set another address or port {where}"
    return f"stop what listens there, or {other}" if error.in_use else other
