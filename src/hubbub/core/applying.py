"""Making one entry true: what all kinds of record have in common.

It stands beside `apply/`, for a package's own module cannot be machine code
(docs/decisions/compiled-twin.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hubbub.core.apply import nodes, users
from hubbub.core.outcomes import REFUSALS, Left, Outcome
from hubbub.core.records.base import Record
from hubbub.core.records.entries import Entry
from hubbub.core.world.world import World

Appliers = dict[type[Record], Callable[[World, Any, Entry], list[Outcome]]]
"""What makes a record of each kind true."""


def apply_by(appliers: Appliers, world: World, entry: Entry) -> list[Outcome]:
    """Make an entry true by what does so for its kind; return what follows from it, in order."""
    record = entry.record
    world.applied = entry.seq
    if entry.time > world.newest:
        world.newest = entry.time
    actor = world.sessions.get(record.origin.session)
    if actor is not None:
        actor.acting = record.origin.session
    elif nodes.is_void(world, record):
        return nodes.void(record)
    outcomes = appliers[type(record)](world, record, entry)
    if actor is not None and actor.exercised:
        # What the same checks found again was decided on, and is on record, before.
        actor.exercised.clear()
    if record.changes_world:
        world.changes += 1
        left = [outcome.user for outcome in outcomes if type(outcome) is Left]
        if left:
            # Who is not connected stays for the sake of its channels only.
            outcomes += users.end_absent(world, left, entry)
    return outcomes


def came_to_nothing(entry: Entry, outcomes: list[Outcome]) -> bool:
    """Say whether an entry is not to be read back: it was refused, or shown to nobody."""
    if not outcomes:
        return is_lost_unshown(entry.record)
    # Each message's way: a loop over the one outcome that there mostly is takes half as long as any
    # of the shorter ways to write this.
    for outcome in outcomes:  # noqa: SIM110
        if type(outcome) in REFUSALS:
            return True
    return False


def is_lost_unshown(record: Record) -> bool:
    """Say whether a record that was shown to nobody came to nothing: whoever asked has gone.

    What is kept for an account (`$account`) and of operators (`!audit`) is never shown.
    """
    histories: tuple[str, ...] = getattr(record, "histories", ())
    return bool(histories) and not histories[0].startswith(("$", "!"))
