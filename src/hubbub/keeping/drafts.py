"""Files of any size that are there whole, or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubbub.keeping.errors import KeepingError, unwritable
from hubbub.whole_files import sync_directory


@contextmanager
def drafted(path: Path, replace: bool = False) -> Iterator[Path]:
    """Give where to write what then becomes `path`, for its owner alone; nothing where it fails.

    Raise KeepingError where there is a file already, unless it may be replaced, or where another
    process is at it. What a killed one left is begun anew.
    """
    if not replace and os.path.lexists(path):
        raise KeepingError(f"{path} is there already; name another file, or add --force")
    draft = path.with_name(f".{path.name}.making")
    lock = _locked(path)
    try:
        draft.unlink(missing_ok=True)
        yield draft
        draft.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        # Nothing is left where it went well. SQLite makes files of its own beside a database.
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.unlink(f"{draft}{suffix}")
        os.close(lock)


def _locked(path: Path) -> int:
    """Hold what keeps others from making the same file: its name, for a file comes and goes."""
    try:
        lock = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise KeepingError(
            f"{path.parent}: another process is making a file there; wait for it"
        ) from None
    except OSError:
        # A file system without locks: two at once are the operator's own.
        pass
    return lock
