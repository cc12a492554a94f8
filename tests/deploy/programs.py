"""What the tests of deploy/ need of this machine: programs, and to be root."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final, NoReturn

import pytest

ROOT: Final = Path(__file__).parents[2]
VENV: Final = ROOT / ".venv-deploy"
"""Where `make test-deploy` installs what comes from Python's package index."""


def passed_over(why: str) -> NoReturn:
    """Skip a test for which something is missing; fail where HUBBUB_DEPLOY=all."""
    if os.environ.get("HUBBUB_DEPLOY") == "all":
        pytest.fail(why)
    pytest.skip(why)


def program(name: str, package: str = "") -> str:
    """Return where a program is, of a Debian package or of those that `make test-deploy` installs.

    What the distribution brings is taken before what lies in /usr/local: the client of Docker fits
    its daemon. Skip the test where it is nowhere.
    """
    path = f"{VENV / 'bin'}:/usr/sbin:/usr/bin:/sbin:{os.environ['PATH']}"
    found = shutil.which(name, path=path)
    if found is None:
        where = f"Debian: apt install {package}" if package else "make test-deploy installs it"
        passed_over(f"{name} is not installed ({where})")
    return found


def root_needed() -> None:
    """Skip the test where it may not make roots, namespaces and containers."""
    if os.geteuid() != 0:
        passed_over("only root may boot a container or run Docker's daemon")
