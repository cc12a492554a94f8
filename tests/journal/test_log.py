"""The log of one node: what it appends is in its place at once."""

from __future__ import annotations

from hubbub.journal.log import BatchLog, DraftBatch, LocalLog, Ordered
from tests.journal.keeper import ManualClock, said


def test_a_batch_is_heard_as_it_is_appended() -> None:
    clock, heard = ManualClock(), list[Ordered]()
    log: BatchLog = LocalLog(clock)
    log.hear(7, heard.append)
    batches = [DraftBatch(0, 0, number, [said("x", "#a")]) for number in (1, 2)]
    for batch in batches:
        log.append(batch)
        clock.now += 5
    log.trim(8)
    now = clock.now
    assert heard == [Ordered(8, now - 10, batches[0]), Ordered(9, now - 5, batches[1])]
