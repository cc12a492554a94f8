"""Who may read what the server keeps secret, and whether the server itself may."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hubbub.server.checks.finding import Finding, error, ok, warning
from hubbub.settings.sources import is_there

_SUBJECT: Final = "permissions"
_AS_ANOTHER: Final = "run this as the server's user or as root, or name another with --data"
_OTHERS: Final = stat.S_IRWXO
_ANYBODY_ELSE: Final = stat.S_IRWXG | stat.S_IRWXO


def check_permissions(
    directory: Path, private: Iterable[Path], shared: Iterable[Path]
) -> list[Finding]:
    """Look at a data directory, its `private` files, and secrets that are kept elsewhere.

    The latter may be `shared` with a group: mostly they belong to root, and the server may read
    them. Files that are not there are passed over.
    """
    try:
        owner = directory.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return [_to_be_made(directory)]
    except OSError as failed:
        reason = failed.strerror or str(failed)
        return [error(_SUBJECT, f"{directory} cannot be looked at: {reason}", _AS_ANOTHER)]
    found = [_private(path, owner) for path in (directory, *private) if is_there(path)]
    found += [_shared(path) for path in shared if not _is_missing(path)]
    wrong = [each for each in found if each is not None]
    return wrong or [ok(_SUBJECT, f"only the server's user can read {directory}")]


def is_open(directory: Path) -> bool:
    """Say whether this user may look for files in a directory, which need not be there."""
    try:
        os.stat(f"{directory}/.")
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return True


def _is_missing(path: Path) -> bool:
    """Say whether a file is not there for certain: one out of reach is told of."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _to_be_made(directory: Path) -> Finding:
    parent = next(each for each in directory.parents if is_there(each))
    if os.access(parent, os.W_OK | os.X_OK):
        return ok(_SUBJECT, f"{directory} will be made at the first start")
    return error(
        _SUBJECT,
        f"{directory} is not there, and this user may not make it in {parent}",
        f"make it, mode 0700, and give it to the user who runs the server ({_own_name()})",
    )


def _private(path: Path, owner: int) -> Finding | None:
    """Judge what belongs to the server alone, which owns the directory."""
    status = path.stat()
    needed = os.R_OK | os.W_OK | (os.X_OK if stat.S_ISDIR(status.st_mode) else 0)
    if not os.access(path, needed):
        what = f"{path} belongs to user {status.st_uid}, and this one ({_own_name()}) cannot use it"
        return error(_SUBJECT, what, "run this as the server's user, or chown it to that user")
    if status.st_uid != owner:
        what = f"{path} belongs to user {status.st_uid}, the data directory to user {owner}"
        return warning(_SUBJECT, what, "give both to the server's user (chown)")
    if status.st_mode & _ANYBODY_ELSE:
        mode = "0700" if stat.S_ISDIR(status.st_mode) else "0600"
        return warning(_SUBJECT, f"others may read {path}", f"chmod {mode} it")
    return None


def _shared(path: Path) -> Finding | None:
    """Judge a secret that somebody else keeps for the server."""
    if not os.access(path, os.R_OK):
        return error(
            _SUBJECT,
            f"this user ({_own_name()}) cannot read {path}",
            "give it to the server's group, mode 0640, or run this as the server's user",
        )
    if path.stat().st_mode & _OTHERS:
        return warning(_SUBJECT, f"everybody on this machine may read {path}", "chmod 0640 it")
    return None


def _own_name() -> str:
    return f"user {os.geteuid()}"
