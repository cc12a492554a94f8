"""From which commit this program was made, where that is known.

It imports nothing of Hubbub: the build of a wheel (tools/wheel_hook.py) loads it by its path.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

FILE: Final = "commit.txt"
"""Beside this package in a wheel: the commit that it was built from."""
SHOWN: Final = 12
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def commit() -> str:
    """Return the first digits of the commit, "" where nobody knows it."""
    package = Path(__file__).parent
    try:
        found = (package / FILE).read_text("ascii").strip()
    except (OSError, ValueError):
        found = checked_out(package.parent.parent) or _installed()
    return found[:SHOWN] if _COMMIT.fullmatch(found) else ""


def shown(version: str) -> str:
    """Return a version of this program with its commit, where that is known."""
    found = commit()
    return f"hubbub {version} ({found})" if found else f"hubbub {version}"


def checked_out(directory: Path) -> str:
    """Return the commit that a clone of a repository has checked out, "" where it is none."""
    try:
        git = directory / ".git"
        if git.is_file():
            # A work tree beside others: it names its own directory (gitrepository-layout(5)).
            git = directory / git.read_text("utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref: "):
            return head
        shared = git / "commondir"
        common = git / shared.read_text("utf-8").strip() if shared.exists() else git
        return _of_branch(common, head.removeprefix("ref: "))
    except (OSError, ValueError):
        return ""


def _of_branch(git: Path, name: str) -> str:
    if (git / name).exists():
        return (git / name).read_text("utf-8").strip()
    for line in (git / "packed-refs").read_text("utf-8").splitlines():
        found, _, ref = line.partition(" ")
        if ref == name:
            return found
    return ""


def _installed() -> str:
    """Return what an installer wrote down of where it took the program from (PEP 610)."""
    # Imported here, for every command would wait for it, and hardly any asks.
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        written = distribution("hubbub").read_text("direct_url.json")
        origin: Any = json.loads(written or "{}")
        return str(origin.get("vcs_info", {}).get("commit_id", ""))
    except (PackageNotFoundError, OSError, ValueError, AttributeError):
        return ""
