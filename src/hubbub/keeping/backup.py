"""One file with all that makes a server, made beside whoever talks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hubbub.journal.database.copying import Progress, copy, put_files
from hubbub.journal.database.file import is_empty
from hubbub.keeping.drafts import drafted
from hubbub.keeping.errors import KeepingError
from hubbub.server.checks.backup import MARK
from hubbub.server.identity import CERTIFICATE, CLOAK_KEY, SSH_KEY, TLS_KEY
from hubbub.server.recovery import JOURNAL
from hubbub.settings import Settings
from hubbub.whole_files import FileUnusable, read_whole

KEYS: Final = (CLOAK_KEY, SSH_KEY, f"{SSH_KEY}.pub", CERTIFICATE, TLS_KEY)
"""The files of a data directory by which a server is known again, and its bans still hold."""
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """Tell what is in a backup, by name, how many bytes it has, and what the operator keeps."""

    files: tuple[str, ...]
    size: int
    elsewhere: tuple[Path, ...]


def back_up(settings: Settings, path: Path, with_keys: bool, replace: bool, told: Progress) -> Made:
    """Copy the journal and the keys beside it into one file that only its owner may read.

    It is there whole or not at all. Raise KeepingError or JournalUnusable.
    """
    journal = settings.data_dir / JOURNAL
    if is_empty(journal):
        raise KeepingError(f"there is no {journal}; name the data directory with --data DIR")
    with drafted(path, replace) as draft:
        copy(journal, draft, told)
        files = dict(_keys(settings)) if with_keys else {}
        put_files(draft, files)
        with draft.open("rb") as made:
            os.fsync(made.fileno())
    mark(settings.data_dir)
    elsewhere = tuple(sorted(set(_elsewhere(settings)))) if with_keys else ()
    return Made(tuple(files), path.stat().st_size, elsewhere)


def mark(directory: Path) -> None:
    """Let STATUS know when the newest backup was made; there may be a link in the file's place."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    # A backup is one also where this cannot be noted.
    with contextlib.suppress(OSError):
        file = os.open(directory / MARK, flags, 0o600)
        with contextlib.suppress(OSError):
            os.utime(file)
            owner = directory.stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
        os.close(file)


def _keys(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Give the keys there are; the cloak key wherever it lies, for bans are worth nothing without.

    Raise KeepingError where one cannot be read.
    """
    for name in KEYS:
        here = settings.data_dir / name
        path = settings.cloak_key_file or here if name == CLOAK_KEY else here
        if not path.exists():
            continue
        try:
            yield name, read_whole(path, _MOST_BYTES)
        except FileUnusable as error:
            raise KeepingError(f"{path} {error}; or leave it out: --without-keys") from None


def _elsewhere(settings: Settings) -> Iterator[Path]:
    """Give the files that the settings name elsewhere, which are in no backup of the server's."""
    named = (settings.tls.certificate, settings.tls.key, *settings.ssh.host_keys)
    yield from (path for path in named if path is not None)
