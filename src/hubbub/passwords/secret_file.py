"""A secret that stands in a file of its own, as containers and service managers hand them over."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

SECRET_BYTES: Final = 1024
"""How long a secret in a file may be; of more nothing is used, and its reader is told."""


class SecretUnusable(Exception):
    """Say what is wrong with the file of a secret, in words that come after its path.

    The operator sees it behind the name of the setting; whatever the file holds is not shown.
    """


def read_secret(path: Path) -> str:
    """Return the one line that a file holds, without its end. Raise SecretUnusable."""
    data = read_bytes(path, SECRET_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise SecretUnusable("is not UTF-8 text") from None
    # Editors and `echo` end a line; blanks may be part of the secret.
    text = text.rstrip("\r\n")
    if not text.strip():
        raise SecretUnusable("is empty; it has to hold the secret and nothing else")
    if not text.isprintable():
        raise SecretUnusable("holds more than one line of text; keep the secret and nothing else")
    return text


def read_bytes(path: Path, most: int) -> bytes:
    """Return what a file holds, at most so many bytes. Raise SecretUnusable."""
    try:
        # What is not a file could have us wait for ever: a pipe, a terminal.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SecretUnusable("is no file")
            data = os.read(descriptor, most + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretUnusable(f"cannot be read: {error.strerror or error}") from None
    if len(data) > most:
        raise SecretUnusable(f"is over {most} bytes; it has to hold the secret and nothing else")
    return data


def is_exposed(path: Path) -> bool:
    """Tell whether everybody on the machine may read a file; one that is gone is none."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
