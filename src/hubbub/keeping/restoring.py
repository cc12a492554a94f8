"""Putting a backup into a data directory; nothing that was there is lost.

The copy is made in a folder of the directory, and looked through; what was there is moved into
another folder; the keys come to their places, and the journal comes last. While the first folder is
there and no journal, no server starts: after a kill at any moment the same command begins anew.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hubbub.journal.database.copying import Progress, copy, take_files
from hubbub.journal.database.ledger import ledger_of
from hubbub.journal.port import JournalDamaged
from hubbub.keeping.backup import KEYS
from hubbub.keeping.errors import KeepingError, unwritable
from hubbub.server.data_directory import LOCK_NAME, DataDirectory
from hubbub.server.files import RESTORING, SOCKET_NAME
from hubbub.server.recovery import JOURNAL
from hubbub.whole_files import sync_directory, write_whole

_STAYS: Final = (LOCK_NAME, SOCKET_NAME, RESTORING, ledger_of(Path(JOURNAL)).name)
"""What is no reason to refuse a directory, and stays: the ledger has the next start erase again."""
_ASIDE: Final = "before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """Tell what came to its place, and where that is now which was there, None where nothing was.

    `without` names the keys that the backup does not have: a start makes new ones.
    """

    files: tuple[str, ...]
    aside: Path | None
    without: tuple[str, ...]


def restore(backup: Path, directory: Path, replace: bool, told: Progress) -> Restored:
    """Make a data directory of a backup; `replace` allows that something is there.

    Raise KeepingError, JournalUnusable, and SettingsError where a server uses the directory. Where
    it fails before anything was moved, nothing was changed.
    """
    if not backup.is_file():
        raise KeepingError(f"there is no file {backup}; name a backup of `hubbub backup`")
    # Before a directory is made, or anything in it.
    _refuse_full(directory, replace)
    with DataDirectory(directory):
        _refuse_full(directory, replace)
        folder = directory / RESTORING
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            try:
                return _restore(backup, directory, folder, told)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError as error:
            raise unwritable(directory, error) from None


def _refuse_full(directory: Path, replace: bool) -> None:
    """Raise KeepingError where something is there that may not be replaced."""
    there = sorted(path.name for path in _there(directory))
    if there and not replace:
        raise KeepingError(
            f"{directory} is not empty ({', '.join(there[:3])}{', ...' if there[3:] else ''}); "
            "choose another with --data DIR, or add --replace, which moves what is there into a "
            "folder in it"
        )


def _there(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return [path for path in directory.iterdir() if path.name not in _STAYS]


def _restore(backup: Path, directory: Path, folder: Path, told: Progress) -> Restored:
    journal = folder / JOURNAL
    try:
        copy(backup, journal, told)
    except JournalDamaged as error:
        raise KeepingError(f"{backup}: {error}; take another backup") from None
    files = {name: data for name, data in take_files(journal).items() if name in KEYS}
    _write(folder, files)
    names = [*files, JOURNAL]
    aside = _change(directory, folder, names)
    missing = tuple(name for name in KEYS if name not in files)
    return Restored(tuple(names), aside, missing)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        write_whole(folder / name, data, 0o600)
    with (folder / JOURNAL).open("rb") as copied:
        os.fsync(copied.fileno())


def _change(directory: Path, folder: Path, names: Sequence[str]) -> Path | None:
    """Move what is there into a folder of it, and what is restored to its place; or nothing."""
    owner = directory.stat()
    there = [path.name for path in _there(directory) if not path.name.startswith(_ASIDE)]
    aside = directory / time.strftime(f"{_ASIDE}%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    moved: list[tuple[Path, Path]] = []
    try:
        if there:
            # In the directory, which may be a disk of its own.
            aside.mkdir(mode=0o700, exist_ok=True)
        # The journal first and last: no server starts with half of either.
        for name in sorted(there, key=lambda name: name != JOURNAL):
            _move(directory / name, aside / name, moved)
        for name in names:
            os.chown(folder / name, owner.st_uid, owner.st_gid, follow_symlinks=False)
            _move(folder / name, directory / name, moved)
        sync_directory(directory)
    except OSError:
        for now, before in reversed(moved):
            now.rename(before)
        raise
    return aside if there else None


def _move(path: Path, to: Path, moved: list[tuple[Path, Path]]) -> None:
    path.rename(to)
    moved.append((to, path))
