"""What containers and service managers give a server, and what they do not: with real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

UID = 12345
"""A user of no name, as containers and DynamicUser have them."""
NAMELESS = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def hubbub(
    directory: Path, *arguments: str, become: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory, without a home; `become` is as a user without a name."""
    # Where Python itself is in root's home, nobody else could read it.
    dropped = [
        *("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"),
        *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
    ]
    return subprocess.run(
        [*(dropped if become else []), sys.executable, "-m", "hubbub", *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **environment},
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
