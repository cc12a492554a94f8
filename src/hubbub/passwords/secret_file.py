"""A secret that stands in a file of its own, as containers and service managers hand them over."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from hubbub.whole_files import FileUnusable, read_whole

SECRET_BYTES: Final = 1024
"""How long a secret in a file may be; of more nothing is used, and its reader is told."""


def read_secret(path: Path) -> str:
    """Return the one line that a file holds, without its end. Raise FileUnusable."""
    data = read_whole(path, SECRET_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise FileUnusable("is not UTF-8 text; save it as UTF-8") from None
    # Editors and `echo` end a line; blanks may be part of the secret.
    text = text.rstrip("\r\n")
    if not text.strip():
        raise FileUnusable("is empty; it has to hold the secret and nothing else")
    if not text.isprintable():
        raise FileUnusable("holds more than one line of text; keep the secret and nothing else")
    return text


def is_exposed(path: Path) -> bool:
    """Tell whether everybody on the machine may read a file; one that is gone is none."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
