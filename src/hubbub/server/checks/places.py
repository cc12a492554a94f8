"""Whether doors can be opened where the settings want them, and who is there already."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, error, ok, warning
from hubbub.server.checks.listening import listener_at
from hubbub.server.data_directory import LOCK_NAME, holder_of
from hubbub.settings import Address, Settings
from hubbub.transport.errors import ListenError
from hubbub.transport.listener import bound

KINDS: Final = ("tls", "plain", "wss", "websocket", "ssh", "health")


def doors_of(settings: Settings) -> Iterator[tuple[str, Address]]:
    """Yield the kind and the address of each door that the settings want."""
    for kind in KINDS:
        for address in getattr(settings.doors, kind):
            yield kind, address


def running_server(data_dir: Path) -> str:
    """Return the process that serves a data directory, "" where none does, "?" where unknown."""
    try:
        lock = os.open(data_dir / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        # Let go of at once: a start that meets it in this moment tries again.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return holder_of(data_dir) or "?"
    except OSError:
        return ""
    finally:
        os.close(lock)
    return ""


def check_places(settings: Settings, running: str) -> list[Finding]:
    """Try each address; `running` is the process of the server that may have them already."""
    return [_check(kind, address, running) for kind, address in doors_of(settings)]


def _check(kind: str, address: Address, running: str) -> Finding:
    subject = f"door {kind}"
    try:
        bound(address.host, address.port).close()
    except ListenError as failed:
        if address.optional and failed.absent:
            return ok(subject, f"{address} is left out: this machine does not have it")
        if failed.in_use:
            return _in_use(subject, address, running)
        mend = f"set another address or port (doors.{kind}, HUBBUB_DOORS__{kind.upper()})"
        return error(subject, str(failed), mend, passes=failed.absent)
    return ok(subject, f"{address} can be listened on")


def _in_use(subject: str, address: Address, running: str) -> Finding:
    who = listener_at(address.host, address.port)
    if running and who is not None and str(who.pid) == running:
        return ok(subject, f"the running server (process {running}) listens on {address}")
    shown = f"process {who.pid}, {who.name}" if who is not None else "which this user may not see"
    if running and who is None:
        return ok(subject, f"{address} is in use, by the running server or by another program")
    mend = "stop that, or set another address or port"
    if running:
        return warning(subject, f"{address} is in use by another program ({shown})", mend)
    return error(subject, f"{address} is in use by another program ({shown})", mend, passes=True)
