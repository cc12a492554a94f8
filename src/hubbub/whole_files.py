"""Small files, read whole or not at all, and written whole or not at all.

What names such a file is an operator's word, and may be wrong, or lie where others may write: a
pipe without an end would be waited for by everybody, a link in a draft's place be written through.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Final

_MENDS: Final = {
    errno.EACCES: "let the server's user read it",
    errno.EPERM: "let the server's user read it",
    errno.ENOENT: "make it, or name another one",
    errno.ENOTDIR: "name another one",
    errno.ELOOP: "mend the links",
}


class FileUnusable(Exception):
    """Say what is wrong with a file, and what to do, in words that come after its path.

    The operator sees it behind the name of the setting; whatever the file holds is not shown.
    `code` is the errno where it could not be read, else 0.
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


def read_whole(path: Path, most: int) -> bytes:
    """Return what a regular file holds, at most so many bytes. Raise FileUnusable."""
    try:
        # What is not a file could have us wait for ever: a pipe, a terminal.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            kind = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(kind):
                raise FileUnusable(f"is no file, but {_called(kind)}; name a file")
            data = _upto(descriptor, most + 1)
        finally:
            os.close(descriptor)
    except ValueError:
        raise FileUnusable("is no path: it holds a NUL; remove that") from None
    except OSError as error:
        reason = error.strerror or str(error)
        code = error.errno or 0
        mend = _MENDS.get(code, "mend that")
        raise FileUnusable(f"cannot be read: {reason}; {mend}", code) from None
    if len(data) > most:
        raise FileUnusable(f"is over {most} bytes; shorten it, or name another one")
    return data


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Put a file in its place, durably; nobody else reads a secret one at any moment.

    Raise OSError, and leave nothing behind then.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    # Made anew: a link in its place is not followed, and nobody has it open.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with open(os.open(draft, flags, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Have a name that was given there outlast a loss of power, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _upto(descriptor: int, most: int) -> bytes:
    """Read to the end of a file, or so many bytes of it."""
    parts = []
    while most > 0 and (part := os.read(descriptor, most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _called(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
