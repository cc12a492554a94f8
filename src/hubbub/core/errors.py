"""What keeps a World from being what its journal says, and a question from being understood.

RulesError
 +-- WorldError              a World does not follow its journal
 |    +-- SnapshotUnusable   bytes are no World, or one of newer rules
 |    +-- RulesUnknown       the journal goes by newer rules than this program knows
 +-- QueryError              nobody knows what is searched for
"""

from __future__ import annotations


class RulesError(Exception):
    """Stand for all that the rules cannot make sense of; it is never raised itself."""


class QueryError(RulesError):
    """Say what of a question cannot be understood, and how it is written.

    Whoever searched hears `FAIL SEARCH INVALID_PARAMS` with that sentence.
    """


class WorldError(RulesError):
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
