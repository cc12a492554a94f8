"""What keeps a World from being what its journal says.

WorldError
 +-- SnapshotUnusable    bytes are no World, or one of newer rules
 +-- RulesUnknown        the journal goes by newer rules than this program knows
"""

from __future__ import annotations


class WorldError(Exception):
    """Stand for all that keeps a World from following its journal; it is never raised itself."""


class SnapshotUnusable(WorldError):
    """Say that bytes are no snapshot, or one that was made under other rules.

    The operator sees a warning in the log, and a start that takes longer: an older snapshot is
    taken, or the whole journal is applied.
    """


class RulesUnknown(WorldError):
    """Say that a journal goes by rules which this program does not know.

    The operator sees that at a start, with exit code 2.
    """
