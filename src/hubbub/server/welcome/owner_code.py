"""The code with which the first owner comes in: on the terminal of who starts the server, or kept.

What is no terminal is a log, which many read and which is kept for long: there it only stands where
the code is.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from hubbub.core.policy.privileges import OWNER
from hubbub.core.records.accounts import InviteMade
from hubbub.core.world.accounts import code_digest, shown_code
from hubbub.node.auth.secret_checks import draw
from hubbub.node.hub import Hub
from hubbub.whole_files import write_whole

FILE: Final = "owner-code"
"""The file of a data directory that holds it until somebody is the owner."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnerCode:
    """Hold the code for whoever sees it, or the file that it is kept in; or neither."""

    text: str = ""
    file: Path | None = None


async def first_owner_code(hub: Hub, directory: Path) -> OwnerCode:
    """Return a code for the owner, made at the first start; later where it is kept."""
    world = hub.world
    if world.accounts or world.invites:
        return kept(directory, is_needed=not world.accounts)
    (code,) = draw(1)
    hub.sessions.append(
        lambda origin: InviteMade(
            origin, code_digest(code), by="first start", grants=OWNER, note="owner code"
        )
    )
    # Whoever reads it finds that it can be used.
    await hub.settle()
    return given_out(shown_code(code), directory, is_seen=sys.stdout.isatty())


def given_out(code: str, directory: Path, is_seen: bool) -> OwnerCode:
    """Return a new code as it is told: itself where the terminal is seen, else kept in a file."""
    if is_seen:
        return OwnerCode(code)
    path = directory / FILE
    try:
        path.unlink(missing_ok=True)
        write_whole(path, f"{code}\n".encode("ascii"), 0o600)
    except OSError as error:
        _log.warning(
            "the owner code could not be kept; `hubbub operator owner-code` makes another one",
            file=str(path),
            error=error.strerror,
        )
        return OwnerCode()
    return OwnerCode(file=path)


def kept(directory: Path, is_needed: bool) -> OwnerCode:
    """Return what an earlier start has kept; where nobody needs it any more, remove it."""
    path = directory / FILE
    if is_needed and path.exists():
        return OwnerCode(file=path)
    if is_needed:
        # It was shown on a terminal, or never: the server may have died, or its disk been full.
        _log.info("nobody has an account yet; `hubbub operator owner-code` makes an owner's code")
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return OwnerCode()
