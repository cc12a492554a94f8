"""The World that a journal makes, read beside a server or without one."""

from __future__ import annotations

from pathlib import Path

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.errors import RulesUnknown, SnapshotUnusable
from hubbub.core.world.world import World
from hubbub.journal.repair.examination import Examined
from hubbub.keeping.errors import KeepingError


def world_of(path: Path) -> World:
    """Return the World as the journal at a path has it now. Raise KeepingError, JournalUnusable."""
    examined = Examined(path)
    try:
        held = examined.snapshots()
        seq, data = held[-1] if held else (0, b"")
        world = snapshot.decode(data) if data else World()
        for entry in examined.changes(seq, examined.last_seq):
            apply(world, entry)
    except (SnapshotUnusable, RulesUnknown, LookupError, ValueError) as error:
        raise KeepingError(
            f"{path}: the World does not come of it ({error}); `hubbub check --journal` says more"
        ) from None
    finally:
        examined.close()
    return world
