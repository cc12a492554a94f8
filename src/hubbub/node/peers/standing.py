"""How a node stands with the order of all, as one table: facts and the time in, a stage out.

    the batch that is out waits for        the node
    nothing, or it was heard               in order
    less than 2 s                          waiting: nothing shows
    2 s                                    not ready: newcomers had better go elsewhere
    5 s, where its own server reaches      read-only: nothing is taken that would become a record,
    no majority; 10 s otherwise            reading goes on
    20 s                                   gives back what was asked for and has not left the node
    its epoch was ended by the others      lost: everybody has to go, and it begins anew
    its number is another process's        replaced: it stops

A leader's death takes the engine 4 to 9 s, hence the 10 s: it is to be felt as silence, and seldom
as a refusal. Time counts only as far as the node was there to look: who was stopped for a minute
has not waited for a minute, and what comes in the first moments after that decides.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Final

from hubbub.journal.port import LogFacts, Route

NOT_READY_SECONDS: Final = 2.0
CUT_OFF_SECONDS: Final = 5.0
READ_ONLY_SECONDS: Final = 10.0
GIVE_BACK_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.25
"""How often a node is to look."""
COUNTED_SECONDS: Final = 1.0
"""How much of the time between two looks counts at most."""


class Stage(IntEnum):
    """Say how a node stands; each is worse than those before it."""

    IN_ORDER = 0
    WAITING = 1
    NOT_READY = 2
    READ_ONLY = 3
    GIVEN_BACK = 4
    LOST = 5
    REPLACED = 6

    @property
    def is_ready(self) -> bool:
        """Say whether newcomers are served."""
        return self < Stage.NOT_READY

    @property
    def is_read_only(self) -> bool:
        """Say whether nothing more is asked for."""
        return self >= Stage.READ_ONLY

    @property
    def is_over(self) -> bool:
        """Say whether nothing that was asked for before will ever count."""
        return self >= Stage.LOST


class Fate(Enum):
    """Say what the order itself tells of this process: it is a node, was given up, or replaced."""

    LIVES = "lives"
    LOST = "lost"
    REPLACED = "replaced"


class Standing:
    """Go through the table; `waited` is for how many seconds the batch that is out has waited."""

    def __init__(self) -> None:
        """Be in order."""
        self.stage = Stage.IN_ORDER
        self.waited = 0.0
        self._in_flight: int | None = None
        self._looked = 0.0

    def look(self, facts: LogFacts, fate: Fate, now: float) -> Stage:
        """Return the stage by what is known at a time, in seconds of a clock that never goes back.

        A stall only ever gets worse until the batch is heard, and replaced is for good.
        """
        passed, self._looked = now - self._looked, now
        is_same = facts.in_flight is not None and facts.in_flight == self._in_flight
        self._in_flight = facts.in_flight
        self.waited = self.waited + min(passed, COUNTED_SECONDS) if is_same else 0.0
        stage = _ended(fate) or self._stalled(facts)
        if self.stage is Stage.REPLACED or (is_same and not self.stage.is_over):
            stage = max(stage, self.stage)
        self.stage = stage
        return stage

    def _stalled(self, facts: LogFacts) -> Stage:
        if facts.in_flight is None:
            return Stage.IN_ORDER
        waited = self.waited
        patience = CUT_OFF_SECONDS if facts.route is Route.CUT_OFF else READ_ONLY_SECONDS
        if waited >= GIVE_BACK_SECONDS:
            return Stage.GIVEN_BACK
        if waited >= patience:
            return Stage.READ_ONLY
        return Stage.NOT_READY if waited >= NOT_READY_SECONDS else Stage.WAITING


def _ended(fate: Fate) -> Stage | None:
    if fate is Fate.LIVES:
        return None
    return Stage.LOST if fate is Fate.LOST else Stage.REPLACED
