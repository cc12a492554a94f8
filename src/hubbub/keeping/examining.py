"""Looking through all that is kept: pages, records, index, snapshots, and the World they make."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.errors import RulesUnknown, SnapshotUnusable
from hubbub.core.world.world import World
from hubbub.journal.database.file import is_empty
from hubbub.journal.port import JournalDamaged
from hubbub.journal.repair.examination import Examined, Fault, Progress
from hubbub.journal.repair.rebuilding import Rebuilt, empty_log, rebuild
from hubbub.keeping.drafts import drafted
from hubbub.keeping.errors import KeepingError, unwritable
from hubbub.server.data_directory import DataDirectory
from hubbub.server.recovery import JOURNAL


def examine(directory: Path, told: Progress) -> list[Fault]:
    """Return all that is wrong with the journal of a data directory. Raise JournalUnusable.

    It is looked at as it is at one moment; a server may write it meanwhile.
    """
    return examine_file(journal_of(directory), told)


def examine_file(path: Path, told: Progress) -> list[Fault]:
    """Return all that is wrong with a journal, or a backup. Raise JournalUnusable."""
    examined = Examined(path)
    try:
        return [*examined.of_pages(), *examined.of_records(told), *_of_world(examined)]
    finally:
        examined.close()


@dataclass(frozen=True, slots=True)
class Repaired:
    """Tell what became of a journal that was damaged, and where that one is."""

    rebuilt: Rebuilt
    kept: Path


def repair(directory: Path, told: Progress) -> Repaired:
    """Put in a journal's place a new one of all that can be read, and keep the damaged one.

    Raise KeepingError where nothing of use would come of it, JournalUnusable, and SettingsError
    where a server uses the directory: then all is as it was.
    """
    journal = journal_of(directory)
    with DataDirectory(directory):
        kept = _free(
            directory / time.strftime(f"{JOURNAL}-damaged-%Y-%m-%dT%H-%M-%SZ", time.gmtime())
        )
        with drafted(journal, replace=True) as draft:
            rebuilt = rebuild(journal, draft, told)
            _look_through(draft)
            try:
                empty_log(journal)
                owner = journal.stat()
                os.chown(draft, owner.st_uid, owner.st_gid)
                # There is a journal at any moment: this one, and then the new one.
                os.link(journal, kept)
            except OSError as error:
                raise unwritable(journal, error) from None
    return Repaired(rebuilt, kept)


def journal_of(directory: Path) -> Path:
    """Return the journal of a data directory. Raise KeepingError where there is none."""
    journal = directory / JOURNAL
    if is_empty(journal):
        raise KeepingError(f"there is no {journal}; name the data directory with --data DIR")
    return journal


def _free(path: Path) -> Path:
    """Return a name like this one that nothing has: another repair may have come to its end."""
    names = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())


def _look_through(draft: Path) -> None:
    """Raise KeepingError where a new journal makes no World."""
    examined = Examined(draft)
    try:
        faults = [*_of_world(examined)]
    finally:
        examined.close()
    if faults:
        raise KeepingError(
            f"too much is lost to go on with the rest ({faults[0].what}); restore a backup"
        )


def _of_world(examined: Examined) -> Iterator[Fault]:
    """Give what is wrong with the snapshots, and with what comes of the older and the records."""
    try:
        held = examined.snapshots()
    except JournalDamaged as error:
        yield Fault("snapshot", str(error))
        return
    worlds: list[tuple[int, World, bytes]] = []
    for seq, data in held:
        try:
            worlds.append((seq, snapshot.decode(data), data))
        except (SnapshotUnusable, LookupError, ValueError) as error:
            yield Fault("snapshot", f"the snapshot of record {seq} cannot be used: {error}")
    if len(held) < 2:
        # Nothing is dropped until there are two: all can be read again from the first record.
        worlds.insert(0, (0, World(), b""))
    if not worlds:
        yield Fault("world", "no snapshot can be used, and what was before them was dropped")
        return
    try:
        yield from _lived(examined, worlds)
    except (JournalDamaged, RulesUnknown, LookupError, ValueError) as error:
        yield Fault("world", f"the World does not come of the records: {error}")


def _lived(examined: Examined, worlds: list[tuple[int, World, bytes]]) -> Iterator[Fault]:
    """Apply the records after the first snapshot, and see whether they make the others."""
    seq, world, _ = worlds[0]
    for following, held, data in [*worlds[1:], (examined.last_seq, world, b"")]:
        for entry in examined.changes(seq, following):
            apply(world, entry)
        seq = world.applied = following
        # One that this program would write otherwise is an older one's, which knew less of a World.
        is_ours = bool(data) and snapshot.encode(held) == data
        if is_ours and snapshot.encode(world) != data:
            yield Fault(
                "world",
                f"the snapshot of record {following} is not what the records before it make",
            )
